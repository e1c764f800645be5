"""Attributed installs side by side as Markdown, for a ticket or a message to the measurement partner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render.comparison import columns, head, hints, outcome, sides, states, table
from funnelcheck.render.markup import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.appfigures import Discrepancy

_WIDEST = 80


def render(comparison: Comparison) -> str:
    """All advertisers, by id."""
    lines = [f"# {plain(_('Meta and the measurement partner'))}", "", plain(head(comparison))]
    for name, found in comparison.advertisers.items():
        lines += ["", f"## {plain(numbers.named(name, _WIDEST))}", "", *_lines(found, comparison.max_gap)]
    lines += [f"\n> {plain(hint)}" for hint in hints(comparison)]
    return "\n".join(lines) + "\n"


def _lines(found: Discrepancy, max_gap: float) -> Iterator[str]:
    yield plain(outcome(found, max_gap))
    yield ""
    yield from (f"- {plain(line)}" for line in sides(found))
    if found.days:
        yield ""
        yield _row(columns())
        yield "| --- | --- | ---: | ---: | ---: | ---: |"
        yield from (_row(row) for row in table(found, max_gap))
    if found.answers:
        words = states()
        yield ""
        yield from (
            f"- **{plain(words[one.state])}:** {plain(one.question)} {plain(one.answer)}" for one in found.answers
        )


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(plain, cells))} |"
