"""Every rule that the first oracle leaves out, against figures worked out by other hands from the definitions."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import oracle_catalogue
import pytest
import random_logs
from test_oracle import config_of, differences

from funnelcheck import config, rulebook
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import document
from funnelcheck.store import open_store

SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "40")))
# While rules are still being written the unknown ones are passed over; True: every one of them must be there.
KNOWN = False


def partner_of(case: random_logs.Case, folder: Path) -> dict[str, Any]:
    """What `[partner]` sets in a configuration, nothing while the tool does not know it."""
    path = folder / "partner.toml"
    agent = f'partner_agent = "{case.partner_agent}"\n' if case.partner_agent else ""
    path.write_text(f"[partner]\n{agent}", encoding="utf-8")
    try:
        loaded = config.load(path)
    except ConfigError:
        assert not KNOWN
        return {}
    values = {field.name: getattr(loaded, field.name) for field in dataclasses.fields(Config) if field.name != "path"}
    return {name: value for name, value in values.items() if value != getattr(Config(), name)}


def told(case: random_logs.Case, folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The tool's findings, {(advertiser, channel): {code: finding}}."""
    settings = dataclasses.replace(config_of(case), **partner_of(case, folder))
    sources = [[str(path) for path in paths] for paths in (case.log_paths, case.lead_paths, case.history_paths)]
    with open_store() as store:
        report = ingest(store, sources[0], sources[1], history_sources=sources[2], config=settings)
        assert (report.problems, report.quarantined) == ([], 0)
        run = check(store, as_of=case.as_of, config=settings, guide=case.guide)
    results = json.loads(json.dumps(document(run)))["advertisers"]
    return {
        (result["advertiser_id"], result["channel"]): {rule["code"]: rule for rule in result["rules"]}
        for result in results
    }


def expected(case: random_logs.Case) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    return oracle_catalogue.judge(
        case.log_paths,
        case.lead_paths,
        case.history_paths,
        as_of=case.as_of,
        guide=case.guide,
        advertisers=case.advertisers,
        partner_agent=case.partner_agent,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rule_agrees_with_the_oracle(seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path, seed)
    found, right = told(case, tmp_path), expected(case)
    assert list(found) == list(right)
    compared = {
        key: {code: finding for code, finding in rules.items() if KNOWN or code in found[key]}
        for key, rules in right.items()
    }
    assert [d for key in right for d in differences(found[key], compared[key], " ".join(key))] == []


def finds(code: str, rule: dict[str, Any]) -> bool:
    """Whether a rule has something to tell; FUN008 does when it recommends a stage."""
    if code == "FUN008":
        return rule["value"] > 0
    return rule["affected"] > 0 if "affected" in rule else rule["status"] != "pass"


def test_the_logs_try_every_rule_on_both_sides(tmp_path: Path) -> None:
    """Somewhere each rule finds something and somewhere nothing, else agreeing on it says little."""
    wanted = {(code, side) for code in oracle_catalogue.CODES for side in (False, True)}
    for seed in range(200):
        for rules in expected(random_logs.write_logs(tmp_path / str(seed), seed)).values():
            wanted -= {(code, finds(code, rule)) for code, rule in rules.items() if rule["n"]}
        if not wanted:
            return
    assert wanted == set()


def test_the_tool_knows_every_rule_and_setting_that_is_compared() -> None:
    unknown = set(oracle_catalogue.CODES) - {rule.code for rule in rulebook.load(Config(), None).rules}
    fields = {field.name for field in dataclasses.fields(AdvertiserConfig)}
    assert not KNOWN or (unknown, "partner_agent" in fields) == (set(), True)
