"""The published schemas say what the rules say, and what we write is as its schema says."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from random_logs import dumps
from random_payloads import random_event

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.contracts import schema
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Severity
from funnelcheck.store import open_store

AS_OF = 1_795_305_600
EVENTS = 2_500


def refused(validator: Draft202012Validator, event: Any) -> set[str]:
    """The codes of the rules whose part of the schema is not kept."""
    errors = list(validator.iter_errors(event))
    return {validator.schema["allOf"][error.schema_path[1]]["$ref"].rpartition("/")[2] for error in errors}


def faulty(folder: Path, events: list[dict[str, Any]], guide: str) -> list[set[str]]:
    """The codes of the rules that find each event at fault, all of them judged at once."""
    log = folder / "log.jsonl"
    records = [
        dumps({"advertiser_id": "a", "dataset_id": "1", "data": events[i : i + 500]})
        for i in range(0, len(events), 500)
    ]
    log.write_text("\n".join(records))
    with open_store() as store:
        report = ingest(store, [str(log)])
        assert (report.problems, report.quarantined) == ([], 0)
        check(store, as_of=AS_OF, guide=guide)
        rows = store.rows(
            """
            select list(code) filter ((faulty >> bit) & 1 = 1) as codes
            from event_judged
            cross join event_rule
            join request using (request_id)
            group by line, position
            order by line, position
            """
        )
    assert len(rows) == len(events)
    return [set(row["codes"] or []) for row in rows]


@pytest.mark.parametrize("guide", rulebook.guide_keys())
def test_the_schema_of_an_event_and_the_rules_refuse_the_same(guide: str, tmp_path: Path) -> None:
    rng = random.Random(f"payloads {guide}")
    events = [random_event(rng) for _ in range(EVENTS)]
    found = faulty(tmp_path, events, guide)
    required = {rule.code for rule in rulebook.load(Config(), guide).rules if rule.severity is Severity.REQUIRED}
    validator = Draft202012Validator(schema("event", guide=guide))
    said = {part["$ref"].rpartition("/")[2] for part in validator.schema["allOf"]}
    for event, codes in zip(events, found, strict=True):
        sent = json.loads(dumps(event))
        assert refused(validator, sent) == codes & said, dumps(event)
        assert validator.is_valid(sent) == (not codes & required), dumps(event)
    for code in said:
        assert 50 < sum(code in codes for codes in found) < EVENTS / 2, code
