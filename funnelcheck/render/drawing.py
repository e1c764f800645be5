"""What charts are drawn with: a plane of figures, and marks and words as SVG text that is escaped here.

Colours stand as presentation attributes (PDF makers ignore page CSS) and as classes that a page may override;
a page may set `.t` up to 17 units high, for which there is room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from funnelcheck.numbers import visible

WIDTH = 560
# As style.css has them for light pages: a test holds the two together.
INK, MUTED, LINE, BAND = "#1d2126", "#59626d", "#d5d8d4", "#e6efe9"
EDGE, GRID = "#a8b5ab", "#e9ebe6"
ACCENT, SOFT, MARK = "#1f5396", "#9dbbe0", "#a3262a"


class Plane(NamedTuple):
    """Where a chart's figures lie: 0 to `across` from left to right, 0 to `peak` from bottom to top."""

    left: float
    right: float
    top: float
    bottom: float
    across: float
    peak: float

    def x(self, figure: float) -> float:
        """Units from the left edge of the drawing."""
        return self.left + (self.right - self.left) * min(max(figure, 0.0), self.across) / self.across

    def y(self, figure: float) -> float:
        """Units from the top edge of the drawing."""
        return self.bottom - (self.bottom - self.top) * min(max(figure, 0.0), self.peak) / self.peak

    def xs(self, figures: Sequence[float]) -> list[float]:
        """`x` of each figure, without a call for each."""
        left, room, across = self.left, self.right - self.left, self.across
        return [left + room * (0.0 if one < 0.0 else across if one > across else one) / across for one in figures]

    def ys(self, figures: Sequence[float]) -> list[float]:
        """`y` of each figure, without a call for each."""
        bottom, room, peak = self.bottom, self.bottom - self.top, self.peak
        return [bottom - room * (0.0 if one < 0.0 else peak if one > peak else one) / peak for one in figures]

    @property
    def wide(self) -> float:
        """A column's width where `across` counts the slots."""
        return min(26.0, (self.right - self.left) / self.across * 0.82)


def grid(plane: Plane, lines: Sequence[tuple[float, str]]) -> list[str]:
    """Horizontal lines at figures, each with its label."""
    parts = []
    for figure, label in lines:
        y = plane.y(figure)
        parts.append(rect(plane.left, y - 0.5, plane.right - plane.left, 1, GRID, "c-grid"))
        parts.append(words(plane.left - 8, y + 4, label, "end", MUTED, "t m"))
    return parts


def scale(tallest: int) -> tuple[int, int]:
    """A round axis end at or above `tallest`, and the step of its ticks."""
    magnitude = 10 ** (len(str(max(tallest, 1))) - 1)
    for factor, ticks in ((1, 2), (2, 2), (3, 3), (4, 2), (5, 5), (6, 3), (8, 4), (10, 5)):
        peak = factor * magnitude
        if peak >= tallest:
            return (peak, peak // ticks) if peak % ticks == 0 else (peak, peak)
    return 10 * magnitude, 5 * magnitude


def peak_share(shares: Sequence[float]) -> float:
    """A round axis end at or above the highest share."""
    tallest = max([*shares, 0.0])
    return next((peak for peak in (0.02, 0.1, 0.2, 0.4, 0.6, 0.8) if tallest <= peak), 1.0)


@lru_cache(maxsize=8_192)
def units(figure: float) -> str:
    """A place or a length with a decimal at most; many stand on every page."""
    text = f"{figure:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def places(several: Iterable[float]) -> list[str]:
    """`units` of many places, which no drawing has below nothing and hardly any has twice."""
    return [f"{place:.1f}".removesuffix(".0") for place in several]


@lru_cache(maxsize=4_096)
def rect(x: float, y: float, width: float, height: float, fill: str, kind: str) -> str:
    """A filled rectangle."""
    size = f'x="{units(x)}" y="{units(y)}" width="{units(width)}" height="{units(height)}"'
    return f'<rect {size} fill="{fill}" class="{kind}"/>'


def vertical(x: float, top: float, bottom: float, kind: str, colour: str = EDGE) -> str:
    """A dashed line from top to bottom."""
    return (
        f'<path d="M{units(x)} {units(top)}V{units(bottom)}" fill="none" stroke="{colour}" '
        f'stroke-dasharray="3 3" class="{kind}"/>'
    )


def shape(d: str, fill: str, kind: str) -> str:
    """A filled path."""
    return f'<path d="{d}" fill="{fill}" class="{kind}"/>' if d else ""


def stroke(d: str, colour: str, kind: str, width: float) -> str:
    """A path that is drawn as a line."""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}" class="{kind}"/>' if d else ""


@lru_cache(maxsize=4_096)
def words(x: float, y: float, said: str, anchor: str, fill: str, kind: str) -> str:
    """Words at a place, escaped."""
    place = f'x="{units(x)}" y="{units(y)}" text-anchor="{anchor}"'
    weight = ' font-weight="600"' if " b" in kind else ""
    return f'<text {place} font-size="12"{weight} fill="{fill}" class="{kind}">{escape(visible(said))}</text>'


def svg(
    uid: str,
    height: float,
    title: str,
    described: str,
    parts: Sequence[str],
    width: float = WIDTH,
    kind: str = "chart",
) -> str:
    """The frame: scales to its container and reads aloud as title and description."""
    return (
        f'<svg class="{kind}" width="100%" viewBox="0 0 {units(width)} {units(height)}" role="img" '
        f'aria-labelledby="{uid}-t {uid}-d" font-family="system-ui, sans-serif">'
        f'<title id="{uid}-t">{escape(visible(title))}</title>'
        f'<desc id="{uid}-d">{escape(visible(described))}</desc>'
        f"{''.join(parts)}</svg>"
    )
