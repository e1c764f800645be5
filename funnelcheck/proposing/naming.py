"""What a column may be by what it is called and what it holds: a lead's id, a stage, when something happened."""

from __future__ import annotations

import re

from funnelcheck.ingestion import mapping
from funnelcheck.numbers import cut, visible
from funnelcheck.proposing.evidence import Facts, words

# Names of Meta's other identifiers, which have 15 to 17 digits as well.
NOT_LEADS = {"ad", "adset", "adgroup", "campaign", "form", "page", "pixel", "dataset", "account", "business", "ads"}
_OTHERS = {"user", "actor", "modified", "created", "seller", "sdr", "sr", "agent", "landing", "parent", "pipeline"}
_LEAD_WORDS = ({"lead", "mql", "prospect", "leadid"}, {"contact", "person", "customer", "client", "patient"})
_RECORD_WORDS = {"deal", "opportunity", "entity", "record", "object", "item", "case"}
STAGE_WORDS = {"stage", "status", "lifecycle", "lifecyclestage", "dealstage", "phase", "funnel", "step", "disposition"}
_NEW_WORDS = {"newvalue", "new", "to", "after"}
_OLD_WORDS = {"old", "previous", "prev", "from", "before", "prior", "former"}
_STAGES = re.compile(
    r"\b(lead|new|mql|sql|qualified|unqualified|disqualified|contacted|opportunity|customer|won|lost|closed|converted|"
    r"proposal|negotiation|demo|appointment|booked|meeting|nurtur\w*|subscriber|offer|prospect\w*|sold|"
    r"qualifi\w*|gewonnen|verloren|kunde|angebot|termin|vendu|perdu|gagné|client)\b",
    re.IGNORECASE,
)
FIELD_COLUMNS = {"field", "property", "field_key", "field_name", "attribute", "attributename", "property_name"}
_TRAP = {"modified", "updated", "update", "edited", "modification", "modstamp", "systemmodstamp", "lastmodifieddate"}
_PLANNED = {"due", "close", "closing", "expected", "expiry", "expires", "birth", "birthday", "dob", "deadline", "next"}
_CREATION = {
    "created", "creation", "create", "createdate", "createddate", "registered", "registration", "submitted",
    "submission", "signup", "received", "inquiry", "enquiry", "added", "erstellt", "angelegt",
}  # fmt: skip
_UPLOAD = set(mapping.ALIASES["upload_time"]) - {"timestamp", "ts"}
_TIME_NAMES = {
    "event_time", "timestamp", "time", "date", "datetime", "ts", "changed_at", "change_date", "changed", "when",
    "time_of_customer_event", "created_time", "log_time", "stage_changed_at", "status_changed_at", "date_changed",
    "changed_on", "occurred_at", "event_date", "stage_date", "status_date", "last_stage_change_at",
}  # fmt: skip
_CHANGE = {"change", "changed", "changes", "occurred", "transition", "moved"}
_DRESS = {
    "date", "time", "at", "on", "datetime", "timestamp", "became", "a", "an", "hs", "v2", "v", "entered",
    "lifecyclestage", "the", "stage", "status", "of", "day", "utc", "datum", "am", "first", "is", "was", "when",
}  # fmt: skip


def kind_of_time(column: Facts) -> str:
    """event (of what a row says), creation, stage (its name is one), upload, trap (any edit), planned."""
    parts, folded = set(words(column.label)), mapping.folded(column.label)
    if folded in _UPLOAD:
        return "upload"
    if parts & _TRAP or ("last" in parts and "stage" not in parts and "status" not in parts):
        return "trap"
    if "first" in parts and parts & {"contact", "seen", "touch", "visit"}:
        return "creation"
    if parts & _CREATION and "entered" not in parts:
        return "creation"
    if folded in _TIME_NAMES or parts & _CHANGE or not parts - _DRESS:
        return "event"
    return "planned" if parts & _PLANNED else "stage"


def is_before(column: Facts) -> bool:
    """Whether a column holds what was before a change: OldValue, previous stage."""
    parts = set(words(column.label))
    return bool(parts & _OLD_WORDS and parts & (STAGE_WORDS | {"value"}))


def may_be_stage(column: Facts) -> bool:
    """Whether a column holds few different values that are no times, ids, people or outcomes."""
    if column.is_time or column.is_meta or column.people or not 0 < column.distinct <= 60:
        return False
    if column.share(column.outcomes) == 1 or column.key_form in ("UUIDs", "SHA-256 digests"):
        return False
    return column.values < 30 or column.distinct * 2 <= column.values


def stage_score(column: Facts) -> int:
    """How much name and values speak for the stage; 0: nothing does."""
    parts, folded = set(words(column.label)), mapping.folded(column.label)
    if parts & _OLD_WORDS and not parts & {"to", "after"} and folded != "value_after":
        return 0
    if folded == "event_name":
        return 10
    known = sum(n for value, n in column.names if _STAGES.search(value.replace("_", " ")))
    holds = 2 if column.share(known) >= 0.3 else 0
    if parts & {"semantic", "pipeline", "type", "reason", "source", "category"} and "stage" not in folded:
        return 0
    aliases = mapping.ALIASES["event_name"]
    named = 3 if parts & STAGE_WORDS or (folded in aliases[:-1] and folded != "value") else 0
    if folded == "value" or (parts & _NEW_WORDS and "value" in folded):
        named = 2
    return named + holds if named or (holds == 2 and len(column.names) >= 2 and column.whole == 0) else 0


def meta_rank(column: Facts) -> tuple[int, ...]:
    """Among columns with ids like Meta's: those with l: come first, then those that are called so."""
    folded = mapping.folded(column.label)
    named = (
        2
        if folded in mapping.ALIASES["lead_id"][:-1]
        else int(bool({"lead", "leadgen", "meta"} & set(words(column.label))))
    )
    return (int(column.prefixed * 2 > column.values), named)


def key_rank(column: Facts) -> tuple[int, ...]:
    """Among columns with a CRM's ids: leads before contacts before deals; 0 for anybody else's."""
    parts, folded = set(words(column.label)), mapping.folded(column.label)
    if parts & (_OTHERS | NOT_LEADS):
        return (0,)
    for points, group in ((4, _LEAD_WORDS[0]), (3, _LEAD_WORDS[1]), (2, _RECORD_WORDS)):
        if parts & group or any(folded == f"{word}id" for word in group):
            return (points if {"id", "key", "number", "no"} & parts or folded.endswith("id") else 0,)
    return (1,) if folded in ("id", "owner_id", "uuid") and column.distinct > 1 else (0,)


def time_rank(column: Facts) -> tuple[int, ...]:
    """Among times of a row: event_time before what speaks of a change."""
    folded = mapping.folded(column.label)
    return (int(folded == "event_time"), int(bool({"changed", "change", "occurred"} & set(words(column.label)))))


def stage_name(column: str) -> str:
    """The stage that a column of times is named after: "hs_v2_date_entered_customer" -> "Customer"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    parts = [part for part in re.split(r"[\s_./-]+", spaced) if part and part.casefold() not in _DRESS]
    name = visible(" ".join(parts) or column.strip())
    return cut(name[:1].upper() + name[1:], 80)


def is_value(name: str) -> bool:
    """Whether a column's name is rather a value: a time, an id, an address."""
    return bool(
        re.fullmatch(
            r"\s*((l:)?[0-9]{6,}|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}.*|[^@\s]+@[^@\s]+|"
            r"\+[0-9 ()-]{7,}|[0-9a-fA-F]{32,64})\s*",
            name,
        )
    )
