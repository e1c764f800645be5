"""Options that several commands share, and how their values become what the library takes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from funnelcheck.errors import UsageError
from funnelcheck.language import languages

if TYPE_CHECKING:
    from funnelcheck.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])
LEVELS = ("required", "recommended", "never", "undecided")  # model.FailOn, which takes long to load
_LATEST = 253_402_300_799  # the end of the year 9999


def parse_as_of(text: str | None) -> int:
    """`--as-of` as Unix seconds; without one SOURCE_DATE_EPOCH, else now."""
    if text is None:
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        return int(epoch) if re.fullmatch(r"[0-9]{1,12}", epoch) else int(time.time())
    try:
        moment = datetime.fromisoformat(text.strip())
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--as-of {text}: not a time like 2026-11-22T00:00:00Z") from error
    if not 0 <= seconds <= _LATEST:
        raise UsageError(f"--as-of {text}: lies before 1970")
    return seconds


def _stack(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def with_rules(config: Config, folder: Path | None) -> Config:
    """The configuration with the user's own rules from `folder` instead of its own, where one is given."""
    return config if folder is None else replace(config, rules_folder=folder)


# The command line looks for it itself when an error comes up, so that commands need not.
verbose = click.option("-v", "--verbose", is_flag=True, expose_value=False, help="Show a traceback with an error.")
config = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Configuration; default funnelcheck.toml if it is there.",
)
own_rules = click.option(
    "--rules",
    "rules_path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of rules of your own; default rules_folder of the configuration.",
)
without_store = _stack(
    config,
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result and errors."),
    verbose,
)
common = _stack(
    click.option(
        "--store",
        "store_path",
        type=click.Path(path_type=Path),
        default=Path("funnelcheck.duckdb"),
        show_default=True,
        help="The DuckDB file that keeps what was loaded; to read from, a lake of funnelcheck export too.",
    ),
    without_store,
)
advertiser_owner = click.option("--advertiser", metavar="ID", help="Owner of the records and leads that name none.")
advertiser_filter = click.option(
    "--advertiser", "only", metavar="ID", multiple=True, help="Only this advertiser (repeatable)."
)
guide = click.option("--guide", metavar="GUIDE", help="six-step (default) or 2026-05.")
lang = click.option(
    "--lang",
    type=click.Choice(languages()),
    default="en",
    show_default=True,
    help="Language of the reports.",
)
judging = _stack(
    guide,
    lang,
    click.option("--as-of", metavar="ISO-8601", help="The instant to judge for; default now."),
)
judged = _stack(advertiser_filter, common, judging, own_rules)  # what a command has that judges a store
formats = click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="text (default), json, junit, sarif, github, gitlab, markdown or csv, to standard output or to a file "
    "(repeatable).",
)


_share = click.option(
    "--share",
    is_flag=True,
    help="Make a report to pass on: without any row, folder or hint, in pages and results.json.",
)
_show_ids = click.option(
    "--show-ids", is_flag=True, help="Show ids in the report's rows at fault as they are; otherwise they are masked."
)
privacy = _stack(_share, _show_ids)


def fail_on(default: str) -> Callable[[Command], Command]:
    """The option that says which findings make the exit code 1."""
    return click.option(
        "--fail-on",
        type=click.Choice(LEVELS),
        default=default,
        show_default=True,
        help="Which findings make the exit code 1.",
    )


_selection = _stack(
    click.option(
        "--select",
        "selected",
        multiple=True,
        metavar="CODE|AREA",
        help="Only these rules count for --fail-on (repeatable, comma lists); verdicts and report stay as they are.",
    ),
    click.option(
        "--ignore",
        "ignored",
        multiple=True,
        metavar="CODE|AREA",
        help="These rules do not count for --fail-on (as --select); to answer for a finding there is waive.",
    ),
)


def _level(default: str, levels: Sequence[str], what: str) -> Callable[[Command], Command]:
    return click.option(
        "--fail-on",
        type=click.Choice(levels),
        help=f"{what}; default fail_on of [gate] in the configuration, else {default}.",
    )


def gate(default: str) -> Callable[[Command], Command]:
    """The options that say which findings make the exit code 1; what is not given is None or empty."""
    return _stack(
        _level(default, LEVELS, "Which findings make the exit code 1"),
        _selection,
        click.option(
            "--baseline",
            "baseline_path",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Tell what is new, known and fixed since this file of funnelcheck baseline write.",
        ),
        click.option(
            "--fail-on-new",
            is_flag=True,
            help="Only what is new since --baseline makes the exit code 1; --fail-on is then required unless named.",
        ),
    )


gate_of_baseline = _stack(
    _level("required", [level for level in LEVELS if level != "never"], "Which findings are written"),
    _selection,
)
leads = click.option(
    "--leads", "lead_sources", multiple=True, metavar="SOURCE", help="A lead list: file, folder or glob (repeatable)."
)
out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-report"),
    show_default=True,
    help="Folder of the report.",
)
histories = click.option(
    "--history",
    "history_sources",
    multiple=True,
    metavar="SOURCE",
    help="What a CRM recorded, judged as if it had been sent: file, folder or glob (repeatable).",
)
calls = click.option(
    "--calls",
    "call_sources",
    multiple=True,
    metavar="SOURCE",
    help="A log of the app's Marketing API calls: file, folder or glob (repeatable).",
)
attributions = click.option(
    "--attributions",
    "attribution_sources",
    multiple=True,
    metavar="SOURCE",
    help="A table of the installs that Meta attributes: file, folder or glob (repeatable).",
)
mmp = click.option(
    "--mmp",
    "mmp_sources",
    multiple=True,
    metavar="SOURCE",
    help="A measurement partner's (MMP's) export of installs: file, folder or glob (repeatable).",
)
payloads = click.argument("payloads", nargs=-1, metavar="FILE...")
at_rest = click.option(
    "--at-rest", is_flag=True, help="Leave out the rules about age: for files that are kept, like test fixtures."
)
engine = _stack(
    click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="What works out the facts about events: this machine, or the cluster that spark-submit or Spark's "
        "own configuration names (needs the extra spark).",
    ),
    click.option(
        "--lake",
        metavar="LAKE",
        help="Of --engine spark: a lake of funnelcheck export, as Spark reaches it: s3a://…, hdfs://…, a folder.",
    ),
)
sources = click.argument("sources", nargs=-1, metavar="SOURCE...")
