"""Every rule about App Events against the oracle: plain Python, written from the guide by other hands."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import app_oracle
import pytest
import random_app_logs
from random_app_logs import Case, owner_of
from test_oracle import config_of, differences

from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import document
from funnelcheck.store import open_store

SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "3")))
# An informational rule never does more than pass: only its sentence shows what it found.
NOTED = {"APP001": "looks like a new integration", "APP006": "looks like a fixed value|then off again"}
Told = dict[str, dict[str, dict[str, Any]]]  # advertiser -> code -> finding


def results(case: Case) -> list[dict[str, Any]]:
    """What the tool's JSON says of every advertiser of channel app."""
    config = config_of(case)
    with open_store() as store:
        report = ingest(store, [str(path) for path in case.log_paths], config=config)
        assert (report.problems, report.quarantined) == ([], 0)
        run = check(store, as_of=case.as_of, config=config, guide=case.guide)
    found: list[dict[str, Any]] = json.loads(json.dumps(document(run)))["advertisers"]
    return found


def judged(case: Case) -> Told:
    return {one["advertiser_id"]: {rule["code"]: rule for rule in one["rules"]} for one in results(case)}


def expected(case: Case) -> Told:
    return app_oracle.judge(case.log_paths, case.as_of, case.advertisers)


def all_differences(case: Case) -> list[str]:
    told, right = judged(case), expected(case)
    if list(told) != list(right):
        return [f"advertisers: told {list(told)}, right are {list(right)}"]
    found = []
    for name, findings in right.items():
        for code, finding in findings.items():
            is_told = bool(re.search(NOTED.get(code, "^"), told[name][code]["message"]))
            if code in NOTED and is_told != (finding["said"] == "warn"):
                found.append(f"{name}.{code}: told {told[name][code]['message']!r}")
            del finding["said"]
    return found + differences(told, right)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rule_agrees_with_the_oracle(seed: int, tmp_path: Path) -> None:
    assert all_differences(random_app_logs.write_logs(tmp_path, seed)) == []


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 4 == 0])
def test_row_order_and_sending_a_file_again_change_nothing(seed: int, tmp_path: Path) -> None:
    case = random_app_logs.write_logs(tmp_path / "a", seed)
    right = results(case)
    shuffled = random_app_logs.shuffled(case, tmp_path / "b", seed)
    assert results(shuffled) == right
    shuffled.log_paths += case.log_paths
    assert results(shuffled) == right


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 4 == 1])
def test_all_advertisers_together_give_what_each_alone_gives(seed: int, tmp_path: Path) -> None:
    case = random_app_logs.write_logs(tmp_path / "all", seed)
    together = results(case)
    for of_one in random.Random(seed).sample(together, 2):
        name = of_one["advertiser_id"]
        alone = random_app_logs.alone(case, tmp_path / name, name, owner_of)
        assert results(alone) == [of_one]


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 4 == 2])
def test_a_fault_of_one_advertiser_changes_no_other(seed: int, tmp_path: Path) -> None:
    case = random_app_logs.write_logs(tmp_path, seed)
    before = results(case)
    broken = before[0]["advertiser_id"]
    for path in case.log_paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("".join(f"{spoilt(line) if owner_of(line) == broken else line}\n" for line in lines))
    after = results(case)
    assert found_by(after[0]) != found_by(before[0])
    assert after[1:] == before[1:]


def found_by(result: dict[str, Any]) -> list[Any]:
    return [(rule["status"], rule["affected"]) for rule in result["rules"]]


def spoilt(line: str) -> str:
    """A request that was refused, with flags that nobody knows."""
    return json.dumps(json.loads(line) | {"response": {"success": False}}).replace("_tracking_enabled", "_tracking")


NEVER_FAILS = {"APP001", "APP006", "APP012", "APP016", "APP017", "APP020", "APP027", "APP030"}
NEVER_WARNS = {"APP025", "APP030"}


def test_the_logs_bring_every_rule_to_each_of_its_outcomes(tmp_path: Path) -> None:
    """A rule that never fails here is not tested by agreeing."""
    wanted = {(code, outcome) for code in app_oracle.CODES for outcome in ("pass", "warn", "fail")}
    wanted -= {(code, "fail") for code in NEVER_FAILS} | {(code, "warn") for code in NEVER_WARNS}
    for seed in range(60):
        for of_advertiser in expected(random_app_logs.write_logs(tmp_path / str(seed), seed)).values():
            wanted -= {(code, finding["said"]) for code, finding in of_advertiser.items()}
        if not wanted:
            return
    assert wanted == set()
