"""Indented documents are, byte for byte, what Python's json makes of them."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from funnelcheck.model import Status
from funnelcheck.numbers import harmless_json
from funnelcheck.render import indented


class Pair(NamedTuple):
    """A tuple of a kind of its own."""

    one: Any
    other: Any


# Signs that JSON is made of, inside strings too.
SIGNS = st.one_of(st.characters(), st.sampled_from(' \n\r\t,:{}[]"\\\x7f\u2028\u202e\ud800\U0001f600'))
TEXTS = st.text(SIGNS, max_size=8)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.sampled_from(Status))
KEYS = st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.none(), st.sampled_from(Status))
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.builds(Pair, inner, inner),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(TEXTS, inner, max_size=4).map(OrderedDict),
    ),
    max_leaves=40,
)


@given(DOCUMENTS)
@example({})
@example([[], {}, ()])
@example({"a": 1, "b": [], "c": 2, "d": {"e": {}}, 5: "},\n {", None: [{"f": "["}, 0.1, "]"]})
def test_a_document_is_written_as_json_dumps_writes_it(document: Any) -> None:
    assert indented.text(document) == harmless_json(json.dumps(document, indent=1, ensure_ascii=False)) + "\n"


@pytest.mark.parametrize("odd", [object(), {"a": [object()]}, [b"a"], {b"a": 1}, {(1, 2): []}])
def test_what_json_cannot_hold_is_refused_as_json_dumps_refuses_it(odd: Any) -> None:
    with pytest.raises(TypeError) as ours:
        indented.text(odd)
    with pytest.raises(TypeError) as theirs:
        json.dumps(odd, indent=1)
    assert str(ours.value) == str(theirs.value)


@given(st.lists(DOCUMENTS, max_size=4))
def test_a_generator_is_written_as_the_list_that_it_makes(members: list[Any]) -> None:
    made = {"before": 1, "members": (one for one in members), "after": 2}
    assert indented.text(made) == indented.text(made | {"members": members})
