"""Corners of the judgement that random logs do not reach, each with a tiny log made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from funnelcheck.config import AdvertiserConfig, Config, StatusLine
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Status, Waiver
from funnelcheck.reported import AdvertiserResult, Run
from funnelcheck.store import open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
Judge = Callable[..., Run]


def event(lead: int, name: str, time: int, **columns: Any) -> dict[str, Any]:
    """An enveloped event that is right in every way, sent a minute after it happened."""
    body = {
        "event_name": name,
        "event_time": time,
        "action_source": "system_generated",
        "user_data": {"lead_id": str(10**15 + lead)},
        "custom_data": {"event_source": "crm", "lead_event_source": "HubSpot"},
    }
    return {"advertiser_id": "a", "dataset_id": "1", "upload_time": time + 60, "status": 200, "event": body} | columns


def funnel(leads: Iterable[tuple[int, int, int | None]], stage: str = "Won") -> list[dict[str, Any]]:
    """Raw events of (lead, creation, delay), and the stage where there is a delay."""
    events = []
    for lead, created, delay in leads:
        events.append(event(lead, "Lead", created))
        if delay is not None:
            events.append(event(lead, stage, created + delay))
    return events


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def judged(
        events: list[dict[str, Any]], leads: Iterable[tuple[int, int]] = (), config: Config | None = None, **given: Any
    ) -> Run:
        (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in events))
        rows = [f"{10**15 + lead},{created},a" for lead, created in leads]
        (tmp_path / "leads.csv").write_text("\n".join(["id,created_time,advertiser_id", *rows]))
        with open_store() as store:
            report = ingest(store, [str(tmp_path / "log.jsonl")], [str(tmp_path / "leads.csv")], config=config)
            assert (report.problems, report.quarantined) == ([], 0)
            return check(store, as_of=given.pop("as_of", AS_OF), config=config, **given)

    return judged


def only(run: Run) -> AdvertiserResult:
    (result,) = run.advertisers
    return result


@pytest.mark.parametrize(("converted", "mature"), [(14, 35), (20, 50), (12, 30)])
def test_a_rate_that_is_exactly_the_limit_is_in_range_also_with_young_leads(
    converted: int, mature: int, judge: Judge
) -> None:
    """The curve is a product of fractions; in doubles it misses 40 % by its last digit."""
    start = AS_OF - 60 * DAY
    leads: list[tuple[int, int, int | None]] = [
        (i, start + i, (i + 1) * 3600 if i < converted else None) for i in range(mature)
    ]
    leads.append((mature, AS_OF - DAY, None))  # young: the plain quotient does not apply
    result = only(judge(funnel(leads), [(lead, created) for lead, created, _ in leads]))
    finding = result.finding("FUN006")
    assert (finding.value, finding.status, finding.certain) == (0.4, Status.PASS, False)
    assert result.optimisation_stage == "Won"


def test_two_stages_equally_far_from_the_range_go_by_order(judge: Judge) -> None:
    """0 % and 41 % both miss the range by one point."""
    start = AS_OF - 60 * DAY
    events = []
    for i in range(100):
        events.append(event(i, "Lead", start + i))
        if i < 41:
            events.append(event(i, "Common", start + i + 7200))
    events += [event(100, "Rare", start + 60), event(100, "Common", start + 7200)]  # no lead of the list
    events.append(event(0, "Lead", AS_OF - DAY))  # the log goes on, so that every lead has had its 28 days
    result = only(judge(events, [(i, start + i) for i in range(100)]))
    assert [(stage.name, stage.rate) for stage in result.stages] == [("Lead", 1.0), ("Rare", 0.0), ("Common", 0.41)]
    assert result.finding("FUN006").subject == "Rare"


@pytest.mark.parametrize(
    ("sent", "configured"),
    [("Lead", " lead "), ("Straße", "STRASSE"), ("İLK", "i̇lk"), ("ΤΈΛΟΣ", "τέλος"), ("Qualifié", "QUALIFIE\u0301")],
)
def test_configured_names_are_compared_trimmed_and_casefolded(sent: str, configured: str, judge: Judge) -> None:
    config = Config(advertisers={"a": AdvertiserConfig(raw_stage=configured)})
    result = only(judge([event(1, sent, AS_OF - DAY), event(1, "Won", AS_OF - 3600)], config=config))
    assert (result.raw_stage, result.raw_stage_source) == (sent, "configured")
    assert result.finding("FUN001").status is Status.PASS


def test_of_two_spellings_of_a_configured_stage_the_one_sent_most_is_meant(judge: Judge) -> None:
    config = Config(advertisers={"a": AdvertiserConfig(raw_stage="LEAD", optimisation_stage="WON")})
    names = ["Lead", "Lead", "lead ", "Won", "won"]
    result = only(judge([event(i, name, AS_OF - DAY + i) for i, name in enumerate(names)], config=config))
    assert result.raw_stage == "Lead"
    assert result.optimisation_stage in ("Won", "won")
    assert result.finding("FUN006").evidence["reason"] != "never-seen"


def declared(*lines: tuple[int, str], **more: Any) -> Config:
    status = tuple(StatusLine(AS_OF - days * DAY, label) for days, label in lines)
    return Config(advertisers={"a": AdvertiserConfig(status=status, **more)})


def ready_leads() -> list[tuple[int, int, int | None]]:
    start = AS_OF - 60 * DAY
    return [(i, start + i * DAY // 4, 3 * DAY if i % 5 == 0 else None) for i in range(236)]


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        ((), 4),
        (((9, "Wait for 7 days of CRM events"),), 4),
        (((9, "Configure Sales Funnel"),), 5),
        (((9, "Learning phase complete"),), 6),
        (((9, "Learning phase complete"), (5, "Funnel analysis")), 6),
        (((0, "Learning phase complete"),), 6),
        (((-1, "Learning phase complete"),), 4),  # of tomorrow
    ],
)
def test_the_furthest_status_up_to_as_of_says_what_is_declared(
    lines: tuple[tuple[int, str], ...], step: int, judge: Judge
) -> None:
    leads = ready_leads()
    result = only(judge(funnel(leads), [(lead, created) for lead, created, _ in leads], declared(*lines)))
    assert (result.verdict, result.step) == ("ready", step), result.summary


def waiver(**changes: Any) -> Config:
    fields = {"rule": "FUN002", "advertiser_id": "a", "until": "2026-11-22", "by": "Ada", "reason": "agreed"}
    return Config(waivers=(Waiver(**(fields | changes)),))


@pytest.mark.parametrize(
    ("config", "status"),
    [
        (Config(), Status.FAIL),
        (waiver(), Status.WAIVED),  # its last day
        (waiver(until="2026-11-21"), Status.FAIL),
        (waiver(since="2026-11-22"), Status.WAIVED),
        (waiver(since="2026-11-23"), Status.FAIL),
        (waiver(advertiser_id="b"), Status.FAIL),
        (waiver(rule="fun002"), Status.WAIVED),
    ],
)
def test_a_waiver_covers_a_failure_from_its_first_to_its_last_day(config: Config, status: Status, judge: Judge) -> None:
    result = only(judge([event(1, "Lead", AS_OF - DAY)], [(1, AS_OF - DAY)], config))
    assert result.finding("FUN002").status is status
    assert ("FUN002" in result.blocked_by) is (status is Status.FAIL)


def test_the_days_of_a_waiver_are_the_advertisers(judge: Judge) -> None:
    config = waiver(until="2026-11-21")
    config = Config(waivers=config.waivers, advertisers={"a": AdvertiserConfig(time_zone="America/Los_Angeles")})
    assert only(judge([event(1, "Lead", AS_OF - DAY)], config=config)).finding("FUN002").status is Status.WAIVED


def test_a_waiver_of_an_unknown_rule_is_refused(judge: Judge) -> None:
    with pytest.raises(ConfigError, match="EVT01"):
        judge([event(1, "Lead", AS_OF - DAY)], config=waiver(rule="EVT01"))


def test_an_empty_request_does_not_make_its_dataset_the_current_one(judge: Judge) -> None:
    empty = {"advertiser_id": "a", "dataset_id": "9", "sent_at": AS_OF - 60, "status": 200, "data": []}
    result = only(judge([event(1, "Lead", AS_OF - DAY), empty]))
    assert result.dataset_id == "1"
    assert result.finding("DAT004").status is Status.PASS


def test_undated_events_stand_at_their_own_time(judge: Judge) -> None:
    """Of one request the events up to as_of count, and those after it do not."""
    bodies = [event(i, "Lead", AS_OF + shift)["event"] for i, shift in enumerate((-10, 10))]
    result = only(judge([{"advertiser_id": "a", "dataset_id": "1", "data": bodies}]))
    assert (result.events, result.valid_events) == (1, 1)


def test_records_that_differ_in_any_column_are_no_duplicates(tmp_path: Path) -> None:
    with open_store() as store:
        for name, trace in (("one", "x"), ("two", "y"), ("three", "x")):
            (tmp_path / f"{name}.jsonl").write_text(json.dumps(event(1, "Lead", AS_OF - DAY) | {"trace": trace}))
        found = [ingest(store, [str(tmp_path / f"{name}.jsonl")]) for name in ("one", "two")]
        (tmp_path / "three.jsonl").write_text(json.dumps([event(1, "Lead", AS_OF - DAY) | {"trace": "x"}], indent=1))
        found.append(ingest(store, [str(tmp_path / "three.jsonl")]))
    assert [(report.loaded, report.duplicates) for report in found] == [(1, 0), (1, 0), (0, 1)]


def test_the_same_content_in_two_advertisers_folders_is_two_files(tmp_path: Path) -> None:
    line = {key: value for key, value in event(1, "Lead", AS_OF - DAY).items() if key != "advertiser_id"}
    for owner in ("a", "b"):
        folder = tmp_path / f"advertiser_id={owner}"
        folder.mkdir()
        (folder / "log.jsonl").write_text(json.dumps(line))
    with open_store() as store:
        ingest(store, [str(tmp_path)])
        run = check(store, as_of=AS_OF)
    assert [result.advertiser_id for result in run.advertisers] == ["a", "b"]


def test_without_a_lead_list_nobody_is_created_before_a_raw_event(judge: Judge) -> None:
    config = Config(advertisers={"a": AdvertiserConfig(raw_stage="Lead")})
    result = only(judge([event(1, "Won", AS_OF - DAY)], config=config))
    assert result.lead_creation_source is None
    assert only(judge([event(1, "Lead", AS_OF - DAY)])).lead_creation_source == "raw-event"


@pytest.mark.parametrize("zone", ["localtime", "posix/Europe/Paris"])
def test_a_time_zone_of_one_machine_alone_is_refused(zone: str, judge: Judge) -> None:
    config = Config(path="x.toml", advertisers={"a": AdvertiserConfig(time_zone=zone)})
    with pytest.raises(ConfigError, match="time_zone"):
        judge([event(1, "Lead", AS_OF - DAY)], config=config)


def test_a_log_that_names_every_event_differently_is_still_judged(judge: Judge) -> None:
    events = [event(1, f"Stage {i}", AS_OF - DAY + i) for i in range(3_000)]
    result = only(judge(events, [(1, AS_OF - DAY)]))
    assert len(result.stages) == 3_000
