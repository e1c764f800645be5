"""What every format of this package tells: a run or a validation with its gate, as one report of entries."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from funnelcheck import baseline
from funnelcheck.gate import Gate
from funnelcheck.model import Actor, Finding, Rule, Severity, Status, Waiver
from funnelcheck.numbers import labelled, series, visible
from funnelcheck.payload import PayloadFile, PayloadFinding, Unreadable, Validation
from funnelcheck.render.ci import Judged
from funnelcheck.render.ci.places import Root
from funnelcheck.reported import AdvertiserResult, Run, Verdict

# What machines call a trouble: of a file, and of a rule of the user's own.
UNREADABLE, BROKEN = "unreadable", "broken-rule"


class Level(StrEnum):
    """How loud an entry is told; loudest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is at fault: path from the root of the repository, line and column from 1, an RFC 6901 pointer."""

    path: str
    line: int
    column: int | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding: about an advertiser, or at a place of a file. Its texts hold no sign that hides or steers."""

    code: str
    name: str  # the rule's short one; a finding of a file knows none
    title: str
    severity: Severity
    status: Status
    message: str
    fix: str
    acts: Actor
    owner: str  # the advertiser, or the file
    channel: str
    subject: str | None
    fingerprint: str  # stable from run to run, and no other entry of the report has it
    place: Place | None = None
    counts: bool = False  # at or above the gate's level
    failing: bool = False  # makes the exit code 1
    known: bool = False  # to the gate's baseline
    waiver: Waiver | None = None
    example: str | None = None  # what stands there, put right
    value: float | None = None
    unit: str = ""
    n: int | None = None
    affected: int | None = None

    @property
    def is_finding(self) -> bool:
        """True for what there is to mend; undecided ones are only where the gate counts them."""
        return self.counts or self.status in (Status.FAIL, Status.WARN)

    @property
    def told(self) -> str:
        """What is wrong and what to do, on one line; who it is about, where no place says that."""
        about = self.message if self.place else labelled(self.owner, self.message)
        return f"{sentence(about)} {sentence(self.fix)}"

    @property
    def level(self) -> Level:
        """An error fails the gate, or would if the gate failed on anything; what a baseline knows is a note."""
        if self.failing or (self.counts and not self.known and self._weighs):
            return Level.ERROR
        if self.known or self.severity is Severity.INFORMATIONAL or not self._is_wrong:
            return Level.NOTE
        return Level.WARNING

    @property
    def _is_wrong(self) -> bool:
        return self.status in (Status.FAIL, Status.WARN, Status.WAIVED)

    @property
    def _weighs(self) -> bool:
        return self.severity is Severity.REQUIRED and self.status is Status.FAIL


@dataclass(frozen=True, slots=True)
class Section:
    """An advertiser, or a file, with all that was found; a file has no verdict and no step."""

    owner: str
    channel: str
    entries: tuple[Entry, ...]
    summary: str = ""
    verdict: Verdict | None = None
    step: int | None = None
    path: str | None = None  # from the root of the repository
    requests: int = 0
    events: int = 0

    @property
    def findings(self) -> tuple[Entry, ...]:
        """What there is to mend, what fails the gate first."""
        found = [entry for entry in self.entries if entry.is_finding]
        return tuple(sorted(found, key=lambda entry: (not entry.failing, LEVELS.index(entry.level))))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be read, or not be judged by, and what to do about it."""

    owner: str
    message: str
    hint: str
    fingerprint: str
    place: Place | None = None

    @property
    def told(self) -> str:
        """What is wrong and what to do, on one line."""
        return series(filter(None, (self.message, self.hint)))


@dataclass(frozen=True, slots=True)
class RuleTold:
    """What a format tells of a rule."""

    code: str
    name: str
    title: str
    severity: Severity
    fix: str
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a format can tell; Sections in the order of the run, or of the files."""

    version: str
    guide: str
    as_of: int  # Unix seconds
    about_files: bool
    sections: tuple[Section, ...]
    troubles: tuple[Trouble, ...]
    rules: tuple[RuleTold, ...]  # by code
    fixed: tuple[baseline.Entry, ...]
    compared: bool
    home: str
    hints: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Of all sections."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @property
    def findings(self) -> tuple[Entry, ...]:
        """What there is to mend, in the order of the sections."""
        return tuple(entry for section in self.sections for entry in section.findings)

    @property
    def failing(self) -> int:
        """How many entries make the exit code 1."""
        return sum(entry.failing for entry in self.entries)


def sentence(text: str) -> str:
    """A text that ends with a stop, so that another can follow."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


LEVELS = list(Level)
_Key = tuple[str, str, str, str | None]


def report(judged: Judged, root: Root | None = None) -> Report:
    """The report of a run or of a validation; paths start from the root of the repository around the current folder."""
    place = root or Root.around(Path.cwd())
    result = judged.result
    made = _of_files(result, judged, place) if isinstance(result, Validation) else _of_run(result, judged, place)
    return replace(made, rules=_rules(judged.rules, made.entries))


def _of_run(run: Run, judged: Judged, root: Root) -> Report:
    standing = _Standing(judged.gate)
    return Report(
        version=run.version,
        guide=run.guide.key,
        as_of=run.as_of,
        about_files=False,
        sections=_distinct(_advertiser(result, standing) for result in run.advertisers),
        troubles=tuple(_broken(told) for told in run.broken_rules),
        rules=(),
        fixed=judged.gate.fixed,
        compared=judged.compared,
        home=_home(judged.home, root),
        hints=tuple(map(visible, run.hints)),
    )


def _of_files(validation: Validation, judged: Judged, root: Root) -> Report:
    standing = _Standing(judged.gate)
    return Report(
        version=validation.version,
        guide=validation.guide,
        as_of=validation.as_of,
        about_files=True,
        sections=_distinct(_file(file, standing, root) for file in validation.files),
        troubles=tuple(_unreadable(one, root) for one in validation.unreadable),
        rules=(),
        fixed=judged.gate.fixed,
        compared=judged.compared,
        home=_home(judged.home, root),
        hints=tuple(map(visible, validation.hints)),
    )


class _Standing:
    """Where the gate puts a finding."""

    def __init__(self, gate: Gate) -> None:
        self.failing = {_key(one) for one in gate.failing}
        self.known = {_key(one) for one in gate.known}
        self.counting = self.failing | self.known | {_key(one) for one in gate.new}

    def put(self, entry: Entry, finding: Finding | PayloadFinding) -> Entry:
        key = _key(finding)
        if key not in self.counting:
            return entry
        return replace(entry, failing=key in self.failing, known=key in self.known, counts=True)


def _key(finding: Finding | PayloadFinding) -> _Key:
    return finding.code, finding.advertiser_id, finding.channel, finding.subject


def _advertiser(result: AdvertiserResult, standing: _Standing) -> Section:
    return Section(
        owner=visible(result.advertiser_id),
        channel=result.channel,
        entries=tuple(standing.put(_finding(one), one) for one in result.findings),
        summary=visible(result.summary),
        verdict=result.verdict,
        step=result.step,
        events=result.events,
    )


def _finding(finding: Finding) -> Entry:
    return Entry(
        code=finding.code,
        name=finding.name,
        title=visible(finding.title),
        severity=finding.severity,
        status=finding.status,
        message=visible(finding.message),
        fix=visible(finding.fix),
        acts=finding.acts,
        owner=visible(finding.advertiser_id),
        channel=finding.channel,
        subject=None if finding.subject is None else visible(finding.subject),
        fingerprint=finding.fingerprint,
        waiver=finding.waiver,
        value=finding.value,
        unit=finding.unit,
        n=finding.n,
        affected=finding.affected,
    )


def _file(file: PayloadFile, standing: _Standing, root: Root) -> Section:
    return Section(
        owner=visible(file.path),
        channel="payload",
        entries=tuple(standing.put(_payload_finding(one, root), one) for one in file.findings),
        path=root.path(file.path),
        requests=file.requests,
        events=file.events,
    )


def _payload_finding(finding: PayloadFinding, root: Root) -> Entry:
    return Entry(
        code=finding.code,
        name="",
        title=visible(finding.title),
        severity=finding.severity,
        status=finding.status,
        message=visible(finding.message),
        fix=visible(finding.fix),
        acts=finding.acts,
        owner=visible(finding.path),
        channel=finding.channel,
        subject=visible(finding.subject),
        fingerprint=finding.fingerprint,
        place=Place(root.path(finding.path), finding.line, finding.column, visible(finding.pointer)),
        example=finding.example,
    )


def _home(path: str, root: Root) -> str:
    """Of a file outside the repository only the name: nobody there has its folder."""
    told = root.path(path)
    return Path(told).name if Path(told).is_absolute() else told


def _unreadable(one: Unreadable, root: Root) -> Trouble:
    return Trouble(
        owner=visible(one.path),
        message=visible(one.reason),
        hint=visible(one.hint or ""),
        fingerprint=_digest("unreadable", one.path, str(one.line), one.reason),
        place=Place(root.path(one.path), one.line or 1, one.column),
    )


def _broken(told: str) -> Trouble:
    """A rule of the user's own, which the run's sentence names with its file."""
    return Trouble(owner="", message=visible(told), hint="", fingerprint=_digest("broken", told))


def _distinct(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections in which no two entries have one fingerprint: of equal ones the later get others."""
    seen: Counter[str] = Counter()

    def one(entry: Entry) -> Entry:
        mark = entry.fingerprint
        seen[mark] += 1
        return entry if seen[mark] == 1 else replace(entry, fingerprint=_digest(mark, str(seen[mark])))

    return tuple(replace(section, entries=tuple(map(one, section.entries))) for section in sections)


def _digest(*about: str) -> str:
    return hashlib.sha256("\0".join(about).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _rules(rules: Sequence[Rule], entries: Iterable[Entry]) -> tuple[RuleTold, ...]:
    """The rules of the rulebook, and those of which only a finding tells."""
    told = {
        entry.code: RuleTold(entry.code, entry.name, entry.title, entry.severity, entry.fix) for entry in entries
    } | {rule.code: _rule(rule) for rule in rules}
    return tuple(told[code] for code in sorted(told))


def _rule(rule: Rule) -> RuleTold:
    texts = (visible(text) for text in (rule.title, rule.fix, rule.why, rule.source))
    title, fix, why, source = texts
    return RuleTold(rule.code, rule.slug, title, rule.severity, fix, why, source)
