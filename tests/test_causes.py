"""Faults that come together are told as one cause, with where they come from and since when."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from ingest_samples import TIME, enveloped, event, write

from funnelcheck.causes import Pattern, shared_causes
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.store import open_store


def pattern(codes: str, events: int, source: str | None = "CRM A", first: int = 100, last: int = 200) -> Pattern:
    return Pattern(frozenset(codes.split()), source, events, first, last)


def test_rules_that_find_the_same_events_are_one_cause() -> None:
    (cause,) = shared_causes([pattern("EVT001 EVT002", 40, first=50), pattern("EVT001 EVT002 EVT003", 400, last=300)])
    assert (cause.codes, cause.events, cause.first_seen, cause.last_seen) == (
        ("EVT001", "EVT002", "EVT003"),
        440,
        50,
        300,
    )
    assert cause.source == "CRM A"
    assert cause.message == (
        "EVT001, EVT002 and EVT003 find fault with the same events (440 in the last four weeks, first sent on "
        "1970-01-01, nearly all from CRM A): one cause, to be mended once."
    )


@pytest.mark.parametrize(("alone", "is_one"), [(20, True), (21, False)])
def test_four_fifths_of_the_events_must_be_the_same(alone: int, is_one: bool) -> None:
    found = shared_causes([pattern("EVT001 EVT007", 80), pattern("EVT001", alone)])
    assert [cause.codes for cause in found] == ([("EVT001", "EVT007")] if is_one else [])


@pytest.mark.parametrize(("other", "source"), [(10, "CRM A"), (11, None)])
def test_a_source_is_named_when_nine_in_ten_events_come_from_it(other: int, source: str | None) -> None:
    (cause,) = shared_causes([pattern("EVT001 EVT002", 90), pattern("EVT001 EVT002", other, source="CRM B")])
    assert cause.source == source


def test_two_causes_stay_two_and_nothing_is_no_cause() -> None:
    found = shared_causes([pattern("EVT001 EVT002", 10), pattern("EVT005 TIM001", 30), pattern("EVT007", 5)])
    assert [cause.codes for cause in found] == [("EVT005", "TIM001"), ("EVT001", "EVT002")]
    assert shared_causes([]) == ()


def test_clusters_are_those_of_a_search_over_all_pairs() -> None:
    seeded = random.Random(3)
    for _ in range(200):
        names = ["EVT001", "EVT002", "EVT003", "EVT005", "TIM001"]
        patterns = [
            pattern(" ".join(seeded.sample(names, seeded.randint(1, 4))), seeded.randint(1, 60)) for _ in range(4)
        ]
        rows = [(p.codes, i) for p in patterns for i in range(p.events)]
        of = {name: {(codes, i, id(codes)) for codes, i in rows if name in codes} for name in names}
        near = {
            pair
            for pair in itertools.combinations(names, 2)
            if (union := len(of[pair[0]] | of[pair[1]])) and 5 * len(of[pair[0]] & of[pair[1]]) >= 4 * union
        }
        groups = [{name} for name in names]
        for pair in near:
            joined = set().union(*(group for group in groups if group & set(pair)))
            groups = [group for group in groups if not group & joined] + [joined]
        expected = {tuple(sorted(group)) for group in groups if len(group) > 1}
        assert {cause.codes for cause in shared_causes(patterns)} == expected


def test_a_web_payload_is_one_cause_and_a_damaged_id_another(tmp_path: Path) -> None:
    web = {"action_source": "website", "custom_data": {"lead_event_source": "Shop"}}
    records = [enveloped(event=event(event_time=TIME + i) | web, upload_time=TIME + 60 + i) for i in range(30)]
    records += [enveloped(event=event(event_time=TIME + i), upload_time=TIME + 60 + i) for i in range(30)]
    records += [
        enveloped(event=event(event_time=TIME + i, user_data={"lead_id": f"l:{i}"}), upload_time=TIME + 60 + i)
        for i in range(20)
    ]
    with open_store() as store:
        ingest(store, [str(write(tmp_path / "log.jsonl", records))])
        (result,) = check(store, as_of=TIME + 86_400).advertisers
    (cause,) = result.causes
    assert {"EVT001", "EVT002"} <= set(cause.codes)
    assert "EVT007" not in cause.codes
    assert (cause.events, cause.first_seen, cause.source) == (30, TIME + 60, "Shop")
