"""The HTML reports stand alone, say everything once, and keep hostile text inert."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import golden
import html_samples as samples
import pytest

from funnelcheck.model import Status
from funnelcheck.render import charts, html
from funnelcheck.render.html import site
from funnelcheck.reported import AdvertiserResult, Coverage, CoverageDay, CurvePoint, JourneyStep, Run, StuckCause, Wait

VOID = {"meta", "br", "input", "link", "img", "hr"}
KINDS: list[Callable[[], AdvertiserResult]] = [
    samples.ready,
    samples.blocked,
    samples.undecided,
    samples.nothing,
    samples.hostile,
]


class Parsed(HTMLParser):
    """Tags with their attributes, text, and the ids of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return html.pages(samples.portfolio(), samples.catalogue())


def page(result: AdvertiserResult) -> str:
    return html.pages(samples.run(result), samples.catalogue())[html.page_name(result.advertiser_id, result.channel)]


def test_a_run_writes_a_portfolio_a_page_for_each_advertiser_and_the_rules(written: dict[str, str]) -> None:
    names = {html.page_name(r.advertiser_id, r.channel) for r in samples.portfolio().advertisers}
    assert set(written) == names | {"index.html", "rules.html"}


def test_no_page_refers_to_the_network_and_the_portfolio_alone_holds_a_script(written: dict[str, str]) -> None:
    for name, text in written.items():
        parsed = Parsed(text)
        assert [tag for tag, _ in parsed.tags].count("script") == (name == "index.html")
        assert not {"img", "link", "iframe", "object", "base", "embed"} & {tag for tag, _ in parsed.tags}
        for _, attributes in parsed.tags:
            assert not {"src", "style", "action", "srcset", "background"} & set(attributes)
            assert not [key for key in attributes if key.startswith("on")]
            href = attributes.get("href")
            assert href is None or re.fullmatch(r"([a-z0-9-]+\.html)?(#[A-Za-z0-9_-]+)?", href)


def test_links_lead_to_pages_and_anchors_that_exist(written: dict[str, str]) -> None:
    ids = {name: {a.get("id") for _, a in Parsed(text).tags} for name, text in written.items()}
    for name, text in written.items():
        for attributes in Parsed(text).all("a"):
            target, _, anchor = (attributes["href"] or "").partition("#")
            assert (target or name) in written
            assert not anchor or anchor in ids[target or name], (name, attributes)


def test_the_style_is_allowed_by_its_own_hash_alone(written: dict[str, str]) -> None:
    for text in written.values():
        styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        assert len(styles) == 1
        digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
        policy = next(m["content"] for m in Parsed(text).all("meta") if "http-equiv" in m)
        assert policy is not None
        assert policy.startswith("default-src 'none';")
        assert f"style-src 'sha256-{digest}'" in policy
        assert "url(" not in styles[0]
        assert "@import" not in styles[0]


def test_every_page_has_a_language_a_title_one_h1_and_unique_ids(written: dict[str, str]) -> None:
    for name, text in written.items():
        parsed = Parsed(text)
        assert parsed.all("html")[0]["lang"] == "en-GB"
        assert len(parsed.all("h1")) == 1
        assert parsed.all("title")
        ids = [a["id"] for _, a in parsed.tags if "id" in a]
        assert len(ids) == len(set(ids)), name
        for attributes in (a for _, a in parsed.tags if a.get("aria-labelledby")):
            assert set((attributes["aria-labelledby"] or "").split()) <= set(ids)


def test_tags_are_closed_in_the_order_they_were_opened() -> None:
    for kind in KINDS:
        text = page(kind())
        opened: list[str] = []
        for closing, tag, selfclosing in re.findall(r"<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>", text):
            if closing:
                assert opened
                assert opened.pop() == tag
            elif not selfclosing and tag not in VOID:
                opened.append(tag)
        assert opened == []


def test_the_script_is_allowed_by_its_own_hash_alone(written: dict[str, str]) -> None:
    text = written["index.html"]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"; script-src 'sha256-{digest}'\"" in text
    assert not [name for name, other in written.items() if name != "index.html" and "script-src" in other]


def test_a_portfolio_without_rows_needs_no_script() -> None:
    empty = Run("0.1.0", samples.GUIDE, samples.AS_OF, samples.INPUTS, (), ())
    assert "script" not in html.pages(empty, ())["index.html"]


def test_small_columns_show_the_coverage_of_the_latest_days() -> None:
    days = tuple(CoverageDay(f"2026-03-{i:02d}", 4, i // 7, 0) for i in range(1, 29))
    row = replace(samples.ready(), coverage=replace(samples.ready().coverage, days=days))
    trend = re.search(r"data-s=(\S+?)>", html.pages(samples.run(row), ())["index.html"])
    assert trend is not None
    # of the four leads of each day 0, 1, 2, 3, at the end all have an event; of eight heights
    assert trend[1] == "▁▁▁▃▃▃▄▅▅▅▆▆▆▇"
    few = replace(row, coverage=replace(row.coverage, days=days[:4]))
    assert "data-s=" not in html.pages(samples.run(few), ())["index.html"]


def test_hostile_text_is_inert_and_its_invisible_signs_are_seen(written: dict[str, str]) -> None:
    for name, text in written.items():
        assert text.count("<script") == (name == "index.html")
        assert "<img" not in text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        text.encode("utf-8")
    text = page(samples.hostile())
    assert "⟨U+202E⟩gpj.exe" in text
    assert "{{ 7*7 }}" in text
    assert "&lt;/title&gt;&lt;script&gt;" in text


def test_a_very_long_name_is_cut_but_kept_in_full_once() -> None:
    text = page(samples.hostile())
    assert "W" * 5_000 in text
    assert text.count("W" * 5_000) == 1
    assert len(text.encode()) < 200_000


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\0b",
        "CON",
        "nul.txt",
        "",
        ".",
        "x" * 5_000,
        "ü/ö\\ä",
        "\ud800",
        "a%2fb",
        "-",
        "北京",
    ],
)
def test_page_names_are_safe_on_any_file_system(name: str) -> None:
    made = html.page_name(name, "crm")
    assert re.fullmatch(r"advertiser-[a-z0-9]([a-z0-9-]*[a-z0-9])?-[0-9a-f]{8}\.html", made)
    assert len(made) <= 70


def test_page_names_tell_apart_what_only_case_or_channel_tells_apart() -> None:
    names = [html.page_name(*key) for key in (("Acme", "crm"), ("acme", "crm"), ("acme", "history"), ("ac me", "crm"))]
    assert len({name.casefold() for name in names}) == 4
    assert html.page_name("acme", "crm") == html.page_name("acme", "crm")


def test_a_digest_that_collides_gets_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    original = site._page_name
    monkeypatch.setattr(
        site, "_page_name", lambda i, c, n: "advertiser-x-00000000.html" if n == 8 else original(i, c, n)
    )
    run = samples.run(samples.ready("a"), samples.ready("b"))
    assert len(html.pages(run, ())) == 4


@pytest.mark.parametrize("name", sorted(golden.files()))
def test_a_page_is_as_its_golden_file_says(name: str) -> None:
    assert golden.files()[name] == (golden.FOLDER / name).read_text(encoding="utf-8"), "look, then run make generated"


def test_there_is_no_golden_file_of_nothing() -> None:
    assert {file.name for file in golden.FOLDER.iterdir()} == set(golden.files())


def test_the_same_run_gives_the_same_bytes(written: dict[str, str]) -> None:
    site.templates.cache_clear()
    assert html.pages(samples.portfolio(), samples.catalogue()) == written


def test_a_run_without_advertisers_says_so() -> None:
    empty = Run("0.1.0", samples.GUIDE, samples.AS_OF, samples.INPUTS, (), ())
    written = html.pages(empty, ())
    assert set(written) == {"index.html", "rules.html"}
    assert "No advertiser to judge" in written["index.html"]


def test_the_answer_the_next_action_and_who_acts_come_first() -> None:
    text = page(samples.blocked())
    words = (
        "b-not_ready",
        "Events came on 5 of",
        "Next</h2>",
        "Divide milliseconds",
        "Partner</span> acts",
        "Journey</h2>",
    )
    places = [text.index(one, text.index("<main")) for one in words]
    assert places == sorted(places)


def test_sections_stand_in_their_fixed_order() -> None:
    for kind in KINDS:
        found = re.findall(r'<section[^>]* id="(\w+)"|<section id="(\w+)"', page(kind()))
        order = [one or other for one, other in found]
        assert order == ["ready", "journey", "todo", "funnel", "coverage", "time", "freshness", "rules", "method"]


def test_what_blocks_stands_first_in_the_to_do_and_is_marked() -> None:
    result = samples.blocked()
    shuffled = replace(result, actions=result.actions[::-1])
    marks = re.findall(r'<li( class="blocks")?>\n<div><p class="what">', page(shuffled))
    assert marks == [' class="blocks"'] * 5 + [""] * (len(marks) - 5)


def travelled() -> AdvertiserResult:
    """At step 3 for twenty days, stuck, and with time to wait for."""
    steps = [
        replace(step, estimate_days=(7, 7), overdue_days=14.0, shows={"en": ("Waiting & all",), "fr": ("Attendre",)})
        for step in samples.STEPS
    ]
    return replace(
        samples.blocked(),
        journey=(
            JourneyStep(steps[0], "done"),
            JourneyStep(steps[1], "done", samples.AS_OF - 21 * 86_400, "status", 1.0),
            JourneyStep(steps[2], "now", samples.AS_OF - 20 * 86_400, "earliest", 20.0, overdue=True),
            *(JourneyStep(step, "later") for step in steps[3:]),
        ),
        stuck=(StuckCause("errors in <Diagnostics>", "fail", "REQ004: 3 refused."), StuckCause("x", "cannot tell", "")),
        clock=(Wait("DAT003", 5, 7, "days", "2026-11-24", "2026-11-23", None, "5 of 7 days; on 2026-11-24."),),
        actions=tuple(replace(one, unlocks="This alone makes you ready.") for one in samples.blocked().actions),
    )


def test_the_journey_tells_how_long_each_step_took_and_which_is_overdue() -> None:
    parsed = Parsed(page(travelled()))
    for words in (
        "here now overdue",
        "took 1 day",
        "so far at most 20 days",
        "2026-11-02 at the earliest",
        "Partner acts now. Events Manager should show “Waiting & all”, “Attendre”.",
        "14 days",
        "5 of 7 days; on 2026-11-24. DAT003",
        "Errors in <Diagnostics>",
        "REQ004: 3 refused.",
        "Cannot tell",
        "This alone makes you ready.",
    ):
        assert words in parsed.text, words
    assert {tag["lang"] for tag in parsed.all("span") if "lang" in tag} == {"en", "fr"}


def test_a_journey_without_dates_promises_none() -> None:
    written = page(samples.ready())
    assert 'class="overdue"' not in written
    text = Parsed(written).text
    assert "acts now" not in text
    assert "What time will settle" not in text
    assert "five causes" not in text


def test_every_stage_tells_why_it_cannot_be_optimised_for() -> None:
    slow = replace(samples.FUNNEL[3], name="Slow", reason="too-slow", eligible=False)
    text = Parsed(page(replace(samples.ready(), stages=(*samples.FUNNEL, slow)))).text
    for words in (
        "where the count starts",
        "More than 40 %",
        "Fewer than 1 %",
        "the lead is lost",
        "Cannot be told",
        "More than one lead in ten takes longer than 28 days.",
    ):
        assert words in text
    assert "68.3 % of these 600 leads have had their 28 days." in text
    assert "order uncertain" in text
    assert "recommended" in text


@pytest.mark.parametrize(
    ("settling", "words"),
    [
        (
            {"leads_to_settle": 140, "settles_on": "2026-12-03"},
            "About 140 more leads with 28 days",
        ),
        ({"leads_to_settle": 9_000, "settles_on": None}, None),  # too many to foresee
        ({"leads_to_settle": 0, "settles_on": "2026-11-21"}, None),
    ],
)
def test_a_stage_tells_its_volume_its_deeper_rate_and_when_it_is_settled(
    settling: dict[str, object], words: str | None
) -> None:
    offer = replace(samples.FUNNEL[4], weekly_leads=2.5, deeper_rate=0.0511, **settling)  # type: ignore[arg-type]
    last = replace(samples.FUNNEL[5], deeper_rate=samples.FUNNEL[5].rate)
    text = Parsed(page(replace(samples.ready(), stages=(*samples.FUNNEL[:4], offer, last)))).text
    assert "2.5 a week" in text
    assert text.count("or deeper: ") == 1  # of the last stage it is its own rate
    assert "or deeper: 5.1 %" in text
    assert "on 2026-12-03 at this pace" in text if words else "settle it: on" not in text
    assert words is None or words in text


def test_an_earlier_stage_that_may_still_qualify_is_named() -> None:
    note = "Contacted comes earlier and may still qualify from 2026-12-09 on."
    assert note in Parsed(page(replace(samples.undecided(), notes=(note,)))).text


def test_a_missing_and_a_stale_lead_list_are_said_aloud() -> None:
    assert "No lead list was given" in page(samples.undecided())
    assert re.search("The lead list ends on (<[^>]*>)?2026-11-02 00:00 UTC", page(samples.blocked()))
    assert "list ends on" not in page(samples.ready())


def test_a_crm_history_says_aloud_that_nothing_was_sent() -> None:
    text = Parsed(page(samples.recorded())).text
    assert "CRM history: nothing was sent" in text
    assert "A projection: what this page says holds if the stages were sent" in text
    assert "Would be ready if sent as recorded" in text
    assert "Nothing was sent, so no lead is covered by an event yet." in text
    assert "would be here" in text
    assert "History ends" in text
    for word in ("No lead list", "here now", "Log ends"):
        assert word not in text
    assert "A projection" not in Parsed(page(samples.ready())).text


def test_a_history_stands_beside_what_was_sent_and_counts_its_advertiser_once() -> None:
    written = html.pages(samples.run(samples.ready(), samples.recorded()), samples.catalogue())
    assert len(written) == 4
    text = Parsed(written["index.html"]).text
    assert "1 of 1 advertiser is ready" in text
    assert "One row is of a CRM history: nothing was sent" in text
    assert "640 leads" in text
    alone = Parsed(html.pages(samples.run(samples.recorded()), samples.catalogue())["index.html"]).text
    assert "0 of 1 advertiser are ready" in alone
    assert "CRM history: nothing was sent" in alone
    assert "– not sent" in alone


def test_daily_counts_are_told_where_there_is_no_lead_list() -> None:
    base = samples.undecided()
    counted = replace(base.finding("COV002"), status=Status.WARN, n=100, message="90 of 100 leads counted.")
    found = tuple(counted if finding.code == "COV002" else finding for finding in base.findings)
    text = Parsed(page(replace(base, findings=found))).text
    assert "Only daily counts of leads were given" in text
    assert "90 of 100 leads counted." in text


def test_files_are_listed_with_their_kind_and_with_what_was_passed_over() -> None:
    text = Parsed(html.pages(samples.portfolio(), samples.catalogue())["index.html"]).text
    assert "CRM history" in text
    assert "Passed over, as configured" in text
    assert "3,112" in text
    sources = tuple(replace(source, passed_over=0) for source in samples.INPUTS.sources)
    run = replace(samples.portfolio(), inputs=replace(samples.INPUTS, sources=sources))
    assert "Passed over" not in html.pages(run, samples.catalogue())["index.html"]


def test_a_waiver_is_shown_with_owner_reason_and_end() -> None:
    text = Parsed(page(samples.ready())).text
    assert "Waived by M. Keller until 2026-12-31: The CRM exports on weekdays only" in text


def test_areas_with_a_fault_are_open_and_the_others_folded() -> None:
    text = page(samples.ready())
    areas = re.findall(r'<details class="area"( open)?>\s*<summary><h3>([^<]+)', text)
    assert {title: bool(opened) for opened, title in areas} == {
        "Dataset": False,
        "Lead coverage": True,
        "Funnel": False,
        "Events": True,
        "Requests": False,
        "Timing": True,
        "Lifecycle": False,
    }


def test_the_portfolio_lists_the_worst_first() -> None:
    text = html.pages(samples.portfolio(), samples.catalogue())["index.html"]
    rows = re.findall(r'<tr class="(\w+) s(\d)">', text)
    assert rows == [
        ("not_ready", "2"),
        ("not_ready", "3"),
        ("not_ready", "3"),
        ("undecided", "3"),
        ("undecided", "4"),
        ("ready", "5"),
    ]
    assert "1 of 5 advertisers is ready" in text
    assert "judged from 6,020 events and 1,920 leads" in text


def test_the_catalogue_shows_thresholds_with_their_source_and_cases() -> None:
    text = Parsed(html.pages(samples.portfolio(), samples.catalogue())["rules.html"]).text
    assert "min_days = 7 guide six-step" in text
    assert "min_units = 10 funnelcheck.toml" in text
    assert "cohort_days = 90 shared, ours" in text
    assert "2 examples" in text
    assert "six days are one too few" in text
    assert "select advertiser_id," in text


def test_a_page_of_forty_findings_and_ten_stages_stays_small() -> None:
    base = samples.blocked()
    stages = tuple(samples.stage(i, f"Stage number {i}", 300, 0.9 / i) for i in range(1, 11))
    extra = tuple(replace(base.findings[0], code=f"EVT1{i:02d}", fingerprint=str(i)) for i in range(3))
    full = replace(base, stages=stages, findings=(*base.findings, *extra))
    assert len(full.findings) >= 40
    assert len(page(full).encode()) < 150_000


def test_two_thousand_advertisers_fit_in_a_megabyte() -> None:
    assert len(html.portfolio_page(samples.many(2_000), ()).encode()) < 1_000_000


@pytest.mark.parametrize("count", [0, 1, 2, 28, 120, 400])
def test_the_coverage_chart_takes_any_number_of_days(count: int) -> None:
    days = tuple(CoverageDay(f"2026-01-{i % 28 + 1:02d}", i % 7, i % 5, i % 3) for i in range(count))
    drawn = charts.coverage(days, 0.6)
    assert drawn.startswith("<svg")
    assert drawn.endswith("</svg>")
    assert "nan" not in drawn
    labels = re.findall(r'y="252"[^>]*>([^<]*)<', drawn)
    assert len(labels) <= 5


def test_the_coverage_chart_draws_the_days_between_as_well() -> None:
    days = (CoverageDay("2026-02-27", 4, 3, 3), CoverageDay("2026-03-02", 4, 3, 3))
    between = tuple(CoverageDay(day, 0, 0, 0) for day in ("2026-02-28", "2026-03-01"))
    assert charts.coverage(days, 0.6) == charts.coverage((days[0], *between, days[1]), 0.6)
    for odd in (days[::-1], (days[0], days[0]), (days[0], replace(days[1], day="9999-12-31"))):
        assert "2 days; an event for" in charts.coverage(odd, 0.6)


def test_leads_later_than_the_time_chart_are_told_beside_it() -> None:
    some = replace(samples.FUNNEL[2], reached=42, within_window=31, longest_days=100.4)
    none = replace(samples.FUNNEL[5], reached=1, within_window=0, longest_days=40.0, curve=())
    intime = replace(samples.FUNNEL[1], reached=9, within_window=9)
    said = (
        "11 of 42 leads got to Qualified later than 28 days, beyond this chart; the slowest after 100.4 days.",
        "No lead got to Won within 28 days: 1 lead came later, the slowest after 40 days.",
    )
    stages = (samples.FUNNEL[0], intime, some, none)
    drawn = charts.curves(stages, 28.0)
    text = Parsed(page(replace(samples.ready(), stages=stages))).text
    for sentence in said:
        assert sentence in drawn
        assert text.count(sentence) == 2
    assert "got to Contacted" not in text
    assert "got to Lead" not in text


def test_an_empty_time_chart_does_not_deny_those_who_came_later() -> None:
    later = replace(samples.FUNNEL[2], reached=3, within_window=0, curve=())
    assert ">No lead got there within 28 days<" in charts.curves((samples.FUNNEL[0], later), 28.0)
    nobody = replace(later, reached=0, longest_days=None)
    assert ">No lead has moved on yet<" in charts.curves((samples.FUNNEL[0], nobody), 28.0)


def test_the_raw_stage_has_a_rate_but_no_interval() -> None:
    raw = samples.FUNNEL[0]
    text = page(replace(samples.ready(), stages=(raw,), optimisation_stage=None))
    assert "98.2 %" in text
    assert 'class="meter"' not in text[text.index('id="funnel"') : text.index('id="coverage"')]
    assert "97.1 % to" not in text
    assert "c-ink" not in charts.funnel((raw,), (0.01, 0.4))
    assert "c-ink" in charts.funnel((replace(raw, reason=None),), (0.01, 0.4))


def test_the_cohort_is_explained() -> None:
    words = "leads created in the last 118 days up to where the log ends, and at most a day before it begins."
    assert words in Parsed(page(samples.ready())).text
    assert (
        "up to where the lead list ends, and at most a day before the log begins."
        in Parsed(page(samples.blocked())).text
    )


def test_the_crm_dataset_is_not_called_done_where_nothing_tells() -> None:
    done = samples.ready()
    assert "not known from the log" not in page(done)
    untold = tuple(replace(one, status=Status.NOT_EVALUABLE) if one.code == "DAT001" else one for one in done.findings)
    text = page(replace(done, findings=untold))
    states = re.findall(r'<li class="(\w+)"[^>]*>\n<span class="dot" aria-hidden="true">(.)', text)
    assert states == [("untold", "?"), *[("done", "✓")] * 3, ("now", "5"), ("later", "6")]
    assert text.count("not known from the log") == 1
    at_first = page(replace(done, findings=untold, step=1))
    assert "not known from the log" not in at_first


def test_coverage_that_speaks_of_the_past_is_dated() -> None:
    late = replace(samples.coverage(), days=(CoverageDay("2026-11-18", 5, 4, 3),))
    assert "at least 60 %leads up to 2026-11-18" in Parsed(page(replace(samples.ready(), coverage=late))).text
    assert "leads up to" not in page(samples.ready())
    recent = replace(late, days=(CoverageDay("2026-11-19", 5, 4, 3),))
    assert "leads up to" not in page(replace(samples.ready(), coverage=recent))


def test_an_advertiser_without_events_has_no_log_that_ends() -> None:
    assert Parsed(page(samples.nothing())).text.count("Log ends– no log") == 2
    assert "Log ends2026-11-21 22:14 UTC" in Parsed(page(samples.ready())).text


def test_charts_take_nothing_and_zeros() -> None:
    zero = replace(samples.FUNNEL[2], rate=0.0, rate_low=0.0, rate_high=0.0, curve=(CurvePoint(0.0, 0.0),))
    null = replace(zero, rate=None, rate_low=None, rate_high=None, curve=())
    for stages in ((), (zero,), (null,), (zero, null)):
        for drawn in (charts.funnel(stages, (0.01, 0.4)), charts.curves(stages, 28.0)):
            assert drawn.startswith("<svg")
            assert "nan" not in drawn
            assert "inf" not in drawn
    assert "<svg" in charts.coverage((CoverageDay("2026-01-01", 0, 0, 0),), 0.6)
    assert "<svg" in charts.meter(None, None, None, (0.0, 1.0), "m", "")


def test_charts_read_aloud_and_cut_long_names() -> None:
    long = replace(samples.FUNNEL[2], name="Q" * 500)
    drawn = charts.funnel((long,), (0.01, 0.4))
    assert "Q" * 100 not in drawn
    assert "…" in drawn
    assert 'role="img"' in drawn
    assert 'aria-labelledby="funnel-t funnel-d"' in drawn


def test_a_thousand_stages_are_cut_and_counted() -> None:
    stages = tuple(samples.stage(i, f"s{i}", 1, 0.1) for i in range(1, 1_001))
    text = Parsed(page(replace(samples.ready(), stages=stages, optimisation_stage="s900"))).text
    assert "60 of 1,000 stages are shown" in text


def test_coverage_without_a_day_draws_nothing() -> None:
    text = page(replace(samples.ready(), coverage=Coverage(0, 0, 0, None, None, ())))
    assert "No lead of the list was created" in text


def test_a_rule_says_what_to_do_in_a_crm_and_how_to_list_the_rows_at_fault() -> None:
    rule = replace(
        samples.catalogue()[0], crm={"Salesforce": "Map <Lead Source>."}, extract_sql="select 1 < 2", custom=False
    )
    text = html.pages(samples.portfolio(), [rule])["rules.html"]
    assert "<dt>In Salesforce</dt><dd>Map &lt;Lead Source&gt;.</dd>" in text
    assert f"<code>funnelcheck rows {rule.code} --advertiser NAME</code>" in text
    assert "select 1 &lt; 2" in text
    assert "A rule of your own" not in text


def test_a_day_in_a_rules_sentence_stays_on_one_line() -> None:
    base = samples.ready()
    first = replace(base.findings[0], message="Silent since 2026-11-18 18:00 UTC; 24.1 % are late.")
    text = page(replace(base, findings=(first, *base.findings[1:])))
    rules = text[text.index('id="rules"') :]
    assert '<span class="nb">2026-11-18 18:00 UTC</span>; <span class="nb">24.1 %</span> are late.' in rules
