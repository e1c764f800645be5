"""Faults of records as findings: pointer, line and column, what to do, and what would be right in its place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from funnelcheck.findings import fingerprint
from funnelcheck.model import Severity, Status
from funnelcheck.payload import CHANNEL, PayloadFile, PayloadFinding
from funnelcheck.validation.documents import Record, Text
from funnelcheck.validation.judging import Fault, Judged
from funnelcheck.validation.trail import Trail, trail


def files_told(texts: Sequence[Text], judged: Judged, *, partner_agent: str | None) -> tuple[PayloadFile, ...]:
    """Every text as a file with its findings, by place; records that are no payload become unreadable places."""
    by_record: dict[int, list[Fault]] = defaultdict(list)
    for fault in judged.faults:
        by_record[fault.record].append(fault)
    told, number = [], 0
    for text in texts:
        numbers = range(number, number + len(text.records))
        number = numbers.stop
        for i, record in zip(numbers, text.records, strict=True):
            if i in judged.reasons:
                _refuse(text, record, judged.reasons[i])
        told.append(_file(text, numbers, judged, by_record))
    return tuple(told)


def _refuse(text: Text, record: Record, reason: str) -> None:
    offset = record.document.spans.get(record.pointer, record.document.spans[""]).start
    text.refuse(offset, reason)


def _file(text: Text, numbers: range, judged: Judged, by_record: Mapping[int, list[Fault]]) -> PayloadFile:
    recipes: Counter[str] = Counter()
    for i in numbers:
        recipes.update(judged.recipes.get(i, {}))
    several = len({record.document.number for record in text.records}) > 1
    findings = [
        finding
        for i, record in zip(numbers, text.records, strict=True)
        for finding in _findings(text, record, by_record.get(i, ()), several)
    ]
    return PayloadFile(
        path=text.name,
        requests=sum(1 for i in numbers if i not in judged.reasons),
        events=sum(judged.events.get(i, 0) for i in numbers),
        findings=tuple(sorted(findings, key=lambda one: (one.line, one.column, one.code))),
        recipes=dict(recipes),
    )


def _findings(text: Text, record: Record, faults: Iterable[Fault], several: bool) -> Iterable[PayloadFinding]:
    if not faults:
        return
    way = trail(record.value)
    for fault in faults:
        yield _finding(text, record, way, fault, several)


def _finding(text: Text, record: Record, way: Trail, fault: Fault, several: bool) -> PayloadFinding:
    rule = fault.rule
    event = fault.event if fault.event is not None and fault.event < len(way.events) else None
    pointer = record.pointer_of(way.first_of(rule.at, record.value, event))
    line, column = record.document.place(pointer)
    subject = f"{record.document.number + 1}:{pointer}" if several else pointer
    return PayloadFinding(
        code=rule.code,
        severity=rule.severity,
        status=Status.FAIL if fault.level == 2 and rule.severity is Severity.REQUIRED else Status.WARN,
        title=rule.title,
        message=fault.message,
        fix=rule.fix,
        acts=rule.acts,
        path=text.name,
        pointer=pointer,
        line=line,
        column=column,
        fingerprint=fingerprint(rule.code, text.name, CHANNEL, subject),
        subject=subject,
        event=fault.event,
        event_name=fault.event_name,
        example=rule.good,
    )
