"""JSON read leniently: what each word forgives, that strict JSON stays as it is, and that nothing breaks or lingers."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcheck.ingestion import forms, lenient

GUIDE = """[
      {"_eventName":"fb_mobile_purchase",
       "event_id":"123456",
       "fb_content":"[
            {"id": "1234", "quantity": 2,},
            {"id": "5678", "quantity": 1,}
        ]",
       "fb_content_type":"product",
       "_valueToSum":21.97,
       "fb_currency":"GBP",
      }
    ]"""

CASES: dict[str, tuple[str, Any, str]] = {
    "strict": ('[{"a": 1}]', [{"a": 1}], ""),
    "a comma too many in an object": ('[{"a": 1,}]', [{"a": 1}], "trailing_comma"),
    "a comma too many in a list": ('[{"a": 1}, ]', [{"a": 1}], "trailing_comma"),
    "two commas": ('[{"a": 1,, "b": 2}]', [{"a": 1, "b": 2}], "trailing_comma"),
    "no comma": ('[{"a": "x" "b": 2}]', [{"a": "x", "b": 2}], "missing_comma"),
    "no comma after a number": ('[{"a": 1 "b": 2}]', [{"a": 1, "b": 2}], "missing_comma"),
    "no value": ('[{"a": , "b": 2}]', [{"a": None, "b": 2}], "missing_value"),
    "no last value": ('[{"a": }]', [{"a": None}], "missing_value"),
    "a comma in a number": ('[{"a": 21,97, "b": 1}]', [{"a": 21.97, "b": 1}], "decimal_comma"),
    "JSON in quotes": ('[{"a": "[{"id": "1"}]"}]', [{"a": '[{"id": "1"}]'}], "open_quotes"),
    "JSON in quotes, with more commas": ('[{"a": "[{"id": "1",}]"}]', [{"a": '[{"id": "1",}]'}], "open_quotes"),
    "a list in quotes": ('[{"a": "["1", "2"]"}]', [{"a": '["1", "2"]'}], "open_quotes"),
    "quotes in a text": ('[{"a": "a "best" one", "b": 1}]', [{"a": 'a "best" one', "b": 1}], "open_quotes"),
    "single quotes": ("[{'a': 'it\\'s', 'b': \"it's\"}]", [{"a": "it's", "b": "it's"}], "single_quotes"),
    "Python's words": ("[{'a': True, 'b': None}]", [{"a": True, "b": None}], "single_quotes bare_words"),
    "bare keys": ("[{a: 1, b_2: x y}]", [{"a": 1, "b_2": "x y"}], "bare_words"),
    "no number": ('[{"a": NaN, "b": -Infinity}]', [{"a": "NaN", "b": "-Infinity"}], "bare_words"),
    "odd numbers": ('[{"a": .5, "b": +5, "c": 007, "d": 1.}]', [{"a": 0.5, "b": 5, "c": 7, "d": 1}], "bare_words"),
    "undefined": ('[{"a": undefined}]', [{"a": None}], "bare_words"),
    "a line end in a text": ('[{"a": "x\ny"}]', [{"a": "x\ny"}], "characters"),
    "half a character": (r'[{"a": "\ud800x"}]', [{"a": "\ufffdx"}], "characters"),
    "a whole character of two": (r'[{"a": "\ud83d\ude00"}]', [{"a": "\U0001f600"}], ""),
    "an unknown escape": (r'[{"a": "\x41"}]', [{"a": "x41"}], "escapes"),
    "escaped once more": (r"[{\"a\": \"x\"}]", [{"a": "x"}], "escapes"),
    "encoded once more": ("%5B%7B%22a%22%3A1%7D%5D", [{"a": 1}], "escapes"),
    "in quotes once more": (r'"[{\"a\": 1}]"', [{"a": 1}], "escapes"),
    "in quotes twice more": (json.dumps(json.dumps('[{"a": 1}]')), [{"a": 1}], "escapes"),
    "in open quotes": ('"[{"a": "b"}]"', [{"a": "b"}], "open_quotes escapes"),
    "one object": ('{"a": 1}', [{"a": 1}], "no_list"),
    "objects in a row": ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}], "no_list"),
    "objects with commas": ('{"a": 1},\n{"b": 2}', [{"a": 1}, {"b": 2}], "no_list"),
    "a quote too many": ('[{"a": 1}]"', [{"a": 1}], "surplus"),
    "a bracket too many": ('[{"a": 1}}]', [{"a": 1}], "surplus"),
    "cut in the second event": ('[{"a": 1}, {"b": "x', [{"a": 1}], "cut_off"),
    "cut after the first event": ('[{"a": 1}', [{"a": 1}], "cut_off"),
    "cut between two keys": ('[{"a": 1}, {"b": 2, ', [{"a": 1}], "cut_off"),
    "objects in quotes": (r'["{\"a\": 1}", "{\"b\": 2}"]', [{"a": 1}, {"b": 2}], ""),
    "an object in quotes that is none": (r'["{\"a\": 1,}"]', [{"a": 1}], "trailing_comma"),
    "something else among objects": ('[{"a": 1}, 5, "x", null]', [{"a": 1}, None, None, None], ""),
    "the guide's own sample": (
        GUIDE,
        [
            {
                "_eventName": "fb_mobile_purchase",
                "event_id": "123456",
                "fb_content": GUIDE.split('"fb_content":"')[1].split('",\n       "fb_content_type')[0],
                "fb_content_type": "product",
                "_valueToSum": 21.97,
                "fb_currency": "GBP",
            }
        ],
        "trailing_comma open_quotes",
    ),
}
UNREADABLE = (
    "",
    " ",
    "hello",
    "[",
    "{",
    '"',
    "[]",
    "{}}{",
    '[{"a": 1',
    '{"a": 1',
    "5",
    "null",
    "[" * 5_000,
    '{"a":' * 5_000,
)


@pytest.mark.parametrize("name", CASES)
def test_what_was_meant_is_read_and_what_was_forgiven_is_told(name: str) -> None:
    text, meant, words = CASES[name]
    found = lenient.events(text)
    assert found.text is not None
    assert json.loads(found.text) == meant
    assert " ".join(found.repairs) == words


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_nobody_can_read_stays_unreadable(text: str) -> None:
    found = lenient.events(text)
    assert found == lenient.Lenient(None, ("unreadable",))


def test_every_word_is_told_of_something() -> None:
    told = {word for _, _, words in CASES.values() for word in words.split()}
    assert told | {"unreadable"} == set(lenient.WORDS)


def test_the_content_of_the_guides_sample_is_read_too() -> None:
    events = json.loads(lenient.events(GUIDE).text or "")
    found = lenient.read(events[0]["fb_content"])
    assert json.loads(found.text or "") == [{"id": "1234", "quantity": 2}, {"id": "5678", "quantity": 1}]
    assert found.repairs == ("trailing_comma",)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_strict_json_stays_as_it_is(value: Any, is_ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    found = lenient.read(text)
    assert found.repairs in ((), ("characters",))
    if not found.repairs:
        assert found.text == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="[]{}\",:'\\ab1.-\n %&=tnNu"), st.integers(0, 3))
def test_whatever_comes_in_strict_json_goes_out_and_twice_is_as_once(text: str, depth: int) -> None:
    for wrapped in (text, "[" * depth + text, f'[{{"a":"{text}"}}]', f'[{{"a":{text}}}]'):
        _is_sound(wrapped)


def _is_sound(text: str) -> None:
    for reading in (lenient.read, lenient.events):
        found = reading(text)
        assert set(found.repairs) <= set(lenient.WORDS)
        if found.text is None:
            assert found.repairs == ("unreadable",)
            continue
        json.loads(found.text, parse_constant=pytest.fail)
        found.text.encode()
        assert lenient.read(found.text) == lenient.Lenient(found.text, ())


def broken(draw: random.Random, whole: str) -> str:
    """A text with some characters taken out, put in, doubled or changed."""
    text = list(whole)
    for _ in range(draw.randint(1, 4)):
        if not text:
            break
        place = draw.randrange(len(text))
        change = draw.randrange(5)
        if change == 0:
            del text[place : place + draw.randint(1, 6)]
        elif change == 1:
            text.insert(place, draw.choice("[]{}\",:'\\&=%+\n \x00\ud7ffNa1"))
        elif change == 2:
            del text[place:]
        elif change == 3:
            text[place:place] = text[max(0, place - 9) : place]
        else:
            text[place] = draw.choice("[]{}\",:'\\ 1a")
    return "".join(text)


def test_broken_texts_break_nothing() -> None:
    draw = random.Random(20)
    samples = [text for text, _, _ in CASES.values()]
    for _ in range(2_000):
        text = broken(draw, draw.choice(samples))
        _is_sound(text)
        forms.fields(text)
        forms.fields(f"event=CUSTOM_APP_EVENTS&custom_events={text}&ud[em]=x")


HOSTILE = {
    "brackets": "[" * 200_000,
    "objects": '{"a":' * 100_000,
    "quotes": '"' * 200_000,
    "quotes in a text": '[{"a":"' + '" ' * 100_000,
    "open quotes": '[{"a":"[' * 20_000,
    "commas": "[" + "," * 200_000,
    "blanks": '[{"a"' + " " * 200_000 + ":",
    "quotes and blanks": '[{"a":"' + ('"' + " " * 500) * 400,
    "backslashes": '[{"a":"' + "\\" * 200_000,
    "words": "[" + "a " * 100_000,
    "commas and words": '[{"a":"' + '", bbbbbbbbbbbbbbbb' * 10_000,
    "fields": "event=[" * 30_000,
    "fields of blanks": "event=" + " " * 200_000 + "&" * 200_000,
    "parts": "--a\r\n" * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_as_much_takes_about_twice_as_long(name: str) -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        lenient.events(text)
        forms.fields(text)
        return time.process_time() - start

    text = HOSTILE[name]
    half = max(min(seconds(text[: len(text) // 2]) for _ in range(2)), 0.02)
    assert seconds(text) < 8 * half


def test_ten_thousand_events_written_like_the_guides_are_read() -> None:
    one = GUIDE.strip("[] \n")
    found = lenient.events("[" + ",".join([one] * 10_000) + "]")
    assert len(json.loads(found.text or "")) == 10_000
    assert found.repairs == ("trailing_comma", "open_quotes")


NAMED = st.dictionaries(
    st.sampled_from(["event", "advertiser_id", "custom_events", "ud[em]", "extinfo", "anon_id", "sdk"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1),
)


@settings(max_examples=200, deadline=None)
@given(NAMED)
def test_an_encoded_form_is_read_as_python_reads_it(fields: dict[str, str]) -> None:
    from urllib.parse import parse_qsl, urlencode

    text = urlencode(fields)
    assert forms.fields(text) == dict(parse_qsl(text, keep_blank_values=True)) == fields


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=3), min_size=1, max_size=3), st.booleans())
def test_json_in_a_form_that_is_not_encoded_ends_where_it_ends(events: list[dict[str, Any]], is_ascii: bool) -> None:
    text = json.dumps(events, ensure_ascii=is_ascii)
    found = forms.fields(f"event=CUSTOM_APP_EVENTS&custom_events={text}&advertiser_id=a-b&ud[em]=0f")
    assert found == {"event": "CUSTOM_APP_EVENTS", "custom_events": text, "advertiser_id": "a-b", "ud[em]": "0f"}


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["event", "custom_events_file", "ud"]), st.text(st.characters(codec="utf-8"))),
    st.sampled_from(["\n", "\r\n"]),
)
def test_parts_are_read_whatever_ends_their_lines(fields: dict[str, str], end: str) -> None:
    # a carriage return at the end of a value cannot be told from one that ends the line
    fields = {name: value.rstrip("\r") for name, value in fields.items() if "--bound" not in value}
    text = "".join(
        f'--bound{end}Content-Disposition: form-data; name="{name}"{end}Content-Type: text/plain{end}{end}{value}{end}'
        for name, value in fields.items()
    )
    assert forms.fields(f"{text}--bound--{end}") == fields


def test_the_guides_own_requests_are_fields() -> None:
    found = forms.form(
        f'?event=CUSTOM_APP_EVENTS" \n   &advertiser_id=a-b\n   &advertiser_tracking_enabled=1 \n'
        f'   &custom_events={GUIDE}\n   &ud[em]=0f\n   &{{app-access-token}}" '
    )
    assert found["event"] == "CUSTOM_APP_EVENTS"
    assert found["advertiser_tracking_enabled"] == "1"
    assert lenient.events(found["custom_events"]) == lenient.events(GUIDE)
    last = forms.form(f'event=CUSTOM_APP_EVENTS&custom_events={GUIDE} &{{app-access-token}}"')
    assert lenient.events(last["custom_events"]) == lenient.events(GUIDE)


def test_what_a_browser_encodes_by_half_is_read() -> None:
    found = forms.form("event=CUSTOM_APP_EVENTS&custom_events=[{%22_eventName%22:%22a+b%22}]")
    assert json.loads(found["custom_events"]) == [{"_eventName": "a+b"}]
