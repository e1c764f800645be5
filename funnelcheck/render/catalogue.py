"""The rules as text: the list of `rules`, the page of `explain`, and the README's table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from funnelcheck import numbers
from funnelcheck.model import Guide, Rule
from funnelcheck.rulebook import Rulebook


def lines(book: Rulebook) -> list[str]:
    """One line a rule, beginning with its code: severity, title, each threshold and where it comes from."""
    width = max(len(rule.title) for rule in book.rules)
    return [
        f"{rule.code}  {rule.severity:<13}  {rule.title:<{width}}  {', '.join([*_sourced(rule), *_own(rule)])}".rstrip()
        for rule in book.rules
    ]


def heading(book: Rulebook) -> str:
    """By which guide the list is, and where its thresholds can be changed."""
    return (
        f"{len(book.rules)} rules, guide {book.guide.key}: {book.guide.title} ({book.guide.edition}). "
        "Thresholds change in funnelcheck.toml: shared ones under [thresholds], a rule's own under [rule.CODE]."
    )


def differences(first: Rulebook, second: Rulebook) -> list[str]:
    """Where the second guide differs from the first: one line a step, status, severity or threshold."""
    one, other = first.guide, second.guide
    changed = [*_steps(one, other), *_statuses(one, other)]
    if one.learning_days != other.learning_days:
        changed.append(f"learning  {_period(one)} -> {_period(other)}")
    for rule, now in zip(first.rules, second.rules, strict=True):
        if rule.severity != now.severity:
            changed.append(f"{rule.code}  {rule.severity} -> {now.severity}  ({now.title})")
        for name, value in rule.thresholds.items():
            if value != now.thresholds[name]:
                told = f"{numbers.number(value)} -> {numbers.number(now.thresholds[name])}"
                changed.append(f"{rule.code}  {name} = {told}  ({now.title})")
    head = f"{one.key}: {one.title} ({one.edition}) -> {other.key}: {other.title} ({other.edition})"
    return [head, *(changed or ["They do not differ."])]


def _steps(one: Guide, other: Guide) -> list[str]:
    """The steps place by place; those alike in everything are left out."""
    lines = []
    for number, (was, now) in enumerate(zip_longest(one.steps, other.steps), 1):
        told = [f"{step.key}, {step.duration}" if step else "none" for step in (was, now)]
        if told[0] != told[1]:
            lines.append(f"step {number}  {told[0]} -> {told[1]}")
    if one.step_of != other.step_of:
        lines.append(f"steps  what six-step calls 1 to 6: {_list(one.step_of)} -> {_list(other.step_of)}")
    return lines


def _statuses(one: Guide, other: Guide) -> list[str]:
    """The labels of Events Manager that one of the two does not know, or takes for another step."""
    labels = sorted({*one.statuses, *other.statuses})
    shown = [(label, *(_step_of(guide, label) for guide in (one, other))) for label in labels]
    return [
        f'status  "{label}": {was} -> {now}'
        for label, was, now in shown
        if one.statuses.get(label) != other.statuses.get(label)
    ]


def _step_of(guide: Guide, label: str) -> str:
    return f"step {guide.step_of[guide.statuses[label] - 1]}" if label in guide.statuses else "unknown"


def _period(guide: Guide) -> str:
    return f"{guide.learning_days[0]} to {guide.learning_days[1]} days"


def _list(steps: Iterable[int]) -> str:
    return ", ".join(map(str, steps))


def explanation(rule: Rule, book: Rulebook) -> str:
    """Everything a rule's file says, for people."""
    parts = [
        f"{rule.code} {rule.title}",
        f"{rule.severity} · guide {book.guide.key} · {rule.acts} acts · channel {', '.join(rule.channels)}",
        _part("Broken", f"{rule.broken}; nobody is judged by it" if rule.broken else ""),
        _part("A rule of your own", rule.path if rule.custom else ""),
        _part("Why", rule.why),
        _part("What to do", rule.fix),
        _part("What to do in your CRM", "\n".join(f"{crm}: {what}" for crm, what in rule.crm.items())),
        _part("While it cannot be told", rule.wait),
        _part("Source", rule.source),
        _part("Needs", ", ".join(rule.needs)),
        _part("Judges", judged_field(rule)),
        _part("Thresholds", "\n".join(_sourced(rule))),
        _part("Wrong", rule.bad or ""),
        _part("Right", rule.good or ""),
        _part("Rows at fault", rows_command(rule)),
        _part("Boundaries", "\n".join(f"{case.expect['status']:<13} {case.name}" for case in rule.cases)),
        _part(f"SQL ({rule.path})", rule.sql),
        _part("SQL of the rows at fault", rule.extract_sql or ""),
    ]
    return "\n\n".join(part for part in parts if part)


def rows_command(rule: Rule) -> str:
    """The command that lists what is behind a finding; nothing where that is no row of a log."""
    return f"funnelcheck rows {rule.code} --advertiser NAME" if rule.about_events or rule.extract_sql else ""


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


def _own(rule: Rule) -> list[str]:
    """What marks a rule of the user's own."""
    return [f"{'broken, ' if rule.broken else ''}of your own: {rule.path}"] if rule.custom else []


def _part(title: str, text: str) -> str:
    return f"{title}\n{_indented(text)}" if text else ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
