"""Charts as inline SVG text: pure, the same bytes for the same figures, readable on paper and in the dark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from math import isfinite
from operator import lt
from typing import Protocol, TypeVar

from funnelcheck import language, numbers
from funnelcheck.appfigures import AppDay
from funnelcheck.language import _
from funnelcheck.numbers import cut
from funnelcheck.render import drawing
from funnelcheck.render.drawing import ACCENT, BAND, EDGE, INK, LINE, MARK, MUTED, SOFT, WIDTH, Plane, places, units
from funnelcheck.reported import AgeBand, CoverageDay, CurvePoint, Stage

FOLLOW_UP = 28.0  # days after its creation in which a lead counts as converted: fixed, no threshold
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_METER_WIDTH, _METER_MIDDLE = 120.0, 7.0
_LABEL, _STAGES, _CURVES, _POINTS, _DAYS = 30, 12, 8, 80, 400


def funnel(stages: Sequence[Stage], band: tuple[float, float], uid: str = "funnel", chosen: str | None = None) -> str:
    """A bar for each stage's 28-day rate with its interval, over the band that the guide asks for."""
    drawn = stages[:_STAGES]
    top, row = 34, 44
    height = top + row * max(1, len(drawn)) + 8
    low, high = _x(band[0]), _x(band[1])
    parts = [
        drawing.rect(low, top - 8, high - low, height - top + 2, BAND, "c-band"),
        drawing.vertical(low, top - 8, height - 6, "c-edge"),
        drawing.vertical(high, top - 8, height - 6, "c-edge"),
        drawing.words(
            high,
            18,
            _("{range}: the guide's range").format(range=numbers.threshold(band, "share")),
            "middle",
            MUTED,
            "t m",
        ),
    ]
    for index, stage in enumerate(drawn):
        parts += _bar(stage, top + index * row, band, stage.name == chosen)
    if not drawn:
        parts.append(drawing.words(WIDTH / 2, top + 26, _("No stage yet"), "middle", MUTED, "t m"))
    described = "; ".join(f"{cut(s.name, 60)} {numbers.share(s.rate, s.cohort, band)}" for s in drawn) or _("No stage.")
    return drawing.svg(uid, height, _("Conversion rate of each stage"), described, parts)


def coverage(days: Sequence[CoverageDay], limit: float, uid: str = "coverage") -> str:
    """Columns by day of creation: all leads, with any event, with the raw lead; a tick at the limit."""
    days = _calendar(days, lambda day: CoverageDay(day, 0, 0, 0))
    peak, step = drawing.scale(max([day.eligible for day in days] + [1]))
    plane = Plane(62.0, WIDTH - 8, 62.0, 232.0, float(max(1, len(days))), float(peak))
    parts = _coverage_legend(limit)
    parts += drawing.grid(plane, [(tick, numbers.count(tick)) for tick in range(0, peak + 1, step)])
    parts.append(drawing.shape(_columns(plane, [day.eligible for day in days]), LINE, "c-all"))
    parts.append(drawing.shape(_columns(plane, [day.covered for day in days]), SOFT, "c-soft"))
    parts.append(drawing.shape(_columns(plane, [day.raw_covered for day in days], 0.24), ACCENT, "c-accent"))
    parts.append(drawing.stroke(_ticks(plane, [day.eligible * limit for day in days]), MARK, "c-mark", 1.6))
    parts += _dates([day.day for day in days], lambda i: plane.x(i + 0.5), plane.bottom)
    if not any(day.eligible for day in days):
        parts.append(drawing.words(300, 150, _("No lead was created on these days"), "middle", MUTED, "t m"))
    eligible, covered = sum(d.eligible for d in days), sum(d.covered for d in days)
    described = _("{days}; an event for {share} leads.").format(
        days=numbers.count(len(days), "day"), share=numbers.ratio(covered, eligible, (limit,))
    )
    return drawing.svg(uid, 256, _("Leads with events, by day of creation"), described, parts)


def app_days(days: Sequence[AppDay], uid: str = "days") -> str:
    """Columns by day of sending: all App Events, and within them the installs."""
    days = _calendar(days, lambda day: AppDay(day, 0, 0))
    peak, step = drawing.scale(max([day.installs + day.conversions for day in days] + [1]))
    plane = Plane(62.0, WIDTH - 8, 44.0, 164.0, float(max(1, len(days))), float(peak))
    parts = []
    for x, fill, kind, label in (
        (8, SOFT, "c-soft", _("App Events of that day")),
        (290, ACCENT, "c-accent", _("installs among them")),
    ):
        parts += [drawing.rect(x, 8, 12, 12, fill, kind), drawing.words(x + 20, 19, label, "start", MUTED, "t m")]
    parts += drawing.grid(plane, [(tick, numbers.count(tick)) for tick in range(0, peak + 1, step)])
    parts.append(drawing.shape(_columns(plane, [d.installs + d.conversions for d in days]), SOFT, "c-soft"))
    parts.append(drawing.shape(_columns(plane, [d.installs for d in days], 0.24), ACCENT, "c-accent"))
    parts += _dates([day.day for day in days], lambda i: plane.x(i + 0.5), plane.bottom)
    described = _("{days}; {events}, {installs} of them installs.").format(
        days=numbers.count(len(days), "day"),
        events=numbers.count(sum(d.installs + d.conversions for d in days), "App Event"),
        installs=numbers.count(sum(d.installs for d in days)),
    )
    return drawing.svg(uid, 188, _("App Events by day of sending"), described, parts)


def months(leads: Sequence[tuple[str, int, int]], least: float, uid: str = "months") -> str:
    """Columns by calendar month (2026-10, leads of ads, organic ones): those of ads, and a line at what is asked."""
    peak, step = drawing.scale(max([of_ads for _month, of_ads, _organic in leads] + [int(least), 1]))
    plane = Plane(62.0, WIDTH - 8, 30.0, 150.0, float(max(1, len(leads))), float(peak))
    parts = drawing.grid(plane, [(tick, numbers.count(tick)) for tick in range(0, peak + 1, step)])
    parts.append(drawing.shape(_columns(plane, [of_ads for _month, of_ads, _organic in leads]), ACCENT, "c-accent"))
    if least > 0:
        y = units(plane.y(least))
        parts.append(drawing.stroke(f"M{units(plane.left)} {y}H{units(plane.right)}", MARK, "c-mark", 1.6))
        asked = _("{leads} are asked for").format(leads=numbers.count(least, "lead"))
        parts.append(drawing.words(plane.left, 16, asked, "start", MUTED, "t m"))
    every = -(-len(leads) // 6)
    for i, (month, _leads, _organic) in enumerate(leads):
        if i % every == 0:
            parts.append(drawing.words(plane.x(i + 0.5), plane.bottom + 20, _month_of(month), "middle", MUTED, "t m"))
    described = "; ".join(
        _("{month}: {leads} of ads, {organic} organic").format(
            month=_month_of(month, long=True), leads=numbers.count(of_ads, "lead"), organic=numbers.count(organic)
        )
        for month, of_ads, organic in leads
    )
    return drawing.svg(uid, 176, _("Leads of ads by calendar month"), f"{described}.", parts)


def curves(stages: Sequence[Stage], limit: float, uid: str = "curves", chosen: str | None = None) -> str:
    """The share of the cohort that reached each stage by day, the chosen one's interval, and where the window ends."""
    drawn = _drawn(stages, chosen)
    points = [point for pair in drawn for point in pair[1]]
    highest = [
        point.high for stage, curve in drawn if stage.name == chosen for point in curve if point.high is not None
    ]
    last = max([point.day for point in points] + [limit * 1.12])
    across, peak = min(last, limit * 3), drawing.peak_share([point.share for point in points] + highest)
    plane = Plane(56.0, 390.0, 16.0, 236.0, across, peak)
    parts = drawing.grid(plane, [(tick * peak, numbers.threshold(tick * peak, "share")) for tick in (0, 0.5, 1)])
    for day in _day_ticks(limit, across):
        parts.append(drawing.words(plane.x(day), 256, numbers.number(day), "middle", MUTED, "t m"))
    parts.append(drawing.words(plane.right, 276, _("days since the lead"), "end", MUTED, "t m"))
    parts.append(drawing.vertical(plane.x(limit), 8, plane.bottom, "c-mark", MARK))
    for stage, curve in drawn:
        if stage.name == chosen:
            parts.append(_interval(curve, plane))
    ends = _spread([plane.y(curve[-1].share) for _, curve in drawn], 20.0, plane.top, plane.bottom)
    for (stage, curve), end in reversed(list(zip(drawn, ends, strict=True))):
        parts += _curve(stage, curve, plane, end, stage.name == chosen)
    if not drawn:
        if late(stages, chosen):
            words = _("No lead got there within {period}").format(period=_period())
        else:
            words = _("No lead has moved on yet")
        parts.append(drawing.words(204, 112, words, "middle", MUTED, "t m"))
    described = "; ".join(
        _("{stage}: {share} after {days}").format(
            stage=cut(stage.name, 60), share=numbers.percent(curve[-1].share), days=numbers.days(curve[-1].day)
        )
        for stage, curve in drawn
    )
    described = " ".join([f"{described}." if described else _("No stage."), *late(stages, chosen)])
    return drawing.svg(uid, 284, _("Share of leads that reached each stage, by days"), described, parts)


def interval_at(curve: Sequence[CurvePoint], day: float) -> CurvePoint | None:
    """The last point of a curve up to a day: its share and interval then; None before the first."""
    return next((point for point in reversed(curve) if point.day <= day and _is_sound(point)), None)


def ages(band: AgeBand, uid: str = "ages") -> str:
    """A bar for each span of age at which events were sent, and lines where Meta's limits lie between them."""
    parts, told, y = [], [], 8.0
    for share, label, fill, kind, limit in _age_bars(band):
        told.append(f"{label}: {numbers.share(share, band.events)}")
        parts.append(drawing.words(8, y + 15, label, "start", INK, "t"))
        if share:
            parts.append(drawing.rect(190, y + 4, max(1.5, 220 * share), 14, fill, kind))
        parts.append(drawing.words(WIDTH - 8, y + 15, numbers.share(share, band.events), "end", INK, "t"))
        y += 26
        if limit:
            parts.append(_across(y + 4))
            parts.append(drawing.words(8, y + 22, limit, "start", MUTED, "t m"))
            y += 34
    return drawing.svg(uid, y + 2, _("How old events were when they were sent"), f"{'; '.join(told)}.", parts)


def _age_bars(band: AgeBand) -> list[tuple[float | None, str, str, str, str]]:
    """Share, label, colour, look, and the limit that lies below, of each span of age."""
    fresh, slow, bad = (ACCENT, "c-accent"), (SOFT, "c-soft"), (MARK, "c-bad")
    counts = (
        band.within_hour,
        band.within_two_hours - band.within_hour,
        band.within_day - band.within_two_hours,
        band.within_five_days - band.within_day,
        band.within_seven_days - band.within_five_days,
        band.events - band.within_seven_days,
    )
    looks = (fresh, fresh, slow, slow, bad, bad)
    limits = {
        1: _("2 hours: later ones lose value"),
        3: _("5 days: the cliff begins"),
        4: _("7 days: later ones are refused"),
    }
    return [
        (n / band.events if band.events else None, label, *looks[i], limits.get(i, ""))
        for i, (n, label) in enumerate(zip(counts, age_spans(), strict=True))
    ]


def age_spans() -> tuple[str, ...]:
    """The spans of age that events are counted by."""
    return (
        _("within 1 hour"),
        _("1 to 2 hours"),
        _("2 hours to 1 day"),
        _("1 to 5 days"),
        _("5 to 7 days"),
        _("more than 7 days"),
    )


def _across(y: float) -> str:
    """A dashed line from the left edge to the right one."""
    return f'<path d="M8 {units(y)}H{WIDTH - 8}" fill="none" stroke="{MARK}" stroke-dasharray="3 3" class="c-mark"/>'


def _interval(curve: Sequence[CurvePoint], plane: Plane) -> str:
    """The area between the ends of the interval, from the first lead that got there to the end of the follow-up."""
    known = [point for point in _thinned(curve) if point.low is not None and point.high is not None]
    if not known:
        return ""
    days = places(plane.xs([point.day for point in known] + [max(known[-1].day, FOLLOW_UP)]))
    highs = places(plane.ys([point.high or 0 for point in known]))
    lows = places(plane.ys([point.low or 0 for point in known]))
    there = [f"V{high}H{end}" for high, end in zip(highs, days[1:], strict=True)]
    back = [f"V{low}H{start}" for low, start in zip(reversed(lows), days[-2::-1], strict=True)]
    path = f"M{days[0]} {highs[0]}{''.join(there)}{''.join(back)}z"
    return drawing.shape(path, SOFT, "c-soft").replace("/>", ' fill-opacity=".5"/>')


def late(stages: Sequence[Stage], chosen: str | None = None) -> list[str]:
    """What `curves` cannot show: a sentence for each stage that leads reached later than its axis ends."""
    moved = [stage for stage in stages if stage.reason != "raw" and any(map(_is_sound, stage.curve))]
    drawn = sorted(moved, key=lambda stage: stage.name != chosen)[:_CURVES]
    never = [stage for stage in stages if stage.reason != "raw" and not stage.within_window]
    return [_late(stage) for stage in drawn + never if stage.reached > stage.within_window][:_CURVES]


def meter(
    value: float | None, low: float | None, high: float | None, band: tuple[float, float], uid: str, name: str
) -> str:
    """A small scale from 0 to 100 %: the band asked for, the interval as a line, the value as a tick."""
    x, middle, parts = _meter_x, _METER_MIDDLE, [_meter_scale(band)]
    if low is not None and high is not None:
        parts.append(drawing.rect(x(low), middle - 2.5, max(1.0, x(high) - x(low)), 5, SOFT, "c-soft"))
    if value is not None:
        parts.append(drawing.rect(x(value) - 1.25, middle - 5, 2.5, 10, ACCENT, "c-accent"))
    described = _("{share}, interval {interval}").format(
        share=numbers.percent(value, band), interval=numbers.interval(low, high, band)
    )
    return drawing.svg(uid, 14, cut(name, 60), described, parts, width=_METER_WIDTH, kind="meter")


def _meter_x(share: float) -> float:
    return 4 + (_METER_WIDTH - 8) * min(max(share, 0.0), 1.0)


@lru_cache(maxsize=64)
def _meter_scale(band: tuple[float, float]) -> str:
    """What every meter of a band has in common."""
    start, end = _meter_x(band[0]), _meter_x(band[1])
    return "".join(
        (
            drawing.rect(4, _METER_MIDDLE - 1, _METER_WIDTH - 8, 2, LINE, "c-all"),
            drawing.rect(start, 2, max(1.0, end - start), 10, BAND, "c-band"),
            drawing.vertical(start, 1, 13, "c-edge"),
            drawing.vertical(end, 1, 13, "c-edge"),
        )
    )


def _bar(stage: Stage, y: float, band: tuple[float, float], chosen: bool) -> list[str]:
    """Label and figure on one line, the bar with its whisker below."""
    fill, kind = (ACCENT, "c-accent") if chosen else (SOFT, "c-soft")
    label = cut(f"{stage.order}  {stage.name}", _LABEL)
    parts = [
        drawing.words(8, y + 14, label, "start", INK, "t b" if chosen else "t"),
        drawing.words(WIDTH - 8, y + 14, numbers.share(stage.rate, stage.cohort, band), "end", INK, "t"),
        drawing.rect(8, y + 22, WIDTH - 16, 1, LINE, "c-all"),
    ]
    if stage.rate is not None:
        length = max(1.5 if stage.rate > 0 else 0.0, _x(stage.rate) - 8)
        parts.append(drawing.rect(8, y + 20, length, 12, fill, kind))
    if stage.rate_low is not None and stage.rate_high is not None and stage.reason != "raw":
        low, high = _x(stage.rate_low), _x(stage.rate_high)
        left, right, top = units(low), units(high), units(y + 22)
        whisker = f"M{left} {top}v8M{left} {units(y + 26)}H{right}M{right} {top}v8"
        parts.append(drawing.stroke(whisker, INK, "c-ink", 1.4))
    return parts


def _coverage_legend(limit: float) -> list[str]:
    """Two lines of two, so that large letters fit."""
    entries = (
        (8, 8, LINE, "c-all", _("leads created that day")),
        (290, 8, SOFT, "c-soft", _("with any event")),
        (8, 30, ACCENT, "c-accent", _("with the raw lead")),
    )
    parts = []
    for x, y, fill, kind, label in entries:
        parts += [drawing.rect(x, y, 12, 12, fill, kind), drawing.words(x + 20, y + 11, label, "start", MUTED, "t m")]
    parts.append(drawing.stroke("M290 36h12", MARK, "c-mark", 2))
    parts.append(
        drawing.words(
            310, 41, _("{share} of that day").format(share=numbers.threshold(limit, "share")), "start", MUTED, "t m"
        )
    )
    return parts


class _Dated(Protocol):
    @property
    def day(self) -> str: ...


_Day = TypeVar("_Day", bound=_Dated)


def _calendar(days: Sequence[_Day], empty: Callable[[str], _Day]) -> Sequence[_Day]:
    """Every calendar day from the first to the last, those that are not there empty; what has no order stays."""
    try:
        dates = [date.fromisoformat(day.day) for day in days]
    except ValueError:
        return days
    if dates and len(dates) == (dates[-1] - dates[0]).days + 1 and all(map(lt, dates, dates[1:])):
        return days
    known = dict(zip(dates, days, strict=True))
    if not dates or dates != sorted(known) or (dates[-1] - dates[0]).days >= _DAYS:
        return days
    every = (dates[0] + timedelta(days=i) for i in range((dates[-1] - dates[0]).days + 1))
    return [known.get(one) or empty(one.isoformat()) for one in every]


def _columns(plane: Plane, figures: Sequence[float], inset: float = 0.0) -> str:
    """One path for a series: a column for each slot that has something, `inset` of its width narrower."""
    wide, bottom = plane.wide, units(plane.bottom)
    across = units(wide * (1 - 2 * inset))
    columns = zip(_slots(plane, len(figures), wide * inset - wide / 2), places(plane.ys(figures)), figures, strict=True)
    return "".join([f"M{x} {bottom}V{y}h{across}V{bottom}z" for x, y, figure in columns if figure > 0])


def _ticks(plane: Plane, figures: Sequence[float]) -> str:
    """A short line across each slot that has a figure, a little wider than its column."""
    wide = plane.wide * 1.12
    across = units(wide)
    ticks = zip(_slots(plane, len(figures), -wide / 2), places(plane.ys(figures)), figures, strict=True)
    return "".join([f"M{x} {y}h{across}" for x, y, figure in ticks if figure > 0])


@lru_cache(maxsize=64)
def _slots(plane: Plane, several: int, start: float) -> list[str]:
    """Places from the left of what stands `start` beside the middle of each slot."""
    return places([x + start for x in plane.xs([i + 0.5 for i in range(several)])])


def _curve(stage: Stage, curve: Sequence[CurvePoint], plane: Plane, label_y: float, chosen: bool) -> list[str]:
    """One step curve from the origin to the end of the follow-up, and its name at the right edge."""
    colour, kind, wide = (ACCENT, "c-accent-line", 2.6) if chosen else (MUTED, "c-muted-line", 1.4)
    path, seen = [f"M{units(plane.x(0))} {units(plane.y(0))}"], units(plane.x(0))
    left, wide_of_day = plane.left, (plane.right - plane.left) / plane.across
    bottom, high_of_one = plane.bottom, (plane.bottom - plane.top) / plane.peak
    for point in _thinned(curve, _POINTS if chosen else _POINTS // 2):
        # as plane.x and plane.y, which a hundred points of a page would call one by one
        across = f"{left + wide_of_day * min(point.day, plane.across):.1f}"
        up = f"{bottom - high_of_one * min(point.share, plane.peak):.1f}"
        path.append(f"V{up}" if across == seen else f"H{across}V{up}")
        seen = across
    right, end = plane.right, plane.y(curve[-1].share)
    stop = plane.x(max(curve[-1].day, FOLLOW_UP))
    leader = f"M{units(stop)} {units(end)}L{units(right + 12)} {units(label_y)}"
    label, look = cut(f"{stage.order} {stage.name}", 15), "t b" if chosen else "t m"
    return [
        drawing.stroke("".join([*path, f"H{units(stop)}"]), colour, kind, wide),
        drawing.stroke(leader, EDGE, "c-edge", 1),
        drawing.words(right + 16, label_y + 4, label, "start", INK if chosen else MUTED, look),
    ]


def _drawn(stages: Sequence[Stage], chosen: str | None) -> list[tuple[Stage, list[CurvePoint]]]:
    """The stages after the raw one that have a curve, the chosen one first, as many as fit."""
    moved = [(stage, _sound(stage.curve)) for stage in stages if stage.reason != "raw"]
    return sorted([pair for pair in moved if pair[1]], key=lambda pair: pair[0].name != chosen)[:_CURVES]


def _late(stage: Stage) -> str:
    name, slowest = cut(stage.name, 60), numbers.days(stage.longest_days, (FOLLOW_UP,))
    if not stage.within_window:
        return _("No lead got to {stage} within {period}: {leads} came later, the slowest after {slowest}.").format(
            stage=name, period=_period(), leads=numbers.count(stage.reached, "lead"), slowest=slowest
        )
    return _(
        "{n} of {leads} got to {stage} later than {period}, beyond this chart; the slowest after {slowest}."
    ).format(
        n=numbers.count(stage.reached - stage.within_window),
        leads=numbers.count(stage.reached, "lead"),
        stage=name,
        period=_period(),
        slowest=slowest,
    )


def _period() -> str:
    return numbers.threshold(FOLLOW_UP, "days")


def _sound(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """The points that can be drawn."""
    if isfinite(sum([point.day + point.share for point in curve])):
        return list(curve)
    return list(filter(_is_sound, curve))


def _is_sound(point: CurvePoint) -> bool:
    return isfinite(point.day) and isfinite(point.share)


def _thinned(points: Sequence[CurvePoint], most: int = _POINTS) -> list[CurvePoint]:
    """At most so many points that a screen can tell apart, the last one always among them."""
    stride = max(1, -(-len(points) // most))
    kept = list(points[::stride])
    if kept and kept[-1] is not points[-1]:
        kept.append(points[-1])
    return kept


def _dates(days: Sequence[str], x: Callable[[int], float], bottom: float) -> list[str]:
    """At most five dates, far enough apart for large letters: the first, the last and some between."""
    wanted = min(5, len(days))
    places = sorted({round(i * (len(days) - 1) / max(1, wanted - 1)) for i in range(wanted)})
    shown: list[int] = []
    for place in places:
        if not shown or x(place) - x(shown[-1]) >= 110:
            shown.append(place)
    anchors = {i: "end" if x(i) > WIDTH - 46 else "middle" for i in shown}
    return [drawing.words(x(i), bottom + 20, _short(days[i]), anchors[i], MUTED, "t m") for i in shown]


def _short(day: str) -> str:
    """2026-11-03 -> "3 Nov", as the present language writes it; what is no date stays as it is, cut."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return cut(day, 10)
    if not language.current().is_english:
        from babel.dates import format_date

        return format_date(parsed, "d MMM", locale=language.current().key)
    return f"{parsed.day} {_MONTHS[parsed.month - 1]}"


def _month_of(month: str, *, long: bool = False) -> str:
    """2026-10 -> "Oct", or "Oct 2026", as the present language writes it."""
    try:
        parsed = date.fromisoformat(f"{month}-01")
    except ValueError:
        return cut(month, 10)
    if not language.current().is_english:
        from babel.dates import format_date

        return format_date(parsed, "LLL y" if long else "LLL", locale=language.current().key)
    return f"{_MONTHS[parsed.month - 1]} {parsed.year}" if long else _MONTHS[parsed.month - 1]


def _day_ticks(limit: float, across: float) -> list[float]:
    """Quarters of the window, or halves where the axis is longer."""
    step = limit / 4 if across <= limit * 1.7 else limit / 2
    return [step * i for i in range(int(across / step + 1e-9) + 1)]


def _spread(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Places near the wanted ones, `gap` apart, inside top and bottom where they fit."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    edge = top - gap
    for i in order:
        edge = placed[i] = max(wanted[i], edge + gap)
    floor = bottom + gap
    for i in reversed(order):
        floor = placed[i] = min(placed[i], floor - gap)
    return placed


def _x(share: float) -> float:
    """A share on the funnel's scale of 0 to 100 %."""
    return 8 + (WIDTH - 16) * min(max(share, 0.0), 1.0)
