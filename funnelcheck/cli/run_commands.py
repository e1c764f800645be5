"""The commands about kept runs: the list, what changed between two, the Monday page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings
from funnelcheck.errors import OutputError, UsageError
from funnelcheck.writing import writing

if TYPE_CHECKING:
    from funnelcheck.render.changes import Titles
    from funnelcheck.reported import KeptRun, Since


def _format(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        default="text",
        show_default=True,
        help="What is printed to standard output.",
    )


@click.command()
@_format("text", "json")
@options.lang
@options.common
def runs(form: str, **given: Any) -> int:
    """List the kept runs: number, as of, guide, totals; the newest first."""
    from funnelcheck.render import digest as words
    from funnelcheck.runs import kept

    with Settings(given).open_store(read_only=True) as store:
        heads = kept(store)
    with language.use(given["lang"]):
        click.echo(words.runs_json(heads) if form == "json" else words.runs_text(heads), nl=False)
    return 0


@click.command()
@click.argument("first", metavar="RUN1", default="previous")
@click.argument("second", metavar="RUN2", default="last")
@_format("text", "json")
@options.lang
@options.own_rules
@options.common
def diff(first: str, second: str, form: str, **given: Any) -> int:
    """Tell what changed from one kept run to another; without names, between the two latest.

    RUN1 and RUN2 are numbers, days like 2026-11-22 (the latest of that day, in UTC), instants, last or previous.
    """
    from funnelcheck.render import digest as words
    from funnelcheck.runs import between, find, kept

    settings = Settings(given)
    with settings.open_store(read_only=True) as store:
        heads = kept(store)
        since = between(store, find(heads, first), find(heads, second))
    with language.use(given["lang"]):
        told = words.diff_json(since) if form == "json" else words.diff_text(since, _titles(since, settings))
    click.echo(told, nl=False)
    return 0


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-report/digest.html"),
    show_default=True,
    help="File of the page; beside a report its lines link to the advertisers' pages.",
)
@click.option("--as-of", metavar="ISO-8601", help="About the latest run up to this instant; default the latest of all.")
@click.option("--since", "baseline", metavar="RUN", help="The run to compare with: number, day, instant or previous.")
@_format("text", "markdown", "json")
@options.lang
@options.own_rules
@options.common
def digest(out: Path, baseline: str | None, form: str, **given: Any) -> int:
    """Write the Monday page: what changed for whom since last week, on one screen; print it too.

    It is about the latest kept run, and compares it with the latest one at least a week before it, else with the
    latest before it, whatever its age.
    """
    from funnelcheck import runs

    settings = Settings(given)
    with settings.open_store(read_only=True) as store:
        heads = [head for head in runs.kept(store) if not given["as_of"] or head.as_of <= settings.as_of]
        now = runs.find(heads, "last")
        was = runs.find(heads, baseline) if baseline else runs.baseline(heads, now.as_of, now.guide)
        since = None if was is None else runs.between(store, was, now)
    with language.use(given["lang"]):
        _write_page(out, now, since, settings)
        click.echo(_digest(form, now, since, settings), nl=False)
    return 0


def _digest(form: str, now: KeptRun, since: Since | None, settings: Settings) -> str:
    from funnelcheck.render import digest as words

    if since is None:
        return words.first_json(now) if form == "json" else words.first_run(now) + "\n"
    render = {"text": words.text, "markdown": words.markdown, "json": words.as_json}[form]
    return render(since, _titles(since, settings))


def _write_page(out: Path, now: KeptRun, since: Since | None, settings: Settings) -> None:
    from funnelcheck.render.files import MARKS
    from funnelcheck.render.html import digest_page

    if not out.absolute().parent.is_dir():
        raise OutputError(
            f"{out}: its folder is not there; write a report first (funnelcheck run), or name another --out"
        )
    beside = {file.name for file in out.absolute().parent.glob("advertiser-*.html")}
    has_report = (out.absolute().parent / MARKS[0]).is_file()
    if has_report and (out.name in MARKS or out.name in beside):
        raise UsageError(f"{out}: is a page of a report; name another --out")
    page = digest_page(now, since, None if since is None else _titles(since, settings), beside if has_report else set())
    with writing(out):
        out.write_text(page, encoding="utf-8", errors="replace", newline="\n")
    settings.say(f"digest: {out}")


def _titles(since: Since, settings: Settings) -> Titles:
    """The titles of rules and steps, as the guide of the later run has them."""
    from funnelcheck.render.changes import Titles
    from funnelcheck.rulebook import load

    book = load(settings.config, since.now.guide)
    return Titles({rule.code: rule.title for rule in book.rules}, {step.key: step.title for step in book.guide.steps})
