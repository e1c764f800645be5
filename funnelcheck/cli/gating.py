"""What the options of a gate come to, with the configuration's where the command line gives none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcheck import numbers
from funnelcheck.cli.settings import Settings
from funnelcheck.errors import UsageError

if TYPE_CHECKING:
    from funnelcheck.baseline import Entry
    from funnelcheck.gate import AnyFinding, Gate, Policy
    from funnelcheck.payload import Validation
    from funnelcheck.reported import Run

_NAMED = 3
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Gating:
    """A policy and a baseline, ready to judge."""

    policy: Policy
    path: Path | None  # of the baseline
    baseline: Mapping[str, Entry] | None

    @property
    def compared(self) -> bool:
        """Whether there is a baseline."""
        return self.path is not None

    def judge(self, result: Run | Validation) -> Gate:
        """What it makes of a run or a validation."""
        from funnelcheck.gate import judge

        return judge(result, self.policy, self.baseline)

    def told(self, gate: Gate) -> str:
        """One line about it; nothing where nobody asked and nothing fails."""
        return told(gate, self.policy, self.path)


def gating(settings: Settings, default: str) -> Gating:
    """What judges; UsageError now, before any work."""
    from funnelcheck.baseline import read

    path: Path | None = settings.given.get("baseline_path") or settings.config.gate.baseline
    policy = policy_of(settings, default)
    if policy.only_new and path is None:
        raise UsageError("--fail-on-new needs --baseline FILE; funnelcheck baseline write makes one")
    return Gating(policy, path, None if path is None else read(path))


def policy_of(settings: Settings, default: str) -> Policy:
    """The policy of a command; UsageError for a rule that there is not and for options that contradict."""
    from funnelcheck.gate import Policy, refuse_empty
    from funnelcheck.model import FailOn

    given = settings.given
    only_new = given.get("fail_on_new", False)
    usual = "required" if only_new else default
    fail_on = FailOn(given.get("fail_on") or settings.config.gate.fail_on or usual)
    if only_new and fail_on is FailOn.NEVER:
        raise UsageError("--fail-on-new fails on nothing while --fail-on is never; give --fail-on required")
    select, ignore, codes = _selection(settings)
    policy = Policy(fail_on, select, ignore, only_new, frozenset(given.get("only", ())))
    if codes:
        refuse_empty(policy, codes)
    return policy


def _selection(settings: Settings) -> tuple[frozenset[str], frozenset[str], Sequence[str]]:
    """What is selected, what is ignored, and all codes; nothing is read where neither is asked for."""
    from funnelcheck.gate import selection
    from funnelcheck.rulebook import load

    given, own, path = settings.given, settings.config.gate, settings.config.path
    words = {
        "select": (given.get("selected"), own.select),
        "ignore": (given.get("ignored"), own.ignore),
    }
    if not any(word for pair in words.values() for word in pair):
        return frozenset(), frozenset(), ()
    codes = [rule.code for rule in load(settings.config, given.get("guide")).rules]
    chosen = [
        selection(here, codes, f"--{key}") if here else selection(there, codes, f"{path}: gate.{key}")
        for key, (here, there) in words.items()
    ]
    return chosen[0], chosen[1], codes


def told(gate: Gate, policy: Policy, baseline: Path | None) -> str:
    """One line: what fails, and what is new, known and fixed; nothing where nobody asked and nothing fails."""
    if not gate.failing and baseline is None and not (policy.select or policy.ignore):
        return ""
    news = "" if baseline is None else f"; since {baseline}: {_news(gate)}"
    return f"gate: {_outcome(gate, policy)}{news}{_scope(policy)}"


def _outcome(gate: Gate, policy: Policy) -> str:
    """failed on 2 findings (--fail-on required): COV001 of acme, FUN002 of acme."""
    kind = "new finding" if policy.only_new else "finding"
    if policy.fail_on == "never":
        return "nothing makes it fail (--fail-on never)"
    if not gate.failing:
        return f"passed, no {kind} (--fail-on {policy.fail_on})"
    failing = numbers.count(len(gate.failing), kind)
    return f"failed on {failing} (--fail-on {policy.fail_on}): {_named(gate.failing)}"


def _news(gate: Gate) -> str:
    """1 new, 3 known, 2 fixed (COV001 of acme, DAT003 of acme)."""
    fixed = f" ({_named(gate.fixed)})" if gate.fixed else ""
    return f"{len(gate.new):,} new, {len(gate.known):,} known, {len(gate.fixed):,} fixed{fixed}"


def _scope(policy: Policy) -> str:
    if not policy.select and not policy.ignore:
        return ""
    chosen = ", ".join(sorted(policy.select)) or "all rules"
    without = f" without {', '.join(sorted(policy.ignore))}" if policy.ignore else ""
    return f"; counted: {chosen}{without} (verdicts and report are of all rules)"


def _named(found: Sequence[AnyFinding | Entry]) -> str:
    """The first few with code and advertiser, in the order given."""
    first = [f"{one.code} of {numbers.named(one.advertiser_id, _LONGEST_NAME)}" for one in found[:_NAMED]]
    more = len(found) - len(first)
    return ", ".join(first) + (f" and {numbers.count(more)} more" if more > 0 else "")
