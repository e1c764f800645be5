"""A run or a validation, a policy and a baseline -> what makes a gate fail; pure.

A policy never changes a verdict or a report: it says which findings count for the exit code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from funnelcheck.baseline import Baseline, Entry, entry
from funnelcheck.config import nearest
from funnelcheck.errors import UsageError
from funnelcheck.model import FailOn, Finding, Severity, Status
from funnelcheck.payload import CHANNEL, PayloadFinding, Validation

if TYPE_CHECKING:
    from funnelcheck.reported import Run

AnyFinding = Finding | PayloadFinding
_CANNOT_TELL = (Status.UNDECIDED, Status.NOT_EVALUABLE)
# Of a finding that is known; which of the two nobody can tell is no news, for data alone moves it.
_WEIGHT = {Status.FAIL: 3, Status.UNDECIDED: 2, Status.NOT_EVALUABLE: 2, Status.WARN: 1}


@dataclass(frozen=True, slots=True)
class Policy:
    """Which findings count: by level, by rule, and whether only those that are new."""

    fail_on: FailOn = FailOn.REQUIRED
    select: frozenset[str] = frozenset()  # codes and areas; none: all
    ignore: frozenset[str] = frozenset()  # what is in both is ignored
    only_new: bool = False
    advertisers: frozenset[str] = frozenset()  # whom the run was narrowed to; none: it holds all
    of_payloads: bool = False  # it judges files, and what a baseline holds of advertisers is not its business

    @property
    def level(self) -> FailOn:
        """What is told of; where nothing counts, what usually would."""
        return FailOn.REQUIRED if self.fail_on is FailOn.NEVER else self.fail_on

    def selects(self, code: str) -> bool:
        """Whether a rule is among those that count."""
        names = {code, code[:3]}
        return (not self.select or bool(names & self.select)) and not names & self.ignore

    def concerns(self, code: str, severity: Severity, status: Status) -> bool:
        """Whether a finding is one of a selected rule, at or above the level."""
        return self.selects(code) and at_or_above(self.level, severity, status)

    def covers(self, known: Entry) -> bool:
        """Whether the run could have found again what a baseline holds."""
        in_run = not self.advertisers or known.advertiser_id in self.advertisers
        return in_run and self.selects(known.code) and (known.channel == CHANNEL) == self.of_payloads


@dataclass(frozen=True, slots=True)
class Gate:
    """What came of it; each list by advertiser, channel, code and subject.

    `new` and `known` are the findings at or above the level; without a baseline all are new. `fixed` are the entries
    of the baseline that match no finding any more, or one that passes. `failing` makes the exit code 1.
    """

    new: tuple[AnyFinding, ...] = ()
    known: tuple[AnyFinding, ...] = ()
    fixed: tuple[Entry, ...] = ()
    failing: tuple[AnyFinding, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 or 1."""
        return int(bool(self.failing))


def judge(result: Run | Validation, policy: Policy, baseline: Baseline | None = None) -> Gate:
    """What a policy makes of a run, or of a validation: there of the files that were judged."""
    if isinstance(result, Validation):
        files = frozenset(file.path for file in result.files)
        return sift(result.findings, replace(policy, advertisers=files, of_payloads=True), baseline)
    return sift((finding for one in result.advertisers for finding in one.findings), policy, baseline)


def sift(findings: Iterable[AnyFinding], policy: Policy, baseline: Baseline | None = None) -> Gate:
    """What a policy makes of findings, in any order."""
    known_before = baseline or {}
    every = sorted(findings, key=lambda finding: entry(finding).place)
    concerning = [one for one in every if policy.concerns(one.code, one.severity, one.status)]
    new = [one for one in concerning if _is_new(one, known_before)]
    counting = new if policy.only_new else concerning
    return Gate(
        new=tuple(new),
        known=tuple(one for one in concerning if not _is_new(one, known_before)),
        fixed=_fixed(every, policy, known_before),
        failing=() if policy.fail_on is FailOn.NEVER else tuple(counting),
    )


def at_or_above(level: FailOn, severity: Severity, status: Status) -> bool:
    """Whether a finding is at or above a level, as the exit codes define it."""
    if level is FailOn.NEVER:
        return False
    if severity is Severity.REQUIRED and status is Status.FAIL:
        return True
    if level is FailOn.RECOMMENDED:
        return severity is not Severity.INFORMATIONAL and status in (Status.FAIL, Status.WARN)
    return level is FailOn.UNDECIDED and severity is Severity.REQUIRED and status in _CANNOT_TELL


def _is_new(finding: AnyFinding, baseline: Baseline) -> bool:
    """Not in the baseline, or there with a better status."""
    before = baseline.get(finding.fingerprint)
    return before is None or _WEIGHT[finding.status] > _WEIGHT[before.status]


def _fixed(findings: Iterable[AnyFinding], policy: Policy, baseline: Baseline) -> tuple[Entry, ...]:
    """What a waiver covers, or nobody can tell any more, is not fixed."""
    standing = {one.fingerprint for one in findings if one.status is not Status.PASS}
    gone = [known for mark, known in baseline.items() if mark not in standing and policy.covers(known)]
    return tuple(sorted(gone, key=lambda known: known.place))


def selection(words: Iterable[str], codes: Sequence[str], where: str) -> frozenset[str]:
    """Codes and areas from words and comma lists in any case; UsageError, which begins with `where`, for others."""
    known = {*codes, *(code[:3] for code in codes)}
    chosen = set()
    for name in (name.strip() for word in words for name in word.split(",")):
        if name.upper() not in known:
            raise UsageError(f"{where} {name or '(nothing)'}: no such rule or area{_hint(name.upper(), codes)}")
        chosen.add(name.upper())
    return frozenset(chosen)


def _hint(name: str, codes: Sequence[str]) -> str:
    """The nearest code of a word that is like one, else the areas."""
    areas = {code[:3] for code in codes}
    return nearest(name, codes if len(name) > 4 else areas)


def refuse_empty(policy: Policy, codes: Iterable[str]) -> None:
    """UsageError for a policy that no rule could fail."""
    if not any(map(policy.selects, codes)):
        raise UsageError("--select and --ignore leave no rule that could fail; what is in both is ignored")
