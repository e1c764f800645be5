"""One advertiser: what its page tells, from the verdict to how it was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.model import (
    Action,
    AdvertiserResult,
    Coverage,
    Finding,
    JourneyStep,
    Run,
    Severity,
    Stage,
    Status,
    Step,
    StuckCause,
)
from funnelcheck.render import charts
from funnelcheck.render.html.environment import figure, markup
from funnelcheck.render.html.vocabulary import area_place, areas, verdicts

STAGES, SOURCES, DATASETS, DAYS = 60, 40, 40, 400
WAIVERS_SHOWN = 40
FOLLOW_UP = numbers.threshold(charts.FOLLOW_UP, "days")
OPEN_DAYS = 3  # a window of leads that ends earlier than that is dated on the page
EPOCH = date(1970, 1, 1).toordinal()


class Area(NamedTuple):
    """The findings of one area of rules, worst first."""

    key: str
    title: str
    findings: tuple[Finding, ...]
    counts: tuple[tuple[str, int], ...]

    @property
    def quiet(self) -> bool:
        """Nothing but passes: folded on the page."""
        return all(finding.status is Status.PASS for finding in self.findings)


class Limits(NamedTuple):
    """The guide's numbers that the charts draw, as the findings carry them."""

    band: tuple[float, float]
    coverage: float
    window: float


def todo(result: AdvertiserResult) -> list[Action]:
    """What to do, what blocks first; otherwise in the verdict's own order."""
    return sorted(result.actions, key=lambda action: not action.blocks)


def context(run: Run, result: AdvertiserResult) -> dict[str, Any]:
    drawn = limits(result)
    actions, stages = todo(result), result.stages[:STAGES]
    return {
        "result": result,
        "is_history": result.channel == "history",
        "log": "history" if result.channel == "history" else "log",
        "limits": drawn,
        "todo": actions,
        "journey": result.journey or _undated(run, result),
        "next_action": actions[0] if actions else None,
        "blockers": _blockers(result),
        "by_code": {finding.code: finding for finding in result.findings},
        "stages": stages,
        "areas": _areas(result.findings),
        "counts": Counter(str(finding.status) for finding in result.findings),
        "svg": _charts(result, stages, drawn),
        "late": charts.late(stages, result.optimisation_stage),
        "untold": _untold(run, result),
        "covered_until": _covered_until(run, result.coverage),
        "current_step": next((step for step in run.guide.steps if step.number == result.step), None),
    }


def _undated(run: Run, result: AdvertiserResult) -> tuple[JourneyStep, ...]:
    """The guide's steps where no date of any is known."""

    def state(step: Step) -> str:
        return "done" if step.number < result.step else "now" if step.number == result.step else "later"

    return tuple(JourneyStep(step, state(step)) for step in run.guide.steps)


def spent(entry: JourneyStep) -> str:
    """How long a step took, or takes so far; nothing where it is not known."""
    if entry.days is None:
        return ""
    bound = {"earliest": "at most ", "latest": "at least "}.get(entry.entered_by or "", "")
    begun = "so far " if entry.state == "now" else "took "
    return f"{begun}{bound}{numbers.days(entry.days) if entry.days else 'less than a second'}"


def since(entry: JourneyStep) -> str:
    """The day on which a step was entered."""
    if entry.entered_at is None:
        return numbers.unknown() if entry.state != "later" else f"{numbers.DASH} ahead"
    day = numbers.date_of(entry.entered_at)
    return {"earliest": f"{day} at the earliest", "latest": f"{day} at the latest"}.get(entry.entered_by or "", day)


def shown(step: Step) -> Any:
    """The labels of Events Manager at a step, English and French."""
    from markupsafe import Markup, escape

    labels = [
        Markup('<span lang="{}">“{}”</span>').format(language, Markup("” / “").join(map(escape, texts)))
        for language, texts in step.shows.items()
    ]
    where = escape(f" ({step.where})" if step.where else "")
    return Markup(", ").join(labels) + where if labels else figure(numbers.nothing())


def cause_badge(cause: StuckCause) -> Any:
    key = {"pass": "pass", "fail": "fail"}.get(cause.state, "not_evaluable")
    words = {"pass": "Passes", "fail": "Fails"}.get(cause.state, "Cannot tell")
    return markup(f'<span class="b b-{key}">{words}</span>')


def _charts(result: AdvertiserResult, stages: Sequence[Stage], limits: Limits) -> dict[str, Any]:
    chosen = result.optimisation_stage
    days = result.coverage.days[-DAYS:]
    drawn = {
        "funnel": charts.funnel(stages, limits.band, chosen=chosen) if stages else "",
        "coverage": charts.coverage(days, limits.coverage) if any(d.eligible for d in days) else "",
        "curves": charts.curves(stages, limits.window, chosen=chosen) if any(s.curve for s in stages) else "",
    }
    return {name: markup(svg) for name, svg in drawn.items()}


def _untold(run: Run, result: AdvertiserResult) -> set[int]:
    """Steps behind the advertiser that nothing confirms: whether the dataset is a CRM one; of a history, all."""
    if result.channel == "history":
        return {step.number for step in run.guide.steps if step.number < result.step}
    if all(finding.code != "DAT001" or finding.status is not Status.NOT_EVALUABLE for finding in result.findings):
        return set()
    return {step.number for step in run.guide.steps if step.key == "create-dataset" and step.number < result.step}


def _covered_until(run: Run, coverage: Coverage) -> str:
    """The last day that coverage speaks of, where that is not the present."""
    try:
        last = date.fromisoformat(coverage.days[-1].day) if coverage.days else None
    except ValueError:
        last = None
    old = last is not None and run.as_of // numbers.DAY + EPOCH - last.toordinal() > OPEN_DAYS
    return f"leads up to {last}" if old else ""


def _blockers(result: AdvertiserResult) -> list[tuple[str, Finding | None]]:
    by_code = {finding.code: finding for finding in result.findings}
    return [(code, by_code.get(code)) for code in result.blocked_by]


def _areas(findings: Sequence[Finding]) -> list[Area]:
    """Areas in their order, unknown ones after them; in each the worst first."""
    worst = {status: place for place, status in enumerate(Status)}
    weight = {severity: place for place, severity in enumerate(Severity)}
    keys = sorted({finding.area for finding in findings}, key=lambda key: (area_place(key), key))
    titles = areas()
    grouped = []
    for key in keys:
        inside = [finding for finding in findings if finding.area == key]
        inside.sort(key=lambda f: (worst[f.status], weight[f.severity], f.code))
        counted = Counter(str(finding.status) for finding in inside)
        counts = tuple((str(status), counted[status]) for status in Status if counted[status])
        grouped.append(Area(key, titles.get(key, key), tuple(inside), counts))
    return grouped


def limits(result: AdvertiserResult) -> Limits:
    """From the findings, so that a configured threshold is the one drawn; the guide's own numbers without."""
    asked = {finding.code: finding.threshold for finding in result.findings}
    band, coverage, window = asked.get("FUN006"), asked.get("COV001"), asked.get("FUN007")
    return Limits(
        (band[0], band[1]) if isinstance(band, Sequence) and len(band) == 2 else (0.01, 0.4),
        coverage if isinstance(coverage, int | float) else 0.6,
        window if isinstance(window, int | float) and window > 0 else 28.0,
    )


def why_not(stage: Stage, limits: Limits) -> str:
    """In words why a stage cannot be optimised for."""
    low, high = (numbers.threshold(one, "share") for one in limits.band)
    words = {
        "raw": "It is the raw lead, where the count starts.",
        "negative": "Its name says that the lead is lost.",
        "too-rare": f"Fewer than {low} of leads get here.",
        "too-common": f"More than {high} of leads get here.",
        "too-slow": f"More than one lead in ten takes longer than {numbers.threshold(limits.window, 'days')}.",
        "undecided": "Cannot be told yet: its leads are too few or too young.",
    }
    return words.get(stage.reason or "", stage.reason or "")


def after_verdict(result: AdvertiserResult) -> str:
    """The summary without the verdict's own word, which stands before it as a badge."""
    label, summary = verdicts()[result.verdict], result.summary
    rest = summary[len(label) :].lstrip(":.,;– ") if summary.casefold().startswith(label.casefold()) else summary
    return rest[:1].upper() + rest[1:]


def matured(stage: Stage) -> str:
    """How much of a stage's cohort a rate can rest on."""
    if not stage.cohort:
        return "No lead of the list falls into the period judged."
    share = numbers.percent(stage.mature / stage.cohort)
    return f"{share} of these {numbers.count(stage.cohort, 'lead')} have had their {FOLLOW_UP}."


def settling(finding: Finding) -> str:
    """What would settle an undecided rate, and how sure a passing one is."""
    if finding.leads_to_settle is not None:
        more = numbers.count(finding.leads_to_settle, "more lead")
        return f"About {more} with {FOLLOW_UP} behind them would settle it."
    if finding.certain is False:
        return "Not certain: the 95 % interval reaches beyond a limit."
    return "Certain: the whole 95 % interval is in range." if finding.certain else ""


def settled_by(stage: Stage) -> str:
    """When an undecided stage can be told, where that can be foreseen."""
    if stage.settles_on is None or not stage.leads_to_settle:
        return ""
    more = numbers.count(stage.leads_to_settle, "more lead")
    return f"About {more} with {FOLLOW_UP} behind them settle it: on {stage.settles_on} at this pace."


def coverage_note(coverage: Coverage, result: AdvertiserResult) -> str:
    """Why there is no coverage, or less than one would expect."""
    if result.channel == "history":
        return "Nothing was sent, so no lead is covered by an event yet."
    counted = next((finding for finding in result.findings if finding.code == "COV002" and finding.n), None)
    if coverage.eligible is None and counted is not None:
        return f"Only daily counts of leads were given, which do not tell which leads have events. {counted.message}"
    if coverage.eligible is None:
        return "No lead list was given, so coverage cannot be worked out. Load the leads that Meta delivered."
    if result.list_is_stale:
        end = numbers.instant(result.list_end)
        return f"The lead list ends on {end}, the events go on: coverage stops there. Load a newer list."
    if coverage.eligible == 0:
        return "No lead of the list was created in the period that coverage looks at."
    return ""


def meter(stage: Stage, limits: Limits) -> Any:
    uid = f"rate-{stage.order}"
    drawn = charts.meter(stage.rate, stage.rate_low, stage.rate_high, limits.band, uid, f"Rate of {stage.name}")
    return markup(drawn)


def gauge(value: float | None, limit: float, uid: str, name: str) -> Any:
    return markup(charts.meter(value, None, None, (limit, 1.0), uid, name))


def stage_rate(result: AdvertiserResult, limits: Limits) -> str:
    """The optimisation stage's rate, as the head of the page tells it."""
    stage = next((one for one in result.stages if one.name == result.optimisation_stage), None)
    return numbers.share(stage.rate, stage.cohort, limits.band) if stage else ""
