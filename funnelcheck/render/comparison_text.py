"""Attributed installs side by side for the terminal: what is compared, each day and platform, what to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render.comparison import columns, head, hints, outcome, sides, states, table

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.appfigures import Discrepancy

_WIDEST = 80
_WORDS = 2  # of the columns the first ones are words, the others figures


def render(comparison: Comparison) -> str:
    """All advertisers, by id."""
    lines = [head(comparison)]
    for name, found in comparison.advertisers.items():
        lines += ["", numbers.named(name, _WIDEST), *(f"  {line}".rstrip() for line in _lines(found, comparison))]
    if not comparison.advertisers:
        lines.append(_("No attributed install is known: give tables with --attributions and --mmp."))
    lines += [_("Note: {hint}").format(hint=hint) for hint in hints(comparison)]
    return "\n".join(map(numbers.visible, lines)) + "\n"


def _lines(found: Discrepancy, comparison: Comparison) -> list[str]:
    lines = [outcome(found, comparison.max_gap), *sides(found)]
    if found.days:
        lines += ["", *_table([columns(), *table(found, comparison.max_gap)])]
    if found.answers:
        lines += ["", _("What to check:")]
        words = states()
        for one in found.answers:
            lines += [numbers.labelled(words[one.state], one.question), f"  {one.answer}"]
    return lines


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            f"{cell:<{width}}" if column < _WORDS else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
