"""The Monday page as text and Markdown, and two runs' differences as text and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.render import changes, indented
from funnelcheck.render.changes import Group, Titles
from funnelcheck.render.json import change_document, head_document, since_document
from funnelcheck.render.markup import plain
from funnelcheck.reported import ChangeKind, KeptRun, Since

DIGEST, DIFF, RUNS = "funnelcheck/digest/1", "funnelcheck/diff/1", "funnelcheck/runs/1"
SHOWN = 20  # lines of a group


def heading(since: Since) -> str:
    """How many advertisers changed since when."""
    n, of_all = changes.changed(since), since.now.advertisers
    told = ngettext(
        "{n} of {all} advertisers has changed {since}.", "{n} of {all} advertisers have changed {since}.", n
    )
    return told.format(n=numbers.count(n), all=numbers.count(of_all), since=changes.since_told(since))


def first_run(head: KeptRun) -> str:
    """What is said where no earlier run is kept."""
    day = numbers.instant(head.as_of)
    return _("No run before that of {day} is kept, so nothing can be compared yet.").format(day=day)


def capped(group: Group, shown: int) -> str:
    """The title of a group, with how many of it are shown where not all are."""
    count = numbers.of(shown, len(group.lines)) or numbers.count(len(group.lines))
    return f"{group.title} ({count})"


def text(since: Since, titles: Titles, shown: int = SHOWN) -> str:
    """For a terminal or a mail: totals, then one line an advertiser in each group."""
    lines = [
        _("As of {day}, guide {guide}").format(day=numbers.instant(since.now.as_of), guide=since.now.guide),
        heading(since),
        numbers.series(_total(total) for total in changes.totals(since)),
        *changes.settings_told(since),
    ]
    for group in changes.groups(since, titles):
        lines += ["", capped(group, shown)]
        lines += [f"  {numbers.labelled(line.name, line.told)}" for line in group.lines[:shown]]
    return "\n".join(numbers.visible(line) for line in lines) + "\n"


def markdown(since: Since, titles: Titles, shown: int = SHOWN) -> str:
    """The same for a chat, a wiki or a job's summary; foreign text cannot mark anything up."""
    lines = [
        f"# {plain(heading(since))}",
        "",
        plain(numbers.series(_total(total) for total in changes.totals(since))),
        *(f"\n> {plain(sentence)}" for sentence in changes.settings_told(since)),
    ]
    for group in changes.groups(since, titles):
        lines += ["", f"## {plain(capped(group, shown))}", ""]
        lines += [f"- **{plain(line.name)}**: {plain(line.told)}" for line in group.lines[:shown]]
    return "\n".join(lines) + "\n"


def _total(total: changes.Total) -> str:
    change = f" ({total.change})" if total.change else ""
    return f"{total.label} {numbers.count(total.figure)}{change}"


def as_json(since: Since, titles: Titles) -> str:
    """The Monday page with every line of every group."""
    document = {"schema": DIGEST, **since_document(since)} | {
        "groups": [_group(group) for group in changes.groups(since, titles)]
    }
    return indented.text(document)


def first_json(head: KeptRun) -> str:
    """The Monday page where no earlier run is kept."""
    return indented.text({"schema": DIGEST, "from": None, "to": head_document(head), "groups": []})


def _group(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "lines": [
            {
                "advertiser_id": line.advertiser_id,
                "channel": line.channel,
                "message": line.told,
                "changes": [change_document(change) for change in line.changes],
            }
            for line in group.lines
        ],
    }


def diff_text(since: Since, titles: Titles) -> str:
    """Every change, the advertisers one after the other."""
    first, second = (f"{_run(head)}" for head in (since.was, since.now))
    lines = [_("{first} -> {second}").format(first=first, second=second), *changes.settings_told(since)]
    if not since.changes:
        lines.append(_("Nothing has changed for any advertiser."))
    for change in sorted(since.changes, key=lambda one: (one.advertiser_id, one.channel)):
        doubt = _(" (not comparable)") if change.doubtful else ""
        name = changes.row_name((change.advertiser_id, change.channel), changes.NAME)
        told = changes.told(change, titles)
        if change.kind not in _SAY_THEMSELVES:
            told = numbers.labelled(changes.kind_word(change.kind), told)
        lines.append(f"{name}  {told}{doubt}")
    return "\n".join(numbers.visible(line) for line in lines) + "\n"


_SAY_THEMSELVES = (ChangeKind.APPEARED, ChangeKind.DISAPPEARED)


def _run(head: KeptRun) -> str:
    places = {"number": head.number, "day": numbers.instant(head.as_of), "guide": head.guide}
    return _("run {number} of {day}, guide {guide}").format(**places)


def diff_json(since: Since) -> str:
    """Every change as plain values."""
    document = {"schema": DIFF, **since_document(since)}
    return indented.text(document | {"changes": [change_document(change) for change in since.changes]})


def runs_text(heads: Sequence[KeptRun]) -> str:
    """The kept runs, the newest first: number, instant, guide, totals."""
    if not heads:
        return _("No run is kept in this store yet.") + "\n"
    return "".join(_run_line(head) for head in reversed(heads))


def _run_line(head: KeptRun) -> str:
    told = [_counts(head.verdicts)] if head.verdicts or not head.app_verdicts else []
    if head.app_verdicts:
        told.append(numbers.labelled(_("App Events"), _counts(head.app_verdicts)))
    return f"{head.number:>4}  {numbers.instant(head.as_of)}  {head.guide:<9}  {numbers.series(told)}\n"


def _counts(verdicts: Mapping[str, int]) -> str:
    return ", ".join(changes.verdicts_told(key, verdicts.get(key, 0)) for key in _VERDICTS)


_VERDICTS = ("ready", "undecided", "not_ready")


def runs_json(heads: Sequence[KeptRun]) -> str:
    """The kept runs, the oldest first."""
    return indented.text({"schema": RUNS, "runs": [head_document(head) for head in heads]})
