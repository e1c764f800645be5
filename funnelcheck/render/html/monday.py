"""The Monday page: what changed for whom since last week, on one screen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from funnelcheck import language, numbers
from funnelcheck.render import changes, digest
from funnelcheck.render.changes import Group, Titles
from funnelcheck.render.html import environment
from funnelcheck.render.html.news import blocks
from funnelcheck.render.html.site import names_of
from funnelcheck.reported import KeptRun, Since

if TYPE_CHECKING:
    from jinja2 import Environment

LINES, MOST = 36, 20  # in all, and of a group: what fits on a screen
_FOR_A_NOTE, _FEWEST = 4, 14  # lines that each note but the first takes the place of; as many there always are


def digest_page(now: KeptRun, since: Since | None, titles: Titles | None, beside: Collection[str]) -> str:
    """The page; its lines link to those of the advertisers' pages that lie `beside` it (file names)."""
    groups = [] if since is None or titles is None else changes.groups(since, titles)
    notes = [] if since is None else changes.settings_told(since)
    room = max(_FEWEST, LINES - _FOR_A_NOTE * max(0, len(notes) - 1))
    return (
        _templates(language.current().key)
        .get_template("digest.html.j2")
        .render(
            run=now,
            head=now,
            has_report=bool(beside),
            heading=digest.first_run(now) if since is None else digest.heading(since),
            totals=[] if since is None else changes.totals(since),
            settings=notes,
            since=since,
            day=numbers.instant(now.as_of),
            blocks=blocks(groups, _links(groups, beside), room, MOST),
        )
    )


def _links(groups: Iterable[Group], beside: Collection[str]) -> dict[tuple[str, str], str]:
    """The page of each advertiser that has one; the longest of its possible names is its own."""
    keys = {(line.advertiser_id, line.channel) for group in groups for line in group.lines}
    found = {key: next((name for name in reversed(names_of(*key)) if name in beside), None) for key in keys}
    return {key: name for key, name in found.items() if name}


@cache
def _templates(key: str) -> Environment:
    """Our templates in one language, the present one."""
    return environment.environment()
