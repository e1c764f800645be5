"""The command that chooses advertisers before launch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, spare
from funnelcheck.errors import InputError, UsageError
from funnelcheck.writing import writing

if TYPE_CHECKING:
    from funnelcheck.selection import Selection
    from funnelcheck.selection.prerequisites import Prerequisites
    from funnelcheck.store import Store

_FORMATS = ("text", "json", "csv", "xlsx")


@click.command()
@options.leads
@options.histories
@options.calls
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for pages: the league table, each advertiser with its onboarding brief, the partner's checklist.",
)
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
    help="text (default), json, csv or xlsx, to standard output or to a file (repeatable); xlsx to a file alone.",
)
def select(
    questionnaire: Path | None,
    launch: str | None,
    not_connected: bool,
    what_if: tuple[str, ...],
    out: Path | None,
    **given: Any,
) -> int:
    """Rank the advertisers that could be launched with, from lead lists, CRM histories and answers.

    Of these sources, which are not kept; without any, of what is in the store. Each advertiser is ready, needs work,
    is not suitable, or undecided until something more is brought; with what speaks for it and what to do, and a plan of
    its launch. They stand by the probability that volume, window and rate hold over the next 28 days.
    """
    from funnelcheck.selection.supposing import read_launch, read_what_if

    settings = Settings(given | {"formats": ()})
    wanted = _wanted(given["formats"])
    spare(given | {"questionnaire": questionnaire}, wanted)
    asked = {
        "launch": None if launch is None else read_launch(launch, f"--launch {launch}"),
        "connected": False if not_connected else None,
        "what_if": read_what_if(what_if),
    }
    problems, selection, partner = _selected(settings, questionnaire, asked)
    with language.use(settings.lang):
        if out is not None:
            _write_pages(selection, partner, out, settings)
        _print(selection, wanted)
    return 3 if problems else 0


def _wanted(formats: Sequence[str]) -> list[tuple[str, Path | None]]:
    """Each format with its file; UsageError for a spreadsheet that has none, or that cannot be written here."""
    from funnelcheck.delivery import export
    from funnelcheck.render.ci import outputs

    wanted = outputs(formats, _FORMATS)
    if any(name == "xlsx" for name, _path in wanted):
        export.require_xlsx()
    if ("xlsx", None) in wanted:
        raise UsageError("--format xlsx: give it a file, like xlsx=selection.xlsx")
    return wanted


def _print(selection: Selection, wanted: Sequence[tuple[str, Path | None]]) -> None:
    """Each format to its place."""
    from funnelcheck.cli.printing import write_texts
    from funnelcheck.delivery import export
    from funnelcheck.render import selection_csv
    from funnelcheck.render.selection import rendered

    write_texts([(rendered(name, selection), path) for name, path in wanted if name != "xlsx"])
    for name, path in wanted:
        if name == "xlsx" and path is not None:
            rows, columns = selection_csv.rows(selection), selection_csv.columns(selection)
            with writing(path):
                export.write_xlsx(
                    rows, columns, path, selection.as_of, title="Selection", place=f"--format xlsx={path}"
                )


def _write_pages(selection: Selection, partner: Prerequisites, out: Path, settings: Settings) -> None:
    from funnelcheck.delivery.briefs import briefs
    from funnelcheck.render import brief, selection_json
    from funnelcheck.render.files import write_selection
    from funnelcheck.render.html import choosing
    from funnelcheck.rulebook import load

    rules = load(settings.config, settings.given.get("guide")).selection
    names = choosing.selection_names(selection)
    linked = {name: brief.name_of(page, "html") for name, page in names.items()}
    pages = chain(
        choosing.selection_pages(selection, partner, rules, linked), briefs(selection, settings.config, names)
    )
    index = write_selection(pages, selection_json.render(selection), out)
    settings.say(f"selection: {index}")


def _selected(
    settings: Settings, questionnaire: Path | None, asked: dict[str, Any]
) -> tuple[bool, Selection, Prerequisites]:
    """Whether a source could not be read, what was chosen from the others, and what the partner has."""
    from funnelcheck.selection import read_questionnaire

    given = settings.given
    asked |= {"answers": read_questionnaire(questionnaire) if questionnaire else {}}
    if not any(given[key] for key in ("lead_sources", "history_sources", "call_sources")):
        with settings.open_store(read_only=True) as store:
            return False, *_judged(store, settings, asked)
    from funnelcheck.cli.main_commands import load

    given |= {"sources": ()}
    with settings.open_store(in_memory=True) as store:
        report = load(store, settings)
        if report.problems and not report.has_records:
            raise InputError("no source could be read, so nothing was chosen from")
        return bool(report.problems), *_judged(store, settings, asked)


def _judged(store: Store, settings: Settings, asked: dict[str, Any]) -> tuple[Selection, Prerequisites]:
    from funnelcheck.selection import select as judge
    from funnelcheck.selection.prerequisites import prerequisites

    guide = settings.given.get("guide")
    with settings.judging(), language.use(settings.lang):
        selection = judge(store, as_of=settings.as_of, config=settings.config, guide=guide, **asked)
        return selection, prerequisites(store, as_of=settings.as_of, config=settings.config, guide=guide)
