"""The command that chooses advertisers before launch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings
from funnelcheck.errors import InputError

if TYPE_CHECKING:
    from funnelcheck.selection import Selection
    from funnelcheck.store import Store

_FORMATS = ("text", "json", "csv")


@click.command()
@options.leads
@options.histories
@click.option(
    "--questionnaire",
    "questionnaire",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answers as CSV: advertiser, question, answer; or a row an advertiser and a column a question.",
)
@click.option("--launch", metavar="DAY", help="The day that plans start from, like 2027-01-11; default the next day.")
@click.option(
    "--not-connected",
    is_flag=True,
    help="The partner's integration with Meta is still to be built: 3 to 7 weeks go before every plan.",
)
@click.option(
    "--what-if",
    "what_if",
    multiple=True,
    metavar="KEY=VALUE",
    help="Suppose optimise=STAGE, stage-map=OLD:NEW[,OLD:NEW], coverage=0.8 or launch=DAY, and show what changes "
    "(repeatable).",
)
@options.advertiser_owner
@options.common
@options.judging
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="text (default), json or csv, to standard output or to a file (repeatable).",
)
def select(
    questionnaire: Path | None, launch: str | None, not_connected: bool, what_if: tuple[str, ...], **given: Any
) -> int:
    """Rank the advertisers that could be launched with, from lead lists, CRM histories and answers.

    Of these sources, which are not kept; without any, of what is in the store. Each advertiser is ready, needs work,
    is not suitable, or undecided until something more is brought; with what speaks for it and what to do, and a plan of
    its launch. They stand by the probability that volume, window and rate hold over the next 28 days.
    """
    from funnelcheck.cli.printing import write_texts
    from funnelcheck.render.ci import outputs
    from funnelcheck.render.selection import rendered
    from funnelcheck.selection.supposing import read_launch, read_what_if

    settings = Settings(given | {"formats": ()})
    wanted = outputs(given["formats"], _FORMATS)
    asked = {
        "launch": None if launch is None else read_launch(launch, f"--launch {launch}"),
        "connected": False if not_connected else None,
        "what_if": read_what_if(what_if),
    }
    problems, selection = _selected(settings, questionnaire, asked)
    with language.use(settings.lang):
        write_texts([(rendered(name, selection), path) for name, path in wanted])
    return 3 if problems else 0


def _selected(settings: Settings, questionnaire: Path | None, asked: dict[str, Any]) -> tuple[bool, Selection]:
    """Whether a source could not be read, and what was chosen from the others."""
    from funnelcheck.selection import read_questionnaire

    given = settings.given
    asked |= {"answers": read_questionnaire(questionnaire) if questionnaire else {}}
    if not given["lead_sources"] and not given["history_sources"]:
        with settings.open_store(read_only=True) as store:
            return False, _judged(store, settings, asked)
    from funnelcheck.cli.main_commands import load

    given |= {"sources": (), "call_sources": ()}
    with settings.open_store(in_memory=True) as store:
        report = load(store, settings)
        if report.problems and not report.has_records:
            raise InputError("no source could be read, so nothing was chosen from")
        return bool(report.problems), _judged(store, settings, asked)


def _judged(store: Store, settings: Settings, asked: dict[str, Any]) -> Selection:
    from funnelcheck.selection import select as judge

    with settings.judging(), language.use(settings.lang):
        return judge(store, as_of=settings.as_of, config=settings.config, guide=settings.given.get("guide"), **asked)
