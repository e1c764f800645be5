"""The reports in a real browser: no request, no sideways scrolling, legible in the dark, printable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import html_samples as samples
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from funnelcheck.render import html

pytestmark = pytest.mark.browser

CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const back = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const words = 'p,td,th,dt,dd,li,small,h1,h2,h3,.b,.flag,.who,.code,a,summary,label,legend,'
    + 'figcaption,footer,.all i';
  const bad = [];
  for (const e of document.querySelectorAll(words)) {
    if (!e.textContent.trim() || e.closest('.vh,.skip')) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(back(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
  }
  const paper = light(back(document.body));
  for (const e of document.querySelectorAll('svg.chart text')) {
    const a = light(parse(getComputedStyle(e).fill));
    const ratio = (Math.max(a, paper) + 0.05) / (Math.min(a, paper) + 0.05);
    if (ratio < 4.5) bad.push('text.' + e.getAttribute('class') + ' ' + ratio.toFixed(2));
  }
  return [...new Set(bad)];
}"""

HEADINGS = """() => [...document.querySelectorAll('h1,h2,h3,h4,.rail,thead')]
  .every(e => getComputedStyle(e).breakAfter === 'avoid')"""
BROKEN = """() => [...document.querySelectorAll('.flag:not(:has(bdi))')].filter(e => e.getClientRects().length)
  .filter(e => e.getBoundingClientRect().height > 2 * parseFloat(getComputedStyle(e).lineHeight) * 0.9
    && !e.textContent.includes(' ')).map(e => e.textContent)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    for name, text in html.pages(samples.portfolio(), samples.catalogue()).items():
        (out / name).write_text(text, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not Path(program).exists():
        pytest.fail(f"These tests need Chromium: {program} is missing. Install it or set CHROMIUM to its path.")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


def visit(browser: Browser, file: Path, width: int, scheme: str = "light") -> tuple[Page, list[str], list[str]]:
    """The page, what it asked for besides itself, and what the console said."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    return page, [url for url in asked if url != file.as_uri()], said


def test_no_page_asks_for_anything_or_complains(browser: Browser, folder: Path) -> None:
    for file in sorted(folder.glob("*.html")):
        page, asked, said = visit(browser, file, 1280)
        assert (file.name, asked, said) == (file.name, [], [])
        assert page.evaluate("document.styleSheets.length") == 1
        page.close()


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_no_page_scrolls_sideways(browser: Browser, folder: Path, width: int) -> None:
    for file in sorted(folder.glob("*.html")):
        page, _, _ = visit(browser, file, width)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert (file.name, page.evaluate("document.documentElement.scrollWidth")) == (file.name, width)
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_badges_have_contrast(browser: Browser, folder: Path, scheme: str) -> None:
    for file in sorted(folder.glob("*.html")):
        page, _, _ = visit(browser, file, 1280, scheme)
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
        assert dark == (scheme == "dark")
        assert (file.name, page.evaluate(CONTRAST)) == (file.name, [])
        page.close()


def test_pages_print_with_their_charts_whole(browser: Browser, folder: Path) -> None:
    for file in sorted(folder.glob("*.html")):
        page, _, said = visit(browser, file, 1280, "dark")
        printed = page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert said == []
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        inside = "[...document.querySelectorAll('figure')].every(f => getComputedStyle(f).breakInside === 'avoid')"
        assert page.evaluate(inside)
        assert page.locator(".filters:visible").count() == 0
        assert page.evaluate(HEADINGS)
        page.close()


def test_the_answer_and_the_next_action_are_above_the_fold(browser: Browser, folder: Path) -> None:
    for result in (samples.ready(), samples.blocked(), samples.undecided()):
        for width in (360, 1280):
            page, _, _ = visit(browser, folder / html.page_name(result.advertiser_id, result.channel), width)
            box = page.locator(".next").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < 900
            page.close()


def test_the_portfolio_filters_without_a_script(browser: Browser, folder: Path) -> None:
    page, _, _ = visit(browser, folder / "index.html", 1280)
    page.locator("label[for=v-not_ready]").click()
    assert page.locator(".all tbody tr:visible").count() == 3
    page.locator("label[for=s-2]").click()
    assert page.locator(".all tbody tr:visible").count() == 1
    page.locator("label[for=v-all]").click()
    page.locator("label[for=s-all]").click()
    assert page.locator(".all tbody tr:visible").count() == 6
    page.close()


def test_names_and_flags_stay_whole_on_a_phone(browser: Browser, folder: Path) -> None:
    page, _, _ = visit(browser, folder / "index.html", 360)
    name = page.locator(".all tbody th").first.bounding_box()
    assert name is not None
    assert name["width"] > 0.4 * 360
    page.close()
    page, _, _ = visit(browser, folder / html.page_name(samples.ready().advertiser_id, "crm"), 360)
    assert page.evaluate(BROKEN) == []
    page.close()


@pytest.mark.parametrize("width", [720, 800, 1280])
def test_no_verdict_runs_into_the_step_beside_it(browser: Browser, folder: Path, width: int) -> None:
    page, _, _ = visit(browser, folder / "index.html", width)
    ends = "e => e.querySelector('i').getBoundingClientRect().right <= e.cells[2].getBoundingClientRect().left"
    assert page.evaluate(f"[...document.querySelectorAll('.all tbody tr')].every({ends})")
    page.close()


def test_the_next_action_is_the_widest_column(browser: Browser, folder: Path) -> None:
    page, _, _ = visit(browser, folder / "index.html", 1280)
    widths = page.evaluate("[...document.querySelectorAll('.all thead th')].map(e => e.getBoundingClientRect().width)")
    assert max(widths) == widths[4]
    assert widths[4] > 0.2 * sum(widths)
    page.close()


@pytest.mark.parametrize(("row", "channel"), [("ready", "CRM events"), ("undecided", "CRM history")])
def test_each_row_leads_to_its_advertiser_and_channel(row: str, channel: str, browser: Browser, folder: Path) -> None:
    page, _, _ = visit(browser, folder / "index.html", 1280)
    page.locator(f".all tr.{row} a", has_text="Autohaus Nord").click()
    assert page.locator("h1").inner_text() == "Autohaus Nord"
    assert page.locator(".eyebrow").inner_text().startswith(channel)
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_no_violation(width: int, scheme: str, browser: Browser, folder: Path) -> None:
    for file in sorted(folder.glob("*.html")):
        page, _, _ = visit(browser, file, width, scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert (file.name, [one["id"] for one in found.response["violations"]]) == (file.name, []), (
            found.generate_report()
        )
        assert found.response["passes"]
        page.close()


def names(page: Page) -> list[str]:
    return [name.strip() for name in page.locator(".all tbody tr:visible th a").all_inner_texts()]


def leads(page: Page) -> list[int]:
    return [
        int(text.replace(",", "")) for text in page.locator(".all tbody tr:visible td:last-child").all_inner_texts()
    ]


def test_the_portfolio_sorts_by_keyboard_and_says_so(browser: Browser, folder: Path) -> None:
    page, _, said = visit(browser, folder / "index.html", 1280)
    first = names(page)
    head = page.locator(".all thead th").last
    head.locator("button").focus()
    for direction, order in (("descending", -1), ("ascending", 1)):
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == direction
        assert leads(page) == sorted(leads(page), key=lambda n: order * n)
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") is None
    assert names(page) == first
    page.locator(".all thead th button").first.press("Enter")
    assert names(page) == sorted(first, key=str.casefold) != first
    assert said == []
    page.close()


def test_search_rule_and_who_acts_narrow_the_table_together(browser: Browser, folder: Path) -> None:
    page, _, said = visit(browser, folder / "index.html", 1280)
    everybody = len(names(page))
    page.locator("#q").focus()
    page.keyboard.type("AUTOHAUS nord")
    assert set(names(page)) == {"Autohaus Nord"}
    assert page.locator("#shown").inner_text() == f"{len(names(page))} of {everybody} rows"
    page.locator("#q").fill("")
    for code in page.locator("#rule option").evaluate_all(
        "all => all.map(one => one.value).filter(code => /^[A-Z]{3}[0-9]{3}$/.test(code))"
    ):
        page.locator("#rule").select_option(code)
        told = page.evaluate("document.querySelector('#rule').selectedOptions[0].textContent")
        assert told.endswith(f"({len(names(page))})")
        assert names(page)
    page.locator("#rule").select_option("")
    by_actor = 0
    for actor in ("Advertiser", "Partner", "Meta"):
        page.locator("#owner").select_option(actor)
        assert set(page.locator(".all tbody tr:visible td b").all_inner_texts()) <= {actor}
        by_actor += len(names(page))
    assert by_actor == page.locator(".all tbody tr:has(td b)").count()
    page.locator("#owner").select_option("Partner")
    page.locator("label[for=v-not_ready]").click()
    kept = names(page)
    assert page.locator("#shown").inner_text() == f"{len(kept)} of {everybody} rows"
    again, _, _ = visit(browser, folder / "index.html", 1280)
    again.goto(page.url)
    again.reload()
    assert names(again) == kept
    page.locator("#clear").press("Enter")
    assert len(names(page)) == everybody
    assert said == []
    page.close()


def test_without_a_script_the_tools_are_not_there(browser: Browser, folder: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((folder / "index.html").as_uri())
    assert page.locator("#tools").is_hidden()
    assert page.locator(".all thead button").count() == 0
    assert page.locator(".all tbody tr:visible").count() == 6
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_a_page_with_rows_at_fault_is_as_sound(width: int, scheme: str, browser: Browser, tmp_path: Path) -> None:
    full = samples.full(rows=40)
    file = tmp_path / "full.html"
    file.write_text(html.pages(samples.run(full), ())[html.page_name(full.advertiser_id, "crm")], encoding="utf-8")
    page, asked, said = visit(browser, file, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator(".rows table").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRAST) == []
    found = Axe().run(page)
    assert [one["id"] for one in found.response["violations"]] == [], found.generate_report()
    assert (asked, said) == ([], [])
    page.close()
