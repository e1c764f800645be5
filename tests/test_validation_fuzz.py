"""Validate survives what nobody would send; fuzz_validation.py takes a million of these by hand."""

from __future__ import annotations

import json
from typing import Any

import fuzz_validation
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.validation import validate_texts
from funnelcheck.validation.documents import read
from funnelcheck.validation.judging import judge
from funnelcheck.validation.trail import trail

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(fuzz_validation.ODD),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(fuzz_validation.NAMES), st.text(max_size=8)), inner, max_size=5),
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("seed", range(2))
def test_random_and_mutated_payloads_come_to_findings_or_places(seed: int) -> None:
    assert fuzz_validation.survive(1500, seed) > 0


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(documents=st.lists(VALUES, min_size=1, max_size=40))
def test_any_json_is_survived(documents: list[Any]) -> None:
    fuzz_validation.judge({f"{i}.json": json.dumps(one) for i, one in enumerate(documents)})


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.one_of(st.text(max_size=80), st.binary(max_size=80)), min_size=1, max_size=40))
def test_any_text_is_survived(texts: list[str | bytes]) -> None:
    fuzz_validation.judge({f"{i}.log": one for i, one in enumerate(texts)})


def test_python_finds_the_events_that_sql_reads() -> None:
    source = fuzz_validation.inputs(11)
    texts = [next(source) for _ in range(2500)]
    records = [record for name, text in texts for record in read(name, _as_text(text)).records]
    judged = judge(records, rulebook.about_payloads(Config()), Config(), fuzz_validation.SENT, at_rest=False)
    for i, record in enumerate(records):
        if i not in judged.reasons and i not in judged.activities:  # App Events are read leniently where they must be
            assert len(trail(record.value).events) == judged.events.get(i, 0), record.json


def _as_text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")


def test_a_long_request_is_judged_in_one_go() -> None:
    request = {"data": [{"event_name": f"Stage {i}"} for i in range(5000)]}
    validation = validate_texts({"long.json": json.dumps(request, indent=1)}, as_of=fuzz_validation.SENT)
    assert validation.files[0].events == 5000
    assert sum(one.code == "EVT001" for one in validation.findings) == 5000
    assert sum(one.code == "REQ001" for one in validation.findings) == 1
