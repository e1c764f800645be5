"""A run for the terminal: one line an advertiser, worst first."""

from __future__ import annotations

from collections.abc import Sequence

from funnelcheck import language, numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Actor
from funnelcheck.render.changes import row_name, verdict_word, verdicts_told
from funnelcheck.reported import AccessMeter, Action, AdvertiserResult, Run, Verdict

_ORDER = list(Verdict)
_WIDEST = 40
_SHORT = 40


def render(run: Run) -> str:
    """The totals, then a line for each advertiser: verdict, step, what blocks it, who must act."""
    results = sorted(run.advertisers, key=_place)
    lines = [_head(run)]
    if not results:
        lines.append(_("No advertiser has a record or a lead up to this day."))
    widths = (
        max((len(row_name(result.key, _WIDEST)) for result in results), default=0),
        max(len(verdict_word(verdict)) for verdict in _ORDER),
    )
    lines += [_line(result, *widths) for result in results]
    if run.access is not None and run.access.from_log:
        lines.append(_("Access: {facts}.").format(facts=numbers.series(_access(run.access))))
    lines += [_("Note: {hint}").format(hint=hint) for hint in run.hints]
    return "\n".join(map(numbers.visible, lines)) + "\n"


def _place(result: AdvertiserResult) -> tuple[int, bool, int, str, str]:
    """The worst first; what has no steps after what has."""
    return _ORDER.index(result.verdict), result.step is None, result.step or 0, *result.key


def _access(meter: AccessMeter) -> list[str]:
    """Successes, when they are enough, errors, and calls that should not have been made; by the call log."""
    parts = [
        _("{calls} in 15 days, {needed} needed").format(
            calls=numbers.count(meter.successes, "successful call"), needed=numbers.count(meter.min_calls)
        ),
        _when_enough(meter),
        _("{share} failed, less than {limit} is asked for").format(
            share=numbers.share(meter.error_share, meter.error_calls, (meter.max_error_share,)),
            limit=numbers.threshold(meter.max_error_share, "share"),
        ),
    ]
    if meter.repeated_calls:
        parts.append(_("{calls} too soon after a limit").format(calls=numbers.count(meter.repeated_calls, "call")))
    return parts


def _when_enough(meter: AccessMeter) -> str:
    if meter.reached_at is not None:
        return _("reached on {day}").format(day=numbers.date_of(meter.reached_at))
    if meter.expected_at is not None:
        return _("at this pace reached on {day}").format(day=numbers.date_of(meter.expected_at))
    return _("at this pace not reached")


def acts(actor: Actor) -> str:
    """Who acts, within a line."""
    return {
        Actor.ADVERTISER: _("advertiser acts"),
        Actor.PARTNER: _("partner acts"),
        Actor.META: _("meta acts"),
    }[actor]


def _head(run: Run) -> str:
    apps = [result for result in run.advertisers if result.channel == "app"]
    others = [result for result in run.advertisers if result.channel != "app"]
    of_apps = numbers.labelled(_("App Events"), _totals(apps))
    head = _("{advertisers} as of {instant}, guide {guide}: {totals}").format(
        advertisers=numbers.count(len({result.advertiser_id for result in run.advertisers}), "advertiser"),
        instant=numbers.instant(run.as_of),
        guide=run.guide.key,
        totals=_totals(others) if others or not apps else of_apps,
    )
    histories = sum(result.channel == "history" for result in run.advertisers)
    if histories:
        more = ngettext(
            "({n} of them from a CRM history, not sent)", "({n} of them from a CRM history, not sent)", histories
        )
        head = f"{head} {more.format(n=numbers.count(histories))}"
    return numbers.series([head, of_apps]) if apps and others else head


def _totals(results: Sequence[AdvertiserResult]) -> str:
    return ", ".join(verdicts_told(verdict, sum(one.verdict is verdict for one in results)) for verdict in _ORDER)


def _line(result: AdvertiserResult, width: int, word_width: int) -> str:
    step = _("no steps") if result.step is None else _("step {n}").format(n=numbers.count(result.step))
    name, word = row_name(result.key, _WIDEST), verdict_word(result.verdict)
    return f"{name:<{width}}  {word:<{word_width}}  {step}  {_reason(result)}"


def _reason(result: AdvertiserResult) -> str:
    if not result.actions:
        return ""
    first = result.actions[0]
    if not first.blocks:
        return f"{first.title} ({acts(first.acts)})"
    more = sum(action.blocks for action in result.actions) - 1
    tail = [_("{n} more to do").format(n=numbers.count(more))] if more else []
    return f"{first.code} {first.message}{_hope(first, result)} ({numbers.series([acts(first.acts), *tail])})"


def _hope(first: Action, result: AdvertiserResult) -> str:
    """What the first action unlocks, and when the days of data will be there at the present pace; short."""
    wait = next((one for one in result.clock if one.code == first.code == "DAT003"), None)
    if wait:
        day = language.day(wait.date) if wait.date else ""
        return "" if day in first.message else " " + _("At this pace on {day}.").format(day=day)
    return f" {first.unlocks}" if first.unlocks and len(first.unlocks) <= _SHORT else ""
