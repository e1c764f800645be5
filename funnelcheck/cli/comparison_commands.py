"""The command that sets Meta's attributed installs beside a measurement partner's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, spare
from funnelcheck.errors import InputError, UsageError

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.store import Store


@click.command("compare-mmp")
@options.attributions
@options.mmp
@click.option(
    "--advertiser",
    metavar="ID",
    help="Only this advertiser; it owns the rows of the sources that name none.",
)
@options.common
@options.judging
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="text (default), json, csv or markdown, to standard output or to a file (repeatable).",
)
def compare_mmp(**given: Any) -> int:
    """Set the installs that Meta attributes beside those that a measurement partner (MMP) attributes to Meta.

    Of these sources, which are not kept; without any, of what is in the store. By day and platform, with both
    attribution windows and the day that each side goes by, as [advertiser.NAME.attribution] of the configuration states
    them; then the questions that the guide asks of a gap, with what the rows answer.
    """
    from funnelcheck.cli.printing import write_texts
    from funnelcheck.render import comparison as shown
    from funnelcheck.render.ci import outputs

    settings = Settings(given | {"formats": ()})
    wanted = outputs(given["formats"], shown.FORMATS)
    spare(given, wanted)
    has_problems, comparison = _compared(settings)
    with language.use(settings.lang):
        write_texts([(shown.rendered(name, comparison), path) for name, path in wanted])
    return 3 if has_problems else 0


def _compared(settings: Settings) -> tuple[bool, Comparison]:
    """Whether a source could not be read, and what came of the others."""
    given = settings.given
    if not given["attribution_sources"] and not given["mmp_sources"]:
        with settings.open_store(read_only=True) as store:
            return False, _comparison(store, settings)
    from funnelcheck.cli.main_commands import load

    with settings.open_store(in_memory=True) as store:
        report = load(store, settings)
        if report.problems and not report.files:
            raise InputError("no source could be read, so nothing was compared")
        return bool(report.problems), _comparison(store, settings)


def _comparison(store: Store, settings: Settings) -> Comparison:
    from funnelcheck.appevents.discrepancies import compare
    from funnelcheck.config import nearest

    with settings.judging(), language.use(settings.lang):
        found = compare(store, as_of=settings.as_of, config=settings.config, guide=settings.given.get("guide"))
    only = settings.given.get("advertiser")
    if only is None:
        return found
    if only not in found.advertisers:
        hint = nearest(only, found.advertisers) if found.advertisers else ""
        raise UsageError(f"--advertiser {only}: has no attributed install up to --as-of{hint}")
    return replace(found, advertisers={only: found.advertisers[only]}, nameless=0)
