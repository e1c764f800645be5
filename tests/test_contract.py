"""Whatever a rule is about, it keeps the contract: every rule of the catalogue, on advertisers of every kind."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_judgement import AS_OF, DAY, event, funnel, ready_leads

from funnelcheck import eventrules, extracts, findings, judgement, rulebook
from funnelcheck.config import AdvertiserConfig, Config, StatusLine
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Finding, Rule, Severity, Status
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store, open_store

CONFIG = Config(
    advertisers={
        "whole": AdvertiserConfig(
            time_zone="Europe/Paris",
            stage_order=("Lead", "Qualified", "Won", "Never sent"),
            optimisation_stage="Won",
            negative_stages=("Lost",),
            crm_dataset=True,
            status=(StatusLine(AS_OF - DAY, "Funnel analysis"),),
        ),
        "of-no-stage": AdvertiserConfig(optimisation_stage="Never sent", raw_stage="Nothing"),
        "sent-otherwise": AdvertiserConfig(crm_dataset=False),
    }
)
# Inputs that a judgement finds for each: silent ones, and ones that do everything wrong at once.
SILENT = {("listed-only", "crm"), ("counted-only", "crm"), ("tested-only", "crm"), ("history-only", "history")}
BOOK = rulebook.load(Config())
Key = tuple[str, str]
MISSING = re.compile(r"\bNone\b(?! of )|\bnan\b|[{}\n]|– (none|not known)")  # of a figure that is not there


def log() -> list[dict[str, Any]]:
    """Sent events: a whole funnel, and others with what can go wrong."""
    events = [one | {"advertiser_id": "whole"} for one in funnel(ready_leads(), "Won")]
    events += [event(500 + i, "Lost", AS_OF - DAY - i, advertiser_id="whole") for i in range(3)]
    events += [event(i, "Lead", AS_OF - DAY, advertiser_id="whole", dataset_id="2") for i in range(12)]
    events.append(event(1, "Lead", AS_OF - DAY, advertiser_id="one-lead"))
    events.append(event(1, "Lead", AS_OF - DAY, advertiser_id="of-no-stage"))
    for i in range(15):
        wrong = event(600 + i, " ", AS_OF + 9 * DAY, advertiser_id="all-wrong", upload_time=AS_OF - DAY)
        wrong["event"] |= {
            "action_source": "website",
            "event_source_url": "https://example.org",
            "user_data": {"lead_id": "l:1", "em": ["plain@example.org"], "fbc": "x"},
            "custom_data": {"event_source": "web", "value": -1},
            "partner_agent": "x" * 30,
        }
        events.append(wrong)
        refused = event(700 + i, "Lead", AS_OF - 30 * 60 * i - DAY, advertiser_id="refused", status=400)
        refused["response"] = {"error": {"message": "No.", "code": 100, "error_subcode": 2804019}}
        events.append(refused)
    body = [event(800 + i, "Lead", AS_OF - 9 * DAY + i)["event"] for i in range(3)]
    events.append({"advertiser_id": "batched", "dataset_id": "1", "sent_at": AS_OF - DAY, "data": body})
    events.append({"advertiser_id": "empty-request", "dataset_id": "1", "sent_at": AS_OF - DAY, "data": []})
    events.append({"advertiser_id": "undated", "dataset_id": "1", "data": body})
    events += app_log()
    events.append(event(900, "Lead", AS_OF - 300 * DAY, advertiser_id="long-ago"))
    events.append(event(901, "Lead", AS_OF - DAY, advertiser_id="sent-otherwise", test_event_code="TEST1"))
    return events


def app_log() -> list[dict[str, Any]]:
    """Requests of App Events: right ones, and others with what can go wrong."""
    device = "38400000-8cf0-11bd-b23e-10b96e40000d"
    flags = {"advertiser_id": device, "advertiser_tracking_enabled": 1, "application_tracking_enabled": 1}
    extinfo = ["a2", "com.shop", 12, "1.2", "14", "Pixel 8", "fr_FR", "CET", "SFR", 1080, 2400, "2.75", 8, 128, 64]
    purchase = {
        "_eventName": "fb_mobile_purchase",
        "event_id": "1",
        "_logTime": AS_OF - DAY,
        "_valueToSum": 21.5,
        "fb_currency": "EUR",
        "fb_num_items": 1,
        "fb_content_type": "product",
        "fb_content_id": "1234",
    }
    right = {"event": "CUSTOM_APP_EVENTS", **flags, "extinfo": [*extinfo, "Europe/Paris"], "custom_events": [purchase]}
    wrong: list[dict[str, Any]] = [
        {},
        {"event": "CUSTOM_APP_EVENTS", "custom_events": "[{"},
        {"event": "CUSTOM_APP_EVENTS", "custom_events": [{"_eventName": "-" * 60, "_logTime": (AS_OF - DAY) * 1000}]},
        {"event": "MOBILE_APP_INSTALL", "advertiser_id": "nobody", "advertiser_tracking_enabled": "yes"},
        {
            **right,
            "extinfo": ["b1", *extinfo],
            "ud": {"em": "plain@example.org", "shoe_size": "44"},
            "attribution": "?",
            "custom_events": [purchase | {"_valueToSum": "-x", "fb_currency": "euro", "fb_content": "1"}] * 2,
        },
    ]
    url = "https://graph.facebook.com/v19.0/2244/activities"
    answer = {"response": {"success": True}, "headers": {"X-Forwarded-For": "203.0.113.9"}}
    install = {"event": "MOBILE_APP_INSTALL", **flags}
    sent = [("app-right", one, AS_OF - DAY - i, answer) for i in range(12) for one in (right, install)]
    sent += [("app-wrong", one, AS_OF - DAY - i, {"response": {"success": False}}) for i in range(3) for one in wrong]
    sent += [("app-untold", right, None, {}), ("whole", right, AS_OF - DAY, {})]
    return [
        {"advertiser_id": owner, "url": url, "params": fields, "sent_at": at, **more}
        for owner, fields, at, more in sent
    ]


def write(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Logs, lead lists and histories."""
    (folder / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log()))
    (folder / "table.csv").write_text(
        "lead_id,event_name,event_time,advertiser_id\n1000000000000950,Lead,2026-11-20T10:00:00Z,tabled\n"
    )
    (folder / "history.csv").write_text(
        "Lead ID,Stage,Changed At,advertiser_id\n"
        + "".join(
            f"{10**15 + i},{stage},2026-11-{10 + i % 9}T1{k}:00:00Z,{owner}\n"
            for owner in ("history-only", "whole")
            for i in range(20)
            for k, stage in enumerate(("Lead", "Qualified", "Lost"))
        )
    )
    with (folder / "leads.csv").open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["id", "created_time", "advertiser_id", "form_id", "full_name"])
        table.writerows([10**15 + lead, created, "whole", "77", ""] for lead, created, _ in ready_leads())
        table.writerows([10**15 + i, AS_OF - i * DAY, "listed-only", "", ""] for i in range(9_000, 9_020))
        table.writerow([10**15 + 1, AS_OF - 2 * DAY, "one-lead", "", ""])
        table.writerows([10**15 + 600 + i, AS_OF - 2 * DAY, "all-wrong", "", ""] for i in range(15))
        table.writerow([10**15 + 9_100, AS_OF - DAY, "tested-only", "", "<test lead: dummy data for full_name>"])
        table.writerow([10**15 + 9_101, AS_OF + DAY, "tomorrow", "", ""])
    (folder / "counts.csv").write_text("date,leads,advertiser_id\n2026-11-19,7,counted-only\n")
    logs, lists = ("log.jsonl", "table.csv"), ("leads.csv", "counts.csv")
    return [str(folder / name) for name in logs], [str(folder / name) for name in lists], [str(folder / "history.csv")]


class Judged:
    """A judged store of every kind of advertiser, and the rows that each rule gave."""

    def __init__(self, store: Store, book: Rulebook) -> None:
        self.store, self.book = store, book
        self.run = check(store, as_of=AS_OF, config=CONFIG, guide=book.guide.key)
        self.keys = {(row["advertiser_id"], row["channel"]) for row in store.rows("from advertiser")}
        self.app_keys = {(row["advertiser_id"], row["channel"]) for row in store.rows("from app_advertiser")}
        self.of_events = eventrules.rows(store, book) | eventrules.rows(store, book, eventrules.APP)
        self.present: dict[Key, set[str]] = {}
        for row in store.rows("from input_present"):
            self.present.setdefault((row["advertiser_id"], row["channel"]), set()).add(row["input"])

    def keys_of(self, rule: Rule) -> set[Key]:
        """Who is judged by a rule."""
        return self.app_keys if rule.is_app else self.keys

    def rows(self, rule: Rule) -> list[dict[str, Any]]:
        """What the rule said, as the judgement left it."""
        if rule.about_events:
            return self.of_events[rule.code]
        return self.store.rows(f"from row_{rule.code.lower()}")

    def findings(self, rule: Rule, rows: list[dict[str, Any]]) -> list[Finding]:
        found = findings.findings_of(rule, rows, self.book.thresholds, self.present)
        return [finding for several in found.values() for finding in several]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    folder = tmp_path_factory.mktemp("inputs")
    logs, lists, histories = write(folder)
    with open_store() as store:
        report = ingest(store, logs, lists, history_sources=histories, config=CONFIG)
        assert report.problems == []
        yield Judged(store, BOOK)


RULES = pytest.mark.parametrize("rule", BOOK.rules, ids=[rule.code for rule in BOOK.rules])


def test_the_advertisers_are_of_every_kind(judged: Judged) -> None:
    assert judged.keys >= SILENT
    assert {("whole", "crm"), ("whole", "history"), ("tabled", "crm"), ("undated", "crm")} <= judged.keys
    assert ("tomorrow", "crm") not in judged.keys
    assert judged.app_keys == {(name, "app") for name in ("app-right", "app-wrong", "app-untold", "whole")}
    known = {(result.advertiser_id, result.channel) for result in judged.run.advertisers}
    assert known == judged.keys | judged.app_keys
    statuses = {finding.status for result in judged.run.advertisers for finding in result.findings}
    assert statuses == set(Status) - {Status.WAIVED}


@RULES
def test_a_rule_gives_rows_for_every_advertiser_and_for_nobody_else(rule: Rule, judged: Judged) -> None:
    rows = judged.rows(rule)
    assert {(row["advertiser_id"], row["channel"]) for row in rows} == judged.keys_of(rule)
    twice = Counter((row["advertiser_id"], row["channel"], row.get("subject")) for row in rows)
    assert [key for key, times in twice.items() if times > 1] == []


@RULES
def test_a_rules_figures_are_figures(rule: Rule, judged: Judged) -> None:
    for row in judged.rows(rule):
        assert row["level"] in (0, 1, 2, None), row
        assert not isinstance(row["level"], bool), row
        value, n, affected = row.get("value"), row.get("n") or 0, row.get("affected") or 0
        assert value is None or math.isfinite(value), row
        assert isinstance(row.get("subject"), str | None), row
        for name in ("n", "affected", "warned"):
            figure = row.get(name) or 0
            assert figure == int(figure), row
            assert figure >= 0, row
        if rule.unit == "share":
            assert value is None or 0 <= value <= 1, row
            assert affected + (row.get("warned") or 0) <= n, row
            assert n or not value, row


@RULES
@pytest.mark.parametrize("severity", Severity)
def test_a_rule_has_a_sentence_for_all_that_occurs_under_any_severity(
    rule: Rule, severity: Severity, judged: Judged
) -> None:
    """A guide may change a rule's severity by its data alone."""
    told = judged.findings(replace(rule, severity=severity), judged.rows(rule))
    for finding in told:
        assert finding.message.strip()
        assert finding.message.rstrip()[-1] in ".!?)", finding.message
        assert not MISSING.search(finding.message), finding.message
        assert finding.fix.strip() or finding.channel not in rule.channels
        if finding.channel not in rule.channels:
            assert finding.status is Status.NOT_EVALUABLE
        if finding.status is Status.NOT_EVALUABLE:
            assert (finding.value, finding.n, finding.affected) == (None, 0, 0)
    assert {(finding.advertiser_id, finding.channel) for finding in told} == judged.keys_of(rule)
    if severity is Severity.INFORMATIONAL:
        assert not {finding.status for finding in told} & {Status.FAIL, Status.WARN}


@RULES
def test_a_rules_rows_at_fault_are_about_the_advertisers_that_are_judged(rule: Rule, judged: Judged) -> None:
    parameters = judgement.parameters_of(judged.book, AS_OF)
    extract = extracts.rows_at_fault(judged.store, rule, parameters)
    if extract is None:
        return
    assert extract.columns[:2] == ("advertiser_id", "channel")
    assert {(row["advertiser_id"], row["channel"]) for row in extract.rows} <= judged.keys_of(rule)
    assert extract.total == len(extract.rows)
    told = json.dumps(extract.rows, default=str)
    assert "plain@example.org" not in told
    assert not [lead for lead in ("1000000000000001", "1000000000000600") if lead in told]
    if rule.about_events:
        found = Counter((row["advertiser_id"], row["channel"], row["found"]) for row in extract.rows)
        expected = Counter(
            {
                (row["advertiser_id"], row["channel"], kind): row[name]
                for row in judged.rows(rule)
                for kind, name in (("fault", "affected"), ("warning", "warned"))
                if row[name]
            }
        )
        assert found == expected


@pytest.mark.parametrize("guide", [key for key in rulebook.guide_keys() if key != BOOK.guide.key])
def test_under_every_other_guide_too_each_rule_has_a_finding_for_everybody(guide: str, judged: Judged) -> None:
    other = Judged(judged.store, rulebook.load(Config(), guide))
    for result in other.run.advertisers:
        codes = {rule.code for rule in BOOK.rules if rule.is_app == (result.channel == "app")}
        assert {finding.code for finding in result.findings} == codes
        assert all("{" not in finding.message for finding in result.findings)
