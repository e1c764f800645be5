"""A run for the terminal: one line an advertiser, worst first."""

from __future__ import annotations

from funnelcheck import numbers
from funnelcheck.model import AccessMeter, Action, AdvertiserResult, Run, Verdict

_WORDS = {Verdict.NOT_READY: "not ready", Verdict.UNDECIDED: "undecided", Verdict.READY: "ready"}
_ORDER = list(Verdict)
_WIDEST = 40
_SHORT = 40


def render(run: Run) -> str:
    """The totals, then a line for each advertiser: verdict, step, what blocks it, who must act."""
    results = sorted(run.advertisers, key=lambda r: (_ORDER.index(r.verdict), r.step, r.advertiser_id))
    lines = [_head(run)]
    if not results:
        lines.append("No advertiser has a record or a lead up to this day.")
    width = max((len(_name(result)) for result in results), default=0)
    lines += [_line(result, width) for result in results]
    if run.access is not None and run.access.from_log:
        lines.append(f"Access: {'; '.join(_access(run.access))}.")
    lines += [f"Note: {hint}" for hint in run.hints]
    return "\n".join(lines) + "\n"


def _access(meter: AccessMeter) -> list[str]:
    """Successes, when they are enough, errors, and calls that should not have been made; by the call log."""
    needed = numbers.count(meter.min_calls)
    parts = [
        f"{numbers.count(meter.successes, 'successful call')} in 15 days, {needed} needed",
        _when_enough(meter),
        f"{numbers.share(meter.error_share, meter.error_calls, (meter.max_error_share,))} failed, less than "
        f"{numbers.threshold(meter.max_error_share, 'share')} is asked for",
    ]
    if meter.repeated_calls:
        parts.append(f"{numbers.count(meter.repeated_calls, 'call')} too soon after a limit")
    return parts


def _when_enough(meter: AccessMeter) -> str:
    if meter.reached_at is not None:
        return f"reached on {numbers.date_of(meter.reached_at)}"
    if meter.expected_at is not None:
        return f"at this pace reached on {numbers.date_of(meter.expected_at)}"
    return "at this pace not reached"


def _head(run: Run) -> str:
    totals = ", ".join(
        f"{sum(result.verdict is verdict for result in run.advertisers)} {_WORDS[verdict]}" for verdict in _ORDER
    )
    advertisers = numbers.count(len({result.advertiser_id for result in run.advertisers}), "advertiser")
    histories = sum(result.channel == "history" for result in run.advertisers)
    told = f" ({histories:,} of them from a CRM history, not sent)" if histories else ""
    return f"{advertisers} as of {numbers.instant(run.as_of)}, guide {run.guide.key}: {totals}{told}"


def _line(result: AdvertiserResult, width: int) -> str:
    return f"{_name(result):<{width}}  {_WORDS[result.verdict]:<9}  step {result.step}  {_reason(result)}"


def _reason(result: AdvertiserResult) -> str:
    if not result.actions:
        return ""
    first = result.actions[0]
    if not first.blocks:
        return f"{first.title} ({first.acts} acts)"
    more = sum(action.blocks for action in result.actions) - 1
    tail = f"; {more} more to do" if more else ""
    return f"{first.code} {first.message}{_hope(first, result)} ({first.acts} acts{tail})"


def _hope(first: Action, result: AdvertiserResult) -> str:
    """What the first action unlocks, and when the days of data will be there at the present pace; short."""
    wait = next((one for one in result.clock if one.code == first.code == "DAT003"), None)
    if wait:
        return f" At this pace on {wait.date}." if wait.date and wait.date not in first.message else ""
    return f" {first.unlocks}" if first.unlocks and len(first.unlocks) <= _SHORT else ""


def _name(result: AdvertiserResult) -> str:
    name = numbers.cut(numbers.visible(result.advertiser_id), _WIDEST)
    return f"{name} (CRM history)" if result.channel == "history" else name
