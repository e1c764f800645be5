"""What changed, as the pages tell it: the advertiser's section, the portfolio's, the Monday page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from html_samples import AS_OF, HOSTILE, catalogue
from playwright.sync_api import Browser
from run_samples import DAY, WEEK, finding, result, run, settings, stage
from test_html_browser import browser  # noqa: F401

from funnelcheck import runs
from funnelcheck.compare import compare, snapshot
from funnelcheck.model import Status
from funnelcheck.render import html, trend
from funnelcheck.render.changes import Titles
from funnelcheck.reported import AdvertiserResult, Run, Since, TrendPoint
from funnelcheck.store import open_store

TITLES = Titles({"COV001": "Coverage"}, {"wait-for-events": "Send CRM events for 7 days"})
ALL = (finding("COV001"), finding("FUN006", threshold=(0.01, 0.4)), finding("FUN007", threshold=28, unit="days"))


def text_of(page: str) -> str:
    """What a reader reads: without tags, style and title."""
    found: list[str] = []

    class Reader(HTMLParser):
        skip = 0

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            self.skip += tag in ("style", "script", "title", "desc")

        def handle_endtag(self, tag: str) -> None:
            self.skip -= tag in ("style", "script", "title", "desc")

        def handle_data(self, data: str) -> None:
            if not self.skip:
                found.append(data)

    Reader().feed(re.sub(r'<span class="nb">(.*?)</span>', r"\1", page))
    return " ".join(" ".join(found).split())


def pages_of(*several: Run) -> dict[str, str]:
    """The pages of the last of some runs, the others kept before."""
    with open_store() as store:
        for one in several[:-1]:
            runs.keep(store, one)
        return html.pages(runs.with_changes(store, several[-1]), catalogue())


def page_of(pages: dict[str, str], name: str) -> str:
    return pages[html.page_name(name, "crm")]


def ready(name: str = "acme", **changes: object) -> AdvertiserResult:
    return result(name, "ready", *ALL, **changes)


def broken(name: str = "acme") -> AdvertiserResult:
    return result(name, "not_ready", replace(ALL[0], status=Status.FAIL, value=0.41), *ALL[1:])


def test_the_advertisers_page_tells_before_and_now() -> None:
    pages = pages_of(run(ready(), ready("same")), run(broken(), ready("same"), as_of=AS_OF + WEEK))
    told = text_of(page_of(pages, "acme"))
    assert "Since last time" in told
    assert "Since the run of 2026-11-22, 7 days before." in told
    assert "Newly broken Verdict ready not ready" in told
    assert "passes 50.0 % of 600 fails 41.0 % of 600" in told
    assert "Nothing has changed: neither the verdict nor a rule" in text_of(page_of(pages, "same"))
    front = text_of(pages["index.html"])
    assert "What changed since the run of 2026-11-22, 7 days before" in front
    assert "1 ready −1" in front
    assert re.search(r"Newly broken 1 acme not ready, was ready", front)


def test_the_first_run_says_nothing_of_an_earlier_one() -> None:
    pages = pages_of(run(ready()))
    assert 'id="since"' not in page_of(pages, "acme")
    assert 'id="news-h"' not in pages["index.html"]


def test_other_thresholds_are_said_where_the_figures_stand() -> None:
    other = run(broken(), as_of=AS_OF + WEEK, settings=settings("COV001", min_coverage=0.9, min_units=10))
    pages = pages_of(run(ready()), other)
    for page in (pages["index.html"], page_of(pages, "acme")):
        assert "COV001: min_coverage is 0.9 and was 0.6, so what it says is not comparable." in text_of(page)
    assert "judged by something else before: not comparable" in text_of(page_of(pages, "acme"))


def test_more_changes_than_fit_say_how_many_there_are() -> None:
    many = [finding(f"EVT{i:03}", "pass") for i in range(1, 42)]
    failing = [replace(one, status=Status.FAIL) for one in many]
    pages = pages_of(
        run(result("acme", "not_ready", *ALL, *many)),
        run(result("acme", "not_ready", *ALL, *failing), as_of=AS_OF + WEEK),
    )
    assert "20 of 41 changes are shown." in text_of(page_of(pages, "acme"))


# --- the trend ---


def points(*shares: float | None, stages: str = "") -> list[TrendPoint]:
    """One a week: coverage of 100 leads and, alike, the rate."""
    names = stages or "a" * len(shares)
    return [
        TrendPoint(
            AS_OF + i * WEEK, 100, None if share is None else round(share * 100), names[i], 100, share, None, None
        )
        for i, share in enumerate(shares)
    ]


def lines(svg: str, kind: str) -> list[list[tuple[float, float]]]:
    """The stretches of a line that is drawn, as points."""
    root = ET.fromstring(svg)  # noqa: S314 - it is ours
    drawn = [p.get("d", "") for p in root.iter("path") if p.get("class") == kind]
    return [
        [tuple(map(float, point.split())) for point in d[1:].split("L")]  # type: ignore[misc]
        for d in drawn
        if "a" not in d and "h" not in d
    ]


def test_a_line_goes_where_the_figures_go() -> None:
    [line] = lines(trend.trend(points(0.1, 0.3, 0.2), 0.6), "c-soft-line")
    (x0, y0), (x1, y1), (x2, y2) = line
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y1 < y2 < y0  # up is more
    assert (y0 - y1) / (y0 - y2) == pytest.approx(2, rel=0.02)


def test_a_line_breaks_where_nothing_is_known_and_the_rates_where_the_stage_is_another() -> None:
    svg = trend.trend(points(0.1, 0.2, None, 0.3, 0.4), 0.6)
    assert [len(piece) for piece in lines(svg, "c-soft-line")] == [2, 2]
    svg = trend.trend(points(0.1, 0.2, 0.3, 0.4, stages="aabb"), 0.6)
    assert [len(piece) for piece in lines(svg, "c-accent-line")] == [2, 2]
    assert [len(piece) for piece in lines(svg, "c-soft-line")] == [4]


@pytest.mark.parametrize(
    ("known", "draws"), [([], False), ([0.1], False), ([None, 0.1], False), ([0.1, 0.2], True), ([None, None], False)]
)
def test_a_trend_needs_two_runs(known: list[float | None], draws: bool) -> None:
    assert trend.drawable(points(*known)) is draws
    assert ET.fromstring(trend.trend(points(*known), 0.6)).tag == "svg"  # noqa: S314


def test_a_trend_is_told_aloud_and_as_a_table() -> None:
    first = ready(stages=(stage("Won", 0.25),))
    page = page_of(pages_of(run(first), run(ready(), as_of=AS_OF + WEEK)), "acme")
    described = re.search(r'<desc id="trend-d">(.*?)</desc>', page)
    assert described is not None
    assert described[1] == (
        "Coverage: 70.0 % on 2026-11-22, 70.0 % on 2026-11-29. "
        "Rate of the optimisation stage: 25.0 % on 2026-11-22, 20.0 % on 2026-11-29."
    )
    assert "2026-11-29 70.0 % of 600 Won 20.0 % of 600" in text_of(page)


# --- the Monday page ---


def since(was: Run, now: Run) -> Since:
    return compare(snapshot(was), snapshot(now))


def digest(told: Since, beside: set[str] | None = None) -> str:
    return html.digest_page(told.now, told, TITLES, beside or set())


def test_a_line_links_to_the_page_that_lies_beside_it_and_to_no_other() -> None:
    told = since(run(ready(), ready("b")), run(broken(), broken("b"), as_of=AS_OF + WEEK))
    own = html.page_name("acme", "crm")
    page = digest(told, {own, "advertiser-someone-else-00000000.html"})
    assert [link for link in re.findall(r'href="(.*?)"', page) if "#" not in link] == ["index.html", own]
    assert 'href="advertiser' not in digest(told)
    longer = own.replace(".html", "") + "deadbeef.html"
    assert longer not in digest(told, {own, longer})  # no digest of its id


def test_who_did_not_change_has_no_line() -> None:
    told = since(run(ready(), ready("calm")), run(broken(), ready("calm"), as_of=AS_OF + WEEK))
    assert "calm" not in text_of(digest(told))
    assert "1 of 2 advertisers has changed since the run of 2026-11-22, 7 days before." in text_of(digest(told))
    still = since(run(ready()), run(ready(), as_of=AS_OF + DAY))
    assert "Nothing has changed for any advertiser." in text_of(digest(still))


def test_hostile_names_stay_text_on_every_page() -> None:
    was, now = (
        run(ready()),
        run(broken(), result(HOSTILE, "ready", *ALL, optimisation_stage=HOSTILE), as_of=AS_OF + WEEK),
    )
    again = replace(now, as_of=AS_OF + 2 * WEEK)
    pages = [digest(since(was, now)), *pages_of(was, now, again).values(), *pages_of(was, now).values()]
    for page in pages:
        assert "<img" not in page
        assert "alert(1)</script>" not in page.replace("&lt;/script&gt;", "")
        assert not any(sign in page for sign in "\u202e\u2066\x00\x1b")


@pytest.mark.browser
def test_the_monday_page_of_500_advertisers_fits_one_screen(
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Everything that can happen, to fifty advertisers each."""

    def of(kind: int, i: int, is_now: bool) -> AdvertiserResult | None:
        name = f"Advertiser with rather a long name {kind} {i:03}"
        fails, passes = replace(ALL[0], status=Status.FAIL), ALL[0]
        both = replace(finding("DAT003", "fail", 3.0, threshold=7, unit="days"), title="Seven days of data")
        cases = {
            0: (ready(name), broken(name)),
            1: (broken(name), ready(name)),
            2: (result(name, "not_ready", fails, both), result(name, "not_ready", passes, both)),
            3: (ready(name), ready(name, overdue=True)),
            4: (result(name, "not_ready", passes, both), result(name, "not_ready", fails, both)),
            5: (result(name, "not_ready", replace(both, value=1.0)), result(name, "not_ready", both)),
            6: (None, ready(name)),
            7: (ready(name), None),
        }
        return cases.get(kind, (ready(name), ready(name)))[is_now]

    each = [[of(kind, i, is_now) for kind in range(10) for i in range(50)] for is_now in (False, True)]
    was, now = (run(*(one for one in several if one)) for several in each)
    told = since(was, replace(now, as_of=AS_OF + WEEK, version="0.2.0"))
    (tmp_path / "digest.html").write_text(digest(told), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((tmp_path / "digest.html").as_uri())
    assert page.locator(".group").count() == 7
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    assert page.locator(".group .about small").all_inner_texts()[0].endswith(" of 50")
    phone = browser.new_page(viewport={"width": 360, "height": 800})
    phone.goto((tmp_path / "digest.html").as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_what_changed(
    scheme: Literal["light", "dark"],
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    was, now = run(ready(), ready("b")), run(broken(), ready("b"), ready("c"), as_of=AS_OF + WEEK, version="0.2.0")
    pages = pages_of(was, now)
    written = {"digest.html": digest(since(was, now)), "index.html": pages["index.html"]}
    written["acme.html"] = page_of(pages, "acme")
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page.goto((tmp_path / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert (name, [one["id"] for one in found.response["violations"]]) == (name, []), found.generate_report()
        page.close()
