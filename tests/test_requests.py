"""Rules about requests and sources against a second count with loops and sets, on random logs of exchanges."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.errors import UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check, rows_at_fault
from funnelcheck.model import Finding, Status
from funnelcheck.reported import Run
from funnelcheck.store import Store, open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
THROTTLING = {4, 17, 32, 341, 613, *range(80_000, 80_015)}
PASSING = {1, 2, 4, 17, 32, 341, 613}
LAST_DAY = {"v19.0": date(2026, 5, 21), "v21.0": date(2027, 1, 21), "v25.0": date(2028, 7, 29)}
CODES = ("REQ001", "REQ002", "REQ003", "REQ005", "REQ006", "REQ007", "REQ008", "REQ009")
Record = dict[str, Any]


def event(rng: random.Random, lead: int, time: int, *, is_bad: bool) -> Record:
    """An event of a lead; a bad one fails one of four required rules."""
    body: Record = {
        "event_name": rng.choice(("Lead", "Won")),
        "event_time": time,
        "action_source": "system_generated",
        "user_data": {"lead_id": str(10**15 + lead)},
        "custom_data": {"event_source": "crm", "lead_event_source": rng.choice(("HubSpot", " hubspot", "SAP"))},
    }
    if is_bad:
        fault = rng.randrange(4)
        if fault == 0:
            body["action_source"] = "website"
        elif fault == 1:
            body["user_data"]["lead_id"] = "l:77"
        elif fault == 2:
            body["event_time"] = time - 8 * DAY
        else:
            body["event_time"] = "2026-11-01T00:00:00Z"
    return body


def answer(rng: random.Random, events: int) -> Record:
    chance = rng.random()
    if chance < 0.55:
        return {"status": 200, "body": {"events_received": max(0, events - (chance < 0.05)), "messages": []}}
    if chance < 0.62:
        return {"status": rng.choice((500, 503, 429, 408, 400, 404)), "body": {}}
    if chance < 0.65:
        return {"status": 0}
    code = rng.choice((1, 2, 4, 17, 32, 341, 613, 80_000, 80_014, 80_015, 100, 190))
    error: Record = {"code": code, "message": f"what {code} means"}
    if code == 100:
        error["error_subcode"] = rng.choice((2804003, 33, 5))
    return {"status": 400, "body": {"error": error}}


def random_log(rng: random.Random, name: str, *, times: bool = True) -> list[Record]:
    """Exchanges and single events of one advertiser, in bursts, with retries of what came before."""
    log: list[Record] = []
    sent: list[Record] = []
    now = AS_OF - 40 * DAY
    for _ in range(rng.randrange(1, 60)):
        now += rng.choice((1, 30, 60, 61, 3600, DAY))
        if now > AS_OF - DAY:
            break
        again = rng.sample(sent, min(len(sent), rng.randrange(4))) if rng.random() < 0.5 else []
        size = rng.choice((0, 1, 2, 3, 60, 130))
        is_clean = rng.random() < 0.5
        fresh = [
            event(rng, rng.randrange(30), now - rng.randrange(DAY), is_bad=not is_clean and rng.random() < 0.03)
            for _ in range(size)
        ]
        events = again + fresh
        sent += fresh[:5]
        dataset = rng.choice(("1", "1", "1", None)) if len(log) > 5 else rng.choice(("1", "2"))
        version = rng.choice(("v19.0", "v21.0", "v25.0", "v3.5", "v99.0"))
        record: Record = {"advertiser_id": name, "response": answer(rng, len(events))}
        if times:
            record["sent_at"] = now
        if dataset:
            record["dataset_id"] = dataset
        if events and rng.random() < 0.3:
            log.append(record | {"event": events[0]})
        else:
            token = rng.choice(("", "?access_token=abc"))
            record["url"] = f"https://graph.facebook.com/{version}/1/events{token}"
            log.append(record | {"request": {"data": events}})
    last = event(rng, 1, AS_OF - DAY - 60, is_bad=False)
    received = {"status": 200, "body": {"events_received": 1}}
    log.append({"advertiser_id": name, "dataset_id": "1", "response": received, "event": last})
    if times:
        log[-1]["sent_at"] = AS_OF - DAY
    return log


class Expected:
    """What the definitions make of one advertiser's records, one after the other."""

    def __init__(self, log: list[Record]) -> None:
        requests = [Request(record) for record in log]
        since = max(r.sent for r in requests if r.sent is not None and r.dataset != "2") - 28 * DAY
        self.recent = [r for r in requests if r.dataset != "2" and (r.sent is None or r.sent > since)]
        self.whole = [r for r in self.recent if r.is_whole and r.events]

    def req001(self) -> tuple[Any, ...]:
        return None, sum(len(r.events) or 1 for r in self.recent), 0

    def req002(self) -> tuple[Any, ...]:
        mixed = [r for r in self.whole if 0 < sum(r.bad) < len(r.bad)]
        return sum(len(r.bad) - sum(r.bad) for r in mixed), len(self.whole), len(mixed)

    def lost_at_50(self) -> int:
        lost = 0
        for r in self.whole:
            for start in range(0, len(r.bad), 50):
                batch = r.bad[start : start + 50]
                lost += (len(batch) - sum(batch)) if any(batch) else 0
        return lost

    def is_lost(self, request: Request) -> bool:
        later = {
            key
            for other in self.recent
            if other.accepted and None not in (other.sent, request.sent) and other.sent > request.sent
            for key in other.keys
        }
        return any(key not in later for key in request.keys)

    def req003(self) -> tuple[Any, ...]:
        median = statistics.median_low([len(r.events) for r in self.whole]) if self.whole else None
        return median, len(self.whole), sum(not r.accepted and self.is_lost(r) for r in self.whole)

    def req005(self) -> tuple[Any, ...]:
        failed = sum(not r.accepted for r in self.recent)
        return failed / len(self.recent), len(self.recent), failed

    def req006(self) -> tuple[Any, ...]:
        asked = [r for r in self.recent if r.code in THROTTLING and r.upload is not None]
        hasty = [
            r
            for r in self.recent
            if r.upload is not None and any(a.dataset == r.dataset and 0 < r.upload - a.upload <= 60 for a in asked)
        ]
        return len(hasty), sum(r.upload is not None for r in self.recent), len(hasty)

    def req007(self) -> tuple[Any, ...]:
        called = [r.version for r in self.recent if r.version]
        today = datetime.fromtimestamp(AS_OF, UTC).date()
        old = [v for v in called if v == "v3.5" or (v in LAST_DAY and today > LAST_DAY[v])]
        return (len(old) / len(called) if called else None), len(called), len(old)

    def req008(self) -> tuple[Any, ...]:
        passing = [
            r
            for r in self.recent
            if not r.accepted
            and (r.status in (408, 429) or 500 <= r.status < 600 or r.code in PASSING or (r.status == 0 and not r.code))
        ]
        lost = sum(self.is_lost(r) for r in passing)
        return lost, len(self.recent), lost

    def req009(self) -> tuple[Any, ...]:
        tokens = sum("access_token" in r.text for r in self.recent)
        return tokens, len(self.recent), tokens

    def errors(self) -> Counter[tuple[int | None, int | None]]:
        return Counter((r.code, r.subcode) for r in self.recent if not r.accepted)


class Request:
    """One record read with the plainest means."""

    def __init__(self, record: Record) -> None:
        self.text = json.dumps(record)
        self.is_whole = "request" in record
        self.events = record["request"]["data"] if self.is_whole else [record["event"]]
        self.dataset = record.get("dataset_id")
        if self.dataset is None and self.is_whole:
            self.dataset = "1"  # as its address says
        self.upload = record.get("sent_at")
        body = record["response"].get("body", {})
        self.status = record["response"]["status"]
        error = body.get("error", {})
        self.code, self.subcode = error.get("code"), error.get("error_subcode")
        self.accepted = 200 <= self.status < 300 and not error
        self.version = record["url"].split("/")[3] if "url" in record else None
        times = [e["event_time"] for e in self.events if isinstance(e["event_time"], int)]
        self.sent = self.upload if self.upload is not None else max(times, default=None)
        self.bad = [self._is_bad(e) for e in self.events]
        self.keys = {
            (e["user_data"]["lead_id"], e["event_name"], e["event_time"] if isinstance(e["event_time"], int) else None)
            for e in self.events
        }

    def _is_bad(self, e: Record) -> bool:
        time = e["event_time"]
        if e["action_source"] != "system_generated" or e["user_data"]["lead_id"] == "l:77" or isinstance(time, str):
            return True
        return self.upload is not None and self.upload - time > 7 * DAY


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def loaded(store: Store, folder: Path, logs: dict[str, list[Record]]) -> Run:
    for name, log in logs.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in log))
    report = ingest(store, [str(folder)])
    assert report.problems == []
    assert report.quarantined == report.duplicates == 0
    return check(store, as_of=AS_OF)


@pytest.mark.parametrize("seed", range(4))
def test_requests_are_counted_as_loops_count_them(seed: int, store: Store, tmp_path: Path) -> None:
    rng = random.Random(seed)
    logs = {f"a{i}": random_log(rng, f"a{i}", times=i % 4 != 3) for i in range(12)}
    run = loaded(store, tmp_path, logs)
    assert len(run.advertisers) == 12
    for result in run.advertisers:
        expected = Expected(logs[result.advertiser_id])
        for code in CODES:
            finding = result.finding(code)
            value, n, affected = getattr(expected, code.lower())()
            place = f"{result.advertiser_id} {code}: {finding.message}"
            assert (finding.n, finding.affected) == (n, affected), place
            if n:
                assert value is None or finding.value == pytest.approx(value), place
            else:
                assert finding.status is Status.NOT_EVALUABLE, place
        if expected.whole:
            assert result.finding("REQ002").evidence["lost_at_50"] == expected.lost_at_50()
        told = result.finding("REQ005").evidence["errors"] or []
        found: Counter[tuple[int | None, int | None]] = Counter()
        for one in told:
            found[one["code"], one["subcode"]] += one["requests"]
        assert found == expected.errors()


def test_the_rows_at_fault_are_as_many_as_the_rules_count(store: Store, tmp_path: Path) -> None:
    rng = random.Random(7)
    logs = {name: random_log(rng, name) for name in ("a", "b", "c")}
    too_old = {"error": {"code": 100, "error_subcode": 2804003, "message": "what 100 means"}}
    refused_record = logs["a"][-1] | {"sent_at": AS_OF - DAY - 1, "response": {"status": 400, "body": too_old}}
    logs["a"].insert(0, refused_record)
    run = loaded(store, tmp_path, logs)
    for code in ("REQ002", "REQ005", "REQ006", "REQ009"):
        assert rows_at_fault(store, code, as_of=AS_OF).total == sum(r.finding(code).affected for r in run.advertisers)
    refused = rows_at_fault(store, "REQ004", as_of=AS_OF)
    counted = [r.finding("REQ004") for r in run.advertisers]
    assert refused.total == sum(finding.affected + (finding.warned or 0) for finding in counted)
    known = [row for row in refused.rows if row["error_subcode"] == 2804003]
    assert known
    assert all("seven days" in row["meaning"] and row["error_title"] == "what 100 means" for row in known)
    for code in ("REQ003", "REQ008"):
        lost = rows_at_fault(store, code, as_of=AS_OF)
        found = {(row["advertiser_id"], row["line"]) for row in lost.rows}
        assert len(found) == sum(r.finding(code).affected for r in run.advertisers)
    assert rows_at_fault(store, "REQ001", as_of=AS_OF).total == sum(
        not r.events for name in logs for r in Expected(logs[name]).recent
    )
    versions = rows_at_fault(store, "REQ007", as_of=AS_OF).rows
    assert sum(row["requests"] for row in versions) == sum(r.finding("REQ007").affected for r in run.advertisers)


def test_what_goes_well_leaves_nothing_to_look_into(store: Store, tmp_path: Path) -> None:
    rng = random.Random(1)
    received = {"status": 200, "body": {"events_received": 3}}
    events = [event(rng, i, AS_OF - DAY - i, is_bad=False) for i in range(3)]
    record = {"advertiser_id": "a", "sent_at": AS_OF - DAY, "response": received, "request": {"data": events}}
    result = loaded(store, tmp_path, {"a": [record]}).advertisers[0]
    for table in ("troubled_event", "lost_event", "recent_error"):
        assert store.value(f"select count(*) from {table}") == 0
    statuses = {code: result.finding(code).status for code in CODES if code != "REQ007"}
    assert set(statuses.values()) == {Status.PASS}
    assert result.finding("REQ007").status is Status.NOT_EVALUABLE


def test_a_log_without_responses_says_so(store: Store, tmp_path: Path) -> None:
    body = event(random.Random(1), 1, AS_OF - DAY, is_bad=False)
    run = loaded(store, tmp_path, {"a": [{"advertiser_id": "a", "upload_time": AS_OF - DAY, "event": body}]})
    for code in ("REQ005", "REQ006", "REQ008"):
        assert run.advertisers[0].finding(code).status is Status.NOT_EVALUABLE


def source_finding(run: Run, code: str, name: str = "a", channel: str = "crm") -> Finding:
    (result,) = [r for r in run.advertisers if (r.advertiser_id, r.channel) == (name, channel)]
    return result.finding(code)


def test_a_source_that_cannot_be_read_is_its_folders_advertisers(store: Store, tmp_path: Path) -> None:
    good = {"upload_time": AS_OF - DAY, "event": event(random.Random(1), 1, AS_OF - DAY, is_bad=False)}
    for name in ("a", "b"):
        (tmp_path / f"advertiser_id={name}").mkdir()
        (tmp_path / f"advertiser_id={name}" / "log.jsonl").write_text(json.dumps(good))
    (tmp_path / "advertiser_id=b" / "broken.jsonl").write_text('{"neither": "nor"}\n[1]\n')
    ingest(store, [str(tmp_path)])
    run = check(store, as_of=AS_OF)
    told = [(f.status, f.n, f.affected) for f in (source_finding(run, "MAP001", name) for name in ("a", "b"))]
    assert told == [(Status.PASS, 1, 0), (Status.FAIL, 3, 2)]
    rows = rows_at_fault(store, "MAP001", as_of=AS_OF).rows
    assert {row["advertiser_id"] for row in rows} == {"b"}
    assert sum(row["rows_with_reason"] for row in rows) == 2


def test_crms_are_told_apart_by_their_folded_names(store: Store, tmp_path: Path) -> None:
    rng = random.Random(3)
    log = random_log(rng, "a")
    finding = source_finding(loaded(store, tmp_path, {"a": log}), "MAP002")
    names: Counter[str] = Counter()
    faulty: Counter[str] = Counter()
    for request in Expected(log).recent:
        for body in request.events:
            name = body["custom_data"]["lead_event_source"].strip().lower()
            names[name] += 1
            payload_fault = (
                body["action_source"] != "system_generated"
                or isinstance(body["event_time"], str)
                or body["user_data"]["lead_id"] == "l:77"
            )
            faulty[name] += payload_fault
    assert (finding.value, finding.n) == (len(names), names.total())
    per_source = {one["source"].strip().lower(): one for one in finding.evidence["per_source"]}
    assert {name: one["events"] for name, one in per_source.items()} == dict(names)
    assert {name: one["faulty"] for name, one in per_source.items()} == {name: faulty[name] for name in names}


def test_a_history_is_asked_for_the_ids_of_meta(store: Store, tmp_path: Path) -> None:
    lines = [f"{10**15 + i},Won,2026-11-0{i + 1}T00:00:00Z" for i in range(3)]
    lines += ["00Q5e00000AbCdE,Lead,2026-11-05T00:00:00Z", "00Q5e00000AbCdE,Won,2026-11-06T00:00:00Z"]
    (tmp_path / "history.csv").write_text("\n".join(["lead_id,stage,changed_at", *lines]))
    ingest(store, [], history_sources=[str(tmp_path / "history.csv")], advertiser="a")
    finding = source_finding(check(store, as_of=AS_OF), "MAP003", channel="history")
    assert (finding.status, finding.value, finding.n, finding.affected) == (Status.WARN, 0.6, 4, 1)
    (row,) = rows_at_fault(store, "MAP003", as_of=AS_OF).rows
    assert row["rows"] == 2
    assert "00Q5e" not in str(row["lead_id"])


def test_downloads_are_known_by_their_files(store: Store, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(f"id,created_time,advertiser_id\n{10**15},2026-11-01T00:00:00Z,a\n")
    api = {"id": str(10**15 + 1), "created_time": "2026-11-01T00:00:00+0000", "advertiser_id": "a"}
    (tmp_path / "leads.jsonl").write_text(json.dumps(api))
    ingest(store, [], [str(tmp_path / "leads.csv"), str(tmp_path / "leads.jsonl")])
    finding = source_finding(check(store, as_of=AS_OF), "MAP004")
    assert (finding.status, finding.n, finding.affected) == (Status.WARN, 2, 1)


def test_what_is_known_of_codes_and_versions_is_in_order() -> None:
    errors = [(error["code"], error["subcode"]) for error in rulebook.known_errors()]
    assert len(errors) == len(set(errors))
    assert {error["code"] for error in rulebook.known_errors() if error["throttles"]} == THROTTLING
    assert {error["code"] for error in rulebook.known_errors() if error["passes"]} == PASSING
    assert all(len(error["means"]) <= 80 for error in rulebook.known_errors()), "a sentence would cut it"
    assert {error["sure"] for error in rulebook.known_errors()} <= {"high", "medium", "low"}
    versions = rulebook.api_versions()
    released = [version["released"] for version in versions]
    assert released == sorted(released, reverse=True)
    numbers = [tuple(int(part) for part in version["name"][1:].split(".")) for version in versions]
    assert numbers == sorted(numbers, reverse=True)
    for version, newer in zip(versions[1:], versions, strict=False):
        # Meta's promise: two years after the release of the next version, give or take some days
        assert version["expires"] is None or abs((version["expires"] - newer["released"]).days - 730) < 200


def test_a_rule_that_lists_no_rows_says_so(store: Store) -> None:
    with pytest.raises(UsageError, match="MAP002"):
        rows_at_fault(store, "MAP002", as_of=AS_OF, config=Config())
