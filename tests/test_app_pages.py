"""What a report tells of App Events: figures counted again, hostile names, channels side by side."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser
from test_html import Parsed
from test_html_browser import CONTRAST, browser, visit
from test_judgement import AS_OF, DAY, event, funnel, ready_leads

from funnelcheck import config, numbers, rulebook
from funnelcheck.appfigures import AppFigures, Discrepancy, GapAnswer, Installs
from funnelcheck.compare import snapshot
from funnelcheck.contracts import schema
from funnelcheck.delivery import chat, mail
from funnelcheck.extracts import rows_at_fault
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Waiver
from funnelcheck.render import digest, html, text
from funnelcheck.render.json import document
from funnelcheck.reported import AdvertiserResult, Run
from funnelcheck.store import Store, open_store

__all__ = ["browser"]
HOSTILE = "</title><script>alert(1)</script>\u202e{{ 7*7 }}"
RECENT = 28 * DAY
EXPECTED = {
    "fb_mobile_purchase": ["fb_num_items", "fb_content_type", "fb_content_id", "fb_currency"],
    "Subscribe": ["fb_order_id", "fb_currency"],
    "fb_mobile_search": ["fb_content_type", "fb_search_string", "fb_success"],
    "Contact": [],
}
OWN = [f"Level {n} done" for n in range(30)]
CONFIG = config.Config(
    waivers=(
        Waiver("APP002", "mixed", "2026-12-31", "Ada", "known"),
        Waiver("COV002", "mixed", "2026-12-31", "Ada", "known"),
    )
)
Json = dict[str, Any]


def request(owner: str, sent_at: int, params: Json, app_id: str = "2244") -> Json:
    url = f"https://graph.facebook.com/v25.0/{app_id}/activities"
    return {
        "advertiser_id": owner,
        "url": url,
        "params": params,
        "sent_at": sent_at,
        "response": {"success": True},
        "headers": {"X-Forwarded-For": "82.10.1.2"},
    }


def shop() -> list[Json]:
    """Requests of one app over eight weeks, with whatever may be missing missing now and then."""
    random = Random(11)
    records = []
    for n in range(160):
        sent_at = AS_OF - 1 - n * 56 * DAY // 160
        ios = random.random() < 0.4
        device = f"{random.getrandbits(32):08x}-1111-4111-a111-{random.getrandbits(48):012x}"
        if random.random() < 0.2:
            device = "00000000-0000-0000-0000-000000000000"
        params: Json = {
            "event": "CUSTOM_APP_EVENTS",
            "advertiser_tracking_enabled": random.choice([0, 1, 1, "true", None, "maybe"]),
            "application_tracking_enabled": random.choice([1, 1, 1, None]),
            "advertiser_id": random.choice([device, device.upper(), device, None, "nobody"]),
            "attribution": random.choice([None, None, "A" * 22]),
            "anon_id": random.choice([None, "XZ1"]),
            "extinfo": [("i2" if ios else "a2"), "com.shop", "1", "1.0", "17.1" if ios else "14"],
            "ud": random.choice([None, {"em": "a" * 64}, {"em": "plain@example.org", "ph": "b" * 64, "shoe": "44"}]),
            "custom_events": [one_event(random, n, sent_at) for _ in range(random.randint(1, 4))],
        }
        if n % 8 == 0:
            params = {key: value for key, value in params.items() if key != "custom_events"}
            params["event"] = "MOBILE_APP_INSTALL"
        params = {key: value for key, value in params.items() if value is not None}
        records.append(request("shop", sent_at, params, "2244" if n % 5 else "2245"))
    return records


def one_event(random: Random, n: int, sent_at: int) -> Json:
    name = random.choice([*EXPECTED, *OWN])
    made: Json = {"_eventName": name, "_logTime": sent_at - 60}
    if random.random() < 0.7:
        made["event_id"] = str(random.randint(1, 40))
    if random.random() < 0.5:
        made["_valueToSum"] = 5
    for parameter in EXPECTED.get(name, ["colour", "_private"]):
        if random.random() < 0.7:
            made["fb_content" if parameter == "fb_content_id" and n % 2 else parameter] = "1"
    return made


def hostile() -> list[Json]:
    names = [HOSTILE, *(f"{HOSTILE} {n}" for n in range(24))]
    events = [{"_eventName": name, "_logTime": AS_OF - DAY, HOSTILE: 1} for name in names]
    return [request(HOSTILE, AS_OF - DAY, {"event": HOSTILE, "custom_events": events, "ud": {HOSTILE: "x"}}, "77")]


def log() -> list[Json]:
    crm = [one | {"advertiser_id": "mixed"} for one in funnel(ready_leads(), "Won")]
    unsaid = {"custom_events": [{"_eventName": "Contact", "_logTime": AS_OF - DAY}]}
    mixed = [request("mixed", AS_OF - DAY - n, unsaid) for n in range(20)]
    install = {"event": "MOBILE_APP_INSTALL", "application_tracking_enabled": 1, "advertiser_tracking_enabled": 1}
    installs = [
        request("installs", AS_OF - DAY - n, install | {"advertiser_id": f"{n:08x}-1111-4111-a111-00000000000a"})
        for n in range(3)
    ]
    return [*crm, event(1, "Lead", AS_OF - DAY, advertiser_id="crm-alone"), *mixed, *installs, *shop(), *hostile()]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file = tmp_path_factory.mktemp("app") / "log.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in log()))
    with open_store() as opened:
        ingest(opened, [str(file)], [])
        yield opened


@pytest.fixture(scope="module")
def run(store: Store) -> Run:
    return check(store, as_of=AS_OF, config=CONFIG, rows=3)


@pytest.fixture(scope="module")
def pages(run: Run) -> dict[str, str]:
    return html.pages(run, rulebook.load(CONFIG).rules)


def result_of(run: Run, owner: str, channel: str = "app") -> AdvertiserResult:
    return next(one for one in run.advertisers if one.key == (owner, channel))


def figures_of(run: Run, owner: str) -> AppFigures:
    found = result_of(run, owner).app
    assert found is not None
    return found


def page_of(pages: dict[str, str], owner: str, channel: str = "app") -> str:
    return pages[html.page_name(owner, channel)]


def is_recent(record: Json) -> bool:
    latest = max(one["sent_at"] for one in shop())
    return bool(record["sent_at"] > latest - RECENT)


def events_of(records: list[Json]) -> list[tuple[Json, Json]]:
    return [(record, one) for record in records for one in record["params"].get("custom_events", [])]


def test_names_are_counted_as_plain_python_counts_them(run: Run) -> None:
    app = figures_of(run, "shop")
    every, recent = events_of(shop()), events_of([one for one in shop() if is_recent(one)])
    expected = Counter(one["_eventName"] for _, one in every)
    lately = Counter(one["_eventName"] for _, one in recent)
    sent: defaultdict[str, list[int]] = defaultdict(list)
    for record, one in every:
        sent[one["_eventName"]].append(record["sent_at"])
    shown = {one.name: one for one in (*app.standard, *app.own)}
    assert {one.name for one in app.standard} == set(EXPECTED)
    assert (len(app.own), app.own_count) == (20, len(set(expected) - set(EXPECTED)))
    order = sorted(set(expected) - set(EXPECTED), key=lambda name: (-lately[name], -expected[name], name))
    assert [one.name for one in app.own] == order[:20]
    for name, one in shown.items():
        assert (one.events, one.recent_events) == (expected[name], lately[name])
        assert (one.first_sent, one.last_sent) == (min(sent[name]), max(sent[name]))
    assert app.conversions == len(every)
    assert app.installs == sum(one["params"].get("event") == "MOBILE_APP_INSTALL" for one in shop())
    assert app.requests == len(shop())
    assert app.app_ids == ("2244", "2245")
    assert [(one.family, one.names) for one in app.families] == [("Level # done", app.own_count)]


def test_what_standard_events_lack_is_counted_over_the_recent_ones(run: Run) -> None:
    recent = events_of([one for one in shop() if is_recent(one)])
    for one in figures_of(run, "shop").standard:
        of_name = [made for _, made in recent if made["_eventName"] == one.name]
        assert {parameter.parameter: parameter.missing for parameter in one.expected} == {
            parameter: sum(
                parameter not in made and not (parameter == "fb_content_id" and "fb_content" in made)
                for made in of_name
            )
            for parameter in EXPECTED[one.name]
        }
        assert one.with_value == sum("_valueToSum" in made for made in of_name)
        assert (one.value_meaning is not None) == (one.name in ("fb_mobile_purchase", "Subscribe"))


def device_form(value: str | None) -> str:
    if value is None:
        return "missing"
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        return "other"
    if not value.strip("0-"):
        return "zeros"
    return "lower" if value == value.lower() else "upper"


def test_flags_and_identifiers_are_counted_by_platform(run: Run) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for record in filter(is_recent, shop()):
        params = record["params"]
        platform = "ios" if params["extinfo"][0] == "i2" else "android"
        said = str(params.get("advertiser_tracking_enabled", "missing"))
        counted["platform", "", platform] += 1
        counted["advertiser_tracking", platform, "other" if said == "maybe" else said] += 1
        counted["application_tracking", platform, str(params.get("application_tracking_enabled", "missing"))] += 1
        counted["advertiser_id", platform, device_form(params.get("advertiser_id"))] += 1
        counted["attribution", platform, "cookie" if "attribution" in params else "missing"] += 1
        counted["anon_id", platform, "sent" if "anon_id" in params else "missing"] += 1
        known = device_form(params.get("advertiser_id")) not in ("missing", "zeros")
        there = known or {"attribution", "anon_id", "ud"} & set(params)
        counted["any", platform, "sent" if there else "missing"] += 1
        for parameter, value in params.get("ud", {}).items():
            if parameter == "shoe":
                counted["unknown", "", "shoe"] += 1
            else:
                counted["ud", parameter, "sha256" if len(value) == 64 else "plain"] += 1
    told = {
        (one.about, one.part, one.answer): one.requests
        for one in figures_of(run, "shop").tallies
        if one.about not in ("transport", "leniency", "forwarded", "answer", "version")
    }
    assert told == dict(counted)


def test_ids_sent_again_are_counted_by_name(run: Run) -> None:
    recent = events_of([one for one in shop() if is_recent(one)])
    copies = Counter((record["url"], one["_eventName"], one["event_id"]) for record, one in recent if "event_id" in one)
    ids = figures_of(run, "shop").ids
    assert (ids.events, ids.with_id) == (len(recent), sum("event_id" in one for _, one in recent))
    assert ids.repeated == sum(n > 1 for n in copies.values()) > 0
    assert ids.surplus == sum(n - 1 for n in copies.values() if n > 1)
    assert 0 < ids.contradicting <= ids.repeated


def test_days_are_those_of_sending(run: Run) -> None:
    expected: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in shop():
        day = datetime.fromtimestamp(record["sent_at"], UTC).date().isoformat()
        expected[day]["installs"] += record["params"].get("event") == "MOBILE_APP_INSTALL"
        expected[day]["conversions"] += len(record["params"].get("custom_events", []))
    told = {one.day: (one.installs, one.conversions) for one in figures_of(run, "shop").days}
    assert told == {day: (n["installs"], n["conversions"]) for day, n in expected.items()}


def test_the_page_tells_the_figures(run: Run, pages: dict[str, str]) -> None:
    app, told = figures_of(run, "shop"), Parsed(page_of(pages, "shop")).text
    assert f"{numbers.of(20, app.own_count)} are shown" in told
    assert f"Level # done: {app.own_count} names" in told
    assert numbers.ratio(app.ids.with_id, app.ids.events) in told
    purchase = next(one for one in app.standard if one.name == "fb_mobile_purchase")
    for parameter in purchase.expected:
        assert f"{parameter.parameter} missing in {numbers.ratio(parameter.missing, purchase.recent_events)}" in told
    assert "Parameters of ud that the guide does not know: shoe" in told
    assert "as JSON" in told
    assert "the price of the purchase" in told


def test_nothing_personal_stands_on_a_page(pages: dict[str, str]) -> None:
    told = page_of(pages, "shop")
    assert "plain@example.org" not in told
    assert "-1111-4111-a111-" not in told
    assert "82.10.1.2" not in told


def test_hostile_names_are_escaped_made_visible_and_cut(pages: dict[str, str]) -> None:
    for page in (page_of(pages, HOSTILE), pages["index.html"]):
        assert "<script>alert(1)" not in page
        assert "\u202e" not in page
    told = Parsed(page_of(pages, HOSTILE)).text
    assert "⟨U+202E⟩" in told
    assert "{{ 7*7 }}" in told
    assert "20 of 25 are shown" in told


def test_an_app_that_only_reports_installs_has_a_whole_page(run: Run, pages: dict[str, str]) -> None:
    app, told = figures_of(run, "installs"), Parsed(page_of(pages, "installs")).text
    assert (app.installs, app.conversions, app.standard, app.own) == (3, 0, (), ())
    assert "No event of the app was sent, only installs." in told
    assert "No event of the app was sent lately." in told
    assert "Standard events carry" in told  # the rules are all there
    assert "Names used up" not in told
    assert "None" not in told.replace("None of", "")


def test_what_a_measurement_partner_counts_has_a_section_where_it_is_loaded(run: Run, pages: dict[str, str]) -> None:
    base = result_of(run, "shop")
    days = tuple(Installs(20 + n, 10, f"2026-11-{n % 28 + 1:02d}", "ios", is_compared=n != 1) for n in range(130))
    answers = (GapAnswer("ios", "cause", "Does it stand on iOS?", HOSTILE), GapAnswer("sdk", "person", "Q?", "A."))
    gap = Discrepancy(
        None, "", (), "UTC", None, None, Installs(90, 100), (Installs(90, 100, None, "ios"),), days,
        "2026-11-01", "2026-11-28", answers,
    )  # fmt: skip
    shown = replace(base, app=replace(figures_of(run, "shop"), discrepancy=gap))
    made = html.pages(replace(run, advertisers=(shown,)), ())
    told = Parsed(page_of(made, "shop")).text
    assert "2026-11-01 to 2026-11-28 (UTC)" in told
    rows = re.findall(r'<th scope="row">all</th>(.*?)</tr>', page_of(made, "shop"))
    assert [re.sub(r"<[^>]+>", " ", row).split() for row in rows] == [["90", "100", "−10", "−10.0", "%"]]
    assert "Likely" in told
    assert "To be asked" in told
    assert "120 of 130 are shown, the latest." in told
    assert "<script>alert(1)" not in page_of(made, "shop")
    silent = replace(gap, reason="no_mmp", why="No export is loaded.", answers=())
    bare = replace(base, app=replace(figures_of(run, "shop"), discrepancy=silent))
    told = Parsed(page_of(html.pages(replace(run, advertisers=(bare,)), ()), "shop")).text
    assert "No export is loaded." in told
    assert "Compared are the days" not in told
    assert 'id="discrepancy"' not in page_of(pages, "shop")


def test_pages_of_one_advertiser_link_to_each_other(pages: dict[str, str]) -> None:
    assert html.page_name("mixed", "crm") in page_of(pages, "mixed")
    assert html.page_name("mixed", "app") in page_of(pages, "mixed", "crm")
    assert "Its App Events" not in page_of(pages, "crm-alone", "crm")
    assert "Its CRM events" not in page_of(pages, "shop")


def test_the_portfolio_counts_advertisers_and_keeps_channels_apart(run: Run, pages: dict[str, str]) -> None:
    told = Parsed(pages["index.html"]).text
    leads = [one for one in run.advertisers if one.channel == "crm"]
    apps = [one for one in run.advertisers if one.channel == "app"]
    ready = sum(one.verdict == "ready" for one in leads)
    assert (len(leads), len(apps)) == (2, 4)
    assert re.search(rf"{ready} of 2 advertisers (is|are) ready", told)
    assert f"judged from {sum(one.events for one in leads)} events" in told
    ready_apps = sum(one.verdict == "ready" for one in apps)
    events = numbers.count(sum(one.events for one in apps), "App Event")
    assert re.search(rf"{ready_apps} of 4 advertisers (is|are) ready, judged from {events}", told)
    rows = re.findall(r'<tr class="(\w+) s(\d) c(\w+)"><th scope=row><a href=([^>]+)>', pages["index.html"])
    assert len(rows) == 6
    place = {page: i for i, (*_, page) in enumerate(rows)}
    assert place[html.page_name("mixed", "app")] == place[html.page_name("mixed", "crm")] + 1
    assert Counter(channel for *_, channel, _ in rows) == {"crm": 2, "app": 4}
    assert {step for _, step, channel, _ in rows if channel == "app"} == {"0"}
    for row in re.findall(r'<tr class="\w+ s0 capp">.*?(?=<tr |</tbody>)', pages["index.html"], re.DOTALL):
        cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in row.split("<td")]
        assert [cell.lstrip(">") for cell in cells[5:8]] == ["–", "–", "–"]


def test_a_portfolio_of_app_events_alone_says_so(run: Run) -> None:
    alone = replace(run, advertisers=tuple(one for one in run.advertisers if one.channel == "app"), since=None)
    told = Parsed(html.portfolio_page(alone, ())).text
    assert "conversion-lead" not in told
    assert "of 4 advertisers" in told
    assert 'id="c-all"' not in html.portfolio_page(alone, ())
    assert text.render(alone).splitlines()[0].count("App Events") == 1
    assert "conversion-lead" not in chat.slack(alone)


def test_totals_of_text_chat_and_kept_runs_keep_channels_apart(run: Run) -> None:
    apps = Counter(str(one.verdict) for one in run.advertisers if one.channel == "app")
    leads = Counter(str(one.verdict) for one in run.advertisers if one.channel != "app")
    of_apps = f"App Events: {apps['not_ready']} not ready, {apps['undecided']} undecided, {apps['ready']} ready"
    head = text.render(run).splitlines()[0]
    assert head.startswith("5 advertisers as of")
    assert f"{leads['not_ready']} not ready, {leads['undecided']} undecided, {leads['ready']} ready; {of_apps}" in head
    assert of_apps in chat.slack(run)
    assert f"{leads['ready']} of 2 ready for conversion-lead optimisation" in chat.slack(run)
    kept = snapshot(run, 1).head
    assert (dict(kept.verdicts), dict(kept.app_verdicts), kept.advertisers) == (dict(leads), dict(apps), 5)
    assert of_apps.split(": ")[0] in digest.runs_text([kept])


def test_an_advertiser_with_both_gets_one_mail_about_both(run: Run) -> None:
    mails = {one.advertiser_id: one.message for one in mail.mails(run, CONFIG)}
    assert len(mails) == 5
    both = mails["mixed"].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Your CRM tells Meta" in both
    assert "Your app\n" in both
    alone = mails["installs"].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Your app reports to Meta" in alone
    assert "leads" not in alone


def test_a_waiver_stands_where_its_rule_is_judged(run: Run) -> None:
    assert [use.waiver.rule for use in result_of(run, "mixed").waivers] == ["APP002"]
    assert result_of(run, "mixed").finding("APP002").status == "waived"
    assert [use.waiver.rule for use in result_of(run, "mixed", "crm").waivers] == ["COV002"]
    assert not any("APP002" in hint for hint in run.hints)


def test_results_json_keeps_its_schema_and_has_the_figures(run: Run) -> None:
    made = json.loads(json.dumps(document(run)))
    assert list(Draft202012Validator(schema("results")).iter_errors(made)) == []
    told = {(one["advertiser_id"], one["channel"]): one["app"] for one in made["advertisers"]}
    assert told["mixed", "crm"] is None
    app = figures_of(run, "shop")
    assert told["shop", "app"]["requests"] == app.requests
    assert len(told["shop", "app"]["names"]) == len(app.standard) + 20
    assert made["inputs"]["app_events"] == sum(
        one.app.installs + one.app.conversions for one in run.advertisers if one.app
    )


def test_rows_of_a_rule_about_app_events_are_none_where_none_were_sent(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(json.dumps(event(1, "Lead", AS_OF - DAY)) + "\n")
    with open_store() as store:
        ingest(store, [str(tmp_path / "log.jsonl")], [])
        check(store, as_of=AS_OF)
        book = rulebook.load(config.Config())
        for code in ("APP002", "APP011"):
            found = rows_at_fault(store, book.rule(code), {"as_of": AS_OF} | dict(book.thresholds))
            assert found is not None
            assert (found.rows, found.total) == ((), 0)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_the_page_is_accessible(
    width: int, scheme: str, browser: Browser, pages: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "app.html"
    file.write_text(page_of(pages, "shop"), encoding="utf-8")
    page, asked, said = visit(browser, file, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRAST) == []
    found = Axe().run(page)
    assert [one["id"] for one in found.response["violations"]] == [], found.generate_report()
    assert (asked, said) == ([], [])
    page.close()


@pytest.mark.browser
def test_the_filter_of_channels_works_with_and_without_a_script(
    browser: Browser, pages: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    file.write_text(pages["index.html"], encoding="utf-8")
    page, _, said = visit(browser, file, 1280)
    page.locator("label[for=c-app]").click()
    assert page.locator(".all tbody tr:visible").count() == 4
    assert page.locator("#shown").inner_text() == "4 of 6 rows"
    assert "c=app" in page.url
    page.locator("label[for=s-0]").click()
    assert page.locator("#shown").inner_text() == "4 of 6 rows"
    page.locator("label[for=c-crm]").click()
    assert page.locator(".all tbody tr:visible").count() == 0
    assert said == []
    page.close()
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(file.as_uri())
    bare.locator("label[for=c-crm]").click()
    assert bare.locator(".all tbody tr:visible").count() == 2
    bare.close()
