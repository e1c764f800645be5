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
def select(questionnaire: Path | None, **given: Any) -> int:
    """Rank the advertisers that could be launched with, from lead lists, CRM histories and answers.

    Of these sources, which are not kept; without any, of what is in the store. Each advertiser is ready, needs work,
    is not suitable, or undecided until something more is brought; with what speaks for it and what to do.
    """
    from funnelcheck.cli.printing import write_texts
    from funnelcheck.render.ci import outputs
    from funnelcheck.render.selection import rendered

    settings = Settings(given | {"formats": ()})
    wanted = outputs(given["formats"], _FORMATS)
    problems, selection = _selected(settings, questionnaire)
    with language.use(settings.lang):
        write_texts([(rendered(name, selection), path) for name, path in wanted])
    return 3 if problems else 0


def _selected(settings: Settings, questionnaire: Path | None) -> tuple[bool, Selection]:
    """Whether a source could not be read, and what was chosen from the others."""
    from funnelcheck.selection import read_questionnaire

    given = settings.given
    answers = read_questionnaire(questionnaire) if questionnaire else {}
    if not given["lead_sources"] and not given["history_sources"]:
        with settings.open_store(read_only=True) as store:
            return False, _judged(store, settings, answers)
    from funnelcheck.cli.main_commands import load

    given |= {"sources": (), "call_sources": ()}
    with settings.open_store(in_memory=True) as store:
        report = load(store, settings)
        if report.problems and not report.has_records:
            raise InputError("no source could be read, so nothing was chosen from")
        return bool(report.problems), _judged(store, settings, answers)


def _judged(store: Store, settings: Settings, answers: Any) -> Selection:
    from funnelcheck.selection import select as judge

    with settings.judging(), language.use(settings.lang):
        return judge(
            store, as_of=settings.as_of, config=settings.config, guide=settings.given.get("guide"), answers=answers
        )
