"""What was judged, file by file: findings in the order of their places, and the records that are no payload."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from funnelcheck.payload import PayloadFile, PayloadFinding
from funnelcheck.validation.decoding import decode
from funnelcheck.validation.judging import Fault, Judged
from funnelcheck.validation.names import misnamed
from funnelcheck.validation.places import NotJsonError, skip
from funnelcheck.validation.records import Record, Text
from funnelcheck.validation.trail import hidden_texts, single_event, trail


def files_told(texts: Sequence[Text], judged: Judged, *, lead_id_required: bool) -> tuple[PayloadFile, ...]:
    """Every text as a file with its findings, by place; records that are no payload become unreadable places.

    `lead_id_required`: whether an event can be put right without one.
    """
    by_record: dict[int, list[Fault]] = defaultdict(list)
    for fault in judged.faults:
        by_record[fault.record].append(fault)
    told, number = [], 0
    for text in texts:
        numbers = range(number, number + len(text.records))
        number = numbers.stop
        findings: list[PayloadFinding] = []
        for i, record in zip(numbers, text.records, strict=True):
            if i in judged.reasons:
                text.refuse(record.start, judged.reasons[i], _hint(record.value))
            if i in judged.activities:
                findings += _app_findings(text, record, by_record[i])
                continue
            _refuse_hidden(text, record)
            if place := single_event(record.value):
                start = record.document.span(record.pointer_of(place)).place
                text.refuse(start, '"data" is an object, and Meta takes a list', "put the event into a list, [ ]")
            if i in by_record:
                findings += _findings(text, record, by_record[i], lead_id_required)
        told.append(_file(text, numbers, judged, findings))
    return tuple(told)


def _refuse_hidden(text: Text, record: Record) -> None:
    """Tell of texts inside a record that mean to be JSON and are none, though the engine may read them all the same."""
    for pointer, held in hidden_texts(record.value):
        try:
            decode(held, skip(held, 0))  # places are looked for where it is none
        except NotJsonError as error:
            where = record.pointer_of(pointer)
            reason = f"the text at {where}, character {error.offset + 1}: {error.told}"
            text.refuse(record.document.span(where).start, reason, error.hint)


def _hint(value: Any) -> str | None:
    """What the key is called that would have made a payload of it, or where it belongs."""
    if isinstance(value, dict) and "_eventName" in value:
        return 'an App Event belongs into the list "custom_events" of a request'
    wrong = misnamed(value, ("/event_name", "/user_data", "/data"))
    return None if wrong is None else f'"{wrong[0]}" should be called "{wrong[1]}"'


def _findings(text: Text, record: Record, faults: Sequence[Fault], lead_id_required: bool) -> list[PayloadFinding]:
    from funnelcheck.validation.bench import Bench  # most payloads are right, and need none

    bench = Bench(record, trail(record.value), lead_id_required)
    return [bench.finding(text, fault) for fault in faults]


def _app_findings(text: Text, record: Record, faults: Sequence[Fault]) -> list[PayloadFinding]:
    if not faults:
        return []
    from funnelcheck.validation.appbench import AppBench

    bench = AppBench(record)
    return [bench.finding(text, fault) for fault in faults]


def _file(text: Text, numbers: range, judged: Judged, findings: Sequence[PayloadFinding]) -> PayloadFile:
    recipes: Counter[str] = Counter()
    for i in numbers:
        recipes.update(judged.recipes.get(i, {}))
    return PayloadFile(
        path=text.name,
        requests=sum(1 for i in numbers if i not in judged.reasons),
        events=sum(judged.events.get(i, 0) for i in numbers),
        findings=tuple(sorted(findings, key=lambda one: (one.line, one.column, one.code))),
        recipes=dict(recipes),
    )
