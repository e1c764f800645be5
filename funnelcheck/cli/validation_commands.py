"""The command that judges payloads before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language
from funnelcheck.cli import options
from funnelcheck.cli.gating import gating
from funnelcheck.cli.settings import Settings, complain
from funnelcheck.errors import UsageError

if TYPE_CHECKING:
    from funnelcheck.payload import Validation


@click.command()
@options.payloads
@options.without_store
@options.judging
@options.at_rest
@options.advertiser_owner
@options.formats
@options.gate("required")
def validate(**given: Any) -> int:
    """Judge payloads before they are sent; no store, no list of leads.

    FILE is a file, folder, glob or - (standard input): events, requests, logs of either as funnelcheck run reads
    them, bodies as an SDK encodes them, HTTP archives (HAR). App Events requests also as an address, a form, a curl
    command. What names no time of sending is sent at --as-of.
    """
    from funnelcheck.store import begin_scratch

    begin_scratch()
    settings = Settings(given)
    gate = gating(settings, "required")
    validation = validated(settings)
    judged = gate.judge(validation)
    settings.print(validation, judged, compared=gate.compared)
    if line := gate.told(judged):
        settings.say(line)
    return 3 if validation.unreadable else int(bool(judged.failing))


def validated(settings: Settings) -> Validation:
    """Judge the files of this call; what cannot be read is an error line each."""
    from funnelcheck.validation import validate as judge

    given = settings.given
    if not given["payloads"]:
        raise UsageError("give a FILE with payloads, a folder of them, or - for standard input")
    with language.use(settings.lang):
        validation = judge(
            given["payloads"],
            as_of=settings.as_of,
            config=settings.config,
            guide=given.get("guide"),
            at_rest=given["at_rest"],
            advertiser=given.get("advertiser"),
        )
    complain(place.told for place in validation.unreadable)
    for hint in validation.hints:
        settings.say(hint)
    return validation
