"""The PDF of a page, made by the real program and read by another one: its words, its charts, their colours."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import delivery_samples
import html_samples as samples
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from funnelcheck import language
from funnelcheck.delivery import pdf
from funnelcheck.render import drawing, html
from funnelcheck.render.files import write_report
from funnelcheck.resources import folder

pytestmark = pytest.mark.pdf
A4 = (595, 842)


@pytest.fixture(scope="module", autouse=True)
def _weasyprint() -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.fail(f"These tests need the libraries of WeasyPrint: {error}. Run make system as root.")


@cache
def page() -> str:
    run = samples.run(samples.ready())
    return html.pages(run, samples.catalogue())[html.page_name(*key(samples.ready()))]


def key(result: samples.AdvertiserResult) -> tuple[str, str]:
    return result.advertiser_id, result.channel


@cache
def made() -> bytes:
    return pdf.render(page())


@pytest.fixture(scope="module")
def document() -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(made())


def words(document: pypdfium2.PdfDocument) -> str:
    return " ".join(" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document)


def colours(sheet: pypdfium2.PdfPage) -> set[str]:
    """Fill and stroke colours of the paths on a sheet, as #rrggbb."""
    found = set()
    for thing in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        for ask in (pdfium.FPDFPageObj_GetFillColor, pdfium.FPDFPageObj_GetStrokeColor):
            parts = [pdfium.c_uint() for _ in range(4)]
            if ask(thing.raw, *parts):
                found.add("#{:02x}{:02x}{:02x}".format(*(part.value for part in parts[:3])))
    return found


def test_it_says_what_the_page_says_the_folded_parts_too(document: pypdfium2.PdfDocument) -> None:
    said = words(document)
    result = samples.ready()
    for expected in (result.summary.removeprefix("Ready: ")[1:], result.actions[0].what, "Overdue after", "SHA-256"):
        assert expected in said
    for finding in result.findings:
        assert finding.title in said
    assert f"1 / {len(document)}" in said


def test_the_marks_of_the_charts_have_the_colours_of_the_page(document: pypdfium2.PdfDocument) -> None:
    drawn = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', page()))
    assert {drawing.ACCENT, drawing.SOFT, drawing.BAND, drawing.MARK, drawing.EDGE, drawing.GRID, drawing.LINE} <= drawn
    texts = {drawing.INK, drawing.MUTED}
    assert drawn - texts <= set.union(*map(colours, document))


def test_the_charts_have_the_colours_that_the_style_sheet_gives_them() -> None:
    sheet = (folder("reports") / "assets" / "style.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", sheet[: sheet.index("@media")]))
    marks = dict(re.findall(r"^\.(t|t\.m|c-[a-z-]+)(?:, \.c-grid)? \{ (?:fill|stroke): var\(--([a-z]+)\)", sheet, re.M))
    marks |= dict(re.findall(r"^\.(c-grid) \{ fill: var\(--([a-z]+)\)", sheet, re.M))
    pairs = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"[^>]*? class="([a-z -]+)"', page()))
    assert len(pairs) > 8
    for colour, classes in pairs:
        name = "t.m" if classes == "t m" else classes.split()[0]
        assert colour == light[marks[name]], classes


def test_no_chart_is_cut_and_nothing_leaves_the_sheet(document: pypdfium2.PdfDocument) -> None:
    stays_on_the_sheet(document)
    whole = [" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document]
    for first, last in (("leads created that day", "A red tick marks"), ("80 %", "days since the lead")):
        assert any(first in text and last in text for text in whole)


def test_the_fullest_page_in_french_stays_on_the_sheet() -> None:
    full = samples.full()
    with language.use("fr"):
        text = html.pages(samples.run(full), ())[html.page_name(*key(full))]
        stays_on_the_sheet(pypdfium2.PdfDocument(pdf.render(text)))


def stays_on_the_sheet(document: pypdfium2.PdfDocument) -> None:
    """A4, and nothing in its margins."""
    for sheet in document:
        width, height = sheet.get_size()
        assert (round(width), round(height)) == A4
        picture = sheet.render(scale=1).to_pil().convert("L")
        for edge in ((0, 0, 30, picture.height), (picture.width - 30, 0, picture.width, picture.height)):
            assert picture.crop(edge).getextrema() == (255, 255)


def test_the_same_page_gives_the_same_bytes() -> None:
    text = html.pages(samples.portfolio(), ())["index.html"]
    assert pdf.render(text) == pdf.render(text)


def test_nothing_is_fetched_whatever_a_page_asks_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'read from disk' }")
    with delivery_samples.serving() as server:
        asks = f"<img src='{server.url}'><link rel=stylesheet href='{server.url}'>"
        asks += f"<link rel=stylesheet href='{secret.as_uri()}'>"
        asks += f"<style>@import url({server.url}); body {{ background: url({server.url}) }}</style><p>still here</p>"
        text = words(pypdfium2.PdfDocument(pdf.render(asks)))
        assert server.got == []
    assert "still here" in text
    assert "read from disk" not in text


def test_a_page_of_hostile_text_becomes_a_pdf() -> None:
    run = samples.run(samples.hostile())
    text = html.pages(run, ())["index.html"]
    assert "alert(1)" in words(pypdfium2.PdfDocument(pdf.render(text)))


def test_it_lies_beside_its_page(tmp_path: Path) -> None:
    write_report(samples.run(), (), tmp_path / "report", pdf.beside)
    names = {file.name for file in (tmp_path / "report").iterdir()}
    assert names == {"index.html", "index.pdf", "rules.html", "results.json"}
    write_report(samples.run(), (), tmp_path / "report")  # an earlier report goes whole
    assert not list((tmp_path / "report").glob("*.pdf"))


def test_report_makes_them_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, out = delivery_samples.fill(tmp_path), tmp_path / "out"
    before_all = "2000-01-01"  # nobody to judge: one page is enough here
    assert delivery_samples.funnelcheck(store, "report", "--pdf", "--out", out, as_of=before_all) == 0
    assert (out / "index.pdf").read_bytes().startswith(b"%PDF")
    assert "making 1 PDF" in capsys.readouterr().err


def test_without_the_extra_a_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._library.cache_clear()
    code = delivery_samples.funnelcheck(tmp_path / "no.duckdb", "report", "--pdf", "--out", tmp_path / "out")
    pdf._library.cache_clear()
    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (2, 1)
    for needed in ("pip install 'funnelcheck[pdf]'", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"):
        assert needed in told
    assert not (tmp_path / "out").exists()
