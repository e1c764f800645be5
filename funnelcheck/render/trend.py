"""The trend of an advertiser from run to run as inline SVG: coverage, and the rate of the optimisation stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render import drawing
from funnelcheck.render.drawing import ACCENT, INK, MUTED, SOFT, Plane, units
from funnelcheck.reported import TrendPoint

HEIGHT = 236
_DOT, _GAP = 2.4, 110


class _Line(NamedTuple):
    """One figure over time: where it is not known, or is about another stage than before, the line breaks."""

    name: str
    pieces: list[list[tuple[float, float]]]  # seconds, share


def drawable(points: Sequence[TrendPoint]) -> bool:
    """True where a line says anything: a figure in two runs at least."""
    return any(sum(len(piece) for piece in line.pieces) > 1 for line in _lines(points))


def trend(points: Sequence[TrendPoint], limit: float, uid: str = "trend") -> str:
    """Both shares over the instants of the runs, and the coverage that is asked for as a dashed line."""
    lines = _lines(points)
    start = points[0].as_of if points else 0
    span = float(max(1, points[-1].as_of - start)) if points else 1.0
    peak = drawing.peak_share([share for line in lines for piece in line.pieces for _at, share in piece] + [limit])
    plane = Plane(70.0, drawing.WIDTH - 14, 60.0, 202.0, span, peak)
    parts = _legend(limit)
    parts += drawing.grid(plane, [(tick * peak, numbers.threshold(tick * peak, "share")) for tick in (0.0, 0.5, 1.0)])
    parts.append(drawing.stroke(f"M{units(plane.left)} {units(plane.y(limit))}H{units(plane.right)}", *_LIMIT))
    for line, (colour, kind, wide) in zip(lines, _LOOKS, strict=True):
        for piece in line.pieces:
            parts += _piece(piece, plane, start, colour, kind, wide)
    parts += _dates(points, plane, start)
    described = " ".join(_described(line) for line in lines)
    return drawing.svg(uid, HEIGHT, _("Coverage and conversion rate, run by run"), described, parts)


_LIMIT = (drawing.MARK, "c-mark", 1.2)
_LOOKS = ((SOFT, "c-soft-line", 3.0), (ACCENT, "c-accent-line", 2.2))


def _lines(points: Sequence[TrendPoint]) -> list[_Line]:
    coverage: list[list[tuple[float, float]]] = [[]]
    rate: list[list[tuple[float, float]]] = [[]]
    stage: str | None = None
    for point in points:
        _add(coverage, point.as_of, point.coverage)
        if point.stage != stage:
            rate.append([])
        stage = point.stage
        _add(rate, point.as_of, point.rate)
    names = (_("Coverage"), _("Rate of the optimisation stage"))
    return [_Line(name, [p for p in pieces if p]) for name, pieces in zip(names, (coverage, rate), strict=True)]


def _add(pieces: list[list[tuple[float, float]]], as_of: int, share: float | None) -> None:
    if share is None:
        pieces.append([])
    else:
        pieces[-1].append((float(as_of), share))


def _piece(
    piece: Sequence[tuple[float, float]], plane: Plane, start: int, colour: str, kind: str, wide: float
) -> list[str]:
    """A stretch of a line; the last point, and one that stands alone, as a dot."""
    places = [(plane.x(as_of - start), plane.y(share)) for as_of, share in piece]
    path = "M" + "L".join(f"{units(x)} {units(y)}" for x, y in places)
    x, y = places[-1]
    dot = f"M{units(x - _DOT)} {units(y)}a{_DOT} {_DOT} 0 1 0 {2 * _DOT} 0a{_DOT} {_DOT} 0 1 0 {-2 * _DOT} 0"
    return [drawing.stroke(path, colour, kind, wide), drawing.stroke(dot, colour, kind, wide)]


def _legend(limit: float) -> list[str]:
    """Two lines, so that large letters fit."""
    entries = (
        (8, 14, *_LOOKS[0], _("coverage")),
        (290, 14, *_LIMIT, _("asked for: {limit}").format(limit=numbers.threshold(limit, "share"))),
        (8, 36, *_LOOKS[1], _("conversion rate of the optimisation stage")),
    )
    parts = []
    for x, y, colour, kind, wide, words in entries:
        parts.append(drawing.stroke(f"M{x} {y}h14", colour, kind, wide))
        parts.append(drawing.words(x + 20, y + 4, words, "start", MUTED, "t m"))
    return parts


def _dates(points: Sequence[TrendPoint], plane: Plane, start: int) -> list[str]:
    """The first and the last instant and some between, far enough apart for large letters."""
    parts: list[str] = []
    last = plane.left - _GAP
    places = [(plane.x(point.as_of - start), point.as_of) for point in points]
    wanted = [place for place in places[:-1] if place[0] <= plane.right - 1.5 * _GAP] + places[-1:]
    for x, as_of in wanted:
        if x - last >= _GAP or x == plane.right:
            anchor = "end" if x > drawing.WIDTH - 46 else "middle"
            parts.append(drawing.words(x, plane.bottom + 22, numbers.date_of(as_of), anchor, INK, "t m"))
            last = x
    return parts


def _described(line: _Line) -> str:
    """What a line shows, aloud: from what to what."""
    points = [point for piece in line.pieces for point in piece]
    if not points:
        return _("{name}: not known.").format(name=line.name)
    (first_at, first), (last_at, last) = points[0], points[-1]
    return _("{name}: {first} on {start}, {last} on {end}.").format(
        name=line.name,
        first=numbers.percent(first),
        start=numbers.date_of(first_at),
        last=numbers.percent(last),
        end=numbers.date_of(last_at),
    )
