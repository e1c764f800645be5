"""Repair: every event is accounted for once, what is written is faultless and in time, and nothing comes back twice."""

from __future__ import annotations

import csv
import json
import random
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ingest_samples import LEAD, TIME, URL, enveloped, event, form_body, lead_cells, lead_list, lines, write
from test_mending import CERTAIN, LOST

import funnelcheck
from funnelcheck.cli import run
from funnelcheck.config import Config, PartnerConfig
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Status
from funnelcheck.repairing import Outcome, Ready, repair
from funnelcheck.repairing.bodies import text
from funnelcheck.store import open_store

DAY = 86_400
NOW = TIME + 3_600
WEEK = 7 * DAY
REFUSED = {"status": 400, "body": {"error": {"code": 190, "message": "The access token could not be decrypted"}}}
SECRET = "EAAB" + "x7" * 20


def exchange(events: Sequence[dict[str, Any]], response: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """A request with its outcome; None: no answer was logged."""
    record = {"advertiser_id": "acme", "sent_at": TIME + 60, "url": URL, "request": {"data": list(events)}}
    return record | ({} if response is None else {"response": response}) | changes


def taken(number: int) -> dict[str, Any]:
    return {"status": 200, "body": {"events_received": number}}


def of_lead(number: int, **changes: Any) -> dict[str, Any]:
    return event(user_data={"lead_id": str(int(LEAD) + number)}, **changes)


def repaired(folder: Path, *records: Any, leads: str | None = None, as_of: int = NOW, **given: Any) -> Outcome:
    log = write(folder / "log.jsonl", lines(*records))
    lists = [] if leads is None else [str(write(folder / "leads.csv", leads))]
    return repair([str(log)], lists, as_of=as_of, **given)


def places(found: Sequence[Any]) -> list[tuple[int, int | None]]:
    """Where events stand, in their order in the log."""
    return sorted((one.origin.line, one.origin.position) for one in found)


def logged(outcome: Outcome, sent_at: int) -> list[dict[str, Any]]:
    """The requests of an outcome as a log has them once Meta has taken all."""
    return [
        {
            "advertiser_id": body.advertiser_id,
            "dataset_id": body.dataset_id,
            "sent_at": sent_at,
            "request": json.loads(text(body)),
            "response": taken(len(body.events)),
        }
        for body in outcome.bodies
    ]


# What could be put better, yet breaks no rule that makes an event valid.
COUNT_ANYWAY = {
    "blanks around the name",
    "a fraction",
    "capitals in a digest",
    "a click id that is none",
    "a browser's data alone",
    "the field of a web event",
    "the field of an app event",
    "an address in custom_data",
    "the SDK's names",
}


def sample(rng: random.Random, number: int) -> tuple[dict[str, Any], str]:
    """An event and what is to become of it: it counts once taken; it is certain; it is lost."""
    kind = rng.choice(("counts", "certain", "certain", "lost", "old"))
    sent = event(event_time=TIME - WEEK - DAY if kind == "old" else TIME)
    if kind == "certain":
        name = rng.choice([name for name, (one, _, _) in CERTAIN.items() if isinstance(one["event_name"], str)])
        sent = CERTAIN[name][0]
        kind = "counts" if name in COUNT_ANYWAY else "certain"
    elif kind == "lost":
        sent = rng.choice([one for one, _ in LOST.values() if "Decimal" not in repr(one)])
    stage = sent["event_name"]
    told = {"event_name": f"{stage.strip()} {number}"} if stage.strip() else {}  # what tells one event from another
    return sent | told, "lost" if kind == "old" else kind


def shaped(rng: random.Random, events: list[dict[str, Any]], response: dict[str, Any] | None) -> dict[str, Any]:
    """One request in one of the shapes that logs have."""
    record = exchange(events, response, request={"data": events})
    bodies: list[Any] = [
        {"data": events},
        {"body": form_body(events)},
        {"data": json.dumps([json.dumps(one) for one in events])},
        {"data": [json.dumps(one) for one in events]},
        json.dumps({"data": events}),
    ]
    return record | {"request": rng.choice(bodies)}


def test_every_event_of_any_shape_is_in_one_place(tmp_path: Path) -> None:
    """Against plain Python: which events are right, ready or lost, over all shapes and answers."""
    rng, records = random.Random(11), []
    wanted: dict[str, set[tuple[int, int]]] = {"right": set(), "ready": set(), "lost": set()}
    number = 0
    for line in range(1, 241):
        sent = [sample(rng, number + i) for i in range(rng.choice((1, 1, 2, 5)))]
        number += len(sent)
        events = [one for one, _ in sent]
        is_taken = rng.random() < 0.5
        if len(sent) == 1 and rng.random() < 0.3:
            status = 200 if is_taken else 500
            records.append(enveloped(event=events[0], http_status=status, upload_time=TIME + 60))
        elif len(sent) == 1 and events[0] | {"event_name": ""} == event(event_name="") and rng.random() < 0.5:
            own = {"advertiser_id": "acme", "dataset_id": "900000000000007", "upload_time": TIME + 60}
            records.append(events[0] | own | {"http_status": 200 if is_taken else 500})
        else:
            records.append(shaped(rng, events, taken(len(events)) if is_taken else REFUSED))
        for position, (_, kind) in enumerate(sent):
            place = "lost" if kind == "lost" else "right" if is_taken and kind == "counts" else "ready"
            wanted[place].add((line, position))
    outcome = repaired(tmp_path, *records)
    assert outcome.read == number == outcome.right + len(outcome.ready) + len(outcome.lost)
    assert outcome.right == len(wanted["right"])
    assert (places(outcome.ready), places(outcome.lost)) == (sorted(wanted["ready"]), sorted(wanted["lost"]))
    faultless(tmp_path, outcome)
    again = repaired(tmp_path, *records, *logged(outcome, NOW))
    assert (again.ready, len(again.lost), again.copies) == ([], len(outcome.lost), len(outcome.ready))


def faultless(folder: Path, outcome: Outcome) -> None:
    """What was written passes validation, and judged as a log that was taken it has no fault."""
    sent = [str(write(folder / "out" / body.name, text(body))) for body in outcome.bodies]
    validation = funnelcheck.validate(sent, as_of=outcome.as_of)
    found = [one for one in validation.findings if one.status is Status.FAIL]
    assert (found, validation.unreadable) == ([], ())
    assert sum(file.events for file in validation.files) == len(outcome.ready)
    with open_store() as store:
        ingest(store, [str(write(folder / "taken.jsonl", lines(*logged(outcome, outcome.as_of))))])
        judged = check(store, as_of=outcome.as_of)
    for result in judged.advertisers:
        for finding in result.findings:
            if finding.area == "EVT" or finding.code in ("TIM001", "TIM002", "TIM003", "REQ001", "REQ004"):
                assert not finding.affected, finding
                assert not finding.warned, finding


def test_an_event_is_in_time_up_to_the_second(tmp_path: Path) -> None:
    records = [exchange([of_lead(i, event_time=NOW - WEEK + i - 1)], REFUSED) for i in range(3)]
    outcome = repaired(tmp_path, *records)
    assert (places(outcome.lost), places(outcome.ready)) == ([(1, 0)], [(2, 0), (3, 0)])
    assert [one.deadline for one in outcome.ready] == [NOW, NOW + 1]
    assert outcome.lost[0].codes == ("TIM001",)


def test_what_has_not_happened_yet_is_not_sent(tmp_path: Path) -> None:
    ahead = [exchange([of_lead(i, event_time=NOW + i)], REFUSED, sent_at=NOW) for i in (0, 1, 300, 301)]
    outcome = repaired(tmp_path, *ahead, exchange([of_lead(7)], REFUSED, sent_at=NOW + 1))
    assert outcome.later == 1
    assert places(outcome.lost) == [(4, 0)]
    assert [bool(one.doubts) for one in outcome.ready] == [False, True, True]


def test_what_was_taken_and_counts_never_comes_back_and_of_copies_one_is_sent(tmp_path: Path) -> None:
    good, bad, twice = of_lead(0), of_lead(1, action_source="CRM"), of_lead(2, event_time=TIME * 1000)
    records = [
        exchange([good, bad], REFUSED),
        exchange([good], taken(1), sent_at=TIME + 90),
        exchange([twice], REFUSED),
        exchange([twice], taken(1), sent_at=TIME + 90),
        exchange([of_lead(3, event_time=str(TIME))], taken(1)),  # a warning is none: it counts
    ]
    outcome = repaired(tmp_path, *records)
    assert (places(outcome.ready), outcome.right, outcome.copies) == ([(1, 1), (4, 0)], 2, 2)


def test_records_that_come_twice_are_counted(tmp_path: Path) -> None:
    record = exchange([of_lead(0), of_lead(1)], REFUSED)
    write(tmp_path / "logs" / "a.jsonl", lines(record))
    write(tmp_path / "logs" / "b.jsonl", lines(record, exchange([of_lead(2)], REFUSED)))
    write(tmp_path / "logs" / "c.jsonl", lines(record))
    outcome = repair([str(tmp_path / "logs")], as_of=NOW)
    assert (outcome.read, len(outcome.ready), outcome.repeated) == (7, 3, 4)


PARAMETER = {"status": 400, "body": {"error": {"code": 100, "message": "Invalid parameter"}}}
NO_DATASET = {"status": 400, "body": {"error": {"code": 100, "error_subcode": 33, "message": "Unsupported"}}}
UNANSWERED = "no answer was logged: Meta may have it already"
# Of each advertiser what was sent, what came back, and why one might not want to send it again.
ANSWERS: dict[str, tuple[list[dict[str, Any]], dict[str, Any] | None, str | None]] = {
    "none came": ([of_lead(0)], {"status": 0}, UNANSWERED),
    "some were taken": (
        [of_lead(0), of_lead(1)],
        taken(1),
        "Meta took some events of its request and does not say which",
    ),
    "refused, and nothing says why": ([of_lead(0)], PARAMETER, "Meta refused its request, and nothing in it says why"),
    "refused for another event's fault": ([of_lead(0), of_lead(1, event_time=TIME * 1000)], PARAMETER, None),
    "no access": ([of_lead(0)], REFUSED, None),
    "no dataset": ([of_lead(0)], NO_DATASET, None),
    "none were taken": ([of_lead(0)], taken(0), None),
    "a fault of Meta's": ([of_lead(0)], {"status": 500, "body": {}}, None),
    "not logged, beside one that was": ([of_lead(0)], None, UNANSWERED),
}


def test_what_may_have_arrived_or_may_poison_others_stands_apart(tmp_path: Path) -> None:
    records = [exchange(sent, answer, advertiser_id=name) for name, (sent, answer, _) in ANSWERS.items()]
    beside = exchange([of_lead(7)], taken(1), advertiser_id="not logged, beside one that was")
    alone = exchange([of_lead(0), of_lead(1, event_time=1)], None, advertiser_id="nothing is logged")
    outcome = repaired(tmp_path, *records, beside, alone)
    for name, (sent, _, doubt) in ANSWERS.items():
        found = [body for body in outcome.bodies if body.advertiser_id == name]
        assert [one.doubts for body in found for one in body.events] == [(doubt,) if doubt else ()] * len(sent), name
        assert [body.is_doubtful for body in found] == [doubt is not None]
    # where no answer is logged at all, what was sent counts as taken
    assert (outcome.right, [one.origin.advertiser_id for one in outcome.lost]) == (2, ["nothing is logged"])


def test_a_test_code_is_taken_out_and_told(tmp_path: Path) -> None:
    request = {"data": [of_lead(0)], "test_event_code": "TEST1"}
    outcome = repaired(
        tmp_path, exchange([], taken(1), request=request), enveloped(event=of_lead(1, test_event_code="T"))
    )
    assert [one.codes for one in outcome.ready] == [("EVT015",)] * 2
    assert all(one.doubts and "test_event_code" not in one.event for one in outcome.ready)
    assert "test" not in text(outcome.bodies[0])


def test_the_agent_agreed_on_stands_in_the_request(tmp_path: Path) -> None:
    config = Config(partner=PartnerConfig(partner_agent="mine"))
    request = {"data": [of_lead(0), of_lead(1, partner_agent="other")], "partner_agent": "theirs"}
    outcome = repaired(tmp_path, exchange([], REFUSED, request=request), config=config)
    body = json.loads(text(outcome.bodies[0]))
    assert body["partner_agent"] == "mine"
    assert [one.get("partner_agent") for one in body["data"]] == [None, "mine"]
    outcome = repaired(tmp_path, exchange([], REFUSED, request=request))
    assert json.loads(text(outcome.bodies[0]))["partner_agent"] == "theirs"
    assert [one.codes for one in outcome.lost] == [("EVT013",)]


def test_the_list_tells_of_times_before_leads_and_of_lost_digits(tmp_path: Path) -> None:
    long = 10_623_693_599_458_477
    rows = [lead_cells(0), lead_cells(1), lead_cells(5, id=f"l:{long}"), lead_cells(6, email="<test lead: dummy>")]
    sent = [
        of_lead(0, event_time=TIME),
        of_lead(1, event_time=TIME - 1),
        event(user_data={"lead_id": long - 1}),
        event(user_data={"lead_id": "1234567890123450"}),
        event(user_data={"lead_id": f"l:{int(LEAD) + 6}"}),
        of_lead(999),
    ]
    outcome = repaired(tmp_path, exchange(sent, REFUSED), leads=lead_list(*rows))
    assert [(one.origin.position, one.codes) for one in outcome.lost] == [
        (1, ("TIM002",)), (2, ("EVT009",)), (3, ("EVT009",)),
    ]  # fmt: skip
    assert outcome.test == 1
    assert [(one.origin.position, bool(one.doubts)) for one in outcome.ready] == [(0, False), (5, True)]


def test_a_table_of_events_cannot_be_repaired(tmp_path: Path) -> None:
    table = f"lead_id,event_name,event_time,http_status\n{LEAD},Won,{TIME},400\n"
    log = write(tmp_path / "log.csv", table)
    outcome = repair([str(log)], as_of=NOW)
    assert [one.why for one in outcome.lost] == [("a table holds no payload",)]


def test_an_event_in_which_a_key_stands_twice_is_not_guessed(tmp_path: Path) -> None:
    twice = json.dumps(of_lead(1))[:-1] + f', "event_time": {TIME - 5}}}'
    record = json.dumps(exchange([of_lead(0)], REFUSED)).replace(json.dumps(of_lead(0)), twice)
    outcome = repaired(tmp_path, record)
    assert (len(outcome.ready), len(outcome.lost)) == (0, 1)


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_a_number_that_no_json_can_be_written_of_is_not_passed_on(tmp_path: Path, number: str) -> None:
    event = json.dumps(of_lead(0, custom_data={"n": 7})).replace("7}", f"{number}}}")
    record = json.dumps(exchange([of_lead(0)], REFUSED)).replace(json.dumps(of_lead(0)), event)
    outcome = repaired(tmp_path, record)
    assert len(outcome.ready) == 0
    assert len(outcome.lost) + len(outcome.unreadable) == 1


def test_what_is_no_event_is_listed(tmp_path: Path) -> None:
    outcome = repaired(tmp_path, "not json {", exchange([of_lead(0)], REFUSED), '{"request": {"data": [null, 7, "x"]}}')
    assert [one.origin.line for one in outcome.unreadable] == [1]
    assert (len(outcome.ready), places(outcome.lost)) == (1, [(3, 0), (3, 1), (3, 2)])


def test_requests_are_small_urgent_first_and_by_dataset(tmp_path: Path) -> None:
    records = [
        exchange([of_lead(i, event_time=TIME - i)], REFUSED, url=URL.replace("7/events", f"{i % 2}/events"))
        for i in range(10)
    ]
    outcome = repaired(tmp_path, *records, exchange([of_lead(50 + i) for i in range(12)], {"status": 0}), batch=3)
    assert [len(body.events) for body in outcome.bodies] == [3, 3, 2, 2, 3, 3, 3, 3]
    assert [body.is_doubtful for body in outcome.bodies] == [False] * 4 + [True] * 4
    assert [body.deadline for body in outcome.bodies[:4]] == sorted(body.deadline for body in outcome.bodies[:4])
    for body in outcome.bodies:
        assert {one.origin.dataset_id for one in body.events} == {body.dataset_id}


def test_what_expires_soon_takes_no_other_event_with_it(tmp_path: Path) -> None:
    times = [*(TIME + 100 - WEEK + i for i in range(12)), TIME - WEEK + 2 * 3600, TIME]
    outcome = repaired(
        tmp_path, exchange([of_lead(i, event_time=at) for i, at in enumerate(times)], REFUSED), as_of=TIME + 100
    )
    assert [len(body.events) for body in outcome.bodies] == [10, 2, 1, 1]


def test_an_event_id_is_kept_or_given_and_the_same_each_time(tmp_path: Path) -> None:
    records = [exchange([of_lead(0, event_id="own"), of_lead(1), of_lead(2)], REFUSED)]
    first, second = (repaired(tmp_path, *records).ready for _ in range(2))
    ids = [one.event["event_id"] for one in first]
    assert ids == [one.event["event_id"] for one in second]
    assert ids[0] == "own"
    assert len(set(ids)) == 3


def test_dates_without_an_offset_are_read_in_the_configured_zone(tmp_path: Path) -> None:
    record = exchange([event(event_time="2026-09-21T16:13:20")], REFUSED)
    assert [one.codes for one in repaired(tmp_path, record).lost] == [("EVT005",)]
    (one,) = repaired(tmp_path, record, config=Config(time_zone="Europe/Paris")).ready
    assert one.event["event_time"] == TIME


def test_since_may_2026_contact_data_will_do(tmp_path: Path) -> None:
    contact = event(user_data={"em": "jane@example.com"})
    outcome = repaired(tmp_path, exchange([contact], REFUSED), guide="2026-05")
    assert len(outcome.ready) == 1
    again = repaired(tmp_path, exchange([contact], REFUSED), *logged(outcome, NOW), guide="2026-05")
    assert (again.ready, again.copies) == ([], 1)


def canaries() -> list[dict[str, Any]]:
    plain = {"lead_id": LEAD, "em": "canary@example.com", "ph": "+33 6 99 88 77 66", "fn": "Canary"}
    bare = event(user_data=plain, access_token=SECRET) | {"advertiser_id": "acme", "http_status": 400}
    noted = of_lead(
        1, custom_data={"event_source": "crm", "lead_event_source": "My CRM", "by": SECRET, "token": "s3cret"}
    )
    lost = event(user_data={"lead_id": "canary@example.com"}, event_name="Called +33699887766")
    return [bare, exchange([noted, lost], REFUSED, url=f"{URL}?access_token={SECRET}")]


def test_the_folder_is_private_and_its_lists_tell_nothing_personal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, out = write(tmp_path / "log.jsonl", lines(*canaries())), tmp_path / "out"
    args = ["repair", str(log), "--out", str(out), "--as-of", "2026-09-21T15:13:20Z"]
    assert run(args) == 0
    said = capsys.readouterr()
    files = [file for file in out.rglob("*") if file.is_file()]
    texts = {file.relative_to(out).as_posix(): file.read_text() for file in files}
    for told in (*texts.values(), said.out, said.err):
        assert not any(word in told for word in (SECRET, "s3cret", "canary@", "Canary", "699887766", "99 88 77"))
    lists = "".join(told for name, told in texts.items() if not name.startswith("bodies/")) + said.out
    assert LEAD not in lists
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (out, out / "bodies")} == {0o700}
    assert run([*args, "--show-ids", "-q"]) == 0
    assert LEAD in (out / "manifest.csv").read_text()


def test_the_lists_and_the_summary_agree_with_the_bodies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [
        exchange([of_lead(i, **({"event_time": 5} if i % 4 == 0 else {})) for i in range(12)], REFUSED),
        enveloped(event=of_lead(20)),
        "no json",
    ]
    log, out = write(tmp_path / "log.jsonl", lines(*records)), tmp_path / "out"
    assert run(["repair", str(log), "--out", str(out), "--as-of", "2026-09-21T15:13:20Z", "--batch", "4"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "13 events read = 9 to send again + 1 right already + 3 lost"
    with (out / "manifest.csv").open(newline="") as file:
        manifest = list(csv.DictReader(file))
    bodies = {file.name: json.loads(file.read_text())["data"] for file in (out / "bodies").iterdir()}
    assert Counter(row["body"] for row in manifest) == {f"bodies/{name}": len(data) for name, data in bodies.items()}
    for row in manifest:
        sent = bodies[Path(row["body"]).name][int(row["place"])]
        assert (sent["event_name"], sent["event_time"]) == (row["event_name"], int(row["event_time"]))
        assert row["deadline"] == "2026-09-28T14:13:20Z"
    assert len((out / "lost.jsonl").read_text().splitlines()) == 4
    assert "POST /900000000000007/events, by 2026-09-28 14:13 UTC" in (out / "README.txt").read_text()


def test_an_earlier_repair_is_replaced_and_a_foreign_folder_is_not(tmp_path: Path) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "out"
    args = ["repair", str(log), "--out", str(out), "--as-of", "2026-09-21T15:13:20Z", "-q"]
    write(log, lines(exchange([of_lead(i) for i in range(3)], REFUSED)))
    assert run([*args, "--batch", "1"]) == 0
    write(log, lines(exchange([of_lead(0)], taken(1))))
    assert run(args) == 0
    assert list((out / "bodies").iterdir()) == []
    for name in ("answers.jsonl", "bodies/0001-sent.txt"):
        (out / name).write_text("mine\n")
        assert run(args) == 2
        assert (out / name).read_text() == "mine\n"
        (out / name).unlink()
    (out / "README.txt").write_text("mine\n")
    assert run(args) == 2
    assert (out / "README.txt").read_text() == "mine\n"


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = write(tmp_path / "log.jsonl", lines(exchange([of_lead(0)], REFUSED))), tmp_path / "out"
    assert run(["repair", "--out", str(out)]) == 2
    assert run(["repair", str(log), "--batch", "1001", "--out", str(out)]) == 2
    assert run(["repair", str(log), "--crm", " ", "--out", str(out)]) == 2
    assert run(["repair", str(tmp_path), "--out", str(out)]) == 2  # where it would be read as a log
    assert run(["repair", str(tmp_path / "none"), "--out", str(out)]) == 3
    assert not out.exists()
    assert run(["repair", str(log), str(tmp_path / "none"), "--out", str(out)]) == 3
    assert (out / "README.txt").exists()
    assert "there is no such file" in capsys.readouterr().err


def test_ready_events_keep_all_that_they_hold(tmp_path: Path) -> None:
    whole = of_lead(0, custom_data={"event_source": "CRM", "lead_event_source": "É", "value": 12.5, "n": 10**20})
    (one,) = repaired(tmp_path, exchange([whole | {"data_processing_options": []}], REFUSED)).ready
    assert isinstance(one, Ready)
    body = json.loads(json.dumps(one.event, default=float))
    assert body["custom_data"] == {"event_source": "crm", "lead_event_source": "É", "value": 12.5, "n": 10**20}
    assert body["data_processing_options"] == []
