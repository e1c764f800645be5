"""The journey of an advertiser: since when it is where, what holds it, what changed since, what time does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from funnelcheck import config as configuration
from funnelcheck import rulebook
from funnelcheck.config import AdvertiserConfig, Config, StatusLine
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check, rows_at_fault
from funnelcheck.model import Status
from funnelcheck.render.json import document
from funnelcheck.render.text import render
from funnelcheck.reported import AdvertiserResult
from funnelcheck.store import open_store

DAY = 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC, a Sunday
Judge = Callable[..., AdvertiserResult]


def event(lead: int, name: str, time: int, **columns: Any) -> dict[str, Any]:
    """An enveloped event that is right in every way, sent a minute after it happened."""
    body = {
        "event_name": name,
        "event_time": time,
        "action_source": "system_generated",
        "user_data": {"lead_id": str(10**15 + lead)},
        "custom_data": {"event_source": "crm", "lead_event_source": columns.pop("crm", "HubSpot")},
    }
    body |= {"partner_agent": agent} if (agent := columns.pop("agent", None)) else {}
    return {"advertiser_id": "a", "dataset_id": "1", "upload_time": time + 60, "status": 200, "event": body} | columns


def daily(name: str, first: int, last: int, **columns: Any) -> list[dict[str, Any]]:
    """An event at noon of each day from `first` to `last` days ago."""
    return [event(i, name, AS_OF - i * DAY + DAY // 2, **columns) for i in range(first, last - 1, -1)]


def lines(*told: tuple[int, str], **more: Any) -> Config:
    status = tuple(StatusLine(AS_OF - days * DAY, label) for days, label in told)
    return Config(advertisers={"a": AdvertiserConfig(status=status, **more)})


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def judged(
        events: list[dict[str, Any]], settings: Config | None = None, leads: tuple[tuple[int, int], ...] = ()
    ) -> AdvertiserResult:
        (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in events))
        rows = [f"{10**15 + lead},{created},a" for lead, created in leads]
        (tmp_path / "leads.csv").write_text("\n".join(["id,created_time,advertiser_id", *rows]))
        with open_store() as store:
            ingest(store, [str(tmp_path / "log.jsonl")], [str(tmp_path / "leads.csv")], config=settings)
            run = check(store, as_of=AS_OF, config=settings)
            (result,) = run.advertisers
            json.dumps(document(run))
            assert render(run)
            return result

    return judged


def entries(result: AdvertiserResult) -> dict[int, tuple[int | None, str | None]]:
    return {entry.step.number: (entry.entered_at, entry.entered_by) for entry in result.journey if entry.entered_at}


def test_steps_are_dated_by_what_was_sent(judge: Judge) -> None:
    """A refused event first, valid ones from the tenth day ago, a second stage from the third."""
    refused = event(99, "Lead", AS_OF - 20 * DAY, status=400)
    result = judge([refused, *daily("Lead", 10, 1), *daily("Won", 3, 1)])
    assert entries(result) == {
        2: (AS_OF - 20 * DAY + 60, "data"),
        3: (AS_OF - 10 * DAY + DAY // 2 + 60, "data"),
        # seven days were there on the fourth day ago, the second stage on the third
        **({4: (AS_OF - 3 * DAY + DAY // 2 + 60, "earliest")} if result.step >= 4 else {}),
    }
    assert result.step == 4
    assert [entry.state for entry in result.journey] == ["done", "done", "done", "now", "later", "later"]
    sent, waited, now = result.journey[1:4]
    assert sent.days == pytest.approx(10.5)
    assert waited.days is None  # when it was left only Events Manager knows
    assert now.days == pytest.approx(2.5, abs=0.001)
    assert result.finding("LIF003").status is Status.PASS


def test_steps_are_dated_by_the_first_line_that_speaks_of_them(judge: Judge) -> None:
    told = ((30, "Send a CRM event"), (9, "Configure Sales Funnel"), (6, "Funnel analysis"), (2, "Learning phase"))
    result = judge(daily("Lead", 20, 1) + daily("Won", 15, 1), lines(*told))
    assert result.step == 5
    assert entries(result) == {
        2: (AS_OF - 30 * DAY, "status"),
        3: (AS_OF - 20 * DAY + DAY // 2 + 60, "data"),
        4: (AS_OF - 9 * DAY, "status"),
        5: (AS_OF - 6 * DAY, "status"),
    }
    assert result.finding("LIF003").value == 6
    assert result.journey[3].days == 3


def test_who_fell_back_to_an_earlier_step_is_not_called_overdue(judge: Judge) -> None:
    result = judge(daily("Lead", 60, 50), lines((40, "Funnel analysis")))
    finding = result.finding("LIF003")
    assert (result.step, finding.status) == (3, Status.NOT_EVALUABLE)
    assert "showed step 5 before" in finding.message


def test_an_overdue_step_is_marked_and_changes_no_verdict(judge: Judge) -> None:
    result = judge(daily("Lead", 15, 1))
    assert result.finding("LIF003").status is Status.WARN
    assert [entry.step.number for entry in result.journey if entry.overdue] == [3]
    assert "LIF003" not in [*result.blocked_by, *(action.code for action in result.actions)]


def test_the_five_causes_are_told_at_step_3_alone(judge: Judge) -> None:
    stuck = judge(daily("Lead", 15, 1))
    assert [cause.state for cause in stuck.stuck] == ["pass", "pass", "cannot tell", "fail", "pass"]
    assert (stuck.finding("LIF002").value, stuck.finding("LIF002").n) == (1, 5)
    beyond = judge(daily("Lead", 15, 1) + daily("Won", 15, 1))
    assert (beyond.step, beyond.stuck, beyond.finding("LIF002").n) == (4, (), 0)


def moved(day_of_line: int, **more: Any) -> tuple[list[dict[str, Any]], Config]:
    """Two stages to dataset 1 until eleven days ago, and to dataset 2 from ten days ago on."""
    former = daily("Lead", 40, 11) + daily("Won", 40, 11)
    new = daily("Lead", 10, 1, dataset_id="2") + daily("Won", 10, 1, dataset_id="2")
    return former + new, lines((day_of_line, "Funnel analysis"), **more)


def test_a_dataset_that_changed_after_completion_starts_again_with_a_date(judge: Judge) -> None:
    result = judge(*moved(20))
    finding = result.finding("LIF004")
    assert finding.status is Status.FAIL
    assert "changed on 2026-11-12 (from 1 to 2)" in finding.message
    # a week, then 30 to 60 days of learning
    assert "between 2026-12-19 and 2027-01-18" in finding.message
    assert "LIF004" not in result.blocked_by
    assert "LIF004" in [action.code for action in result.actions if not action.blocks]
    assert "the dataset 2 is sent to since 2026-11-12" in result.finding("LIF007").message
    # the line speaks of the former dataset
    assert 5 not in entries(result)
    assert result.finding("LIF006").status is Status.NOT_EVALUABLE


@pytest.mark.parametrize(("day_of_line", "status"), [(11, Status.FAIL), (10, Status.PASS), (5, Status.PASS)])
def test_a_line_of_the_day_of_the_change_is_taken_for_the_new_dataset(
    day_of_line: int, status: Status, judge: Judge
) -> None:
    assert judge(*moved(day_of_line)).finding("LIF004").status is status


def test_a_dataset_that_is_ignored_was_never_left(judge: Judge) -> None:
    result = judge(*moved(20, ignore_datasets=("1",)))
    assert result.finding("LIF004").status is Status.PASS
    assert result.finding("LIF007").status is Status.PASS


def test_a_new_stage_and_one_that_is_gone_are_changes(judge: Judge, tmp_path: Path) -> None:
    events = daily("Lead", 40, 1) + daily("Won", 40, 9) + daily("Sold", 8, 1)
    settings = lines((30, "Funnel analysis"))
    result = judge(events, settings)
    finding = result.finding("LIF007")
    assert (finding.status, finding.value) == (Status.WARN, 2)
    assert "the stage Won is not sent any more since 2026-11-13, the stage Sold is sent since 2026-11-14" in (
        finding.message
    )
    with open_store() as store:
        ingest(store, [str(tmp_path / "log.jsonl")])
        found = rows_at_fault(store, "LIF007", as_of=AS_OF, config=settings)
    assert [(row["kind"], row["name"], row["what"]) for row in found.rows] == [
        ("stage", "Won", "gone"),
        ("stage", "Sold", "new"),
    ]


def test_learning_that_was_completed_after_a_change_wipes_it_out(judge: Judge) -> None:
    events = daily("Lead", 40, 1) + daily("Won", 40, 1) + daily("Sold", 20, 1)
    for told, status in (
        (((30, "Funnel analysis"),), Status.WARN),
        (((30, "Funnel analysis"), (10, "Learning phase complete")), Status.PASS),
        (((10, "Funnel analysis"),), Status.PASS),
    ):
        assert judge(events, lines(*told)).finding("LIF007").status is status


@pytest.mark.parametrize(
    ("change", "words"),
    [({"crm": "Zoho"}, "the CRM Zoho is named since"), ({"agent": "other"}, "the partner agent other is named since")],
)
def test_another_crm_and_another_agent_are_changes(change: dict[str, str], words: str, judge: Judge) -> None:
    before = {"agent": "ours"}
    events = daily("Lead", 40, 6, **before) + daily("Lead", 5, 1, **(before | change))
    assert words in judge(events, lines((20, "Funnel analysis"))).finding("LIF007").message


def test_rare_stages_that_pause_are_not_gone(judge: Judge) -> None:
    """Twelve in sixty days: a pause of eight days is nothing."""
    rare = [one for one in daily("Won", 69, 10) if (AS_OF - one["event"]["event_time"]) // DAY % 5 == 0]
    assert len(rare) == 12
    result = judge(daily("Lead", 69, 1) + rare, lines((30, "Funnel analysis")))
    assert result.finding("LIF007").status is Status.PASS


def young(days: int) -> tuple[list[dict[str, Any]], Config, tuple[tuple[int, int], ...]]:
    """Everything right for `days` days: twelve leads a day, of which three go on."""
    created = [(d * 20 + i, AS_OF - d * DAY + i * 3600) for d in range(days, 0, -1) for i in range(12)]
    events = [event(lead, "Lead", time + 5) for lead, time in created]
    events += [event(lead, "Won", time + 600) for lead, time in created if lead % 4 == 0]
    return events, Config(), tuple(created)


def test_the_clock_tells_when_time_alone_will_do(judge: Judge) -> None:
    result = judge(*young(4))
    assert result.blocked_by == ("DAT003", "FUN006", "FUN007")
    days, leads = result.clock
    assert (days.code, days.have, days.needed) == ("DAT003", 4, 7)
    # with events every day so far three more are likely on the third day from now, today being the first
    assert (days.earliest, days.date) == ("2026-11-24", "2026-11-24")
    assert days.message.startswith("4 of 7 days of data; on 2026-11-24 at this pace (90 %: 11-24 to 11-")
    assert (leads.code, leads.date) == ("FUN006", "2026-12-16")  # the first lead is of the 18th


def test_the_clock_runs_from_the_first_day_on(judge: Judge) -> None:
    """Too few leads to tell how many are covered is a matter of time as well."""
    result = judge(*young(1))
    assert "COV001" in result.blocked_by
    assert [(wait.code, wait.have) for wait in result.clock] == [("DAT003", 1), ("FUN006", 0)]


def test_the_clock_is_silent_where_something_else_fails_too(judge: Judge) -> None:
    events, settings, leads = young(4)
    wrong = [one | {"event": one["event"] | {"action_source": "website"}} for one in events[::3]]
    assert judge([*events, *wrong], settings, leads).clock == ()
    assert judge(*young(40)).clock == ()


def test_a_history_has_no_dates_and_no_clock(tmp_path: Path) -> None:
    rows = [f"{10**15 + i},Lead,{AS_OF - i * DAY},a" for i in range(1, 5)]
    (tmp_path / "history.csv").write_text("\n".join(["lead_id,event_name,event_time,advertiser", *rows]))
    settings = lines((3, "Send a CRM event"))
    with open_store() as store:
        report = ingest(store, [], history_sources=[str(tmp_path / "history.csv")], config=settings)
        assert (report.problems, report.loaded) == ([], 4)
        (result,) = check(store, as_of=AS_OF, config=settings).advertisers
    assert result.channel == "history"
    assert (result.clock, entries(result)) == ((), {})
    assert {result.finding(f"LIF00{i}").status for i in range(1, 8)} == {Status.NOT_EVALUABLE}


@pytest.mark.parametrize("guide", rulebook.guide_keys())
def test_a_guide_dates_each_step_and_names_its_labels(guide: str) -> None:
    book = rulebook.load_guide(guide)
    for step in book.steps[:-1]:
        assert step.estimate_days is not None
        assert step.overdue_days is not None
        assert step.estimate_days[0] <= step.estimate_days[1] < step.overdue_days
    assert book.steps[-1].overdue_days is None
    for step in book.steps:
        assert len(step.shows["en"]) == len(step.shows["fr"])
        for label in (*step.shows["en"], *step.shows["fr"]):
            if step.where is None:
                assert book.step_of[book.statuses[label.casefold()] - 1] == step.number


def status_file(folder: Path, text: str, toml: str = "") -> Config:
    (folder / "status.csv").write_text(text, encoding="utf-8")
    (folder / "funnelcheck.toml").write_text(f'status_file = "status.csv"\n{toml}')
    return configuration.load(folder / "funnelcheck.toml")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_status_file_adds_to_what_the_configuration_says(separator: str, tmp_path: Path) -> None:
    text = "\ufeffadvertiser,Date,status,note\na,2026-11-02,Funnel analysis,ok\n\nb,2026-11-03,Send a CRM event,\n"
    toml = (
        '[advertiser.a]\ntime_zone = "Europe/Paris"\n[[advertiser.a.status]]\ndate = 2026-10-01\nstatus = "Learning"\n'
    )
    found = status_file(tmp_path, text.replace(",", separator), toml)
    assert found.advertisers["a"].time_zone == "Europe/Paris"
    assert [line.status for line in found.advertisers["a"].status] == ["Learning", "Funnel analysis"]
    (line,) = found.advertisers["b"].status
    assert (line.date, line.status) == (AS_OF - 19 * DAY, "Send a CRM event")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"status\.csv:1: lacks advertiser, date, status"),
        ("advertiser,day,status\n", r"status\.csv:1: lacks date"),
        ("advertiser,date,status\na,2026-11-02,Learning\na,,Learning\n", r"status\.csv:3: .*no date"),
        ("advertiser,date,status\na,2.11.2026,Learning\n", r"status\.csv:2: .*2\.11\.2026"),
        ("advertiser,date,status\na\n", r"status\.csv:2: .*no date and no status"),
        ('advertiser,date,status\n"a\nb",2026-11-02,\n', r"status\.csv:3: .*no status"),
    ],
)
def test_a_bad_row_of_the_status_file_is_named_with_its_line(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=complaint):
        status_file(tmp_path, text)


def test_an_unknown_label_of_the_status_file_is_named_with_its_line(tmp_path: Path, judge: Judge) -> None:
    settings = status_file(tmp_path, "advertiser,date,status\na,2026-11-02,Funel analysis\n")
    with pytest.raises(ConfigError, match=r'status\.csv:2: "Funel analysis".*funnel analysis'):
        judge(daily("Lead", 3, 1), settings)


def test_a_status_file_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text('status_file = "gone.csv"\n')
    with pytest.raises(ConfigError, match=r"gone\.csv cannot be read"):
        configuration.load(tmp_path / "funnelcheck.toml")
