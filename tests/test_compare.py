"""What changed between two runs: told as a comparison of their two results.json by hand tells it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from html_samples import AS_OF
from run_samples import DAY, SETTINGS, WEEK, finding, other_guide, result, run, settings

import funnelcheck
from funnelcheck import demo, runs
from funnelcheck.compare import compare, only, snapshot
from funnelcheck.model import Severity
from funnelcheck.render import digest
from funnelcheck.render import json as results_json
from funnelcheck.render.changes import Titles, groups, settings_told, shared_out, totals
from funnelcheck.reported import Coverage, Run, Since

STORIES = ("nordic-fitness", "harbour-boats", "lumen-energy", "bluebird-travel")
TITLES = Titles({}, {})
VERDICTS = ["not_ready", "undecided", "ready"]
STATUSES = ["fail", "undecided", "not_evaluable", "warn", "waived", "pass"]


def since(was: Run, now: Run) -> Since:
    return compare(snapshot(was), snapshot(now))


def kinds(was: Run, now: Run) -> list[tuple[str, str | None]]:
    return [(str(change.kind), change.code) for change in since(was, now).changes]


# --- against the two results.json ---


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A store with two kept runs, five weeks apart, and the results.json of each."""
    folder = tmp_path_factory.mktemp("weeks")
    demo.write(folder, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id in STORIES))
    config = funnelcheck.load_config(folder / "funnelcheck.toml")
    told = []
    with funnelcheck.open_store(folder / "store.duckdb") as store:
        funnelcheck.ingest(store, [str(folder / "logs")], [str(folder / "leads")], config=config)
        for as_of in (AS_OF - 5 * WEEK, AS_OF):
            judged = funnelcheck.check(store, as_of=as_of, config=config)
            funnelcheck.keep_run(store, judged)
            told.append(json.loads(results_json.render(judged)))
    return folder / "store.duckdb", told


def by_hand(was: dict[str, Any], now: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Kind, advertiser with its channel, and code of every change, from nothing but two results.json."""
    found: set[tuple[Any, ...]] = set()
    old, new = ({(a["advertiser_id"], a["channel"]): a for a in document["advertisers"]} for document in (was, now))
    found |= {("disappeared", name, None) for name in set(old) - set(new)}
    found |= {("appeared", name, None) for name in set(new) - set(old)}
    for name in set(old) & set(new):
        before, after = old[name], new[name]
        worse = VERDICTS.index(after["verdict"]) - VERDICTS.index(before["verdict"])
        if worse < 0:
            found.add(("newly_broken", name, None))
        elif worse > 0:
            found.add(("newly_ready" if after["verdict"] == "ready" else "better", name, None))
        late = [{s["step_name"] for s in one["journey"] if s["overdue"]} for one in (before, after)]
        if late[1] - late[0]:
            found.add(("stuck", name, None))
        rules = {rule["code"]: rule for rule in before["rules"]}
        for rule in after["rules"]:
            kind = rule_by_hand(rules[rule["code"]], rule, rule["code"] in before["blocked_by"])
            if kind and rule["code"] != "LIF003":
                found.add((kind, name, rule["code"]))
    return found


def rule_by_hand(was: dict[str, Any], now: dict[str, Any], blocked: bool) -> str | None:
    if was["status"] != now["status"]:
        if now["status"] == "fail":
            return "new_failure"
        if blocked and now["status"] in ("pass", "warn") and was["status"] == "fail":
            return "resolved"
        return "worse" if STATUSES.index(now["status"]) < STATUSES.index(was["status"]) else "better"
    comparable = was["threshold"] == now["threshold"] and was.get("subject") == now.get("subject")
    if now["status"] not in ("fail", "warn") or not comparable or None in (was["value"], now["value"]):
        return None
    limits = now["threshold"] if isinstance(now["threshold"], list) else [now["threshold"]]
    if limits == [None] or not limits:
        return None
    far = [min(abs(one["value"] - limit) for limit in limits) for one in (was, now)]
    limit = min(limits, key=lambda one: abs(now["value"] - one))
    least = 0.1 * limit if limit else (0.01 if now["unit"] == "share" else 1)
    if abs(far[1] - far[0]) < max(least, 0.1 * far[0]) - 1e-6:
        return None
    return "worse" if far[1] > far[0] else "better"


def test_a_diff_is_what_the_two_results_differ_in(weeks: tuple[Path, list[dict[str, Any]]]) -> None:
    path, (was, now) = weeks
    with funnelcheck.open_store(path, read_only=True) as store:
        first, second = funnelcheck.kept_runs(store)
        told = json.loads(digest.diff_json(funnelcheck.compare_runs(store, first, second)))
    found = [(one["kind"], (one["advertiser_id"], one["channel"]), one["code"]) for one in told["changes"]]
    assert set(found) == by_hand(was, now)
    assert len(found) == len(set(found))
    assert {kind for kind, _, _ in found} >= {"newly_broken", "new_failure", "worse", "appeared"}
    rules = {(a["advertiser_id"], a["channel"], r["code"]): r for a in now["advertisers"] for r in a["rules"]}
    for change in told["changes"]:
        if change["code"]:
            rule = rules[change["advertiser_id"], change["channel"], change["code"]]
            assert (change["now"], change["value_now"], change["n_now"], change["threshold"]) == (
                rule["status"], rule["value"], rule["n"], rule["threshold"],
            )  # fmt: skip


def test_the_report_tells_the_same_as_the_diff_of_the_kept_runs(weeks: tuple[Path, list[dict[str, Any]]]) -> None:
    path, (was, now) = weeks
    with funnelcheck.open_store(path, read_only=True) as store:
        kept = funnelcheck.compare_runs(store, *funnelcheck.kept_runs(store))
    told = [change for a in now["advertisers"] for change in a["changes"]] + now["since"]["disappeared"]
    order = sorted(told, key=lambda c: (c["advertiser_id"], c["channel"], c["kind"], c["code"] or ""))
    of_kept = [results_json.change_document(change) for change in kept.changes]
    assert order == sorted(of_kept, key=lambda c: (c["advertiser_id"], c["channel"], c["kind"], c["code"] or ""))
    assert (was["since"], now["since"]["from"]["as_of"]) == (None, was["as_of"])


# --- one by one ---


def test_nothing_changed_is_nothing_told() -> None:
    one = run(result("acme", "not_ready", finding("COV001", "fail")))
    assert since(one, replace(one, as_of=AS_OF + WEEK)).changes == ()
    assert since(run(), run()).changes == ()


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("ready", "undecided", "newly_broken"),
        ("ready", "not_ready", "newly_broken"),
        ("undecided", "not_ready", "newly_broken"),
        ("undecided", "ready", "newly_ready"),
        ("not_ready", "ready", "newly_ready"),
        ("not_ready", "undecided", "better"),
        ("ready", "ready", None),
    ],
)
def test_verdicts(was: str, now: str, kind: str | None) -> None:
    told = kinds(run(result("acme", was)), run(result("acme", now)))
    assert told == ([] if kind is None else [(kind, None)])


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("pass", "fail", "new_failure"),
        ("undecided", "fail", "new_failure"),
        ("waived", "fail", "new_failure"),  # a waiver that ended
        ("fail", "pass", "resolved"),
        ("fail", "warn", "resolved"),
        ("fail", "waived", "better"),  # somebody answers for it; it is not mended
        ("fail", "undecided", "better"),
        ("pass", "not_evaluable", "worse"),
        ("pass", "warn", "worse"),
        ("warn", "pass", "better"),
        ("fail", "fail", None),
        ("pass", "pass", None),
    ],
)
def test_statuses(was: str, now: str, kind: str | None) -> None:
    told = kinds(
        run(result("acme", "not_ready", finding("COV001", was))),
        run(result("acme", "not_ready", finding("COV001", now))),
    )
    assert told == ([] if kind is None else [(kind, "COV001")])


def test_a_failure_that_held_nothing_back_is_better_and_not_resolved() -> None:
    was = run(result("acme", "ready", finding("LIF002", "fail"), blocked_by=()))
    assert kinds(was, run(result("acme", "ready", finding("LIF002", "pass")))) == [("better", "LIF002")]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (0.5, 0.44, "worse"),  # a tenth of the limit of 60 %, exactly
        (0.5, 0.4401, None),
        (0.44, 0.5, "better"),
        (0.44, 0.4999, None),
        (0.5, 0.5, None),
        (None, 0.5, None),
        (0.0, 0.0599, None),
        (0.0, 0.06, "better"),
    ],
)
@pytest.mark.parametrize("status", ["fail", "warn", "pass", "undecided"])
def test_a_figure_has_moved_by_a_tenth_of_its_limit_or_not_at_all(
    status: str, was: float | None, now: float, kind: str | None
) -> None:
    told = kinds(*(run(result("acme", "not_ready", finding("COV001", status, value))) for value in (was, now)))
    assert told == ([(kind, "COV001")] if kind and status in ("fail", "warn") else [])


def test_far_from_its_limit_a_figure_has_moved_by_a_tenth_of_the_way() -> None:
    def told(was: float, now: float) -> list[tuple[str, str | None]]:
        several = [finding("EVT007", "fail", value, threshold=0.01) for value in (was, now)]
        return kinds(*(run(result("acme", "not_ready", one)) for one in several))

    assert told(0.252, 0.257) == []  # half a point of 24
    assert told(0.252, 0.277) == [("worse", "EVT007")]


def test_a_limit_of_zero_and_a_range_have_a_distance_too() -> None:
    def told(was: float, now: float, **known: Any) -> list[str]:
        several = [finding("FUN006", "fail", value, **known) for value in (was, now)]
        return [kind for kind, _ in kinds(*(run(result("acme", "not_ready", one)) for one in several))]

    assert told(0.02, 0.0301, threshold=0.0) == ["worse"]
    assert told(0.02, 0.0299, threshold=0.0) == []
    assert told(3.0, 4.0, threshold=0.0, unit="events") == ["worse"]
    assert told(0.5, 0.45, threshold=(0.01, 0.4)) == ["better"]
    assert told(0.001, 0.003, threshold=(0.01, 0.4)) == ["better"]
    assert told(0.005, 0.001, threshold=(0.01, 0.4)) == ["worse"]
    assert told(0.005, 0.001, threshold=None) == []


def test_another_stage_or_limit_is_no_move() -> None:
    def of(**known: Any) -> Run:
        return run(result("acme", "not_ready", finding("FUN006", "fail", **known)))

    assert kinds(of(value=0.2, subject="Won"), of(value=0.4, subject="Sold")) == []
    assert kinds(of(value=0.2, threshold=0.6), of(value=0.4, threshold=0.5)) == []


def test_stuck_is_told_when_it_begins() -> None:
    on_time, late = run(result()), run(result(overdue=True))
    assert kinds(on_time, late) == [("stuck", None)]
    assert kinds(late, late) == []
    assert kinds(late, on_time) == []
    other_step = run(result(overdue=True, step_name="configure-funnel"))
    assert kinds(late, other_step) == [("stuck", None)]
    assert (since(on_time, late).changes[0].days, since(on_time, late).now.overdue) == (20.0, 1)


def test_who_comes_and_who_goes_and_channels_are_apart() -> None:
    told = since(run(result("a"), result("b")), run(result("b"), result("b", channel="history")))
    assert [(str(c.kind), c.advertiser_id, c.channel) for c in told.changes] == [
        ("appeared", "b", "history"),
        ("disappeared", "a", "crm"),
    ]
    assert {change.advertiser_id for change in only(told, {"a"}).changes} == {"a"}


def test_a_rule_that_was_not_judged_before_is_told_where_it_fails() -> None:
    was = run(result("acme", "ready"))
    assert kinds(was, run(result("acme", "not_ready", finding("OWN001", "fail"), blocked_by=())))[1:] == [
        ("new_failure", "OWN001")
    ]
    assert kinds(was, run(result("acme", "ready", finding("OWN001", "warn")))) == []


# --- judged by something else ---


@pytest.mark.parametrize(
    ("now", "kind", "words"),
    [
        (other_guide(run()), "guide", "Judged by guide 2026-05, before by six-step: verdicts and steps are not"),
        (run(version="0.2.0"), "version", "Made with funnelcheck 0.2.0, before with 0.1.0"),
        (run(settings=settings("COV001", min_coverage=0.5, min_units=10)), "threshold", "COV001: min_coverage is 0.5"),
        (run(settings=settings("COV001", "recommended", min_coverage=0.6, min_units=10)), "severity", "recommended"),
        (run(settings=SETTINGS | {"waivers": [["COV001", "a", None, "2026-12-01", "me", "so"]]}), "waiver", "came: 1"),
        (run(settings={"rules": {}, "waivers": []}), "rule", "COV001 was judged before and is not now."),
    ],
)
def test_other_settings_are_said_plainly(now: Run, kind: str, words: str) -> None:
    told = since(run(), now)
    assert [change.kind for change in told.settings] == [kind]
    assert words in settings_told(told)[0]
    assert told.comparable is (kind == "waiver")
    assert since(run(), run()).comparable
    assert settings_told(since(run(), run())) == []


def test_a_change_in_a_rule_that_is_judged_otherwise_is_doubtful_and_others_are_not() -> None:
    both = (finding("COV001", "pass"), finding("FUN002", "pass"))
    failing = (finding("COV001", "fail"), finding("FUN002", "fail"))
    was = run(result("acme", "ready", *both))
    now = run(result("acme", "not_ready", *failing), settings=settings("COV001", min_coverage=0.9, min_units=10))
    assert {change.code: change.doubtful for change in since(was, now).changes} == {
        None: True,
        "COV001": True,
        "FUN002": False,
    }
    assert not any(change.doubtful for change in since(was, replace(now, settings=was.settings)).changes)


def test_a_threshold_that_many_rules_share_is_one_sentence() -> None:
    def of(units: float) -> Run:
        rules = {f"EVT{i:03}": {"severity": "required", "thresholds": {"min_units": units}} for i in range(1, 12)}
        return run(settings={"rules": rules, "waivers": []})

    told = settings_told(since(of(10), of(20)))
    assert len(told) == 1
    assert "EVT001, EVT002, EVT003, EVT004, EVT005, EVT006 + 5: min_units is 20 and was 10" in told[0]


# --- the Monday page ---


def lines(told: Since) -> dict[str, list[str]]:
    return {group.key: [line.advertiser_id for line in group.lines] for group in groups(told, TITLES)}


def test_the_monday_page_says_of_each_what_matters_most_and_nothing_twice() -> None:
    was = run(
        result("broke", "ready", finding("COV001", "pass")),
        result("mended", "not_ready", finding("COV001", "fail")),
        result("half", "not_ready", finding("COV001", "fail"), finding("FUN002", "fail")),
        result("fell", "not_ready", finding("COV001", "fail", 0.5), finding("FUN002", "pass")),
        result("same", "not_ready", finding("COV001", "fail")),
    )
    now = run(
        result("broke", "not_ready", finding("COV001", "fail"), overdue=True),
        result("mended", "ready", finding("COV001", "pass")),
        result("half", "not_ready", finding("COV001", "pass"), finding("FUN002", "fail")),
        result("fell", "not_ready", finding("COV001", "fail", 0.1), finding("FUN002", "fail")),
        result("same", "not_ready", finding("COV001", "fail")),
    )
    told = since(was, now)
    assert lines(told) == {
        "newly_broken": ["broke"],
        "newly_ready": ["mended"],
        "resolved": ["half"],
        "stuck": ["broke"],
        "worse": ["fell"],
    }
    assert "same" not in digest.text(told, TITLES)
    figures = {total.key: (total.figure, total.change) for total in totals(told)}
    assert figures == {
        "ready": (1, ""), "undecided": (0, ""), "not_ready": (4, ""), "advertiser": (4, ""), "overdue": (1, "+1"),
    }  # fmt: skip


def test_a_long_group_says_how_many_of_how_many() -> None:
    was = run(*(result(f"a{i:03}", "ready") for i in range(41)))
    now = run(*(result(f"a{i:03}", "not_ready") for i in range(41)))
    told = since(was, now)
    assert "Newly broken (20 of 41)" in digest.text(told, TITLES)
    assert digest.text(told, TITLES).count("not ready, was ready") == 20
    assert len(json.loads(digest.as_json(told, TITLES))["groups"][0]["lines"]) == 41
    few = since(run(result("a", "ready")), run(result("a", "not_ready")))
    assert "Newly broken (1)\n" in digest.text(few, TITLES)


def test_the_longest_stuck_and_the_deepest_fallen_stand_first() -> None:
    def of(days: float, name: str) -> Any:
        late = result(name, "ready", overdue=True)
        return replace(late, journey=(replace(late.journey[0], days=days),))

    told = since(run(result("a"), result("b")), run(of(20.0, "a"), of(30.0, "b")))
    assert lines(told)["stuck"] == ["b", "a"]
    fell = since(run(result("a", "undecided"), result("b", "ready")), run(*(result(n, "not_ready") for n in "ab")))
    assert lines(fell)["newly_broken"] == ["b", "a"]
    minor = finding("TIM005", "warn", severity=Severity.RECOMMENDED)
    worse = since(
        run(result("a", "ready", finding("TIM005", "pass")), result("b", "ready", finding("COV001", "pass"))),
        run(result("a", "ready", minor), result("b", "ready", finding("COV001", "undecided"))),
    )
    assert lines(worse)["worse"] == ["b", "a"]


@pytest.mark.parametrize(
    ("lengths", "total", "most", "shown"),
    [
        ([], 10, 5, []),
        ([3, 2], 10, 5, [3, 2]),
        ([41], 44, 20, [20]),
        ([100, 100, 1], 9, 20, [4, 4, 1]),
        ([100] * 7, 44, 20, [7, 7, 6, 6, 6, 6, 6]),
        ([2, 2], 3, 5, [2, 1]),
    ],
)
def test_lines_are_shared_out_fairly(lengths: list[int], total: int, most: int, shown: list[int]) -> None:
    assert shared_out(lengths, total, most) == shown


@pytest.mark.parametrize("render", [digest.text, digest.markdown])
def test_names_from_a_log_mark_nothing_up(render: Any) -> None:
    evil = "a\x1b[31m](http://x) <b> @all `c` \u202e |"
    told = render(since(run(), run(result(evil, "ready"))), TITLES)
    assert "\x1b" not in told
    assert "\u202e" not in told
    if render is digest.markdown:
        bare = re.sub(r"\\.", "", told)  # without the signs that are escaped
        assert not any(sign in bare for sign in ("[", "](", "<", "http://", "@all", "`", "|"))


def test_coverage_of_nothing_and_no_stage_are_kept_as_they_are() -> None:
    bare = result("acme", "ready", coverage=Coverage(), optimisation_stage=None, stages=(), journey=())
    [standing] = snapshot(run(bare)).advertisers.values()
    assert (standing.trend.coverage, standing.trend.rate, standing.step_days) == (None, None, None)
    assert runs.WEEK == 6.5 * DAY
