"""The commands that hand results to people: mails, a chat message, evidence, a table of findings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from funnelcheck import language, numbers
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, tell_broken
from funnelcheck.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from funnelcheck.config import Config
    from funnelcheck.delivery.mail import Mail
    from funnelcheck.reported import Run
    from funnelcheck.store import Store

_FEW = 5  # names in a hint
_OF_FINDINGS = {"only": "--advertiser", "guide": "--guide", "as_of": "--as-of", "rules_path": "--rules"}
_OF_FINDINGS |= {"show_ids": "--show-ids"}


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-mail"),
    show_default=True,
    help="Folder of the mails; those of an earlier time are replaced.",
)
@click.option("--send", is_flag=True, help="Send them as well, through the server under [mail].")
@options.judged
def mail(out: Path, send: bool, **given: Any) -> int:
    """Write a mail in plain words for each advertiser, as .eml files.

    With --send each goes to the contact under [advertiser.ID]. Exit code 3 when one does not get through; the
    others are sent all the same.
    """
    from funnelcheck.delivery import mail as delivery
    from funnelcheck.delivery import smtp

    settings = Settings(given)
    if send:
        smtp.ready(settings.config.mail, settings.config.path, os.environ)
        _require_contacts(settings.config, given["only"])
    with settings.open_store(read_only=True) as store:
        judged = settings.check(store)
        mails = _mails(store, judged, settings)
    delivery.write(mails, out)
    settings.say(f"{numbers.count(len(mails), 'mail')} written to {out}")
    code = 2 if tell_broken(judged) else 0
    return _send(mails, settings) or code if send else code


@click.command()
@click.option("--to", type=click.Choice(["slack", "teams"]), default="slack", show_default=True, help="Which chat.")
@click.option("--send", is_flag=True, help="Post it to the address that webhook.url_env names.")
@options.judged
def notify(to: str, send: bool, **given: Any) -> int:
    """Print the message for a chat's incoming webhook: how many are ready, and who is needed today."""
    from funnelcheck.delivery import web
    from funnelcheck.delivery.chat import MESSAGES

    settings = Settings(given)
    name = settings.config.webhook.url_env
    url = web.address(name, settings.config.path, os.environ) if send else None
    judged = settings.judged()
    with language.use(settings.lang):
        message = MESSAGES[to](judged)
    if url is None:
        click.echo(message, nl=False)
    else:
        web.post(url, message, str(name))
        settings.say(f"posted to the webhook of {name}")
    return 2 if tell_broken(judged) else 0


@click.command()
@click.option("--advertiser", "advertiser", metavar="ID", required=True, help="The advertiser it is about.")
@click.option("--out", type=click.Path(path_type=Path), help="The zip; default evidence-….zip by its name.")
@options.common
@options.judging
@options.own_rules
def evidence(advertiser: str, out: Path | None, **given: Any) -> int:
    """Pack what proves one advertiser's judgement into a zip: what a Meta representative asks for.

    Report, rows at fault (ids masked), SQL of their rules, digests of all files, versions, trace ids.
    """
    from funnelcheck.delivery import evidence as delivery
    from funnelcheck.rulebook import load as load_rules

    settings = Settings(given | {"only": (advertiser,)})
    with settings.open_store(read_only=True) as store:
        judged = settings.check(store, for_report=True)
        path = out or Path(delivery.name_of(judged))
        with language.use(settings.lang):
            members = delivery.pack(store, judged, load_rules(settings.config, given.get("guide")), path)
    settings.say(f"{numbers.count(len(members), 'file')} packed into {path}")
    return 2 if tell_broken(judged) else 0


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the findings to this file: .xlsx (needs the extra xlsx), .csv or .jsonl.",
)
@click.option(
    "--lake",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the whole store into this folder as Parquet instead; an earlier lake in it is replaced.",
)
@click.option(
    "--buckets",
    type=click.IntRange(1, 4_096),
    default=4,
    show_default=True,
    help="Of --lake: how many parts the advertisers are spread over.",
)
@click.option("--show-ids", is_flag=True, help="Show ids in messages as they are; otherwise they are masked.")
@options.judged
def export(out: Path | None, lake: Path | None, buckets: int, show_ids: bool, **given: Any) -> int:
    """Write all findings as a table, one row an advertiser and rule, or the whole store as a lake.

    A lake is a folder of Parquet, by advertiser (a hash) and day, that DuckDB, Polars and Spark read, and that every
    command takes as --store to judge without loading anything. It holds what the store holds, its key too: guard it
    as you guard the store.
    """
    if (out is None) == (lake is None):
        raise UsageError("give --out FILE for the findings, or --lake DIR for the whole store")
    settings = Settings(given)
    if lake is not None:
        return _export_lake(lake, buckets, settings, show_ids=show_ids)
    return _export_findings(cast(Path, out), settings, show_ids=show_ids)


def _export_findings(out: Path, settings: Settings, *, show_ids: bool) -> int:
    from funnelcheck.delivery import export as delivery

    delivery.ready(out)
    with settings.open_store(read_only=True) as store:
        judged = settings.check(store)
        salt = None if show_ids else str(store.value("select key from store_key"))
    with language.use(settings.lang):
        found = delivery.rows(judged, salt)
    delivery.write(found, out, judged.as_of)
    settings.say(f"{numbers.count(len(found), 'row')} written to {out}")
    return 2 if tell_broken(judged) else 0


def _export_lake(folder: Path, buckets: int, settings: Settings, *, show_ids: bool) -> int:
    from funnelcheck import lake

    given = settings.given | {"show_ids": show_ids}
    for key, option in _OF_FINDINGS.items():
        if given[key]:
            raise UsageError(f"{option}: is about findings; --lake writes the whole store, whoever it is about")
    with settings.open_store(read_only=True) as store:
        rows = lake.write(store, folder, buckets=buckets)
    held = numbers.count(sum(rows.values()), "row")
    settings.say(f"{held} of {numbers.count(len(rows), 'table')} written to {folder}")
    return 0


def _mails(store: Store, judged: Run, settings: Settings) -> list[Mail]:
    """All mails, in the order of their advertisers; a judgement speaks one language, so there is one for each."""
    from funnelcheck.delivery import mail as delivery

    default = settings.lang
    found: list[Mail] = []
    for key, advertisers in delivery.by_language(judged, settings.config, default).items():
        with language.use(key):
            told = judged if key == default else settings.check(store, lang=key)
            found += delivery.mails(_only(told, advertisers), settings.config)
    return sorted(found, key=lambda one: one.advertiser_id)


def _only(run: Run, advertisers: list[str]) -> Run:
    return replace(run, advertisers=tuple(one for one in run.advertisers if one.advertiser_id in advertisers))


def _require_contacts(config: Config, wanted: tuple[str, ...]) -> None:
    """ConfigError when somebody who is named has no contact, or nobody has one."""
    having = {name for name, own in config.advertisers.items() if own.contact}
    for name in wanted:
        if name not in having:
            raise ConfigError(f"{config.path}: advertiser.{name} has no contact, so no mail can be sent to it")
    if not having:
        raise ConfigError(f"{config.path}: no advertiser has a contact, so no mail can be sent")


def _send(mails: list[Mail], settings: Settings) -> int:
    from funnelcheck.delivery import smtp

    refused = smtp.send(mails, settings.config.mail, os.environ)
    silent = [one.advertiser_id for one in mails if not one.contact]
    sent = len(mails) - len(silent) - len(refused)
    settings.say(f"{numbers.count(sent, 'mail')} sent")
    if silent:
        more = f" and {numbers.count(len(silent) - _FEW)} more" if len(silent) > _FEW else ""
        settings.say(f"without a contact, so not sent: {', '.join(silent[:_FEW])}{more}")
    for one in refused:  # said with -q too: somebody must look
        click.echo(numbers.visible(f"funnelcheck: {one.advertiser_id}: the mail was not sent ({one.why})"), err=True)
    return 3 if refused else 0
