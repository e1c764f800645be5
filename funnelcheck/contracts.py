"""JSON Schemas of what is sent to Meta, made of the rules, and of what we write, made of its types."""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, get_args, get_origin

from funnelcheck import rulebook, shapes
from funnelcheck.config import Config, nearest
from funnelcheck.errors import UsageError
from funnelcheck.model import Rule, Severity
from funnelcheck.rulebook import Rulebook

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VERSION = 1  # of what a schema says; its name ends in it
# What several fragments of rules speak of: macros.sql of the ingestion knows both by the same words.
_ABSENT = {"type": ["null", "string", "array", "object"], "maxLength": 0, "maxItems": 0, "maxProperties": 0}
_NOTHING = ("", "null", "none", "undefined", "nan", "None", "NULL", "NaN")
_EVENT = """\
A CRM event of the Conversions API as the guide {guide} asks for it. An event that breaks a required rule all by itself
is not valid here; one that a rule only warns of is. null, "", [] and {{}} count as absent. What a schema cannot see is
left to funnelcheck: whether 1234567890123456.0 was written where a whole number belongs, and what takes the time of
sending, the list of leads, the request or more events than one ({unsaid})."""
_REQUEST = """\
The body of a request to the Conversions API as JSON, with events as the guide {guide} asks for them. A form that holds
the list of events as a text, as Meta's SDK sends it, is to be decoded first. What a schema cannot see is left to
funnelcheck: what came of the request, and how it goes with others."""
_RESULTS = """\
What funnelcheck run and report write as results.json and check --format json prints. All that is named here is there;
more may come, so that whoever reads it passes over what it does not know."""
_VALIDATE = """\
What funnelcheck validate --format json prints. All that is named here is there; more may come, so that whoever reads it
passes over what it does not know."""
_SELECT = """\
What funnelcheck select --format json prints: advertisers before launch, by rank. All that is named here is there; more
may come, so that whoever reads it passes over what it does not know."""
_COMPARE_MMP = """\
What funnelcheck compare-mmp --format json prints: installs that Meta attributes beside those of a measurement partner.
All that is named here is there; more may come, so that whoever reads it passes over what it does not know."""
# What else a request may carry. Nothing is asked of it here.
_BESIDE = {
    "partner_agent": "The name agreed on with Meta of the platform that sends; it may stand in each event instead.",
    "test_event_code": "For tests only: events with it count for nothing.",
}


def schema(kind: str, config: Config | None = None, guide: str | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a `kind` in KINDS; UsageError for another.

    Events and requests are described by the required rules of the guide, with the thresholds of the configuration.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind}: no such schema{nearest(kind, KINDS)}")
    return KINDS[kind](rulebook.load(config or Config(), guide))


def rendered(kind: str, config: Config | None = None, guide: str | None = None) -> str:
    """The same as text: ASCII, since a pattern holds blanks that nobody would see."""
    return json.dumps(schema(kind, config, guide), indent=1) + "\n"


def _event(book: Rulebook) -> dict[str, Any]:
    unsaid = [rule for rule in _required(book) if rule.about_events and rule.schema is None]
    told = ", ".join(f"{rule.code} {rule.title[:1].lower()}{rule.title[1:]}" for rule in unsaid)
    rules = [rule for rule in _required(book) if rule.about_events and rule.schema is not None]
    definitions = {"absent": _ABSENT, "digest_of_nothing": {"enum": _digests(_NOTHING)}}
    return {
        **_head("event", "CRM event", _EVENT.format(guide=book.guide.key, unsaid=told), book),
        "examples": [_example(rules)],
        **_all_of(rules, definitions),
    }


def _request(book: Rulebook) -> dict[str, Any]:
    event = _event(book)
    rules = [rule for rule in _required(book) if rule.area == "REQ" and rule.schema is not None]
    beside = {name: {"description": told} for name, told in _BESIDE.items()}
    return {
        **_head("request", "Request with CRM events", _REQUEST.format(guide=book.guide.key), book),
        "examples": [{"data": event["examples"]}],
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": {"$ref": event["$id"]}}, **beside},
        **_all_of(rules, {"event": event}),
    }


def _head(kind: str, title: str, description: str, book: Rulebook | None = None) -> dict[str, Any]:
    edition = f"{book.guide.key}:" if book else ""
    return {
        "$schema": DIALECT,
        "$id": f"urn:funnelcheck:schema:{kind}:{edition}{_VERSION}",
        "title": title,
        "description": " ".join(description.split()),
        "type": "object",
    }


def _required(book: Rulebook) -> list[Rule]:
    return [rule for rule in book.rules if rule.severity is Severity.REQUIRED]


def _all_of(rules: Sequence[Rule], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Each rule under its code, so that a validator's error names it."""
    return {
        "allOf": [{"$ref": f"#/$defs/{rule.code}"} for rule in rules],
        "$defs": {**definitions, **{rule.code: _annotated(rule) for rule in rules}},
    }


def _annotated(rule: Rule) -> dict[str, Any]:
    about = f"{rule.severity}; funnelcheck explain {rule.code}"
    head = {"title": f"{rule.code}: {rule.title}", "description": rule.fix}
    return {**head, **_commented(rule.schema or {}, about)}


def _commented(schema: Any, about: str) -> Any:
    """With a comment at every level: many a validator's error knows only the schema that it stands at."""
    if not isinstance(schema, Mapping):
        return schema
    deeper: dict[str, Any] = {key: _commented(schema[key], about) for key in ("items", "then") if key in schema}
    for key in ("properties", "patternProperties"):
        if key in schema:
            deeper[key] = {name: _commented(one, about) for name, one in schema[key].items()}
    if "allOf" in schema:
        deeper["allOf"] = [_commented(one, about) for one in schema["allOf"]]
    return {"$comment": about, **schema, **deeper}


def _digests(words: Sequence[str]) -> list[str]:
    """The SHA-256 digests of words, in small letters and in capitals."""
    digests = [hashlib.sha256(word.encode()).hexdigest() for word in words]
    return digests + [digest.upper() for digest in digests]


def _example(rules: Sequence[Rule]) -> dict[str, Any]:
    """The payloads that the rules call good, in one."""
    whole: dict[str, Any] = {}
    for rule in rules:
        whole = _merged(whole, json.loads(rule.good or "{}"))
    return whole


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _merged(one[key], value) for key, value in other.items() if isinstance(one.get(key), dict)}
    return {**one, **other, **both}


def _results(book: Rulebook) -> dict[str, Any]:
    return _written("results", "results.json", _RESULTS, shapes.Results)


def _validate(book: Rulebook) -> dict[str, Any]:
    return _written("validate", "A validation", _VALIDATE, shapes.Validation)


def _select(book: Rulebook) -> dict[str, Any]:
    return _written("select", "A selection", _SELECT, shapes.Selection)


def _compare_mmp(book: Rulebook) -> dict[str, Any]:
    return _written("compare-mmp", "A comparison of installs", _COMPARE_MMP, shapes.Comparison)


def _written(kind: str, title: str, description: str, shape: Any) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    whole = _object(shape, definitions)
    return {**_head(kind, title, description), **whole, "$defs": dict(sorted(definitions.items()))}


def _object(shape: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """A TypedDict as a schema; those inside it go to `definitions`."""
    hints, sure = typing.get_type_hints(shape, include_extras=True), shape.__required_keys__
    return {
        "type": "object",
        "required": [key for key, hint in hints.items() if key in sure and get_origin(hint) is not NotRequired],
        "properties": {key: _type(hint, definitions) for key, hint in hints.items()},
    }


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """One of the types that shapes.py speaks of, as a schema."""
    arguments, origin = get_args(hint), get_origin(hint)
    if typing.is_typeddict(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # so that it is not made twice
            definitions[hint.__name__] = {"description": hint.__doc__, **_object(hint, definitions)}
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin is Annotated:
        return _type(hint.__origin__, definitions) | {name: _listed(asked) for name, asked in hint.__metadata__}
    if origin is NotRequired:
        return _type(arguments[0], definitions)
    if origin is list:
        return {"type": "array", "items": _type(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (UnionType, typing.Union):
        return {"anyOf": [_type(one, definitions) for one in arguments]}
    if issubclass(hint, StrEnum):
        return {"enum": [one.value for one in hint]}
    return {"type": _PLAIN[hint]}


def _listed(asked: Any) -> Any:
    return list(asked) if isinstance(asked, tuple) else asked


_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
KINDS: dict[str, Callable[[Rulebook], dict[str, Any]]] = {
    "compare-mmp": _compare_mmp,
    "event": _event,
    "request": _request,
    "results": _results,
    "select": _select,
    "validate": _validate,
}
