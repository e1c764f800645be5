"""One advertiser: what its page tells, from the verdict to how it was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import escape

from funnelcheck import language, numbers
from funnelcheck.language import _
from funnelcheck.model import Finding, Severity, Status, Step
from funnelcheck.render import charts, vocabulary
from funnelcheck.render.html import findings_table, freshness, pieces, tables
from funnelcheck.render.html.environment import figure, markup
from funnelcheck.render.vocabulary import area_place, verdicts
from funnelcheck.reported import Action, AdvertiserResult, Coverage, CoverageDay, JourneyStep, Run, Stage, StuckCause

STAGES, SOURCES, DATASETS, DAYS = 60, 40, 40, 400
WAIVERS_SHOWN = 40
OPEN_DAYS = 3  # a window of leads that ends earlier than that is dated on the page
EPOCH = date(1970, 1, 1).toordinal()


def follow_up() -> str:
    """The days in which a lead counts as converted, in words."""
    return numbers.threshold(charts.FOLLOW_UP, "days")


class Area(NamedTuple):
    """The findings of one area of rules, worst first."""

    key: str
    title: str
    findings: tuple[Finding, ...]  # that ask for something, or tell of something that is missing
    folded: tuple[Finding, ...]  # that ask for nothing
    counts: tuple[tuple[str, int], ...]


Threshold = float | Sequence[float] | None


class Limits(NamedTuple):
    """The guide's numbers that the charts draw, as the findings carry them."""

    band: tuple[float, float]
    coverage: float
    window: float

    @classmethod
    def of(cls, band: Threshold, coverage: Threshold, window: Threshold) -> Limits:
        """Of thresholds, so that a configured one is the one drawn; the guide's own numbers where there is none."""
        return cls(
            (band[0], band[1]) if isinstance(band, Sequence) and len(band) == 2 else (0.01, 0.4),
            coverage if isinstance(coverage, int | float) else 0.6,
            window if isinstance(window, int | float) and window > 0 else charts.FOLLOW_UP,
        )


class Charts(NamedTuple):
    """The drawings of a page; one that has nothing to show is empty."""

    funnel: Any
    coverage: Any
    curves: Any
    ages: Any


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
        "acts_now": actions[0].acts if actions and actions[0].blocks else None,
        "blockers": _blockers(result),
        "stages": stages,
        "areas": areas(result.findings),
        "counts": Counter(str(finding.status) for finding in result.findings),
        "svg": _charts(result, stages, drawn),
        "late": charts.late(stages, chosen_stage(result)),
        "time_limit": numbers.threshold(drawn.window, "days"),
        "curve": curve_rows(result, drawn),
        "way": way(result),
        "fresh": freshness.context(result),
        "area_rows": findings_table.area_rows,
        "way_rows": tables.way_rows,
        "untold": _untold(run, result),
        "covered_until": covered_until(run, result.coverage),
        "current_step": next((step for step in run.guide.steps if step.number == result.step), None),
    }


def _undated(run: Run, result: AdvertiserResult) -> tuple[JourneyStep, ...]:
    """The guide's steps where no date of any is known."""
    now = result.step or 0

    def state(step: Step) -> str:
        return "done" if step.number < now else "now" if step.number == now else "later"

    return tuple(JourneyStep(step, state(step)) for step in run.guide.steps)


def spent(entry: JourneyStep) -> str:
    """How long a step took, or takes so far; nothing where it is not known."""
    if entry.days is None:
        return ""
    days = numbers.days(entry.days) if entry.days else _("less than a second")
    if entry.state == "now":
        told = {"earliest": _("so far at most {days}"), "latest": _("so far at least {days}")}
        return told.get(entry.entered_by or "", _("so far {days}")).format(days=days)
    told = {"earliest": _("took at most {days}"), "latest": _("took at least {days}")}
    return told.get(entry.entered_by or "", _("took {days}")).format(days=days)


def since(entry: JourneyStep) -> str:
    """The day on which a step was entered."""
    if entry.entered_at is None:
        return numbers.unknown() if entry.state != "later" else _("– ahead")
    day = numbers.date_of(entry.entered_at)
    told = {"earliest": _("{day} at the earliest"), "latest": _("{day} at the latest")}
    return told.get(entry.entered_by or "", "{day}").format(day=day)


def shown(step: Step) -> Any:
    """The labels of Events Manager at a step, English and French."""
    return _shown(tuple(step.shows.items()), step.where, language.current().key)


@lru_cache(maxsize=256)
def _shown(shows: tuple[tuple[str, tuple[str, ...]], ...], place: str | None, key: str) -> Any:
    """One entry serves one language: `key` is that of the present one."""
    quotes = _("“{text}”")
    labels = [
        f'<span lang="{escape(spoken)}">{escape(" / ".join(quotes.format(text=text) for text in texts))}</span>'
        for spoken, texts in shows
    ]
    where = escape(f" ({place})" if place else "")
    return markup(", ".join(labels)) + where if labels else figure(numbers.nothing())


def cause_badge(cause: StuckCause) -> Any:
    """Whether a cause for being stuck holds."""
    words = {"pass": _("Passes"), "fail": _("Fails")}
    key = cause.state if cause.state in words else "not_evaluable"
    return pieces.badge(key, words.get(key, _("Cannot tell")))


def _charts(result: AdvertiserResult, stages: Sequence[Stage], limits: Limits) -> Charts:
    chosen = chosen_stage(result)
    days, fresh = result.coverage.days[-DAYS:], result.freshness
    return Charts(
        funnel=markup(charts.funnel(stages, limits.band, chosen=result.optimisation_stage) if stages else ""),
        coverage=markup(charts.coverage(days, limits.coverage) if any(d.eligible for d in days) else ""),
        curves=markup(charts.curves(stages, limits.window, chosen=chosen) if any(s.curve for s in stages) else ""),
        ages=markup(charts.ages(fresh.total) if fresh and fresh.total.events else ""),
    )


def _untold(run: Run, result: AdvertiserResult) -> set[int]:
    """Steps behind the advertiser that nothing confirms: whether the dataset is a CRM one; of a history, all."""
    behind = {step.number: step.key for step in run.guide.steps if step.number < (result.step or 0)}
    if result.channel == "history":
        return set(behind)
    if all(finding.code != "DAT001" or finding.status is not Status.NOT_EVALUABLE for finding in result.findings):
        return set()
    return {number for number, key in behind.items() if key == "create-dataset"}


def covered_until(run: Run, coverage: Coverage) -> str:
    """The last day that coverage speaks of, where that is not the present."""
    try:
        last = date.fromisoformat(coverage.days[-1].day) if coverage.days else None
    except ValueError:
        last = None
    old = last is not None and run.as_of // numbers.DAY + EPOCH - last.toordinal() > OPEN_DAYS
    return _("leads up to {day}").format(day=numbers.date(last.isoformat())) if old and last else ""


def _blockers(result: AdvertiserResult) -> list[tuple[str, Finding | None]]:
    by_code = {finding.code: finding for finding in result.findings}
    return [(code, by_code.get(code)) for code in result.blocked_by]


def areas(findings: Sequence[Finding]) -> list[Area]:
    """Areas in their order, unknown ones after them; in each the worst first."""
    worst = {status: place for place, status in enumerate(Status)}
    weight = {severity: place for place, severity in enumerate(Severity)}
    by_area: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: (worst[f.status], weight[f.severity], f.code)):
        by_area.setdefault(finding.area, []).append(finding)
    titles = vocabulary.areas()
    grouped = []
    for key in sorted(by_area, key=lambda key: (area_place(key), key)):
        told: list[Finding] = []
        folded: list[Finding] = []
        for finding in by_area[key]:
            (folded if _asks_nothing(finding) else told).append(finding)
        counted = Counter(finding.status for finding in by_area[key])
        counts = tuple((str(status), counted[status]) for status in Status if status in counted)
        grouped.append(Area(key, titles.get(key, key), tuple(told), tuple(folded), counts))
    return grouped


def _asks_nothing(finding: Finding) -> bool:
    """What passes, and what is a note that cannot be made."""
    note = finding.severity is Severity.INFORMATIONAL and finding.status is Status.NOT_EVALUABLE
    return finding.status is Status.PASS or note


def limits(result: AdvertiserResult) -> Limits:
    """What the charts of an advertiser draw."""
    asked = {finding.code: finding.threshold for finding in result.findings}
    return Limits.of(asked.get("FUN006"), asked.get("COV001"), asked.get("FUN007"))


def why_not(stage: Stage, limits: Limits) -> str:
    """In words why a stage cannot be optimised for."""
    low, high = (numbers.threshold(one, "share") for one in limits.band)
    words = {
        "raw": _("It is the raw lead, where the count starts."),
        "negative": _("Its name says that the lead is lost."),
        "too-rare": _("Fewer than {low} of leads get here.").format(low=low),
        "too-common": _("More than {high} of leads get here.").format(high=high),
        "too-slow": _("More than one lead in ten takes longer than {window}.").format(
            window=numbers.threshold(limits.window, "days")
        ),
        "undecided": _("Cannot be told yet: its leads are too few or too young."),
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
        return _("No lead of the list falls into the period judged.")
    return _("{share} of these {leads} have had their {period}.").format(
        share=numbers.percent(stage.mature / stage.cohort),
        leads=numbers.count(stage.cohort, "lead"),
        period=follow_up(),
    )


def settled_by(stage: Stage) -> str:
    """When an undecided stage can be told, where that can be foreseen."""
    if stage.settles_on is None or not stage.leads_to_settle:
        return ""
    return _("About {leads} with {period} behind them settle it: on {day} at this pace.").format(
        leads=numbers.count(stage.leads_to_settle, "more lead"),
        period=follow_up(),
        day=numbers.date(stage.settles_on),
    )


def coverage_note(coverage: Coverage, result: AdvertiserResult) -> str:
    """Why there is no coverage, or less than one would expect."""
    if result.channel == "history":
        return _("Nothing was sent, so no lead is covered by an event yet.")
    counted = next((finding for finding in result.findings if finding.code == "COV002" and finding.n), None)
    if coverage.eligible is None and counted is not None:
        told = _("Only daily counts of leads were given, which do not tell which leads have events. {message}")
        return told.format(message=counted.message)
    if coverage.eligible is None:
        return _("No lead list was given, so coverage cannot be worked out. Load the leads that Meta delivered.")
    if result.list_is_stale:
        told = _("The lead list ends on {end}, the events go on: coverage stops there. Load a newer list.")
        return told.format(end=numbers.instant(result.list_end))
    if coverage.eligible == 0:
        return _("No lead of the list was created in the period that coverage looks at.")
    return ""


class Leg(NamedTuple):
    """One station of the way of the leads: what, how many, their share of those generated, what is missing."""

    what: str
    leads: str
    share: str
    lacking: str


def way(result: AdvertiserResult) -> list[Leg]:
    """From the leads generated to the later stages, and the other way round."""
    days = result.coverage.days
    eligible, covered = result.coverage.eligible or 0, result.coverage.covered or 0
    sent, later, unlisted = (sum(getattr(day, name) for day in days) for name in ("raw_sent", "later", "unlisted"))

    def leg(what: str, leads: int, lacking: str = "") -> Leg:
        return Leg(what, numbers.count(leads), numbers.ratio(leads, eligible), lacking)

    legs = [Leg(_("Generated: leads of the list"), numbers.count(eligible), "", "")]
    if result.raw_stage is not None:
        legs.append(leg(_("A raw lead was sent for them"), sent, _fewer(eligible - sent)))
        legs.append(_accepted(days, eligible))
        legs.append(leg(_("A valid raw lead was sent"), result.coverage.raw_covered or 0))
        legs.append(leg(_("Any later stage"), later))
    missing = _("{n} without any event").format(n=numbers.count(eligible - covered)) if eligible > covered else ""
    legs.append(leg(_("Any valid event"), covered, missing))
    events = numbers.count(result.coverage.unlisted_events, "event") if unlisted else ""
    legs.append(
        Leg(_("The other way round: valid events for leads that the list lacks"), numbers.count(unlisted), "", events)
    )
    return legs


def _accepted(days: Sequence[CoverageDay], eligible: int) -> Leg:
    """What Meta's responses say of the raw leads; not known where none was logged."""
    sent, accepted, unanswered = (
        sum(getattr(day, name) for day in days) for name in ("raw_sent", "raw_accepted", "raw_unanswered")
    )
    what = _("Accepted, as Meta's responses say")
    if unanswered and unanswered == sent:
        return Leg(what, numbers.unknown(), "", _("no response was logged"))
    told = [_fewer(sent - accepted - unanswered)]
    if unanswered:
        told.append(_("{n} without a logged response").format(n=numbers.count(unanswered)))
    return Leg(what, numbers.count(accepted), numbers.ratio(accepted, eligible), ", ".join(filter(None, told)))


def _fewer(n: int) -> str:
    return _("{n} fewer").format(n=numbers.count(n)) if n > 0 else ""


def chosen_stage(result: AdvertiserResult) -> str | None:
    """The stage whose interval is drawn: the optimisation stage, else the one that FUN006 is about."""
    if result.optimisation_stage is not None:
        return result.optimisation_stage
    return next((finding.subject for finding in result.findings if finding.code == "FUN006"), None)


CURVE_DAYS = (1, 3, 7, 14, 21, 28)


def curve_rows(result: AdvertiserResult, limits: Limits) -> tuple[Stage | None, list[tuple[str, str, str]]]:
    """The chosen stage's curve at a few days: the day, the share so far, its interval; none without an interval."""
    stage = result.stage(chosen_stage(result))
    if stage is None or all(point.low is None for point in stage.curve):
        return None, []
    rows = []
    for day in CURVE_DAYS:
        point = charts.interval_at(stage.curve, day)
        if point is None:
            rows.append((numbers.days(day), numbers.percent(0.0), ""))
        else:
            interval = numbers.interval(point.low, point.high, limits.band)
            rows.append((numbers.days(day), numbers.percent(point.share, limits.band), interval))
    return stage, rows


def meter(stage: Stage, limits: Limits) -> Any:
    uid = f"rate-{stage.order}"
    drawn = charts.meter(
        stage.rate, stage.rate_low, stage.rate_high, limits.band, uid, _("Rate of {stage}").format(stage=stage.name)
    )
    return markup(drawn)


def gauge(value: float | None, limit: float, uid: str, name: str) -> Any:
    return markup(charts.meter(value, None, None, (limit, 1.0), uid, name))


def stage_rate(result: AdvertiserResult, limits: Limits) -> str:
    """The optimisation stage's rate, as the head of the page tells it."""
    stage = result.stage(result.optimisation_stage)
    return numbers.share(stage.rate, stage.cohort, limits.band) if stage else ""
