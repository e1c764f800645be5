"""The rules as text: the list of `rules`, the page of `explain`, and the README's table."""

from __future__ import annotations

from collections.abc import Iterable

from funnelcheck import numbers
from funnelcheck.model import Rule
from funnelcheck.rulebook import Rulebook


def lines(book: Rulebook) -> list[str]:
    """One line a rule, beginning with its code: severity, title, each threshold and where it comes from."""
    width = max(len(rule.title) for rule in book.rules)
    return [
        f"{rule.code}  {rule.severity:<13}  {rule.title:<{width}}  {', '.join(_sourced(rule))}".rstrip()
        for rule in book.rules
    ]


def heading(book: Rulebook) -> str:
    """By which guide the list is, and where its thresholds can be changed."""
    return (
        f"{len(book.rules)} rules, guide {book.guide.key}: {book.guide.title} ({book.guide.edition}). "
        "Thresholds change in funnelcheck.toml: shared ones under [thresholds], a rule's own under [rule.CODE]."
    )


def explanation(rule: Rule, book: Rulebook) -> str:
    """Everything a rule's file says, for people."""
    parts = [
        f"{rule.code} {rule.title}",
        f"{rule.severity} · guide {book.guide.key} · {rule.acts} acts · channel {', '.join(rule.channels)}",
        _part("Why", rule.why),
        _part("What to do", rule.fix),
        _part("While it cannot be told", rule.wait),
        _part("Source", rule.source),
        _part("Needs", ", ".join(rule.needs)),
        _part("Judges", judged_field(rule)),
        _part("Thresholds", "\n".join(_sourced(rule))),
        _part("Wrong", rule.bad or ""),
        _part("Right", rule.good or ""),
        _part("Boundaries", "\n".join(f"{case.expect['status']:<13} {case.name}" for case in rule.cases)),
        _part(f"SQL ({rule.path})", rule.sql),
    ]
    return "\n\n".join(part for part in parts if part)


def judged_field(rule: Rule) -> str:
    """What of the payload a rule is about, and where it is therefore not judged."""
    return f"{rule.field} of the payload; not in a table without that column" if rule.field else ""


def markdown_table(rules: Iterable[Rule]) -> str:
    """The README's table: code, what it asks, severity, threshold."""
    rows = ["| rule | asks | severity | threshold |", "|---|---|---|---|"]
    rows += [f"| {rule.code} | {rule.title} | {rule.severity} | {_thresholds(rule)} |" for rule in rules]
    return "\n".join(rows)


def _thresholds(rule: Rule) -> str:
    return ", ".join(f"{name} = {numbers.number(value)}" for name, value in rule.thresholds.items())


def _sourced(rule: Rule) -> list[str]:
    """The thresholds that a rule reads, its own first, each with its source."""
    return [
        f"{name} = {numbers.number(value)} ({rule.threshold_sources[name]})"
        for name, value in (*rule.thresholds.items(), *rule.shared.items())
    ]


def _part(title: str, text: str) -> str:
    return f"{title}\n{_indented(text)}" if text else ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
