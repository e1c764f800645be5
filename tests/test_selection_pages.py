"""The pages of a selection: a league table, each advertiser, its brief, the partner; whole, inert, and readable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import league_samples as samples
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook
from test_html import Parsed
from test_html_browser import CONTRAST, browser, visit

from funnelcheck import language
from funnelcheck.cli import run as run_cli
from funnelcheck.cli.commands import cli
from funnelcheck.config import Config, parse
from funnelcheck.config import load as load_config
from funnelcheck.delivery.briefs import briefs
from funnelcheck.errors import OutputError
from funnelcheck.model import Status
from funnelcheck.render import brief, selection_json
from funnelcheck.render.files import write_selection
from funnelcheck.render.html import choosing
from funnelcheck.rulebook import load, load_guide
from funnelcheck.selection import Selection, select
from funnelcheck.selection.prerequisites import Prerequisites, prerequisites
from funnelcheck.store import open_store

__all__ = ["browser"]  # a fixture
LEAD_ID = re.compile(r"(?<![0-9a-f])[0-9]{15,17}(?![0-9a-f])|crm-[0-9]")
EVERYTHING = """
[partner]
authentication = "client-token"
ads_management_standard_access = true
permissions = ["ads_management", "ads_read", "pages_read_engagement", "pages_show_list", "business_management"]
[advertiser.b]
business_id = "12"
dataset_id = "34"
system_user_token_made = true
[advertiser.a]
business_id = "12"
dataset_id = "34"
system_user_token_made = true
identifiers_shared = true
"""
INERT = {"img", "link", "iframe", "object", "base", "embed"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    samples.write(folder)
    return folder


@pytest.fixture(scope="module")
def judged(sources: Path) -> tuple[Selection, Prerequisites]:
    selection, partner = samples.judged(sources)
    return samples.supposed(selection), partner


@pytest.fixture(scope="module")
def written(judged: tuple[Selection, Prerequisites], sources: Path) -> dict[str, str]:
    return dict(pages(*judged, load_config(sources / "funnelcheck.toml")))


@pytest.fixture(scope="module")
def folder(written: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages") / "out"
    return write_selection(written.items(), "{}", out).parent


def pages(selection: Selection, partner: Prerequisites, config: Config) -> Iterator[tuple[str, str]]:
    names = choosing.selection_names(selection)
    linked = {one: brief.name_of(page, "html") for one, page in names.items()}
    yield from choosing.selection_pages(selection, partner, load(config).selection, linked)
    yield from briefs(selection, config, names)


def page_of(written: dict[str, str], slug: str) -> str:
    return next(text for name, text in written.items() if name.startswith(f"advertiser-{slug}"))


def brief_of(written: dict[str, str], slug: str, ending: str) -> str:
    return next(text for name, text in written.items() if name.startswith(f"briefs/{slug}") and name.endswith(ending))


# --- whole ----------------------------------------------------------------------------------------------------------


def test_every_advertiser_has_a_page_and_a_brief_and_the_partner_a_checklist(written: dict[str, str]) -> None:
    assert {"index.html", "partner.html", "rules.html"} < set(written)
    assert sum(name.startswith("advertiser-") for name in written) == len(samples.STORIES)
    assert sum(name.startswith("briefs/") for name in written) == 2 * len(samples.STORIES)


def test_pages_stand_alone_and_links_lead_somewhere(written: dict[str, str]) -> None:
    parsed = {name: Parsed(text) for name, text in written.items() if name.endswith(".html")}
    ids = {name: [a["id"] for _, a in page.tags if "id" in a] for name, page in parsed.items()}
    for name, page in parsed.items():
        assert len(ids[name]) == len(set(ids[name])), name
        assert len(page.all("h1")) == 1
        assert not INERT & {tag for tag, _ in page.tags}
        assert [tag for tag, _ in page.tags].count("script") == (name == "index.html")
        for _, attributes in page.tags:
            assert not {"src", "style", "action"} & set(attributes)
            assert not [key for key in attributes if key.startswith("on")]
        for attributes in page.all("a"):
            target, _, anchor = (attributes["href"] or "").partition("#")
            assert (target or name) in written, (name, attributes)
            assert not anchor or anchor in ids[target or name], (name, attributes)


def test_the_table_tells_what_a_place_comes_from(judged: tuple[Selection, Prerequisites]) -> None:
    selection, partner = judged
    plain = dict(pages(replace(selection, what_if=(), before=None), partner, Config()))["index.html"]
    rows = re.findall(r'<tr class="([a-z-]+)"><td>(.*?)</td></tr>', plain)
    assert [kind for kind, _ in rows] == [str(one.suitability) for one in selection.advertisers]
    assert [re.match(r"\d+", row)[0] for _, row in rows] == [str(one.rank) for one in selection.advertisers]  # type: ignore[index]
    first = rows[0][1]
    assert "Autohaus Nord" in first
    assert "about 90 %" in first.replace(" %", " %")  # its chance
    assert re.search(r"Qualified.*\d\.\d %.* to .*nine in ten within", first)
    assert "100 % of" in first
    assert "was " not in plain


def test_what_a_supposition_changed_is_marked_and_nothing_else(
    written: dict[str, str], judged: tuple[Selection, Prerequisites]
) -> None:
    index = written["index.html"]
    assert index.count('class="was"') == 3  # rank, suitability and chance of the last one
    last = index[index.rindex("<tr class=") :]
    assert last.count('class="was"') == 3
    assert "was Ready to launch" in last
    assert "It changes nothing for this advertiser." in page_of(written, "autohaus")
    last = page_of(written, "kids-academy")
    assert '<td class="was">Ready to launch</td>' in last
    assert re.search(r'<td class="was">–</td><td>Launched on .*campaigns can run fully optimised', last)


def test_a_page_tells_plan_volume_funnel_ids_and_answers(written: dict[str, str]) -> None:
    told = Parsed(page_of(written, "cuisines-delta")).text
    for words in (
        "Needs work",
        "in the last 30 days",
        "another key of the CRM",
        "Does the quality of leads count for it?",
        "Build the partner's integration",
        "events a week are to be expected",
        "The CRM knows its leads by Meta's lead id",
    ):
        assert words in told, words
    assert page_of(written, "cuisines-delta").count("<svg") >= 3


def test_an_advertiser_of_whom_nothing_is_known_has_a_page(written: dict[str, str]) -> None:
    told = Parsed(page_of(written, "kids-academy")).text
    assert "No history of the CRM is known" in told
    assert "No list of leads and no count of them is known." in Parsed(page_of(written, "jet-school")).text


def test_nobody_to_choose_from_is_said_and_the_partner_is_judged() -> None:
    with open_store() as store:
        selection = select(store, as_of=samples.AS_OF)
        partner = prerequisites(store, as_of=samples.AS_OF)
    made = dict(pages(selection, partner, Config()))
    assert set(made) == {"index.html", "partner.html", "rules.html"}
    assert "No advertiser to choose from" in made["index.html"]
    assert "<script" not in made["index.html"]
    assert "0 of 7 prerequisites hold" in Parsed(made["partner.html"]).text


def test_the_same_selection_gives_the_same_bytes(
    written: dict[str, str], judged: tuple[Selection, Prerequisites], sources: Path
) -> None:
    assert dict(pages(*judged, load_config(sources / "funnelcheck.toml"))) == written


# --- inert and discreet ---------------------------------------------------------------------------------------------


def test_hostile_names_are_words_and_nothing_else(written: dict[str, str]) -> None:
    for name, text in written.items():
        assert not re.search(r"(?<!\\)<(script>alert|img)", text), name
        assert "\u202e" not in text, name
        assert "\u2066" not in text, name
    hostile = brief_of(written, "script", ".md")
    assert "](" not in hostile.replace("\\]", "")
    assert "@all" not in hostile
    assert not re.search(r"(?<!\\)<", hostile)
    table = [line for line in hostile.splitlines() if line.startswith("|")]
    assert table
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {3, 4}


def test_no_output_holds_an_id_of_a_lead(written: dict[str, str], judged: tuple[Selection, Prerequisites]) -> None:
    for name, text in {**written, "json": selection_json.render(judged[0])}.items():
        assert not LEAD_ID.search(re.sub(r"sha256-[^']*'", "", text)), name


# --- briefs ---------------------------------------------------------------------------------------------------------


def test_a_brief_speaks_its_advertisers_language_in_plain_words(written: dict[str, str]) -> None:
    french, english = brief_of(written, "banque-du-lac", ".md"), brief_of(written, "dental-point", ".md")
    assert "Qui fait quoi" in french
    assert "Who does what" in english
    assert 'lang="fr"' in brief_of(written, "banque-du-lac", ".html")
    for name, text in written.items():
        if name.startswith("briefs/"):
            assert not re.search(r"\b[A-Z]{3}\d{3}\b", text.partition("</style>")[2] or text), name


def test_a_brief_names_steps_fields_aim_dates_and_what_is_missing(written: dict[str, str]) -> None:
    told = brief_of(written, "cuisines-delta", ".md")
    assert re.search(r"1\. Lead\n2\. Contacted\n3\. Qualified\n4\. Sold", told)
    for key in ("user_data.lead_id", "event_name", "event_time", "lead_event_source", "system_generated"):
        assert key in told
    assert "« Qualified »" in told.replace("\u00a0", " ")
    assert "1 déc. 2026" in told.replace("\u00a0", " ").replace("1er", "1")
    assert "le numéro que Meta donne à chaque prospect" in told
    assert "Rien" not in told
    assert "Nothing: you can start." in brief_of(written, "autohaus-nord", ".md")


def test_a_brief_without_a_date_of_launch_tells_how_long_it_takes(judged: tuple[Selection, Prerequisites]) -> None:
    one = replace(judged[0].advertisers[0], plan=None)
    told = brief.brief(judged[0], one, load_guide(judged[0].guide.key))
    assert told.duties_told.startswith("There is no date of launch yet")
    assert [duty.when for duty in told.duties] == [step.duration for step in judged[0].guide.steps]


def test_a_brief_of_the_selections_language_where_the_advertiser_has_none(
    judged: tuple[Selection, Prerequisites],
) -> None:
    with language.use("fr"):
        made = dict(briefs(judged[0], Config(), choosing.selection_names(judged[0])))
    assert all("Qui fait quoi" in text for name, text in made.items())


# --- the partner ----------------------------------------------------------------------------------------------------


def test_the_partner_is_judged_by_its_worst_advertiser_and_who_lacks_what_is_named(
    judged: tuple[Selection, Prerequisites],
) -> None:
    lines = {line.finding.code: line for line in judged[1].lines}
    assert sorted(lines) == [f"ACC00{n}" for n in range(1, 8)]
    assert lines["ACC001"].finding.status is Status.FAIL  # 1,300 of 1,500 calls
    assert lines["ACC002"].finding.status is Status.PASS
    assert lines["ACC004"].finding.status is Status.FAIL
    stored = lines["ACC007"]
    assert (stored.advertisers, len(stored.lacking)) == (12, 8)
    assert "Autohaus Nord" not in {one.advertiser_id for one in stored.lacking}


def test_a_partner_that_has_everything_passes_before_any_advertiser_has_sent() -> None:
    config = parse(EVERYTHING, Path("funnelcheck.toml"))
    with open_store() as store:
        select(store, as_of=samples.AS_OF, config=config)
        found = {one.finding.code: one for one in prerequisites(store, as_of=samples.AS_OF, config=config).lines}
    assert [found[code].finding.status for code in ("ACC004", "ACC005", "ACC007")] == [Status.PASS] * 3
    assert [one.advertiser_id for one in found["ACC006"].lacking] == ["b"]
    assert found["ACC007"].advertisers == 2
    assert found["ACC001"].finding.status is Status.NOT_EVALUABLE


# --- the command ----------------------------------------------------------------------------------------------------


def ran(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["select", "--as-of", "2026-11-22T13:30:00Z", "-q", *words])
    return done.exit_code, done.output


def test_the_command_writes_pages_and_a_spreadsheet_beside_what_it_prints(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    samples.write(sources, samples.STORIES[10:])
    out, sheet, table = tmp_path / "out", tmp_path / "s.xlsx", tmp_path / "s.csv"
    given = [f"--{name}={sources / file}" for name, file in (("leads", "leads.csv"), ("history", "history.csv"))]
    given += [f"--calls={sources / 'calls.csv'}", f"--config={sources / 'funnelcheck.toml'}"]
    code, _ = ran(*given, f"--out={out}", f"--format=xlsx={sheet}", f"--format=csv={table}", "--format=json")
    assert code == 0
    assert json.loads((out / "selection.json").read_text())["schema"] == "funnelcheck/select/1"
    assert "1,300" in (out / "partner.html").read_text()
    head, *rows = CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).to_python()
    assert head[:4] == ["rank", "advertiser_id", "suitability", "probability"]
    assert [row[0] for row in rows] == [1, 2]
    assert len(table.read_text().splitlines()) >= len(rows)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["leads.csv", "history.csv", "answers.csv", "calls.csv", "funnelcheck.toml"])
def test_a_table_never_takes_the_place_of_what_it_is_made_from(name: str, tmp_path: Path) -> None:
    samples.write(tmp_path, samples.STORIES[:1])
    sources = [f"--{option}={tmp_path / file}" for option, file in SOURCES.items()]
    before = (tmp_path / name).read_bytes()
    assert run_cli(["select", *sources, "-q", f"--format=csv={tmp_path / name}"]) == 2
    assert (tmp_path / name).read_bytes() == before


SOURCES = {
    "leads": "leads.csv",
    "history": "history.csv",
    "questionnaire": "answers.csv",
    "calls": "calls.csv",
    "config": "funnelcheck.toml",
}


def test_a_spreadsheet_needs_a_file() -> None:
    assert run_cli(["select", "--format", "xlsx"]) == 2


def test_a_folder_of_pages_is_replaced_whole_and_no_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = {"index.html": "1", "partner.html": "1", "rules.html": "1", "briefs/a-1.md": "1", "advertiser-a-1.html": ""}
    write_selection(first.items(), "{}", out)
    write_selection([(name, "2") for name in ("index.html", "partner.html", "rules.html")], "{}", out)
    assert sorted(file.name for file in out.iterdir()) == ["index.html", "partner.html", "rules.html", "selection.json"]
    (out / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="no selection of ours"):
        write_selection(first.items(), "{}", out)
    assert (out / "notes.txt").read_text() == "mine"
    report = tmp_path / "report"
    report.mkdir()
    for name in ("index.html", "rules.html", "results.json"):
        (report / name).write_text("")
    with pytest.raises(OutputError):
        write_selection(first.items(), "{}", report)


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_pages_are_readable_by_everybody(width: int, scheme: str, browser: Browser, folder: Path) -> None:
    files = [folder / "index.html", next(folder.glob("advertiser-script*"))]
    files += [folder / "partner.html", next(folder.glob("briefs/script*.html"))] if width == 360 else []
    for file in files:
        page, asked, said = visit(browser, file, width, scheme)
        assert (file.name, asked, said) == (file.name, [], [])
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert (file.name, page.evaluate("document.documentElement.scrollWidth")) == (file.name, width)
        assert (file.name, page.evaluate(CONTRAST)) == (file.name, [])
        found = Axe().run(page)
        assert (file.name, found.response["violations"]) == (file.name, []), found.generate_report()
        page.close()


@pytest.mark.browser
def test_the_table_sorts_and_narrows_with_a_script_and_without(browser: Browser, folder: Path) -> None:
    page, _, said = visit(browser, folder / "index.html", 1280)
    rows = page.locator(".all tbody tr:visible")
    first = rows.nth(0).inner_text()
    page.locator(".all thead th button").nth(4).click()
    leads = [
        int(re.sub(r"\D", "", text) or -1) for text in page.locator(".all tbody td:nth-child(5)").all_inner_texts()
    ]
    assert leads == sorted(leads, reverse=True)
    page.locator(".all thead th button").nth(2).click()
    kinds = page.evaluate("[...document.querySelectorAll('.all tbody tr')].map(row => row.classList[0])")
    order = ["ready", "needs-work", "undecided", "not-suitable"]
    assert kinds == sorted(kinds, key=order.index)
    page.locator("#rule").select_option("SEL007")
    assert all("SEL007" in text for text in rows.all_inner_texts()[:1])
    page.locator("#clear").click()
    assert rows.nth(0).inner_text() == first
    page.locator("label[for=v-not-suitable]").click()
    assert rows.count() == page.locator(".all tbody tr.not-suitable").count() > 0
    assert said == []
    page.close()
