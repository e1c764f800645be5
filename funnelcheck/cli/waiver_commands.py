"""The command that puts a waiver into the configuration."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from funnelcheck.cli import options
from funnelcheck.errors import UsageError


@click.command()
@click.argument("code")
@click.option("--advertiser", required=True, metavar="ID", help="Whose finding it is.")
@click.option(
    "--until", required=True, metavar="DAY", help="Its last day, like 2026-12-31; after it the rule fails again."
)
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may be so.")
@click.option("--since", metavar="DAY", help="Its first day; without one it covers every day up to --until.")
@click.option("--force", is_flag=True, help="Write it even though its last day is over.")
@options.config
@options.own_rules
@options.verbose
def waive(
    code: str,
    advertiser: str,
    until: str,
    by: str,
    reason: str,
    since: str | None,
    force: bool,
    config_path: Path | None,
    rules_path: Path | None,
) -> int:
    """Waive a rule for an advertiser until a day: a [[waiver]] at the end of the configuration.

    A fail or warn of the rule then counts as waived, with who answers for it and why. What stands in the file is
    left as it is; where there is no file, one is made.
    """
    from funnelcheck import config
    from funnelcheck.configfile import append, toml
    from funnelcheck.rulebook import load as load_rules

    place = config_path or Path(config.DEFAULT_NAME)
    settings = config.load(place) if place.exists() else config.Config(path=str(place))
    rule = load_rules(options.with_rules(settings, rules_path)).rule(code)
    texts = {
        "advertiser": _text(advertiser, "--advertiser"),
        "by": _text(by, "--by"),
        "reason": _text(reason, "--reason"),
    }
    last, first = _day(until, "--until"), _day(since, "--since") if since else None
    if first is not None and first > last:
        raise UsageError(f"--since {first} lies after --until {last}")
    known = settings.advertisers.get(texts["advertiser"])
    today = dt.datetime.fromtimestamp(options.parse_as_of(None), ZoneInfo(known.time_zone if known else "UTC")).date()
    if last < today and not force:
        raise UsageError(f"--until {last} is over (today is {today}), so it would cover nothing; --force writes it")
    lines = ["[[waiver]]", f"rule = {toml(rule.code)}", f"advertiser = {toml(texts['advertiser'])}"]
    lines += [f"since = {first}"] if first else []
    lines += [f"until = {last}", f"by = {toml(texts['by'])}", f"reason = {toml(texts['reason'])}"]
    append(place, "\n".join(lines) + "\n")
    click.echo(f"{place}: {rule.code} is waived for {toml(texts['advertiser'])} until {last}", err=True)
    return 0


def _text(given: str, option: str) -> str:
    text = given.strip()
    if not text:
        raise UsageError(f"{option} says nothing: a waiver names its owner, reason and end")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{option} is no UTF-8 text") from error
    return text


def _day(given: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(given.strip())
    except ValueError as error:
        raise UsageError(f"{option} {given}: not a day like 2026-12-31") from error
