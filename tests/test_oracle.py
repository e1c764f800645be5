"""Every figure, status and verdict against the oracle: plain Python, written from the semantics by other hands."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import oracle_catalogue
import pytest
import random_logs

from funnelcheck.config import AdvertiserConfig, Config, PartnerConfig, StatusLine
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import document
from funnelcheck.store import open_store

SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "40")))
CLOSE = 2e-6  # the tool prints six decimals


def config_of(case: random_logs.Case) -> Config:
    advertisers = {}
    for name, settings in case.advertisers.items():
        fields = dict(settings)
        fields["status"] = tuple(StatusLine(date, status) for date, status in fields.get("status", ()))
        for key in ("stage_order", "negative_stages", "ignore_datasets"):
            fields[key] = tuple(fields.get(key) or ())
        advertisers[name] = AdvertiserConfig(**{key: value for key, value in fields.items() if value is not None})
    return Config(advertisers=advertisers, partner=PartnerConfig(partner_agent=case.partner_agent))


def judged(case: random_logs.Case) -> dict[str, Any]:
    config = config_of(case)
    logs, leads, histories = (
        [str(p) for p in paths] for paths in (case.log_paths, case.lead_paths, case.history_paths)
    )
    with open_store() as store:
        report = ingest(store, logs, leads, history_sources=histories, config=config)
        assert (report.problems, report.quarantined) == ([], 0)
        run = check(store, as_of=case.as_of, config=config, guide=case.guide)
    return json.loads(json.dumps(document(run)))


def expected(case: random_logs.Case) -> dict[str, Any]:
    return oracle_catalogue.judge(
        case.log_paths,
        case.lead_paths,
        case.history_paths,
        as_of=case.as_of,
        guide=case.guide,
        advertisers=case.advertisers,
        partner_agent=case.partner_agent,
    )


def differences(told: Any, right: Any, where: str = "") -> list[str]:
    """Where what the tool tells differs from what is right; keys that the oracle leaves out are not compared."""
    if isinstance(right, dict):
        missing = [f"{where}.{key} is missing" for key in right if key not in told]
        shared = [key for key in right if key in told]
        return missing + [d for key in shared for d in differences(told[key], right[key], f"{where}.{key}")]
    if isinstance(right, list) and isinstance(told, list) and len(right) == len(told):
        return [d for i, (a, b) in enumerate(zip(told, right, strict=True)) for d in differences(a, b, f"{where}[{i}]")]
    both_numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (told, right))
    same = math.isclose(told, right, abs_tol=CLOSE) if both_numbers else told == right
    return [] if same else [f"{where}: told {told!r}, right is {right!r}"]


def by_code(result: dict[str, Any]) -> dict[str, Any]:
    """One result with its rules by code, so that rules the oracle does not know do not shift the others."""
    return result | {"rules": {rule["code"]: rule for rule in result["rules"]}}


def all_differences(told: dict[str, Any], right: dict[str, Any]) -> list[str]:
    ids = [(result["advertiser_id"], result["channel"]) for result in told["advertisers"]]
    right_ids = [(result["advertiser_id"], result["channel"]) for result in right["advertisers"]]
    if ids != right_ids:
        return [f"advertisers: told {ids}, right are {right_ids}"]
    found = []
    for one, other in zip(told["advertisers"], right["advertisers"], strict=True):
        found += differences(by_code(one), by_code(other), one["advertiser_id"])
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_agrees_with_the_oracle(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path, seed)
    assert all_differences(judged(case), expected(case)) == []


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 10 == 0])
def test_row_order_changes_nothing(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path / "a", seed)
    shuffled = random_logs.shuffled(case, tmp_path / "b", seed)
    assert judged(shuffled)["advertisers"] == judged(case)["advertisers"]


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 10 == 5])
def test_all_advertisers_together_give_what_each_alone_gives(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path / "all", seed)
    together = judged(case)["advertisers"]
    for name in {result["advertiser_id"] for result in together}:
        alone = judged(random_logs.alone(case, tmp_path / f"alone-{name}", name))["advertisers"]
        of_name = [result for result in together if result["advertiser_id"] == name]
        assert [without_others(result) for result in alone] == [without_others(result) for result in of_name]


def without_others(result: dict[str, Any]) -> dict[str, Any]:
    """A result without DAT013, the only rule that looks across advertisers."""
    return result | {key: [x for x in result[key] if x["code"] != "DAT013"] for key in ("rules", "actions")}


def finds(rule: dict[str, Any]) -> bool:
    """Whether a rule has something to tell; FUN008 does when it recommends a stage."""
    if rule["code"] == "FUN008":
        return rule["value"] > 0
    return rule["affected"] > 0 if "affected" in rule else rule["status"] != "pass"


def test_the_logs_try_every_rule_on_both_sides(tmp_path: Path) -> None:
    """Somewhere each rule finds something and somewhere nothing, else agreeing on it says little."""
    wanted = {(code, side) for code in oracle_catalogue.CODES for side in (False, True)}
    for seed in range(200):
        for result in expected(random_logs.write_logs(tmp_path / str(seed), seed))["advertisers"]:
            wanted -= {(rule["code"], finds(rule)) for rule in result["rules"] if rule.get("n")}
        if not wanted:
            return
    assert wanted == set()
