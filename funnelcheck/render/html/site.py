"""Every page of a run under its file name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from funnelcheck import language, numbers
from funnelcheck.model import Rule
from funnelcheck.render import catalogue as rule_texts
from funnelcheck.render import charts, vocabulary
from funnelcheck.render.html import advertiser, app, environment, news, pieces, portfolio, rules
from funnelcheck.reported import Run

if TYPE_CHECKING:
    from jinja2 import Environment


COHORT_DAYS = 90.0  # besides the 28 that are still open, unless the rules' shared thresholds say otherwise


def pages(run: Run, catalogue: Sequence[Rule]) -> dict[str, str]:
    """Relative file name -> text of every page of a run, in the present language."""
    return dict(each_page(run, catalogue))


def each_page(run: Run, catalogue: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """File name and text of every page of a run, one after the other: two thousand of them need no memory."""
    made = templates(language.current().key)
    names, common = page_names(run), _common(run, catalogue)
    yield "index.html", _portfolio(run, names, common)
    of_app, of_others = made.get_template("app.html.j2"), made.get_template("advertiser.html.j2")
    for result in run.advertisers:
        own = app.context(result, result.app) if result.app else advertiser.context(run, result)
        template = of_app if result.app else of_others
        beside = names.get((result.advertiser_id, "crm" if result.app else "app"))
        own |= {"beside": beside, "beside_channel": "crm" if result.app else "app"}
        yield names[result.key], template.render(common | own | news.of_advertiser(run, result))
    yield "rules.html", made.get_template("rules.html.j2").render(common | rules.context(catalogue))


def portfolio_page(run: Run, catalogue: Sequence[Rule]) -> str:
    """The page of all advertisers."""
    return _portfolio(run, page_names(run), _common(run, catalogue))


def _portfolio(run: Run, names: Mapping[tuple[str, str], str], common: Mapping[str, Any]) -> str:
    template = templates(language.current().key).get_template("portfolio.html.j2")
    return template.render({**common, **portfolio.context(run, names), **news.of_portfolio(run, names)})


def _common(run: Run, catalogue: Sequence[Rule]) -> dict[str, Any]:
    cohort = next((rule.shared["cohort_days"] for rule in catalogue if "cohort_days" in rule.shared), COHORT_DAYS)
    return {
        "run": run,
        "codes": {rule.code for rule in catalogue},
        "inputs": _inputs(run),
        "cohort_period": numbers.threshold(charts.FOLLOW_UP + cohort, "days"),
    }


def _inputs(run: Run) -> Any:
    """The files behind a run, the same on every page."""
    template = templates(language.current().key).get_template("partials/inputs.html.j2")
    return environment.markup(template.render(run=run))


def page_name(advertiser_id: str, channel: str) -> str:
    """A file name that no id can bend: ASCII letters, digits and hyphens, told apart by a digest."""
    return _page_name(advertiser_id, channel, 8)


def names_of(advertiser_id: str, channel: str) -> list[str]:
    """All names that its page may have, the shortest first: it has the first that nobody else's has."""
    return [_page_name(advertiser_id, channel, digits) for digits in (8, 16, 64)]


def _page_name(advertiser_id: str, channel: str, digits: int) -> str:
    plain = unicodedata.normalize("NFKD", advertiser_id[:200]).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "unnamed"
    digest = hashlib.sha256(f"{advertiser_id}\0{channel}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"advertiser-{slug}-{digest[:digits]}.html"


def page_names(run: Run) -> dict[tuple[str, str], str]:
    """The page of each advertiser; where two digests begin alike, a longer one."""
    return file_names(result.key for result in run.advertisers)


def file_names(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The page of each advertiser and channel, told apart."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for key in keys:
        choices = names_of(*key)
        names[key] = next((name for name in choices if name not in taken), choices[-1])
        taken.add(names[key])
    return names


@cache
def templates(key: str) -> Environment:
    """Our templates with the words of one language, the present one."""
    made = environment.environment()
    made.globals.update(
        is_selection=False,
        verdicts=vocabulary.verdicts(),
        statuses=vocabulary.statuses(),
        severities=vocabulary.severities(),
        actors=vocabulary.actors(),
        waiver_states=vocabulary.waivers(),
        channel_names=vocabulary.channels(),
        kind_names=vocabulary.kinds(),
        input_names=vocabulary.inputs(),
        raw_sources=vocabulary.raw_sources(),
        creation_sources=vocabulary.creation_sources(),
        stage_sources=vocabulary.stage_sources(),
        follow_up=advertiser.follow_up(),
    )
    made.globals.update(_HELPERS)
    return made


_HELPERS: Mapping[str, Any] = {
    "section": pieces.section,
    "scroll": pieces.scroll,
    "full_name": pieces.full_name,
    "status": pieces.status,
    "verdict": pieces.verdict,
    "who": pieces.who,
    "code": pieces.code,
    "sources_shown": advertiser.SOURCES,
    "datasets_shown": advertiser.DATASETS,
    "days_shown": advertiser.DAYS,
    "waivers_shown": advertiser.WAIVERS_SHOWN,
    "after_verdict": advertiser.after_verdict,
    "stage_rate": advertiser.stage_rate,
    "matured": advertiser.matured,
    "why_not": advertiser.why_not,
    "settled_by": advertiser.settled_by,
    "coverage_note": advertiser.coverage_note,
    "spent": advertiser.spent,
    "since": advertiser.since,
    "shown": advertiser.shown,
    "cause_badge": advertiser.cause_badge,
    "meter": advertiser.meter,
    "gauge": advertiser.gauge,
    "expected": rules.expected,
    "threshold_source": rules.threshold_source,
    "judged_field": rule_texts.judged_field,
    "rows_command": rule_texts.rows_command,
}
