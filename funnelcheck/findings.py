"""Rows of a rule -> findings: status, sentence, threshold, waiver, fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from funnelcheck import language, numbers
from funnelcheck.errors import RuleError
from funnelcheck.language import _, ngettext
from funnelcheck.model import Actor, Finding, Key, Rule, Severity, Status, Waiver, WaiverState, WaiverUse
from funnelcheck.phrases import Sentence, told

_COLUMNS = {"advertiser_id", "channel", "level", "subject", "value", "n", "affected", "warned", "certain"}
_COLUMNS |= {"leads_to_settle", "threshold"}
_LONGEST_NAME = 80
_MOST_CAUSES = 3


def findings_of(
    rule: Rule,
    rows: Iterable[Mapping[str, Any]],
    thresholds: Mapping[str, float],
    present: Mapping[Key, set[str]],
) -> dict[Key, list[Finding]]:
    """Every row as a finding, by advertiser and channel; `present` names the inputs that each has."""
    found: dict[Key, list[Finding]] = {}
    of_history = _of_history(rule)
    known = dict(thresholds) | dict(rule.thresholds)
    for row in rows:
        key = (row["advertiser_id"], row["channel"])
        spoken = of_history if key[1] == "history" else rule
        found.setdefault(key, []).append(_finding(spoken, row, known, present.get(key, set())))
    return found


def worst(findings: Sequence[Finding]) -> Finding:
    """The one that is reported: worst status, then most affected, then subject."""
    if len(findings) == 1:
        return findings[0]
    order = list(Status)
    return min(findings, key=lambda f: (order.index(f.status), -f.affected, f.subject or ""))


def _of_history(rule: Rule) -> Rule:
    """The rule as it speaks of a CRM history; where that is not judged by it, in the words for that alone."""
    is_judged = "history" in rule.channels
    return replace(
        rule,
        messages=(dict(rule.messages) if is_judged else {}) | dict(rule.history),
        fix=rule.history.get("fix", rule.fix),
        wait=rule.history.get("wait", rule.wait if is_judged else ""),
    )


def _finding(rule: Rule, row: Mapping[str, Any], known: Mapping[str, float], present: set[str]) -> Finding:
    if row["channel"] not in rule.channels:
        kept = ("advertiser_id", "channel", "warned", "reason")
        row = {name: row[name] for name in kept if name in row} | {"level": None}
    said, status = _status(rule, row, present)
    evidence = {name: told(value) for name, value in row.items() if name not in _COLUMNS}
    missing = status is Status.NOT_EVALUABLE
    waits = missing or status is Status.UNDECIDED
    limits = _limits(row, tuple(known[name] for name in rule.reported))
    subject = row.get("subject")
    return Finding(
        code=rule.code,
        name=rule.slug,
        title=rule.title,
        advertiser_id=row["advertiser_id"],
        channel=row["channel"],
        severity=rule.severity,
        status=status,
        value=None if missing else row.get("value"),
        threshold=limits if len(limits) > 1 else (limits[0] if limits else None),
        unit=rule.unit,
        n=0 if missing else int(row.get("n") or 0),
        affected=0 if missing else int(row.get("affected") or 0),
        warned=_warned(rule, row, missing),
        certain=row.get("certain") if status is Status.PASS else None,
        leads_to_settle=row.get("leads_to_settle"),
        subject=subject,
        message=_message(rule, said, status, {**known, "allowed": limits[0] if limits else None, **row}, limits),
        fingerprint=fingerprint(rule.code, row["advertiser_id"], row["channel"], subject),
        acts=Actor.PARTNER if waits else rule.acts,
        fix=rule.wait if waits else rule.fix,
        evidence=evidence,
        notes=tuple(sorted(numbers.visible(told(sentence)) for sentence in row.get("observations") or ())),
        rule_file=rule.path if rule.custom else None,
    )


def _limits(row: Mapping[str, Any], reported: tuple[float, ...]) -> tuple[float, ...]:
    """What the rule asks for: its reported thresholds, or the row's own where they differ by advertiser."""
    if "threshold" not in row:
        return reported
    own = row["threshold"]
    return tuple(own) if isinstance(own, list) else (() if own is None else (own,))


def _warned(rule: Rule, row: Mapping[str, Any], missing: bool) -> int | None:
    if "warned" not in row:
        return None
    return 0 if missing else int(row["warned"] or 0)


def _status(rule: Rule, row: Mapping[str, Any], present: set[str]) -> tuple[Status, Status]:
    """What the rule says, and what that comes to under its severity."""
    level = row["level"]
    if row["channel"] not in rule.channels:
        return Status.NOT_EVALUABLE, Status.NOT_EVALUABLE
    if level is None:
        nothing_judged = rule.area in ("EVT", "REQ", "TIM", "LIF", "APP") and not row.get("n")
        absent = nothing_judged or not set(rule.needs) <= present
        status = Status.NOT_EVALUABLE if absent else Status.UNDECIDED
        return status, status
    said = (Status.PASS, Status.WARN, Status.FAIL)[int(level)]
    if rule.severity is Severity.INFORMATIONAL:
        return said, Status.PASS
    if rule.severity is Severity.RECOMMENDED and said is Status.FAIL:
        return said, Status.WARN
    return said, said


def _message(rule: Rule, said: Status, status: Status, fields: Mapping[str, Any], limits: Sequence[float]) -> str:
    reason = fields.get("reason")
    wanted = [f"{said}.{reason}", f"{said}", f"{status}.{reason}", f"{status}"]
    if said in (
        Status.WARN,
        Status.FAIL,
    ):  # a guide may give the rule another severity than its sentences were made for
        wanted += [f"warn.{reason}", "warn", f"fail.{reason}", "fail", f"pass.{reason}"]
    template = next((rule.messages[name] for name in wanted if name in rule.messages), rule.message)
    if not template:
        raise RuleError(f"{rule.path}: the header has no message for {status} ({reason})")
    try:
        sentence = Sentence(limits).format(template, **fields)
    except KeyError as error:
        raise RuleError(f"{rule.path}: the message names {error}, which no column and no threshold is") from error
    causes = _causes(fields.get("causes"))
    return f"{sentence} {causes}" if causes else sentence


def _causes(found: Sequence[Mapping[str, Any]] | None) -> str:
    """What went wrong, the most frequent first: "Causes: a (12), b (3)."."""
    if not found:
        return ""
    causes = sorted(
        ((numbers.visible(told(one["cause"])), one["events"]) for one in found), key=lambda c: (-c[1], c[0])
    )
    several = ", ".join(f"{cause} ({numbers.count(events)})" for cause, events in causes[:_MOST_CAUSES])
    more = len(causes) - _MOST_CAUSES
    if more > 0:
        several = _("{several}, and {others}").format(several=several, others=numbers.count(more, "other"))
    return ngettext("Cause: {causes}.", "Causes: {causes}.", len(causes)).format(causes=several)


def fingerprint(code: str, advertiser_id: str, channel: str, subject: str | None) -> str:
    """Stable across runs: first 16 hex digits of the SHA-256 of what the finding is about."""
    about = "\0".join((code, advertiser_id, channel, subject or ""))
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def waived(finding: Finding, waivers: Sequence[Waiver], day: str) -> Finding:
    """The finding, covered by the first waiver that names it and holds on `day` (ISO 8601).

    Where none holds any more, the sentence says whose ended last and when.
    """
    if finding.status not in (Status.FAIL, Status.WARN):
        return finding
    about_it = [w for w in waivers if (w.rule.upper(), w.advertiser_id) == (finding.code, finding.advertiser_id)]
    begun = [waiver for waiver in about_it if (waiver.since or "") <= day]
    for waiver in begun:
        if day <= waiver.until:
            return replace(finding, status=Status.WAIVED, waiver=waiver)
    if not begun:
        return finding
    last = max(begun, key=lambda waiver: waiver.until)
    by = numbers.cut(numbers.visible(last.by), _LONGEST_NAME)
    ended = _("A waiver by {name} ended on {day}.").format(name=by, day=language.day(last.until))
    return replace(finding, expired_waiver=last, message=f"{finding.message} {ended}")


def waiver_uses(
    advertiser_id: str, found: Iterable[Finding], waivers: Sequence[Waiver], day: str
) -> tuple[WaiverUse, ...]:
    """Every waiver of an advertiser that has begun by `day`, and what it does; by rule, the latest end first."""
    covered = {finding.waiver for finding in found if finding.waiver is not None}
    uses = [
        WaiverUse(waiver, _state(waiver, day, waiver in covered))
        for waiver in waivers
        if waiver.advertiser_id == advertiser_id and (waiver.since or "") <= day
    ]
    by_end = sorted(uses, key=lambda use: use.waiver.until, reverse=True)
    return tuple(sorted(by_end, key=lambda use: use.waiver.rule.upper()))


def _state(waiver: Waiver, day: str, covers: bool) -> WaiverState:
    if day > waiver.until:
        return WaiverState.EXPIRED
    return WaiverState.ACTIVE if covers else WaiverState.IDLE
