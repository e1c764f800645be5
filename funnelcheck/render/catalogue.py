"""The rules as text: the list of `rules`, the page of `explain`, and the README's table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Guide, Rule
from funnelcheck.render import vocabulary
from funnelcheck.render.text import acts
from funnelcheck.rulebook import Rulebook


def lines(book: Rulebook) -> list[str]:
    """One line a rule, beginning with its code: severity, title, each threshold and where it comes from."""
    width = max(len(rule.title) for rule in book.catalogue)
    words = vocabulary.severities()
    widest = max(len(word) for word in words.values())
    return [
        f"{rule.code}  {words[rule.severity]:<{widest}}  {rule.title:<{width}}  "
        f"{', '.join([*_sourced(rule), *_own(rule)])}".rstrip()
        for rule in book.catalogue
    ]


def heading(book: Rulebook) -> str:
    """By which guide the list is, and where its thresholds can be changed."""
    return _(
        "{rules}, guide {key}: {title} ({edition}). Thresholds change in funnelcheck.toml: shared ones under "
        "[thresholds], a rule's own under [rule.CODE]."
    ).format(rules=numbers.count(len(book.catalogue), "rule"), **_named(book.guide))


def differences(first: Rulebook, second: Rulebook) -> list[str]:
    """Where the second guide differs from the first: one line a step, status, severity or threshold."""
    one, other = first.guide, second.guide
    changed = [*_steps(one, other), *_statuses(one, other)]
    if one.learning_days != other.learning_days:
        changed.append(f"{_('learning')}  {_period(one)} -> {_period(other)}")
    for rule, now in zip(first.catalogue, second.catalogue, strict=True):
        if rule.severity != now.severity:
            words = vocabulary.severities()
            changed.append(f"{rule.code}  {words[rule.severity]} -> {words[now.severity]}  ({now.title})")
        for name, value in rule.thresholds.items():
            if value != now.thresholds[name]:
                told = f"{numbers.number(value)} -> {numbers.number(now.thresholds[name])}"
                changed.append(f"{rule.code}  {name} = {told}  ({now.title})")
    head = " -> ".join(_("{key}: {title} ({edition})").format(**_named(guide)) for guide in (one, other))
    return [head, *(changed or [_("They do not differ.")])]


def _named(guide: Guide) -> dict[str, str]:
    return {"key": guide.key, "title": guide.title, "edition": guide.edition}


def _steps(one: Guide, other: Guide) -> list[str]:
    """The steps place by place; those alike in everything are left out."""
    lines = []
    for number, (was, now) in enumerate(zip_longest(one.steps, other.steps), 1):
        told = [f"{step.key}, {step.duration}" if step else _("none") for step in (was, now)]
        if told[0] != told[1]:
            lines.append(f"{_number(number)}  {told[0]} -> {told[1]}")
    if one.step_of != other.step_of:
        told = [_list(guide.step_of) for guide in (one, other)]
        lines.append(_("steps  what six-step calls 1 to 6: {was} -> {now}").format(was=told[0], now=told[1]))
    return lines


def _statuses(one: Guide, other: Guide) -> list[str]:
    """The labels of Events Manager that one of the two does not know, or takes for another step."""
    labels = sorted({*one.statuses, *other.statuses})
    shown = [(label, *(_step_of(guide, label) for guide in (one, other))) for label in labels]
    return [
        _('status  "{label}": {was} -> {now}').format(label=label, was=was, now=now)
        for label, was, now in shown
        if one.statuses.get(label) != other.statuses.get(label)
    ]


def _step_of(guide: Guide, label: str) -> str:
    return _number(guide.step_of[guide.statuses[label] - 1]) if label in guide.statuses else _("unknown")


def _number(step: int) -> str:
    return _("step {n}").format(n=step)


def _period(guide: Guide) -> str:
    return _("{low} to {high} days").format(low=guide.learning_days[0], high=guide.learning_days[1])


def _list(steps: Iterable[int]) -> str:
    return ", ".join(map(str, steps))


def explanation(rule: Rule, book: Rulebook) -> str:
    """Everything a rule's file says, for people."""
    parts = [
        f"{rule.code} {rule.title}",
        " · ".join(
            (
                vocabulary.severities()[rule.severity],
                _("guide {key}").format(key=book.guide.key),
                acts(rule.acts),
                _("channel {channels}").format(channels=", ".join(rule.channels)),
            )
        ),
        _part(_("Broken"), _("{reason}; nobody is judged by it").format(reason=rule.broken) if rule.broken else ""),
        _part(_("A rule of your own"), rule.path if rule.custom else ""),
        _part(_("Why"), rule.why),
        _part(_("What to do"), rule.fix),
        _part(_("How long it takes"), rule.takes),
        _part(_("What to do in your CRM"), "\n".join(numbers.labelled(crm, what) for crm, what in rule.crm.items())),
        _part(_("While it cannot be told"), rule.wait),
        _part(_("Source"), rule.source),
        _part(_("Needs"), ", ".join(vocabulary.inputs().get(need, need) for need in rule.needs)),
        _part(_("Judges"), judged_field(rule)),
        _part(_("Thresholds"), "\n".join(_sourced(rule))),
        _part(_("Wrong"), rule.bad or ""),
        _part(_("Right"), rule.good or ""),
        _part(_("Rows at fault"), rows_command(rule)),
        _part(_("Boundaries"), "\n".join(f"{case.expect['status']:<13} {case.name}" for case in rule.cases)),
        _part(_("SQL ({file})").format(file=rule.path), rule.sql),
        _part(_("SQL of the rows at fault"), rule.extract_sql or ""),
    ]
    return "\n\n".join(part for part in parts if part)


def rows_command(rule: Rule) -> str:
    """The command that lists what is behind a finding; nothing where that is no row of a log."""
    return f"funnelcheck rows {rule.code} --advertiser NAME" if rule.about_events or rule.extract_sql else ""


def judged_field(rule: Rule) -> str:
    """What of the payload a rule is about, and where it is therefore not judged."""
    if not rule.field:
        return ""
    return _("{field} of the payload; not in a table without that column").format(field=rule.field)


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
    if not rule.custom:
        return []
    told = _("broken, of your own: {file}") if rule.broken else _("of your own: {file}")
    return [told.format(file=rule.path)]


def _part(title: str, text: str) -> str:
    return f"{title}\n{_indented(text)}" if text else ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
