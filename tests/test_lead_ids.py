"""Lead ids that are no lead's, or that lost digits: random logs judged again by brute force."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check, rows_at_fault
from funnelcheck.model import Status
from funnelcheck.reported import AdvertiserResult, Run
from funnelcheck.store import Store, open_store

TIME, DAY = 1_790_000_000, 86_400
AS_OF = TIME + DAY
LARGE = 2**53
FLOAT = re.compile(r"[0-9]+[.,][0-9]*|[0-9]([.,][0-9]*)?[eE]\+?[0-9]+")
THINGS = {"form_id": "7001", "ad_id": "7002", "adset_id": "7003", "campaign_id": "7004", "page_id": "7005"}


def ids(rng: random.Random) -> tuple[list[str], list[str]]:
    """What an advertiser sends and what its list holds: whole, cut by a spreadsheet, rounded, or something else."""
    digits, number = rng.choice([15, 16, 17]), rng.choice([0, 1, 9, 10, 11, 19, 20, 21, 30])
    listed = [str(rng.randrange(10 ** (digits - 1), 10**digits)) for _ in range(number)]
    sent, mood = [], None
    for one in listed:
        cut = one[:15] + "0" * (digits - 15)
        ways = {
            "whole": one,
            "cut": cut,
            "rounded": str(int(float(one))),
            "decimal": f"{one}.0",
            "exponent": f"{float(one):.6E}",
            "even": str(int(one) // 2 * 2),
            "strange": rng.choice([*THINGS.values(), "lead-7", "1,5", "l:" + one]),
        }
        mood = mood or _mood(rng, ways)
        sent.append(ways[rng.choices(list(ways), weights=mood)[0]])
    return sent, rng.sample(listed, k=rng.choice([0, len(listed) // 2, len(listed)]))


def _mood(rng: random.Random, ways: dict[str, str]) -> list[int]:
    """One way for nearly all ids; sometimes a second, sometimes a few of the others."""
    first, second = rng.sample(list(ways), k=2)
    others = rng.choice([0, 0, 1])
    return [{first: 60, second: rng.choice([0, 20])}.get(way, others) for way in ways]


def precision(events: list[str], listed: set[str]) -> tuple[int, int, int | None]:
    """n, affected and level of EVT009 as its definition reads."""
    sent = set(events)
    digits = {one for one in sent if one.isdigit()}
    faulty = {one for one in sent if FLOAT.fullmatch(one)}
    is_proven = bool(faulty)
    for length, zeros in ((16, "0"), (17, "00")):
        like = {one for one in digits if len(one) == length}
        cut = {one for one in like if one.endswith(zeros)}
        if len(like) >= 20 and 2 * len(cut) > len(like):
            faulty |= cut
            is_proven = True
    long = {one for one in digits if len(one) == 17 and int(one) > LARGE}
    is_even = len(long) >= 10 and all(int(one) % 2 == 0 for one in long)
    as_doubles = {float(one) for one in listed if float(one) >= LARGE}
    pairs = {one for one in digits - listed if int(one) > LARGE and float(one) in as_doubles}
    if any(int(one) > LARGE and int(one) % 2 for one in digits):
        pairs = set()
    faulty |= pairs
    if not sent:
        return 0, 0, None
    is_proven = is_proven or len(pairs) >= 10
    return len(sent), len(faulty), 2 if is_proven else 1 if is_even or pairs else 0


def advertisers(seed: int) -> dict[str, tuple[list[str], list[str]]]:
    rng = random.Random(seed)
    return {f"a{i:02}": ids(rng) for i in range(40)}


def event(one: str) -> dict[str, Any]:
    return {
        "event_name": "Qualified",
        "event_time": TIME,
        "action_source": "system_generated",
        "user_data": {"lead_id": one, "external_id": "7"},
        "custom_data": {"event_source": "crm", "lead_event_source": "HubSpot"},
    }


def loaded(folder: Path, given: dict[str, tuple[list[str], list[str]]]) -> Store:
    with (folder / "log.jsonl").open("w") as log:
        for name, (sent, _) in given.items():
            request = {"data": [event(one) for one in [*sent, *sent[:3]]]}
            log.write(json.dumps({"advertiser_id": name, "sent_at": TIME + 60, "request": request}) + "\n")
    header = ["id", "created_time", "advertiser_id", *THINGS]
    rows = [[one, str(TIME - DAY), name, *THINGS.values()] for name, (_, listed) in given.items() for one in listed]
    (folder / "leads.csv").write_text("\n".join(",".join(row) for row in [header, *rows]))
    store = open_store()
    report = ingest(store, [str(folder / "log.jsonl")], [str(folder / "leads.csv")])
    assert (report.problems, report.quarantined) == ([], 0)
    return store


def levels(run: Run, name: str) -> AdvertiserResult:
    return next(one for one in run.advertisers if one.advertiser_id == name)


@pytest.mark.parametrize("seed", range(4))
def test_random_lead_ids_are_judged_as_by_brute_force(seed: int, tmp_path: Path) -> None:
    given = advertisers(seed)
    found = set()
    with loaded(tmp_path, given) as store:
        run = check(store, as_of=AS_OF)
    for name, (sent, own) in given.items():
        finding = levels(run, name).finding("EVT009")
        n, affected, level = precision(sent, set(own))
        status = {None: Status.NOT_EVALUABLE, 0: Status.PASS, 1: Status.WARN, 2: Status.FAIL}[level]
        assert (finding.n, finding.affected, finding.status) == (n, affected, status), (name, finding.message)
        assert finding.value == (affected / n if n else None)
        found.add(status)

        finding = levels(run, name).finding("EVT008")
        events = [*sent, *sent[:3]]
        strangers = [one for one in events if one not in own]
        if own and events:
            assert (finding.n, finding.affected) == (len(events), len(strangers))
            assert finding.status is (Status.WARN if strangers else Status.PASS)
            assert finding.evidence["mistaken"] == sum(one in THINGS.values() for one in strangers)
        else:
            assert finding.status is Status.NOT_EVALUABLE
    assert {Status.PASS, Status.FAIL, Status.NOT_EVALUABLE} <= found


def test_half_of_a_double_s_step_goes_to_the_even_neighbour(tmp_path: Path) -> None:
    """Between 2^53 and 2^54 doubles are even: an odd id becomes the neighbour that is a multiple of four."""
    listed = [str(10623693599458477 + 2 * i) for i in range(10)]
    sent = [str(int(float(one))) for one in listed]
    assert sent[:2] == ["10623693599458476", "10623693599458480"]
    with loaded(tmp_path, {"a": (list(dict.fromkeys(sent)), listed), "b": ([listed[0], sent[1]], listed[1:])}) as store:
        run = check(store, as_of=AS_OF)
        pairs = rows_at_fault(store, "EVT009", as_of=AS_OF, advertisers=["a"], show_ids=True)
    # ten listed ids come to five or six numbers: that many pairs are no proof yet
    finding = levels(run, "a").finding("EVT009")
    assert (finding.status, finding.affected) == (Status.WARN, len(set(sent)))
    assert levels(run, "b").finding("EVT009").status is Status.PASS, "an odd id came through"
    assert {int(float(row["listed_lead_id"])) for row in pairs.rows} == {int(row["lead_id"]) for row in pairs.rows}


def test_the_rows_at_fault_say_what_an_id_really_is(tmp_path: Path) -> None:
    given = {"a": (["7002", "1234567890123456", "7002.0"], ["1234567890123456"]), "b": (["7"], [])}
    with loaded(tmp_path, given) as store:
        unlisted = rows_at_fault(store, "EVT008", as_of=AS_OF, show_ids=True)
        masked = rows_at_fault(store, "EVT008", as_of=AS_OF)
        damaged = rows_at_fault(store, "EVT009", as_of=AS_OF, show_ids=True)
        faulty = rows_at_fault(store, "EVT017", as_of=AS_OF, show_ids=True)
    assert {(row["lead_id"], row["is_id_of"], row["line"]) for row in unlisted.rows} == {
        ("7002", "ad", 1),
        ("7002.0", None, 1),
    }
    assert unlisted.total == 4, "the ids that were sent twice count twice; without a list there is nothing to compare"
    assert all(row["lead_id"] not in ("7002", "7002.0") for row in masked.rows)
    assert [(row["lead_id"], row["events"]) for row in damaged.rows] == [("7002.0", 2)]
    assert {(row["advertiser_id"], row["lead_id"], row["fails"]) for row in faulty.rows} == {
        ("a", "7002", "EVT007"),
        ("a", "7002.0", "EVT007"),
        ("b", "7", "EVT007"),
    }
