"""CRM histories, tables without payloads and daily counts as the judgement sees them, from rows put into a store."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import oracle
import pytest
import random_logs
from test_oracle import config_of, differences

from funnelcheck.config import AdvertiserConfig, Config, StatusLine
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Status
from funnelcheck.render import html, text
from funnelcheck.render.json import document
from funnelcheck.reported import AdvertiserResult, Run, Verdict
from funnelcheck.rulebook import FIELDS
from funnelcheck.store import Store, open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "110")) // 10)
JUDGED = ("DAT003", "DAT004", "DAT012", "FUN001", "FUN002", "FUN003", "FUN004", "FUN006", "FUN007", "TIM002")
UNSENT = ("DAT002", "COV001", "COV002", "LIF001", "REQ004", "TIM001", "TIM003")
PAYLOAD = ("EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010")
# What else says less where the payload was not seen.
OF_PAYLOAD = ("EVT017", "LIF002", "LIF007", "MAP002")
AS_HISTORY = {
    "request": "channel = 'history', shape = 'row', dataset_id = null, upload_time = null, http_status = null, "
    "accepted = null, events_received = null, messages = null",
    "event": "channel = 'history', dataset_id = null, upload_time = null, accepted = null, test_traffic = false, "
    "event_time_form = 'table', payload_fields = '', customer_parameters = 0, digest_forms = null, "
    "person_digest = null, action_source = null, event_source = null, lead_event_source = null",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def record(
    store: Store,
    stages: Iterable[tuple[str, str, int]],
    *,
    owner: str = "a",
    channel: str = "history",
    **columns: Any,
) -> None:
    """Rows of a table, each a request of one event: (lead, stage, time)."""
    first = store.value("select coalesce(max(request_id), 0) + 1 from request")
    rows = [(first + i, lead, stage, time) for i, (lead, stage, time) in enumerate(stages)]
    upload = columns.get("upload_time")
    store.connection.executemany(
        "insert into request (request_id, file_id, line, record_digest, shape, channel, advertiser_id, upload_time, "
        "event_count) values ($id, 1, $id, $id, 'row', $channel, $owner, $upload, 1)",
        [{"id": id_, "channel": channel, "owner": owner, "upload": upload} for id_, *_ in rows],
    )
    store.connection.executemany(
        "insert into event (request_id, position, channel, advertiser_id, upload_time, test_traffic, event_name, "
        "event_time, event_time_form, lead_id, customer_parameters, payload_fields) "
        "values ($id, 0, $channel, $owner, $upload, false, $stage, $time, 'table', $lead, 0, $fields)",
        [
            {"id": id_, "channel": channel, "owner": owner, "upload": upload, "stage": stage, "time": time}
            | {"lead": lead, "fields": columns.get("payload_fields", "")}
            for id_, lead, stage, time in rows
        ],
    )


def listed(store: Store, leads: Iterable[tuple[str, int]], owner: str | None = "a") -> None:
    store.connection.executemany(
        "insert into lead (file_id, line, record_digest, advertiser_id, lead_id, created_time, is_test) "
        "values (2, $line, $line, $owner, $lead, $created, false)",
        [{"line": i, "owner": owner, "lead": lead, "created": time} for i, (lead, time) in enumerate(leads)],
    )


def counted(store: Store, days: Mapping[str, int], owner: str | None = "a", file: int = 3) -> None:
    store.connection.executemany(
        "insert into lead_count values ($file, $line, $line, $owner, $day, $leads)",
        [
            {"file": file, "line": i, "owner": owner, "day": day, "leads": leads}
            for i, (day, leads) in enumerate(days.items())
        ],
    )


def only(run: Run) -> AdvertiserResult:
    (result,) = run.advertisers
    return result


def keys(run: Run) -> list[tuple[str, str]]:
    return [(result.advertiser_id, result.channel) for result in run.advertisers]


def ready_leads() -> list[tuple[str, int]]:
    """Leads every six hours for 59 days; CRM keys, no ids of Meta's."""
    return [(f"00Q{i:05}", AS_OF - 60 * DAY + i * DAY // 4) for i in range(236)]


def ready_stages() -> list[tuple[str, str, int]]:
    """Every fifth of these leads is won after three days."""
    raw = [(lead, "Lead", time) for lead, time in ready_leads()]
    return raw + [(lead, "Won", time + 3 * DAY) for lead, time in ready_leads()[::5]]


# --- figures against the oracle -----------------------------------------------------------------------------


def flawless(case: random_logs.Case, folder: Path, *, with_upload: bool) -> random_logs.Case:
    """What of a case a table can hold: stage, time and lead of each event, in a payload without any fault."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for request in oracle.read_requests(case.log_paths):
        for event in request.events:
            name = event.body.get("event_name")
            if event.time is None or event.lead is None or not isinstance(name, str) or not name.strip():
                continue
            body = {
                "event_name": name,
                "event_time": event.time,
                "action_source": "system_generated",
                "user_data": {"lead_id": event.lead},
                "custom_data": {"event_source": "crm", "lead_event_source": "CRM"},
            }
            line = {"advertiser_id": request.advertiser, "event": body}
            if with_upload and request.sent is not None:
                line |= {"upload_time": request.sent, "dataset_id": request.dataset}
            lines.append(json.dumps(line) + "\n")
    path = random_logs.write_text(folder / "flawless.jsonl", "".join(lines))
    return random_logs.Case([path], case.lead_paths, case.as_of, case.guide, case.advertisers)


def load(store: Store, case: random_logs.Case) -> None:
    report = ingest(store, [str(p) for p in case.log_paths], [str(p) for p in case.lead_paths], config=config_of(case))
    assert (report.problems, report.quarantined) == ([], 0)


def judged(store: Store, case: random_logs.Case) -> list[dict[str, Any]]:
    run = check(store, as_of=case.as_of, config=config_of(case), guide=case.guide)
    results: list[dict[str, Any]] = json.loads(json.dumps(document(run)))["advertisers"]
    return results


def become_history(store: Store) -> None:
    for table, changes in AS_HISTORY.items():
        store.execute(f"update {table} set {changes}")


def rules_of(result: Mapping[str, Any], codes: Iterable[str]) -> dict[str, Any]:
    return {rule["code"]: rule for rule in result["rules"] if rule["code"] in codes}


def step_of(right: Mapping[str, Any], config: Mapping[str, Any], case: random_logs.Case) -> int:
    """The step by the oracle, from the rules that a history is judged by."""
    ranks = [oracle.status_rank(words) for moment, words in config.get("status", []) if moment <= case.as_of]
    settled = [rule for rule in right["rules"] if rule["code"] in JUDGED and "status" in rule]
    if config.get("crm_dataset") is False:
        settled.append({"code": "DAT001", "severity": "required", "status": "fail"})
    return oracle.step_of(
        settled,
        guide=case.guide,
        crm_dataset=config.get("crm_dataset") is not False,
        valid_events=rules_of(right, ["DAT002"])["DAT002"]["value"],
        declared=bool(
            config.get("optimisation_stage")
            or config.get("stage_order")
            or any(rank >= oracle.status_rank("Configure Sales Funnel") for rank in ranks)
        ),
        learning_over=oracle.status_rank("Learning complete") in ranks,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_has_the_figures_of_a_log_that_sent_the_same(seed: int, tmp_path: Path, store: Store) -> None:
    """Its leads' ids may be any text; nothing was accepted, refused or dated."""
    case = flawless(random_logs.write_logs(tmp_path / "a", seed), tmp_path / "b", with_upload=False)
    right = oracle.judge(
        case.log_paths, case.lead_paths, as_of=case.as_of, guide=case.guide, advertisers=case.advertisers
    )
    load(store, case)
    become_history(store)
    store.execute("update event set lead_id = 'CRM ' || lead_id; update lead set lead_id = 'CRM ' || lead_id")
    told = {result["advertiser_id"]: result for result in judged(store, case)}
    assert list(told) == [result["advertiser_id"] for result in right["advertisers"]]
    recorded = {row["advertiser_id"] for row in store.rows("from advertiser where channel = 'history'")}
    for other in right["advertisers"]:
        name = other["advertiser_id"]
        one = told[name]
        if name not in recorded:
            assert (one["channel"], one["step_name"]) == ("crm", other["step_name"])
            continue
        same = "horizon raw_stage raw_stage_source lead_creation_source optimisation_stage stages".split()
        found = differences(one, {key: other[key] for key in same}, name)
        found += differences(rules_of(one, JUDGED), rules_of(other, JUDGED), name)
        assert found == []
        assert (one["channel"], one["dataset_id"]) == ("history", None)
        assert one["step"] == step_of(other, case.advertisers.get(name, {}), case)
        failing = [rule["code"] for rule in one["rules"] if (rule["status"], rule["severity"]) == ("fail", "required")]
        assert one["verdict"] == ("not_ready" if failing else "undecided")
        assert set(one["coverage"].values()) == {None}
        for rule in rules_of(one, UNSENT + PAYLOAD).values():
            unsaid = (rule["status"], rule["value"], rule["n"], rule["affected"], rule.get("warned") or 0)
            assert unsaid == ("not_evaluable", None, 0, 0, 0)
            no_list = one["lead_creation_source"] != "list" and rule["code"] == "COV001"
            assert rule["message"].startswith("There is no lead list" if no_list else "Nothing was sent")


def beside(store: Store) -> None:
    """Everything that was sent is also recorded in a CRM, in channel history."""
    for table, changes in AS_HISTORY.items():
        columns = {part.split(" = ")[0]: part.split(" = ")[1] for part in changes.split(", ")}
        replaced = ", ".join(f"{value} as {name}" for name, value in columns.items())
        store.execute(
            f"insert into {table} by name "
            f"select * replace (request_id + 1000000 as request_id, {replaced}) from {table}"
        )


# Rules that say of what is sent what the history beside it shows.
OF_BOTH = ("MAP003", "COV003", "COV004")


def alone(results: list[dict[str, Any]], channel: str) -> list[dict[str, Any]]:
    """Results of one channel without the rules that look at both."""
    return [
        result | {name: [one for one in result[name] if one["code"] not in OF_BOTH] for name in ("rules", "actions")}
        for result in results
        if result["channel"] == channel
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_beside_a_log_changes_nothing_of_either(seed: int, tmp_path: Path, store: Store) -> None:
    case = random_logs.write_logs(tmp_path, seed)
    load(store, case)
    sent = judged(store, case)
    with open_store() as other:
        load(other, case)
        become_history(other)
        recorded = judged(other, case)
    beside(store)
    both = judged(store, case)
    assert alone(both, "crm") == alone(sent, "crm")
    assert alone(both, "history") == alone(recorded, "history")
    assert both == sorted(both, key=lambda result: (result["advertiser_id"], result["channel"]))
    fingerprints = [rule["fingerprint"] for result in both for rule in result["rules"]]
    assert len(set(fingerprints)) == len(fingerprints)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_table_has_the_figures_of_the_payloads_that_it_lists(seed: int, tmp_path: Path, store: Store) -> None:
    case = flawless(random_logs.write_logs(tmp_path / "a", seed), tmp_path / "b", with_upload=True)
    load(store, case)
    before = judged(store, case)
    store.execute(
        "update event set payload_fields = '', event_time_form = 'table', customer_parameters = 0, "
        "action_source = null, event_source = null, lead_event_source = null"
    )
    after = judged(store, case)
    others = "horizon dataset_id raw_stage optimisation_stage stages coverage".split()
    for payload, table in zip(before, after, strict=True):
        assert {key: table[key] for key in others} == {key: payload[key] for key in others}
        codes = [rule["code"] for rule in payload["rules"] if rule["code"] not in (*PAYLOAD, *OF_PAYLOAD)]
        assert rules_of(table, codes) == rules_of(payload, codes)
        assert {rule["status"] for rule in rules_of(table, PAYLOAD).values()} == {"not_evaluable"}
        assert table["verdict"] == {"ready": "undecided"}.get(payload["verdict"], payload["verdict"])


# --- tables without payloads --------------------------------------------------------------------------------


def test_a_table_is_judged_on_the_fields_that_it_has(store: Store) -> None:
    fields = "action_source lead_event_source lead_id"
    record(store, [("1" * 15, "Lead", AS_OF - DAY)], channel="crm", payload_fields=fields)
    result = only(check(store, as_of=AS_OF))
    statuses = {code: result.finding(code).status for code in PAYLOAD}
    unseen = dict.fromkeys(("EVT002", "EVT004", "EVT005", "EVT006", "EVT010"), Status.NOT_EVALUABLE)
    assert statuses == {"EVT001": Status.FAIL, "EVT003": Status.FAIL, "EVT007": Status.PASS} | unseen
    assert "a table without the column event_source;" in result.finding("EVT002").message
    assert result.valid_events == 0  # an empty action_source is a fault


def test_an_advertiser_that_sent_nothing_is_not_told_of_a_table(store: Store) -> None:
    listed(store, [("1", AS_OF - DAY)])
    finding = only(check(store, as_of=AS_OF)).finding("EVT001")
    assert (finding.status, finding.message) == (
        Status.NOT_EVALUABLE,
        "No event was sent in the last four weeks, so there is nothing to judge.",
    )


@pytest.mark.parametrize(
    ("older", "status"), [(28 * DAY - 1, Status.PASS), (28 * DAY, Status.NOT_EVALUABLE)], ids=["within", "older"]
)
def test_payloads_of_four_weeks_are_enough_to_judge(older: int, status: Status, store: Store) -> None:
    record(store, [("1" * 15, "Lead", AS_OF - DAY)], channel="crm")
    record(store, [("1" * 15, "Lead", AS_OF - DAY - older)], channel="crm", payload_fields="event_name")
    assert only(check(store, as_of=AS_OF)).finding("EVT004").status is status


def test_a_good_table_is_undecided_until_the_payload_is_seen(store: Store) -> None:
    leads = {lead: f"{10**15 + i}" for i, (lead, _) in enumerate(ready_leads())}
    record(store, [(leads[lead], stage, time) for lead, stage, time in ready_stages()], channel="crm")
    listed(store, [(leads[lead], time) for lead, time in ready_leads()])
    result = only(check(store, as_of=AS_OF))
    assert result.verdict is Verdict.UNDECIDED, result.summary
    assert result.blocked_by == PAYLOAD[:7]
    assert [action.code for action in result.actions if action.blocks] == ["EVT001"]
    assert result.summary.startswith("Undecided: The log is a table without the column action_source;")
    store.execute(f"update event set payload_fields = '{' '.join(FIELDS)}', customer_parameters = 1")
    store.execute("update event set action_source = 'system_generated', event_source = 'crm'")
    store.execute("update event set lead_event_source = 'CRM'")
    assert only(check(store, as_of=AS_OF)).verdict is Verdict.READY


# --- histories ----------------------------------------------------------------------------------------------


def test_a_good_history_would_be_ready_and_is_to_be_sent(store: Store) -> None:
    record(store, ready_stages())
    listed(store, ready_leads())
    run = check(store, as_of=AS_OF)
    result = only(run)
    assert (result.verdict, result.blocked_by) == (Verdict.UNDECIDED, ("DAT002",))
    assert result.summary.startswith("Undecided: would be ready if sent as recorded; nothing was sent yet. 20")
    assert [action.title for action in result.actions if action.blocks] == ["Send what the history records"]
    assert (result.step, result.optimisation_stage) == (4, "Won")
    line = text.render(run).splitlines()[1]
    assert line.startswith("a (CRM history)  undecided")
    assert "Would be ready if sent as recorded" in line


def test_a_history_that_would_not_be_ready_says_so(store: Store) -> None:
    record(store, [row for row in ready_stages() if row[1] == "Lead"])
    listed(store, ready_leads())
    result = only(check(store, as_of=AS_OF))
    assert result.verdict is Verdict.NOT_READY
    assert result.summary.startswith("Not ready, even if sent as recorded: 1 of the 2 stages needed are recorded")
    assert result.actions[0].code == "FUN002"
    assert "Send what the history records" in [action.title for action in result.actions]


@pytest.mark.parametrize("counts", [{}, {"2026-11-18": 4}], ids=["nothing", "daily counts"])
def test_a_history_without_a_list_would_not_be_ready_yet(counts: dict[str, int], store: Store) -> None:
    """As of what was sent: without a list the verdict is at best undecided."""
    record(store, ready_stages())
    counted(store, counts | {"2026-11-17": 4}, owner="a" if counts else None)
    result = only(check(store, as_of=AS_OF))
    assert (result.verdict, result.lead_creation_source) == (Verdict.UNDECIDED, "raw-event")
    assert result.blocked_by == ("DAT002", "COV001")
    told = "There are only daily counts" if counts else "There is no lead list"
    assert result.summary.startswith(f"Undecided, even if sent as recorded: {told}")
    assert result.finding("TIM002").status is Status.NOT_EVALUABLE


def test_a_young_history_is_undecided_for_that_as_well(store: Store) -> None:
    record(store, [(f"{i}", "Lead", AS_OF - DAY + i) for i in range(20)])
    record(store, [(f"{i}", "Won", AS_OF - 3600 + i) for i in range(3)])
    result = only(check(store, as_of=AS_OF))
    assert result.verdict is Verdict.UNDECIDED
    assert result.blocked_by[:2] == ("DAT002", "DAT003")
    assert result.summary.startswith("Undecided, even if sent as recorded: Valid events lie on 1 of the 7 days")


@pytest.mark.parametrize("channel", ["crm", "history"])
def test_a_lead_list_alone_belongs_to_what_is_sent(channel: str, store: Store) -> None:
    """Another advertiser's history does not matter, nor does what was recorded after as_of."""
    record(store, [("1", "Lead", AS_OF + 1)], channel=channel)
    listed(store, [("1", AS_OF - DAY)])
    assert keys(check(store, as_of=AS_OF)) == [("a", "crm")]


def test_a_lead_list_beside_a_history_is_no_unsent_advertiser(store: Store) -> None:
    record(store, [("1", "Lead", AS_OF)])
    listed(store, [("1", AS_OF - DAY)])
    counted(store, {"2026-11-20": 5})
    run = check(store, as_of=AS_OF)
    assert keys(run) == [("a", "history")]
    assert (only(run).leads, only(run).lead_creation_source) == (1, "list")


def test_a_lead_list_belongs_to_every_channel_and_events_to_one(store: Store) -> None:
    record(store, [("1", "Lead", AS_OF - 3 * DAY), ("2", "Lead", AS_OF - 2 * DAY)])
    record(store, [("1", "Lead", AS_OF - 3 * DAY)], channel="crm")
    listed(store, [("1", AS_OF - 4 * DAY), ("2", AS_OF - 4 * DAY)])
    sent, recorded = check(store, as_of=AS_OF).advertisers
    assert (sent.channel, sent.leads, sent.valid_events) == ("crm", 2, 1)
    assert (recorded.channel, recorded.leads, recorded.valid_events) == ("history", 2, 2)
    assert (sent.coverage.eligible, sent.coverage.covered) == (2, 1)
    assert recorded.coverage.eligible is None


def test_leads_without_owner_belong_where_a_channels_events_carry_them(store: Store) -> None:
    record(store, [("1", "Lead", AS_OF - DAY), ("2", "Lead", AS_OF - DAY)])
    record(store, [("1", "Lead", AS_OF - DAY)], channel="crm")
    listed(store, [("1", AS_OF - 2 * DAY), ("2", AS_OF - 2 * DAY), ("3", AS_OF - 2 * DAY)], owner=None)
    run = check(store, as_of=AS_OF)
    assert [result.leads for result in run.advertisers] == [1, 2]
    assert [hint for hint in run.hints if hint.startswith("1 leads name no advertiser")]


def test_what_was_refused_is_not_mixed_with_what_was_recorded(store: Store) -> None:
    """DAT002 tells how many were refused, though the history holds valid events of the same advertiser."""
    record(store, [("1" * 15, "Lead", AS_OF - DAY)])
    record(store, [("1" * 15, "Lead", AS_OF - DAY)], channel="crm")
    store.execute("update request set accepted = false where channel = 'crm'")
    store.execute("update event set accepted = false where channel = 'crm'")
    sent, recorded = check(store, as_of=AS_OF).advertisers
    assert sent.finding("DAT002").status is Status.FAIL
    assert "1 were refused or not answered" in sent.finding("DAT002").message
    assert recorded.valid_events == 1


def test_settings_and_attestations_apply_to_both_channels(store: Store) -> None:
    settings = AdvertiserConfig(
        time_zone="Pacific/Auckland",
        raw_stage="Won",
        crm_dataset=False,
        status=(StatusLine(AS_OF - DAY, "Learning complete"),),
    )
    for channel in ("crm", "history"):
        record(store, [("1", "Lead", AS_OF), ("1", "Won", AS_OF)], channel=channel)
    for result in check(store, as_of=AS_OF, config=Config(advertisers={"a": settings})).advertisers:
        assert (result.time_zone, result.raw_stage, result.step) == ("Pacific/Auckland", "Won", 1)
        assert result.finding("DAT001").status is Status.FAIL


@pytest.mark.parametrize("guide", ["six-step", "2026-05"])
def test_every_rule_appears_once_in_each_channel(guide: str, store: Store) -> None:
    record(store, [("1", "Lead", AS_OF - DAY)])
    record(store, [("1", "Lead", AS_OF - DAY)], channel="crm")
    sent, recorded = check(store, as_of=AS_OF, guide=guide).advertisers
    assert [finding.code for finding in recorded.findings] == [finding.code for finding in sent.findings]
    assert all(finding.message.endswith(".") for finding in recorded.findings)
    assert [f.code for f in recorded.findings if f.code in UNSENT + PAYLOAD and f.fix] == ["COV001", "DAT002"]


def test_the_horizon_of_a_history_is_its_latest_stage(store: Store) -> None:
    record(store, [("1", "Lead", AS_OF - 9 * DAY), ("1", "Won", AS_OF - 8 * DAY), ("1", "Lost", AS_OF + 1)])
    result = only(check(store, as_of=AS_OF))
    assert (result.horizon, result.events) == (AS_OF - 8 * DAY, 2)
    assert result.finding("DAT012").status is Status.UNDECIDED
    assert result.finding("DAT012").message.startswith("The history of this advertiser ends on 2026-11-14")


def test_a_history_in_which_nothing_is_valid_is_judged_without_a_crash(store: Store) -> None:
    record(store, [(f"{i}", "Lead", AS_OF - 2 * DAY) for i in range(20)])
    listed(store, [(f"{i}", AS_OF - DAY) for i in range(20)])
    result = only(check(store, as_of=AS_OF))
    assert (result.verdict, result.step, result.valid_events) == (Verdict.NOT_READY, 2, 0)
    assert result.blocked_by[0] == "TIM002"
    assert not [finding for finding in result.findings if "DAT002" in finding.message]


def test_the_pages_of_both_channels_stand_side_by_side(store: Store) -> None:
    for channel in ("crm", "history"):
        record(store, ready_stages(), channel=channel)
    written = html.pages(check(store, as_of=AS_OF), ())
    assert len(written) == 4
    assert sum("A projection: what this page says" in page for page in written.values()) == 1


# --- daily counts -------------------------------------------------------------------------------------------


def instant(day: str, clock: str = "12:00:00", zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp())


def sent(store: Store, leads: Mapping[str, int], clock: str = "12:00:00", first: int = 0) -> None:
    """So many leads with a raw event on each day, and one long ago with which the log starts."""
    days = [day for day, several in leads.items() for _ in range(several)]
    rows = [(f"{10**15 + first + i}", "Lead", instant(day, clock)) for i, day in enumerate(days)]
    record(store, [("9" * 15, "Lead", AS_OF - 90 * DAY), *rows], channel="crm")


def cov002(store: Store, config: Config | None = None) -> tuple[Status, float | None, int, int]:
    finding = only(check(store, as_of=AS_OF, config=config)).finding("COV002")
    return finding.status, finding.value, finding.n, finding.affected


def test_as_many_raw_leads_as_counted_pass(store: Store) -> None:
    sent(store, {"2026-11-18": 4, "2026-11-19": 6, "2026-11-21": 1})
    counted(store, {"2026-11-18": 4, "2026-11-19": 6})
    assert cov002(store) == (Status.PASS, 1.0, 10, 0)
    result = only(check(store, as_of=AS_OF))
    assert result.finding("COV001").status is Status.NOT_EVALUABLE
    assert "only daily counts" in result.finding("COV001").message
    assert result.coverage.eligible is None
    assert (
        "Only daily counts of leads were given" in html.pages(check(store, as_of=AS_OF), ())[html.page_name("a", "crm")]
    )


def test_too_many_on_one_day_do_not_make_up_for_another(store: Store) -> None:
    sent(store, {"2026-11-18": 7, "2026-11-19": 3, "2026-11-21": 1})
    counted(store, {"2026-11-18": 5, "2026-11-19": 5})
    assert cov002(store) == (Status.WARN, 0.8, 10, 2)
    message = only(check(store, as_of=AS_OF)).finding("COV002").message
    assert message == (
        "8 of 10 leads that the daily counts tell of (80.0 %) have their raw event, yet on 1 of the days counted more "
        "leads have one than were counted: the counts are wrong or events are duplicates."
    )


def test_more_raw_leads_than_counted_warn_though_all_are_covered(store: Store) -> None:
    sent(store, {"2026-11-18": 6, "2026-11-21": 1})
    counted(store, {"2026-11-18": 5})
    assert cov002(store) == (Status.WARN, 1.0, 5, 0)
    assert "counts are wrong or events are duplicates" in only(check(store, as_of=AS_OF)).finding("COV002").message


def test_a_day_counted_as_empty_is_one_that_may_have_too_many(store: Store) -> None:
    sent(store, {"2026-11-18": 1, "2026-11-21": 1})
    counted(store, {"2026-11-18": 0})
    assert cov002(store) == (Status.WARN, None, 0, 0)


def test_days_that_nobody_counted_are_not_compared(store: Store) -> None:
    sent(store, {"2026-11-17": 9, "2026-11-18": 4, "2026-11-21": 1})
    counted(store, {"2026-11-18": 4})
    assert cov002(store) == (Status.PASS, 1.0, 4, 0)


def test_a_lead_is_of_the_day_of_its_first_raw_event(store: Store) -> None:
    sent(store, {"2026-11-18": 2, "2026-11-21": 1})
    record(store, [(f"{10**15}", "Lead", instant("2026-11-19"))], channel="crm")
    counted(store, {"2026-11-18": 2, "2026-11-19": 1})
    assert cov002(store) == (Status.WARN, pytest.approx(2 / 3), 3, 1)


def test_days_are_those_of_the_advertisers_zone(store: Store) -> None:
    """Half past eleven in the evening, UTC, is the next day in Paris."""
    sent(store, {"2026-11-17": 3}, "23:30:00")
    sent(store, {"2026-11-21": 1}, first=100)
    counted(store, {"2026-11-18": 3})
    paris = Config(advertisers={"a": AdvertiserConfig(time_zone="Europe/Paris")})
    assert cov002(store, paris) == (Status.PASS, 1.0, 3, 0)
    assert cov002(store) == (Status.WARN, 0.0, 3, 3)


def test_rows_of_a_file_add_up_and_the_largest_file_counts(store: Store) -> None:
    sent(store, {"2026-11-18": 7, "2026-11-19": 3, "2026-11-21": 1})
    for form in range(2):
        counted(store, {"2026-11-18": 3 + form, "2026-11-19": 1}, file=3)  # one row a form
    counted(store, {"2026-11-18": 6, "2026-11-19": 3}, file=4)  # a later export of the same
    assert cov002(store) == (Status.PASS, 1.0, 7 + 3, 0)


def test_counts_without_owner_count_for_nobody_and_are_told(store: Store) -> None:
    sent(store, {"2026-11-21": 1})
    counted(store, {"2026-11-18": 1200}, owner=None)
    run = check(store, as_of=AS_OF)
    assert only(run).finding("COV002").status is Status.NOT_EVALUABLE
    assert only(run).finding("COV001").message.startswith("There is no lead list")
    assert any(hint.startswith("Daily counts of 1,200 leads name no advertiser") for hint in run.hints)


def test_a_lead_list_wins_over_counts(store: Store) -> None:
    sent(store, {"2026-11-18": 1, "2026-11-21": 1})
    listed(store, [(f"{10**15}", instant("2026-11-18"))])
    counted(store, {"2026-11-18": 50})
    assert cov002(store) == (Status.PASS, 1.0, 1, 0)


def test_an_advertiser_known_from_counts_alone_sent_nothing(store: Store) -> None:
    counted(store, {"2026-11-18": 12})
    run = check(store, as_of=AS_OF)
    assert keys(run) == [("a", "crm")]
    assert (only(run).verdict, only(run).step) == (Verdict.NOT_READY, 2)
    assert cov002(store) == (Status.WARN, 0.0, 12, 12)


@pytest.mark.parametrize(
    ("day", "zone", "known"),
    [
        ("2026-11-22", "UTC", True),
        ("2026-11-23", "UTC", False),
        ("2026-11-21", "America/Los_Angeles", True),
        ("2026-11-22", "America/Los_Angeles", False),
    ],
)
def test_counts_of_a_day_after_as_of_are_left_out(day: str, zone: str, known: bool, store: Store) -> None:
    counted(store, {day: 12})
    config = Config(advertisers={"a": AdvertiserConfig(time_zone=zone)})
    assert keys(check(store, as_of=AS_OF, config=config)) == ([("a", "crm")] if known else [])


def test_counts_and_an_unknown_raw_stage_decide_nothing(store: Store) -> None:
    record(store, [(f"{i}", stage, AS_OF - DAY) for i in range(9) for stage in ("A", "B")], channel="crm")
    counted(store, {"2026-11-20": 12})
    assert cov002(store)[:2] == (Status.UNDECIDED, None)


def test_counts_outside_the_window_decide_nothing(store: Store) -> None:
    sent(store, {"2026-11-21": 1})
    counted(store, {"2026-08-18": 12, "2026-11-21": 3})
    assert cov002(store) == (Status.UNDECIDED, None, 0, 0)


def whole_days(horizon: int, start: int, zone: str) -> list[date]:
    """Days every second of which lies in (horizon - 28 d, horizon - 24 h] and not before start."""
    found = []
    around = datetime.fromtimestamp(horizon, UTC).date()
    for shift in range(-32, 3):
        day = around + timedelta(days=shift)
        midnights = [
            int(datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).timestamp()) for d in (day, day + timedelta(1))
        ]
        first, last = midnights[0], midnights[1] - 1
        if first > horizon - 28 * DAY and last <= horizon - DAY and first >= start:
            found.append(day)
    return found


@pytest.mark.parametrize("seed", range(15))
def test_only_whole_days_of_the_window_are_compared(seed: int, store: Store) -> None:
    """Horizon and start on the second of midnight, beside it and anywhere; summer time ends on 25 October."""
    draw = random.Random(seed)
    zone = draw.choice(["UTC", "Europe/Paris", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
    midnight = instant(f"2026-11-{draw.randint(10, 18)}", "00:00:00", zone)
    horizon = midnight + draw.choice([-1, 0, 1, draw.randrange(DAY)])
    start = horizon - draw.choice([90 * DAY, 28 * DAY, 7 * DAY]) + draw.choice([-1, 0, 1, draw.randrange(DAY)])
    record(store, [("1", "Lead", start + DAY), ("2", "Lead", horizon)], channel="crm")
    counted(store, {f"{date(2026, 10, 1) + timedelta(days=i)}": 1 for i in range(52)})
    check(store, as_of=AS_OF, config=Config(advertisers={"a": AdvertiserConfig(time_zone=zone)}))
    days = [row["day"] for row in store.rows("select day from counted_lead_day order by day")]
    assert days == whole_days(horizon, start, zone)
