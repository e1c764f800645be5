"""Attributed installs side by side in a format of its own; another format is another module, comparison_<name>."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from funnelcheck import numbers
from funnelcheck.language import _, ngettext

if TYPE_CHECKING:
    from funnelcheck.appevents.discrepancies import Comparison
    from funnelcheck.appfigures import Discrepancy, Installs, InstallSide

FORMATS = ("text", "json", "csv", "markdown")


def rendered(name: str, comparison: Comparison) -> str:
    """One format's text, in the present language."""
    told: str = import_module(f"funnelcheck.render.comparison_{name}").render(comparison)
    return told


def gap_of(one: Installs, found: Discrepancy) -> tuple[int | None, float | None]:
    """Difference and share of some installs; None where nothing is compared."""
    if found.reason is not None or not one.is_compared:
        return None, None
    return one.difference, one.share


def cells(one: Installs, found: Discrepancy, max_gap: float) -> tuple[str, str, str, str]:
    """Meta's installs, the measurement partner's, the difference and its share, as a reader sees them."""
    difference, share = gap_of(one, found)
    return (
        numbers.count(one.meta),
        numbers.count(one.mmp),
        numbers.DASH if difference is None else _signed(difference),
        numbers.DASH if share is None else numbers.gap(share, (max_gap,)),
    )


def _signed(difference: int) -> str:
    sign = "+" if difference > 0 else "\u2212" if difference < 0 else ""
    return f"{sign}{numbers.count(abs(difference))}"


def columns() -> tuple[str, ...]:
    """The heads of a table of days."""
    return (_("day"), _("platform"), _("Meta"), _("measurement partner"), _("difference"), _("share"))


def platform_of(one: Installs) -> str:
    """Android, iOS, or a dash where it is not told."""
    return {"ios": "iOS", "android": "Android", None: numbers.DASH}[one.platform]


def table(found: Discrepancy, max_gap: float) -> list[tuple[str, ...]]:
    """Every day and platform, then the totals of the days that are compared."""
    rows = [
        (numbers.date(one.day), platform_of(one), *cells(one, found, max_gap))
        if one.is_compared
        else (numbers.date(one.day), platform_of(one), *cells(one, found, max_gap)[:3], _("not compared"))
        for one in found.days
    ]
    rows += [(_("total"), platform_of(one), *cells(one, found, max_gap)) for one in found.platforms]
    return [*rows, (_("total"), _("all"), *cells(found.total, found, max_gap))]


def head(comparison: Comparison) -> str:
    """What is compared, and what counts as a gap."""
    return _("Installs attributed to Meta, of {advertisers}, as of {instant}; a gap is more than {gap}.").format(
        advertisers=numbers.count(len(comparison.advertisers), "advertiser"),
        instant=numbers.instant(comparison.as_of),
        gap=numbers.threshold(comparison.max_gap, "share"),
    )


def hints(comparison: Comparison) -> list[str]:
    """What a reader should know of all of them."""
    if not comparison.nameless:
        return []
    told = ngettext(
        "{n} row names no advertiser: it is compared as (unnamed). Name its owner with --advertiser.",
        "{n} rows name no advertiser: they are compared together as (unnamed). Name their owner with --advertiser.",
        comparison.nameless,
    )
    return [told.format(n=numbers.count(comparison.nameless))]


def sides(found: Discrepancy) -> list[str]:
    """What each side counts, by which day, and what its table holds."""
    told = [
        numbers.labelled(name, numbers.series([_stated(side), _held(side)]))
        for name, side in ((_("Meta"), found.meta), (_("Measurement partner"), found.mmp))
        if side is not None
    ]
    return [*told, _("Days are those of {zone}.").format(zone=found.time_zone)]


def _stated(side: InstallSide) -> str:
    if side.click_days is None or side.view_days is None:
        windows = _("windows not stated")
    else:
        windows = _("{click} after a click and {view} after a view").format(
            click=numbers.days(side.click_days), view=numbers.days(side.view_days)
        )
    basis = {
        "install": _("by the day of the install"),
        "touch": _("by the day of the click or view"),
        None: _("date not stated, shown by the day of the install"),
    }[side.date_basis]
    return f"{windows}, {basis}"


def _held(side: InstallSide) -> str:
    if side.first_day is None or side.last_day is None:
        return _("no installs")
    told = ngettext(
        "{n} install attributed to Meta in a table of {first} to {last}",
        "{n} installs attributed to Meta in a table of {first} to {last}",
        side.installs,
    )
    return told.format(
        n=numbers.count(side.installs), first=numbers.date(side.first_day), last=numbers.date(side.last_day)
    )


def outcome(found: Discrepancy, max_gap: float) -> str:
    """What the comparison came to, in one sentence."""
    if found.reason is not None:
        return _("Not comparable: {why}").format(why=found.why)
    total = found.total
    template = (
        _("From {first} to {last} Meta has {meta} installs and the measurement partner {mmp}: {share}.")
        if total.share is not None
        else _("From {first} to {last} Meta has {meta} installs and the measurement partner none.")
    )
    return template.format(
        first=numbers.date(found.first_day),
        last=numbers.date(found.last_day),
        meta=numbers.count(total.meta),
        mmp=numbers.count(total.mmp),
        share=numbers.gap(total.share, (max_gap,)),
    )


def states() -> dict[str, str]:
    """How an answer of the checklist is introduced."""
    return {"cause": _("Look here"), "clear": _("Checked"), "person": _("For a person to answer")}
