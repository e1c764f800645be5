"""The access rules against a count by hand: calls of 15 days, the latest ones, the pace, pauses, attestations."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from ingest_samples import TIME, enveloped, event, lead_cells, lead_list, write

from funnelcheck import access, rulebook
from funnelcheck.config import Config, load
from funnelcheck.findings import findings_of
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import apply, check, rows_at_fault
from funnelcheck.model import Finding, Status
from funnelcheck.render import html, text
from funnelcheck.render.json import document
from funnelcheck.reported import AccessMeter, Run, Verdict
from funnelcheck.store import Store, open_store

DAY = 86_400
AS_OF = TIME + 30 * DAY
WINDOW = 15 * DAY
LIMITS = {4, 17, 32, 341, 613, *range(80_000, 80_015)}
Judge = Callable[..., Run]


@dataclass(frozen=True)
class Call:
    time: int
    ok: bool = True
    code: int | None = None

    @property
    def record(self) -> dict[str, Any]:
        given = {"time": self.time, "status": 200 if self.ok else 400}
        return given if self.code is None else given | {"error": {"code": self.code}}


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge an event each of some advertisers beside a log of calls (None: there is none)."""

    def judged(
        calls: Iterable[Call] | None = None,
        rules: dict[str, dict[str, float]] | None = None,
        *,
        records: list[dict[str, Any]] | None = None,
        toml: str = "",
        **given: Any,
    ) -> Run:
        sent = [enveloped()] if records is None else records
        sources = [str(write(tmp_path / "log.jsonl", sent))] if sent else []
        logs = [] if calls is None else [str(write(tmp_path / "calls.jsonl", [call.record for call in calls]))]
        config = load(write(tmp_path / "funnelcheck.toml", toml)) if toml else Config(rules=rules or {})
        with open_store() as store:
            report = ingest(store, sources, call_sources=logs, config=config)
            assert (report.problems, report.quarantined) == ([], 0)
            return check(store, as_of=given.pop("as_of", AS_OF), config=config, **given)

    return judged


@pytest.fixture(scope="module")
def one_advertiser() -> Iterator[Store]:
    """A store that knows an advertiser, judged once: what follows is quick."""
    with open_store() as store:
        store.execute(
            "insert into lead (file_id, line, record_digest, advertiser_id, lead_id, created_time, is_test) "
            f"values (1, 1, 1, 'a', '1', {TIME}, false)"
        )
        check(store, as_of=AS_OF)
        yield store


def measured(
    store: Store, calls: list[Call], rules: dict[str, dict[str, float]], guide: str | None = None
) -> tuple[AccessMeter | None, Callable[[str], Finding]]:
    """The meter of a log of calls, and the finding of each of its rules."""
    book = rulebook.load(Config(rules=rules), guide)
    parameters = {"as_of": AS_OF}
    store.execute("delete from api_call")
    columns = "call_time bigint, is_success boolean, error_code bigint"
    store.put_rows("given_call", columns, [(call.time, call.ok, call.code) for call in calls])
    store.execute(
        "insert into api_call (file_id, line, record_digest, call_time, is_success, error_code) "
        "select 1, 1, 1, call_time, is_success, error_code from given_call"
    )
    store.run_file("facts/figures/400_call_second.sql", parameters)
    meter = access.measure(store, book, parameters)

    def finding(code: str) -> Finding:
        rows = apply(store, book.rule(code), parameters)
        return findings_of(book.rule(code), rows, book.thresholds, {})["a", "crm"][0]

    return meter, finding


def found(run: Run, code: str) -> Finding:
    """The finding of a rule, which every advertiser has alike."""
    findings = [result.finding(code) for result in run.advertisers]
    assert {(f.status, f.value, f.n, f.affected, f.message) for f in findings} == {
        (findings[0].status, findings[0].value, findings[0].n, findings[0].affected, findings[0].message)
    }
    return findings[0]


def meter(run: Run) -> AccessMeter:
    assert run.access is not None
    return run.access


# --- against a count by hand --------------------------------------------------------------------------------------


def in_window(calls: Iterable[Call], until: int = AS_OF) -> list[Call]:
    return [call for call in calls if until - WINDOW < call.time <= until]


def risen(calls: list[Call], wanted: int) -> int | None:
    """The last second at which the successes of 15 days came to the number from below."""
    last = None
    for second in sorted({call.time for call in calls}):
        now = sum(call.ok for call in in_window(calls, second))
        before = now - sum(call.ok for call in calls if call.time == second)
        if before < wanted <= now:
            last = second
    return last


def projected(calls: list[Call], wanted: int) -> int | None:
    """The first instant with enough successes, where the app goes on at its pace and the 15 days move with it."""
    good = [call.time for call in in_window(calls) if call.ok]
    if not good:
        return None
    span = max(DAY, min(WINDOW, AS_OF - min(call.time for call in calls)))
    gap = Fraction(span, len(good))  # seconds from one success to the next
    if Fraction(WINDOW) // gap < wanted:  # what is left when all older ones have gone
        return None
    for number in range(1, 10_000):
        now = AS_OF + number * gap
        newer = sum(place * gap > now - AS_OF - WINDOW for place in range(1, number + 1))
        if newer + sum(time > now - WINDOW for time in good) >= wanted:
            return ceil(now)
    raise AssertionError("never")


def repeated(calls: list[Call]) -> tuple[int, int]:
    recent = in_window(calls)
    limited = [call.time for call in recent if call.code in LIMITS]
    return len(limited), sum(any(0 < call.time - time <= 60 for time in limited) for call in recent)


def some_calls(seed: int) -> list[Call]:
    """Calls of a few days or weeks, in bursts, some at one second, some after AS_OF."""
    chance = random.Random(seed)
    first = AS_OF - chance.choice([3 * DAY, 14 * DAY, 15 * DAY, 20 * DAY, 29 * DAY, 3 * 3_600])
    bursts = [chance.randint(first, AS_OF) for _ in range(chance.randint(1, 6))]
    calls = []
    for _ in range(chance.randint(1, 60)):
        time = chance.choice(bursts) + chance.choice([0, 0, 1, 59, 60, 61, 120, 3_600])
        ok = chance.random() < 0.8
        calls.append(Call(time, ok, None if ok else chance.choice([None, 1, 17, 80_000, 80_014, 80_015, 613, 79_999])))
    edge = [Call(AS_OF - WINDOW + chance.choice([-1, 0, 1])), Call(AS_OF), Call(AS_OF + 1, False, 17)]
    return calls + chance.sample(edge, chance.randint(0, 3))


@pytest.mark.parametrize("seed", range(200))
def test_random_logs_come_to_what_a_count_by_hand_does(seed: int, one_advertiser: Store) -> None:
    chance, calls = random.Random(-seed), some_calls(seed)
    wanted, latest, share = chance.randint(1, 40), chance.choice([0, 1, 5, 20, 500]), chance.choice([0.1, 0.15, 0.5])
    rules = {"ACC001": {"min_calls": wanted}, "ACC002": {"max_error_share": share, "window_calls": latest}}
    meter, finding = measured(one_advertiser, calls, rules)
    known = [call for call in calls if call.time <= AS_OF]
    if not known:
        assert meter is None
        return
    assert meter is not None
    good = sum(call.ok for call in in_window(known))
    volume = finding("ACC001")
    assert volume.status is (Status.PASS if good >= wanted else Status.FAIL)
    assert (volume.value, volume.n, volume.affected) == (good, len(in_window(known)), max(0, wanted - good))
    assert meter.reached_at == (risen(known, wanted) if good >= wanted else None)
    assert meter.expected_at == (None if good >= wanted else projected(known, wanted))
    # the newest first; of one second those that failed
    judged = sorted(known, key=lambda call: (-call.time, call.ok))[:latest] if latest else in_window(known)
    failed, errors = sum(not call.ok for call in judged), finding("ACC002")
    if judged:
        passes = Fraction(failed, len(judged)) < Fraction(str(share))
        assert errors.status is (Status.PASS if passes else Status.FAIL)
        assert (errors.value, errors.n, errors.affected) == (failed / len(judged), len(judged), failed)
    else:
        assert errors.status is Status.NOT_EVALUABLE
    limited, again = repeated(known)
    pause = finding("ACC003")
    assert (pause.status, pause.n, pause.value) == (Status.WARN if again else Status.PASS, limited, again)


def test_the_order_of_the_log_changes_nothing(one_advertiser: Store) -> None:
    calls = some_calls(7)
    rules: dict[str, dict[str, float]] = {"ACC002": {"window_calls": 5}}
    assert measured(one_advertiser, calls, rules)[0] == measured(one_advertiser, calls[::-1], rules)[0]


# --- boundaries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("guide", "good", "bad", "volume", "errors"),
    [
        ("six-step", 1500, 166, "pass", "pass"),
        ("six-step", 1499, 0, "fail", "pass"),
        ("six-step", 1500, 167, "pass", "fail"),
        ("six-step", 1800, 200, "pass", "fail"),
        ("2026-05", 500, 0, "pass", "pass"),
        ("2026-05", 499, 0, "fail", "pass"),
        ("2026-05", 426, 74, "fail", "pass"),
        ("2026-05", 425, 75, "fail", "fail"),
    ],
)
def test_the_guides_numbers(guide: str, good: int, bad: int, volume: str, errors: str, one_advertiser: Store) -> None:
    calls = [Call(AS_OF - 100 * place, place >= bad) for place in range(good + bad)]
    finding = measured(one_advertiser, calls, {}, guide)[1]
    assert (finding("ACC001").status, finding("ACC002").status) == (volume, errors)


def test_errors_before_the_latest_500_calls_are_forgotten_by_the_newer_guide_alone(one_advertiser: Store) -> None:
    calls = [Call(AS_OF - place, place >= 74) for place in range(500)]
    calls += [Call(AS_OF - 1_000 - place, False) for place in range(400)]
    newer = measured(one_advertiser, calls, {}, "2026-05")[1]("ACC002")
    assert (newer.n, newer.status) == (500, Status.PASS)
    assert measured(one_advertiser, calls, {})[1]("ACC002").status is Status.FAIL


@pytest.mark.parametrize(("gap", "again"), [(0, 0), (1, 1), (60, 1), (61, 0)])
def test_a_pause_is_longer_than_sixty_seconds(gap: int, again: int, one_advertiser: Store) -> None:
    calls = [Call(AS_OF - 500, False, 17), Call(AS_OF - 500 + gap)]
    assert measured(one_advertiser, calls, {})[1]("ACC003").value == again


@pytest.mark.parametrize(("code", "n"), [(4, 1), (5, 0), (79_999, 0), (80_000, 1), (80_014, 1), (80_015, 0)])
def test_which_errors_ask_to_stop(code: int, n: int, one_advertiser: Store) -> None:
    assert measured(one_advertiser, [Call(AS_OF - 500, False, code)], {})[1]("ACC003").n == n


def test_a_log_that_ends_before_the_fifteen_days_shows_no_call_and_no_error(one_advertiser: Store) -> None:
    meter, finding = measured(one_advertiser, [Call(AS_OF - WINDOW)], {})
    assert finding("ACC001").status is Status.FAIL
    assert "holds no successful call" in finding("ACC001").message
    assert finding("ACC002").status is Status.NOT_EVALUABLE
    assert meter is not None
    assert meter.expected_at is None


# --- requests in the place of calls -------------------------------------------------------------------------------


def request(number: int, *, at: int = AS_OF - DAY, **changes: Any) -> dict[str, Any]:
    whole = enveloped(number) | {"event": event(event_time=at - 60), "upload_time": at + number} | changes
    return {key: value for key, value in whole.items() if value is not None}


@pytest.mark.parametrize("needed", [5, 6])
def test_requests_of_all_advertisers_feed_the_meter_and_no_advertisers_finding(judge: Judge, needed: int) -> None:
    records = [request(number, advertiser_id=name) for number, name in enumerate("aabbb")]
    records += [request(9, http_status=400)]
    run = judge(records=records, rules={"ACC001": {"min_calls": needed}, "ACC002": {"max_error_share": 1 / 6}})
    assert (run.access is not None, meter(run).from_log, meter(run).successes) == (True, False, 5)
    assert {found(run, code).status for code in ("ACC001", "ACC002", "ACC003")} == {Status.NOT_EVALUABLE}


def test_requests_without_outcome_or_time_of_sending_and_late_ones_do_not_count(judge: Judge) -> None:
    records = [request(0), request(1, http_status=None), request(2, upload_time=None), request(3, at=AS_OF + DAY)]
    assert meter(judge(records=records)).successes == 1
    assert judge(records=[request(1, http_status=None)]).access is None


def test_a_log_of_later_calls_is_none_yet(judge: Judge) -> None:
    run = judge([Call(AS_OF + 1)], records=[request(0)])
    assert (meter(run).from_log, meter(run).successes) == (False, 1)


def test_a_call_log_stands_in_the_place_of_requests(judge: Judge) -> None:
    run = judge([Call(AS_OF)], records=[request(number) for number in range(5)], rules={"ACC001": {"min_calls": 2}})
    assert (found(run, "ACC001").value, found(run, "ACC001").status) == (1, Status.FAIL)


# --- what follows -------------------------------------------------------------------------------------------------


def test_too_few_calls_make_nobody_ready_and_hold_no_step(judge: Judge) -> None:
    records = [enveloped(advertiser_id="a"), enveloped(1, advertiser_id="b")]
    without, run = judge(records=records), judge([Call(AS_OF)], records=records)
    assert [result.verdict for result in run.advertisers] == [Verdict.NOT_READY] * 2
    assert all("ACC001" in result.blocked_by for result in run.advertisers)
    assert [result.step for result in run.advertisers] == [result.step for result in without.advertisers]


def test_a_history_is_not_judged_for_access(tmp_path: Path) -> None:
    path = write(tmp_path / "h.csv", f"lead_id,stage,event_time\n1234567890123456,Lead,{TIME}\n")
    with open_store() as store:
        ingest(store, [], history_sources=[str(path)], advertiser="a")
        (result,) = check(store, as_of=AS_OF).advertisers
    codes = [f"ACC{number:03}" for number in range(1, 8)]
    assert {result.finding(code).status for code in codes} == {Status.NOT_EVALUABLE}


def test_the_rows_at_fault_are_calls_of_the_log(tmp_path: Path) -> None:
    calls = [Call(AS_OF - 100, False, 17), Call(AS_OF - 50), Call(AS_OF - 10), Call(AS_OF - WINDOW, False)]
    path = write(tmp_path / "calls.jsonl", [call.record for call in calls])
    log = write(tmp_path / "log.jsonl", [enveloped(advertiser_id="a"), enveloped(1, advertiser_id="b")])
    with open_store() as store:
        ingest(store, [str(log)], call_sources=[str(path)])
        failed = rows_at_fault(store, "ACC002", as_of=AS_OF, advertisers=["b"])
        again = rows_at_fault(store, "ACC003", as_of=AS_OF, advertisers=["b"])
    assert [(row["call_time"], row["error_code"], row["line"]) for row in failed.rows] == [(AS_OF - 100, 17, 1)]
    assert [(row["call_time"], row["limited_at"], row["line"]) for row in again.rows] == [(AS_OF - 50, AS_OF - 100, 2)]


# --- what is shown ------------------------------------------------------------------------------------------------


def page(run: Run) -> str:
    return html.pages(run, ())["index.html"]


def test_the_meter_is_in_every_output_where_there_is_a_call_log(judge: Judge) -> None:
    calls = [Call(AS_OF - 5 * DAY + place * 400) for place in range(1_000)] + [Call(AS_OF - 90, False, 4), Call(AS_OF)]
    run = judge(calls)
    access = document(run)["access"]
    assert (access["source"], access["successes"], access["errors"]) == ("call log", 1_001, 1)
    assert (access["min_calls"], access["error_calls"], access["repeated_calls"]) == (1_500, 1_002, 0)
    assert access["expected_at"] == "2026-10-24T02:02:33Z"
    assert (
        "Access: 1,001 successful calls in 15 days, 1,500 needed; at this pace reached on 2026-10-24; "
        "0.1 % of 1,002 failed, less than 10 % is asked for." in text.render(run)
    )
    shown = page(run)
    for word in ('id="access"', "1,001", "2026-10-24", "0.1 % of 1,002", "1 answer asked to stop"):
        assert word in shown, word


def test_the_meter_says_since_when_there_are_enough_and_when_there_never_will_be(judge: Judge) -> None:
    calls = [Call(AS_OF - DAY - place) for place in range(500)]
    assert "reached on 2026-10-20" in text.render(judge(calls, guide="2026-05"))
    old = [*calls, Call(AS_OF - 20 * DAY)]
    assert "at this pace not reached" in text.render(judge(old))
    assert "Not at this pace" in page(judge(old))


def test_without_a_call_log_too_few_requests_are_shown_nowhere_but_in_the_results(judge: Judge) -> None:
    run = judge(records=[request(0)])
    assert document(run)["access"]["source"] == "requests"
    assert "Access" not in text.render(run)
    assert 'id="access"' not in page(run)
    assert document(judge(records=[request(0, http_status=None)]))["access"] is None


def test_a_call_log_alone_is_measured_before_there_is_any_advertiser(judge: Judge) -> None:
    run = judge([Call(AS_OF)], records=[])
    assert (run.advertisers, meter(run).successes) == ((), 1)
    assert "Access: 1 successful call in 15 days" in text.render(run)
    assert 'id="access"' in page(run)


# --- attestations -------------------------------------------------------------------------------------------------


def statuses(run: Run) -> dict[str, str]:
    (result,) = run.advertisers
    return {code: str(result.finding(code).status) for code in ("ACC004", "ACC005", "ACC006", "ACC007")}


def test_what_a_configuration_attests_is_judged_for_the_advertiser_that_it_names(judge: Judge) -> None:
    whole = """
        [partner]
        permissions = ["ads_management", "ads_read", "business_management", "pages_read_engagement", "pages_show_list"]
        ads_management_standard_access = true
        authentication = "client-token"
        [advertiser.acme]
        business_id = "300000000000001"
        system_user_token_made = true
        identifiers_shared = true
    """
    assert set(statuses(judge(toml=whole)).values()) == {"pass"}
    other = statuses(judge(toml=whole.replace("acme", "other")))
    assert other == {"ACC004": "pass", "ACC005": "pass", "ACC006": "not_evaluable", "ACC007": "not_evaluable"}
    extension = statuses(judge(toml=whole.replace("client-token", "mbe")))
    assert extension == {"ACC004": "pass", "ACC005": "fail", "ACC006": "pass", "ACC007": "fail"}


def test_a_silent_configuration_attests_nothing_and_fails_nothing(judge: Judge) -> None:
    assert set(statuses(judge()).values()) == {"not_evaluable"}
    assert set(statuses(judge(toml='[advertiser.acme]\ntime_zone = "Europe/Paris"\n')).values()) == {"not_evaluable"}


@pytest.mark.parametrize("missing", range(6))
def test_permissions_are_asked_for_in_an_order(missing: int, judge: Judge) -> None:
    order = ["business_management", "pages_show_list", "pages_read_engagement", "ads_management"]
    random.Random(missing).shuffle(held := [*order, "ads_read"])
    held = held[missing:]
    run = judge(toml=f"[partner]\nads_management_standard_access = true\npermissions = {json.dumps(held)}\n")
    finding = found(run, "ACC004")
    lacking = [name for name in order if name not in held]
    assert finding.affected == 5 - len(held)
    assert [name for name in order if name in finding.message] == lacking
    assert [finding.message.index(name) for name in lacking] == sorted(finding.message.index(name) for name in lacking)


def test_a_value_in_the_place_of_an_identifier_is_not_repeated(judge: Judge) -> None:
    run = judge(toml='[advertiser.acme]\nbusiness_id = "EAAcanary"\n')
    assert found(run, "ACC007").status is Status.FAIL
    assert "EAAcanary" not in json.dumps(document(run))
    assert "EAAcanary" not in str(html.pages(run, ()))


def test_access_needs_no_lead_list(tmp_path: Path) -> None:
    with open_store() as store:
        ingest(store, [], [str(write(tmp_path / "l.csv", lead_list(lead_cells())))], advertiser="a")
        (result,) = check(store, as_of=AS_OF).advertisers
    assert result.finding("ACC001").status is Status.NOT_EVALUABLE
