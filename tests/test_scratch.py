"""The scratch of the engine that payloads are judged in: begun early, with patterns of ASCII where that will do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_samples import event

from funnelcheck import resources, store
from funnelcheck.store import Store, begin_scratch, scratch
from funnelcheck.validation import validate_texts
from funnelcheck.validation.judging import is_plain

FILES = [path for path in sorted(resources.folder("sql").rglob("*.sql")) if "\\p{" in path.read_text("utf-8")]
LOOKS = """
    words_of(text), folded(text), bare_name(text), form_of(text), without_secrets(text),
    regexp_replace(text, '[^\\p{L}]', '', 'g'), regexp_replace(text, '^[\\s\\p{Z}''"`=]*', ''),
    regexp_matches(text, '[\\p{N}]')
"""
PARTS = st.sampled_from("ann@x.io +49 89 123456 DealWon MQLStage A1 \t . _ - 'z' access_token=abc".split(" "))
TEXTS = st.one_of(st.text(st.characters(max_codepoint=127)), st.lists(PARTS).map("".join))


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Store, Store]]:
    """A scratch for any text and one for ASCII, with the words of sql/ingest."""
    with scratch(is_ascii=False) as wide, scratch(is_ascii=True) as narrow:
        for one in (wide, narrow):
            one.run_file("ingest/macros.sql")
        yield wide, narrow


@settings(derandomize=True, deadline=None, max_examples=8)
@given(texts=st.lists(TEXTS, min_size=30, max_size=60))
def test_of_ascii_the_patterns_of_ascii_say_the_same(both: tuple[Store, Store], texts: list[str]) -> None:
    wide, narrow = (one.rows(f"select {LOOKS} from (select unnest($texts) as text)", {"texts": texts}) for one in both)
    assert [list(row.values()) for row in wide] == [list(row.values()) for row in narrow]


def test_patterns_of_ascii_know_no_other_letters(both: tuple[Store, Store]) -> None:
    found = [one.value("select words_of('éorder')") for one in both]
    assert found == [["éorder"], ["", "order"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_class_that_ascii_is_told_for_stands_in_brackets(path: Path) -> None:
    text = path.read_text("utf-8")
    told = [found.start() for name in store._ASCII for found in re.finditer(re.escape(name), text)]
    assert [text[at - 20 : at + 5] for at in told if text.rfind("[", 0, at) < text.rfind("]", 0, at)] == []


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("DealWon", ["EVT016"]),
        ("an order", ["EVT016"]),
        ("éorder", []),
        ("é order", ["EVT016"]),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "as it is"])
def test_a_letter_is_one_however_it_is_written(name: str, codes: list[str], ascii_only: bool) -> None:
    payload = event(event_name=name)
    payload["custom_data"] |= {"value": 0, "currency": "EUR"}
    text = json.dumps(payload, ensure_ascii=ascii_only)
    found = validate_texts({"a.json": text}, at_rest=True).files[0].findings
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(
    ("text", "plain"), [("{}", True), ('"é"', False), (r'"\u00e9"', False), ("data=%C3%A9", False)]
)
def test_what_may_become_more_than_ascii_is_not_plain(text: str, plain: bool) -> None:
    assert is_plain(text) is plain


def test_a_scratch_that_was_begun_is_taken_once() -> None:
    begin_scratch()
    with scratch(is_ascii=True) as first, scratch(is_ascii=True) as second:
        first.put_rows("one", "n integer", [(1,)])
        assert store._begun == []
        assert [one.value("select count(*) from duckdb_tables()") for one in (first, second)] == [1, 0]
