"""HTML reports: a portfolio page, a page for each advertiser and the catalogue of rules.

Every page stands alone: no script, no request, styles inlined and allowed by their hash. Whatever comes from
a log is hostile text; the environment escapes it and makes its invisible signs visible on every way out.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.model import (
    Action,
    AdvertiserResult,
    Case,
    Coverage,
    Finding,
    JourneyStep,
    Rule,
    Run,
    Severity,
    Stage,
    Status,
    Step,
    StuckCause,
    Verdict,
)
from funnelcheck.render import catalogue, charts
from funnelcheck.resources import folder

if TYPE_CHECKING:
    from jinja2 import Environment

AREAS = {
    "DAT": "Dataset",
    "COV": "Lead coverage",
    "FUN": "Funnel",
    "EVT": "Events",
    "REQ": "Requests",
    "TIM": "Timing",
    "LIF": "Lifecycle",
    "APP": "App Events",
    "ACC": "Access",
    "SEL": "Selection of advertisers",
    "MAP": "Mapping",
}
VERDICTS = {"not_ready": "Not ready", "undecided": "Undecided", "ready": "Ready"}
STATUSES = {
    "fail": "Fails",
    "undecided": "Undecided",
    "not_evaluable": "Cannot be judged",
    "warn": "Warns",
    "waived": "Waived",
    "pass": "Passes",
}
WAIVERS = {
    "active": "covers the finding",
    "idle": "not needed: the rule neither fails nor warns",
    "expired": "expired, covers nothing",
}
ACTORS = {"advertiser": "Advertiser", "partner": "Partner", "meta": "Meta"}
CHANNELS = {"crm": "CRM events", "history": "CRM history: nothing was sent", "app": "App Events"}
KINDS = {
    "events": "sent events",
    "history": "CRM history",
    "leads": "lead list",
    "counts": "daily lead counts",
    "calls": "log of API calls",
}
RAW_SOURCES = {
    "hint": "recognised by its name",
    "order": "it comes first for most leads",
    "configured": "configured",
}
CREATION_SOURCES = {
    "list": "Time counts from the creation time in the lead list.",
    "raw-event": "Time counts from the raw event, for want of a lead list.",
}
BLOCKERS, STAGES, SOURCES, DATASETS, DAYS = 2, 60, 40, 40, 400
WAIVERS_SHOWN = 40
FOLLOW_UP = numbers.threshold(charts.FOLLOW_UP, "days")
COHORT_DAYS = 90.0  # besides the 28 that are still open, unless the rules' shared thresholds say otherwise
OPEN_DAYS = 3  # a window of leads that ends earlier than that is dated on the page
EPOCH = date(1970, 1, 1).toordinal()


class Totals(NamedTuple):
    """How many advertisers stand where, and what they are judged from."""

    verdicts: Mapping[str, int]
    steps: Mapping[int, int]
    advertisers: int
    histories: int
    events: int
    leads: int


class Row(NamedTuple):
    """One advertiser in the portfolio's table, in words short enough for two thousand of them."""

    verdict: str
    step: int
    title: str
    page: str
    name: str
    channel: str
    blockers: tuple[str, ...]
    next: str
    who: str
    coverage: str
    stage: str
    rate: str
    leads: int


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


def pages(run: Run, catalogue: Sequence[Rule]) -> dict[str, str]:
    """Relative file name -> text of every page of a run."""
    environment = _environment()
    names = _page_names(run)
    cohort = next((rule.shared["cohort_days"] for rule in catalogue if "cohort_days" in rule.shared), COHORT_DAYS)
    common = {
        "run": run,
        "names": names,
        "codes": {rule.code for rule in catalogue},
        "cohort_period": numbers.threshold(charts.FOLLOW_UP + cohort, "days"),
    }
    written = {"index.html": environment.get_template("portfolio.html.j2").render(common | _portfolio(run, names))}
    template = environment.get_template("advertiser.html.j2")
    for result in run.advertisers:
        name = names[result.advertiser_id, result.channel]
        written[name] = template.render(common | _advertiser(run, result))
    written["rules.html"] = environment.get_template("rules.html.j2").render(common | _catalogue(catalogue))
    return written


def page_name(advertiser_id: str, channel: str) -> str:
    """A file name that no id can bend: ASCII letters, digits and hyphens, told apart by a digest."""
    return _page_name(advertiser_id, channel, 8)


def _page_name(advertiser_id: str, channel: str, digits: int) -> str:
    plain = unicodedata.normalize("NFKD", advertiser_id[:200]).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "unnamed"
    digest = hashlib.sha256(f"{advertiser_id}\0{channel}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"advertiser-{slug}-{digest[:digits]}.html"


def _page_names(run: Run) -> dict[tuple[str, str], str]:
    """The page of each advertiser; where two digests begin alike, a longer one."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for result in run.advertisers:
        key = (result.advertiser_id, result.channel)
        choices = (_page_name(*key, digits) for digits in (8, 16, 64))
        names[key] = next((name for name in choices if name not in taken), _page_name(*key, 64))
        taken.add(names[key])
    return names


def _portfolio(run: Run, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    worst = {verdict: place for place, verdict in enumerate(Verdict)}
    ordered = sorted(run.advertisers, key=lambda r: (worst[r.verdict], r.step, r.advertiser_id, r.channel))
    totals = Totals(
        Counter(str(result.verdict) for result in run.advertisers),
        Counter(result.step for result in run.advertisers),
        len({result.advertiser_id for result in run.advertisers}),
        sum(result.channel == "history" for result in run.advertisers),
        sum(result.events for result in run.advertisers),
        # of one advertiser's channels each has the same list
        sum({result.advertiser_id: result.leads for result in run.advertisers}.values()),
    )
    titles = {step.number: step.title for step in run.guide.steps}
    mixed = len({result.channel for result in run.advertisers}) > 1
    rows = [_row(result, names[result.advertiser_id, result.channel], titles, mixed) for result in ordered]
    return {"rows": rows, "totals": totals}


def _row(result: AdvertiserResult, page: str, titles: Mapping[int, str], mixed: bool) -> Row:
    todo, limits, cover = _todo(result), _limits(result), result.coverage
    stage = next((one for one in result.stages if one.name == result.optimisation_stage), None)
    covered = numbers.ratio(cover.covered, cover.eligible, (limits.coverage,))
    return Row(
        verdict=str(result.verdict),
        step=result.step,
        title=titles.get(result.step, result.step_name) + (", if sent" if result.channel == "history" else ""),
        page=page,
        name=numbers.cut(result.advertiser_id, 48),
        channel=CHANNELS.get(result.channel, result.channel) if mixed or result.channel != "crm" else "",
        blockers=_short_blockers(result),
        next=numbers.cut(_first_clause(todo[0].what), 90) if todo else "",
        who=ACTORS[todo[0].acts] if todo else "",
        coverage=_no_coverage(result) if cover.eligible is None else covered,
        stage=numbers.NOTHING if result.optimisation_stage is None else numbers.cut(result.optimisation_stage, 30),
        rate=numbers.share(stage.rate, stage.cohort, limits.band) if stage else "",
        leads=result.leads,
    )


def _no_coverage(result: AdvertiserResult) -> str:
    return f"{numbers.DASH} not sent" if result.channel == "history" else f"{numbers.DASH} no list"


def _first_clause(text: str) -> str:
    """What to do, as short as it makes sense: up to the first stop or semicolon."""
    return re.split(r"[.;:] ", text, maxsplit=1)[0].rstrip(".")


def _short_blockers(result: AdvertiserResult) -> tuple[str, ...]:
    """Codes with short titles, the first few."""
    if not result.blocked_by:
        return (numbers.NOTHING,)
    titles = {finding.code: finding.title for finding in result.findings}
    if result.channel == "history":
        titles["DAT002"] = "Nothing was sent"
    lines = [f"{code} {numbers.cut(titles.get(code, ''), 40)}".rstrip() for code in result.blocked_by]
    more = len(lines) - BLOCKERS
    return (*lines[:BLOCKERS], f"+ {more} more") if more > 0 else tuple(lines)


def _todo(result: AdvertiserResult) -> list[Action]:
    """What to do, what blocks first; otherwise in the verdict's own order."""
    return sorted(result.actions, key=lambda action: not action.blocks)


def _advertiser(run: Run, result: AdvertiserResult) -> dict[str, Any]:
    limits = _limits(result)
    todo, stages = _todo(result), result.stages[:STAGES]
    return {
        "result": result,
        "is_history": result.channel == "history",
        "log": "history" if result.channel == "history" else "log",
        "limits": limits,
        "todo": todo,
        "journey": result.journey or _undated(run, result),
        "next_action": todo[0] if todo else None,
        "blockers": _blockers(result),
        "by_code": {finding.code: finding for finding in result.findings},
        "stages": stages,
        "areas": _areas(result.findings),
        "counts": Counter(str(finding.status) for finding in result.findings),
        "svg": _charts(result, stages, limits),
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


def _spent(entry: JourneyStep) -> str:
    """How long a step took, or takes so far; nothing where it is not known."""
    if entry.days is None:
        return ""
    bound = {"earliest": "at most ", "latest": "at least "}.get(entry.entered_by or "", "")
    begun = "so far " if entry.state == "now" else "took "
    return f"{begun}{bound}{numbers.days(entry.days) if entry.days else 'less than a second'}"


def _since(entry: JourneyStep) -> str:
    """The day on which a step was entered."""
    if entry.entered_at is None:
        return numbers.UNKNOWN if entry.state != "later" else f"{numbers.DASH} ahead"
    day = numbers.instant(entry.entered_at)[:10]
    return {"earliest": f"{day} at the earliest", "latest": f"{day} at the latest"}.get(entry.entered_by or "", day)


def _shown(step: Step) -> Any:
    """The labels of Events Manager at a step, English and French."""
    from markupsafe import Markup, escape

    labels = [
        Markup('<span lang="{}">“{}”</span>').format(language, Markup("” / “").join(map(escape, texts)))
        for language, texts in step.shows.items()
    ]
    where = escape(f" ({step.where})" if step.where else "")
    return Markup(", ").join(labels) + where if labels else _figure(numbers.NOTHING)


def _cause_badge(cause: StuckCause) -> Any:
    key = {"pass": "pass", "fail": "fail"}.get(cause.state, "not_evaluable")
    words = {"pass": "Passes", "fail": "Fails"}.get(cause.state, "Cannot tell")
    return _markup(f'<span class="b b-{key}">{words}</span>')


def _charts(result: AdvertiserResult, stages: Sequence[Stage], limits: Limits) -> dict[str, Any]:
    chosen = result.optimisation_stage
    days = result.coverage.days[-DAYS:]
    drawn = {
        "funnel": charts.funnel(stages, limits.band, chosen=chosen) if stages else "",
        "coverage": charts.coverage(days, limits.coverage) if any(d.eligible for d in days) else "",
        "curves": charts.curves(stages, limits.window, chosen=chosen) if any(s.curve for s in stages) else "",
    }
    return {name: _markup(svg) for name, svg in drawn.items()}


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
    """Areas in the order of AREAS, unknown ones after them; in each the worst first."""
    worst = {status: place for place, status in enumerate(Status)}
    weight = {severity: place for place, severity in enumerate(Severity)}
    keys = sorted({finding.area for finding in findings}, key=lambda key: (_area_place(key), key))
    areas = []
    for key in keys:
        inside = [finding for finding in findings if finding.area == key]
        inside.sort(key=lambda f: (worst[f.status], weight[f.severity], f.code))
        counted = Counter(str(finding.status) for finding in inside)
        counts = tuple((str(status), counted[status]) for status in Status if counted[status])
        areas.append(Area(key, AREAS.get(key, key), tuple(inside), counts))
    return areas


def _area_place(key: str) -> int:
    known = list(AREAS)
    return known.index(key) if key in AREAS else len(known)


def _catalogue(catalogue: Sequence[Rule]) -> dict[str, Any]:
    keys = sorted({rule.area for rule in catalogue}, key=lambda key: (_area_place(key), key))
    grouped = [
        (key, AREAS.get(key, key), sorted((r for r in catalogue if r.area == key), key=lambda r: r.code))
        for key in keys
    ]
    return {"grouped": grouped, "catalogue": catalogue}


def _limits(result: AdvertiserResult) -> Limits:
    """From the findings, so that a configured threshold is the one drawn; the guide's own numbers without."""
    asked = {finding.code: finding.threshold for finding in result.findings}
    band, coverage, window = asked.get("FUN006"), asked.get("COV001"), asked.get("FUN007")
    return Limits(
        (band[0], band[1]) if isinstance(band, Sequence) and len(band) == 2 else (0.01, 0.4),
        coverage if isinstance(coverage, int | float) else 0.6,
        window if isinstance(window, int | float) and window > 0 else 28.0,
    )


def _why_not(stage: Stage, limits: Limits) -> str:
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


def _after_verdict(result: AdvertiserResult) -> str:
    """The summary without the verdict's own word, which stands before it as a badge."""
    label, summary = VERDICTS[result.verdict], result.summary
    rest = summary[len(label) :].lstrip(":.,;– ") if summary.casefold().startswith(label.casefold()) else summary
    return rest[:1].upper() + rest[1:]


def _matured(stage: Stage) -> str:
    """How much of a stage's cohort a rate can rest on."""
    if not stage.cohort:
        return "No lead of the list falls into the period judged."
    share = numbers.percent(stage.mature / stage.cohort)
    return f"{share} of these {numbers.count(stage.cohort, 'lead')} have had their {FOLLOW_UP}."


def _settling(finding: Finding) -> str:
    """What would settle an undecided rate, and how sure a passing one is."""
    if finding.leads_to_settle is not None:
        more = numbers.count(finding.leads_to_settle, "more lead")
        return f"About {more} with {FOLLOW_UP} behind them would settle it."
    if finding.certain is False:
        return "Not certain: the 95 % interval reaches beyond a limit."
    return "Certain: the whole 95 % interval is in range." if finding.certain else ""


def _settled_by(stage: Stage) -> str:
    """When an undecided stage can be told, where that can be foreseen."""
    if stage.settles_on is None or not stage.leads_to_settle:
        return ""
    more = numbers.count(stage.leads_to_settle, "more lead")
    return f"About {more} with {FOLLOW_UP} behind them settle it: on {stage.settles_on} at this pace."


def _coverage_note(coverage: Coverage, result: AdvertiserResult) -> str:
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


def _meter(stage: Stage, limits: Limits) -> Any:
    uid = f"rate-{stage.order}"
    drawn = charts.meter(stage.rate, stage.rate_low, stage.rate_high, limits.band, uid, f"Rate of {stage.name}")
    return _markup(drawn)


def _gauge(value: float | None, limit: float, uid: str, name: str) -> Any:
    return _markup(charts.meter(value, None, None, (limit, 1.0), uid, name))


def _stage_rate(result: AdvertiserResult, limits: Limits) -> str:
    """The optimisation stage's rate, as the head of the page tells it."""
    stage = next((one for one in result.stages if one.name == result.optimisation_stage), None)
    return numbers.share(stage.rate, stage.cohort, limits.band) if stage else ""


def _prose(text: str, length: int = 600) -> Any:
    """A sentence, cut where it is endless, whose figures stay together with their per cent sign."""
    from markupsafe import Markup, escape

    safe = str(escape(numbers.visible(numbers.cut(text, length))))
    return Markup(re.sub(r"(\d[\d.,]* %)", r'<span class="nb">\1</span>', safe))


def _name(text: str, length: int = 80) -> Any:
    """A name from a log, kept from reordering what stands around it."""
    from markupsafe import Markup, escape

    return Markup(f"<bdi>{escape(numbers.visible(numbers.cut(text, length)))}</bdi>")


def _figure(words: str) -> Any:
    """A figure; what is not there is muted."""
    return _markup(f'<span class="m">{words}</span>') if words.startswith(numbers.DASH) else words


def _payload(text: str) -> Any:
    """Text with lines, line by line, for a <pre>."""
    from markupsafe import Markup, escape

    lines = text.expandtabs(2).splitlines()
    return Markup("\n").join(escape(numbers.visible(line)) for line in lines)


def _expected(case: Case) -> str:
    """What a case must come to, the status first."""
    status = str(case.expect.get("status", ""))
    plain = {True: "yes", False: "no", None: "nothing"}
    rest = [
        f"{key.replace('_', ' ')}: {plain[value] if isinstance(value, bool | None) else value}"
        for key, value in case.expect.items()
        if key != "status"
    ]
    return ", ".join([status, *rest] if status else rest)


def _anchor(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", code)[:40]


def _markup(svg: str) -> Any:
    from markupsafe import Markup

    return Markup(svg)


def _visible(value: Any) -> Any:
    """On every way out of a template: text made visible, markup of ours left alone."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return numbers.visible(value)
    return value


def _style() -> str:
    """The style sheet without comments and indentation."""
    text = (folder("reports") / "assets" / "style.css").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "".join(line.strip() for line in bare.splitlines())


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder("reports"), encoding="utf-8"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    environment.globals.update(_VOCABULARY, style=_markup(style), style_hash=digest)
    environment.filters.update(anchor=_anchor, cut=numbers.cut, count=numbers.count, prose=_prose)
    return environment


_VOCABULARY: Mapping[str, Any] = {
    "verdicts": VERDICTS,
    "statuses": STATUSES,
    "actors": ACTORS,
    "waiver_states": WAIVERS,
    "channel_names": CHANNELS,
    "kind_names": KINDS,
    "raw_sources": RAW_SOURCES,
    "creation_sources": CREATION_SOURCES,
    "sources_shown": SOURCES,
    "datasets_shown": DATASETS,
    "days_shown": DAYS,
    "waivers_shown": WAIVERS_SHOWN,
    "follow_up": FOLLOW_UP,
    "numbers": numbers,
    "after_verdict": _after_verdict,
    "stage_rate": _stage_rate,
    "matured": _matured,
    "why_not": _why_not,
    "settling": _settling,
    "settled_by": _settled_by,
    "coverage_note": _coverage_note,
    "name": _name,
    "figure": _figure,
    "spent": _spent,
    "since": _since,
    "shown": _shown,
    "cause_badge": _cause_badge,
    "meter": _meter,
    "gauge": _gauge,
    "payload": _payload,
    "expected": _expected,
    "judged_field": catalogue.judged_field,
    "rows_command": catalogue.rows_command,
}
