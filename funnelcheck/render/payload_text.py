"""A validation for the terminal: a line a file, what is wrong at which line, and what would be right."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Severity, Status
from funnelcheck.payload import PayloadFile, PayloadFinding, Validation
from funnelcheck.render import vocabulary


def render(validation: Validation, known: Container[str] = ()) -> str:
    """The files in their order, and the totals; the command says at once, as errors, what cannot be read.

    `known`: the fingerprints of what a baseline knows, which is told in short.
    """
    lines, unread = [], {one.path for one in validation.unreadable}
    for file in validation.files:
        lines.append(_head(file, file.path in unread))
        lines += (
            line
            for finding, events in _alike(file.findings)
            for line in _finding(finding, events, finding.fingerprint in known)
        )
    lines.append(_totals(validation))
    return "".join(f"{numbers.visible(line)}\n" for line in lines)


def _head(file: PayloadFile, is_unread: bool) -> str:
    """What a file holds, and how it is; `is_unread`: some of it, or all, cannot be read."""
    held = [numbers.count(file.requests, "request"), numbers.count(file.events, "event")]
    held += [f"{words} ({numbers.count(n)})" for words, n in file.recipes.items()]
    told = [numbers.count(len(file.findings), "finding")] if file.findings else []
    told += [_("not all of it can be read")] if is_unread else []
    return numbers.labelled(file.path, numbers.series((", ".join(held), *(told or [_("nothing to mend")]))))


def _alike(findings: Iterable[PayloadFinding]) -> Iterable[tuple[PayloadFinding, int]]:
    """Findings with their number of events: what the events of a request share is told once."""
    found: dict[tuple[object, ...], list[PayloadFinding]] = {}
    for one in findings:
        found.setdefault((one.code, one.status, one.line, one.column, one.pointer, one.message), []).append(one)
    return [(ones[0], len(ones)) for ones in found.values()]


def _finding(finding: PayloadFinding, events: int, is_known: bool) -> Iterator[str]:
    word = vocabulary.severities()[finding.severity]
    mark = f" ({_('only warns')})" if finding.status is Status.WARN else ""
    mark = f" ({_('known to the baseline')})" if is_known else mark
    place = f"{finding.path}:{finding.line}:{finding.column}"
    yield f"{place}  {finding.code} {word}{mark}  {finding.pointer}".rstrip()
    shared = f" ({numbers.count(events, 'event')})" if events > 1 else ""
    yield f"    {finding.message}{shared}"
    if is_known:
        return
    yield f"    {numbers.labelled(_('What to do'), finding.fix)}"
    for number, line in enumerate((finding.example or "").splitlines()):
        yield f"    {line}" if number else f"    {numbers.labelled(_('Right'), line)}"


def _totals(validation: Validation) -> str:
    held = [numbers.count(len(validation.files), "file")]
    held.append(numbers.count(sum(file.events for file in validation.files), "event"))
    told = [", ".join(held), *_found(validation.findings)]
    if not validation.findings and not validation.unreadable:
        told.append(_("nothing to mend"))
    if validation.unreadable:
        n = len(validation.unreadable)
        told.append(ngettext("{n} place cannot be read", "{n} places cannot be read", n).format(n=numbers.count(n)))
    return numbers.series(told)


def _found(findings: Iterable[PayloadFinding]) -> Iterator[str]:
    """How many findings there are of each weight, and how many only warn."""
    found = list(findings)
    if not found:
        return
    words = vocabulary.severities()
    counts = {severity: sum(one.severity is severity for one in found) for severity in Severity}
    parts = [f"{numbers.count(n)} {words[severity]}" for severity, n in counts.items() if n]
    yield numbers.labelled(numbers.count(len(found), "finding"), ", ".join(parts))
    if warned := sum(one.status is Status.WARN for one in found):
        yield ngettext("{n} only warns", "{n} only warn", warned).format(n=numbers.count(warned))
