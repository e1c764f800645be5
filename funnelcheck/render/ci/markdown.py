"""A summary for a pull request or a job's page: what became of whom, what blocks, what to do, who does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.render import vocabulary
from funnelcheck.render.changes import row_name, status_word, verdicts_told
from funnelcheck.render.ci.entries import Entry, Report, Section, Trouble
from funnelcheck.render.markup import plain
from funnelcheck.reported import Verdict

_NAME = 60
_TAIL = 200  # bytes for what tells that rows are left out


def render(report: Report, room: int | None = None) -> str:
    """All of it, or as many whole lines as `room` bytes hold and how many more rows there are."""
    lines = list(_lines(report))
    return "".join(f"{line}\n" for line in (lines if room is None else _cut(lines, room)))


def _lines(report: Report) -> Iterator[str]:
    yield f"# {plain(_heading(report))}"
    yield ""
    yield _outcome(report)
    yield from _troubles(report)
    if report.sections:
        yield ""
        yield from _overview(report)
    for section in report.sections:
        if section.findings:
            yield from _section(section, report)
    if report.fixed:
        yield from _fixed(report)
    yield from (f"\n> {plain(hint)}" for hint in report.hints)


def _heading(report: Report) -> str:
    return _("{what} as of {instant}, guide {guide}: {totals}").format(
        what=_whom(report),
        instant=numbers.instant(report.as_of),
        guide=report.guide,
        totals=_totals(report),
    )


def _whom(report: Report) -> str:
    if report.about_files:
        return numbers.count(len(report.sections), "file")
    return numbers.count(len({section.owner for section in report.sections}), "advertiser")


def _totals(report: Report) -> str:
    if report.about_files:
        return numbers.count(len(report.findings), "finding")
    others = [section.verdict for section in report.sections if section.channel != "app"]
    apps = [section.verdict for section in report.sections if section.channel == "app"]
    told = [_verdicts(others)] if others or not apps else []
    if apps:
        told.append(numbers.labelled(_("App Events"), _verdicts(apps)))
    return numbers.series(told)


def _verdicts(verdicts: Sequence[Verdict | None]) -> str:
    return ", ".join(verdicts_told(verdict, verdicts.count(verdict)) for verdict in Verdict)


def _outcome(report: Report) -> str:
    if report.failing:
        told = ngettext("The gate fails on {n} finding.", "The gate fails on {n} findings.", report.failing)
        return f"**{plain(told.format(n=numbers.count(report.failing)))}**"
    if report.troubles:
        return f"**{plain(_('Not everything could be judged.'))}**"
    return f"**{plain(_('The gate passes.'))}**"


def _troubles(report: Report) -> Iterator[str]:
    if report.troubles:
        yield from ("", f"## {plain(_('What could not be read'))}", "")
    for trouble in report.troubles:
        yield _row([_at(trouble), plain(trouble.told)], item=True)


def _at(trouble: Trouble) -> str:
    if not trouble.owner:
        return f"**{plain(_('A rule of your own'))}**"
    line = f":{trouble.place.line}" if trouble.place else ""
    return f"**{plain(trouble.owner + line)}**"


def _overview(report: Report) -> Iterator[str]:
    if report.about_files:
        yield from _head(_("File"), _("Requests"), _("Events"), _("To mend"), _("Fails the gate"))
    else:
        yield from _head(_("Advertiser"), _("Verdict"), _("Step"), _("To mend"), _("Fails the gate"))
    for section in report.sections:
        found = section.findings
        figures = [numbers.count(len(found)), numbers.count(sum(entry.failing for entry in found))]
        yield _row([*map(plain, (_name(section), *_told(section), *figures))])


def _told(section: Section) -> tuple[str, str]:
    """The two cells that differ between a file and an advertiser."""
    if section.verdict is None:
        return numbers.count(section.requests), numbers.count(section.events)
    step = numbers.nothing() if section.step is None else numbers.count(section.step)
    return vocabulary.verdicts()[section.verdict], step


def _name(section: Section) -> str:
    return section.owner if section.verdict is None else row_name((section.owner, section.channel), _NAME)


def _section(section: Section, report: Report) -> Iterator[str]:
    yield from ("", f"## {plain(_name(section))}", "")
    if section.summary:
        yield from (plain(section.summary), "")
    where = (_("Line"),) if report.about_files else ()
    yield from _head(_("Rule"), *where, _("What is wrong"), _("What to do"), _("Who"))
    yield from (_finding(entry) for entry in section.findings)


def _finding(entry: Entry) -> str:
    marks = [status_word(entry.status)]
    if entry.failing:
        marks.append(_("fails the gate"))
    elif entry.known:
        marks.append(_("known to the baseline"))
    rule = f"**{plain(entry.code)}** {plain(entry.title)} ({plain(', '.join(marks))})"
    where = () if entry.place is None else (plain(_place(entry)),)
    return _row([rule, *where, plain(entry.message), plain(entry.fix), plain(vocabulary.actors()[entry.acts])])


def _place(entry: Entry) -> str:
    place = entry.place
    return "" if place is None else f"{place.line}:{place.column or 1} {place.pointer or ''}".rstrip()


def _fixed(report: Report) -> Iterator[str]:
    yield from ("", f"## {plain(_('Fixed since the baseline'))}", "")
    for one in report.fixed:
        about = [numbers.named(one.advertiser_id, _NAME), one.subject or ""]
        yield _row([f"**{plain(one.code)}**", plain(" ".join(filter(None, about)))], item=True)


def _head(*titles: str) -> tuple[str, str]:
    return _row(map(plain, titles)), "|" + "---|" * len(titles)


def _row(cells: Iterable[str], *, item: bool = False) -> str:
    """A row of a table, or an item of a list."""
    return "- " + " ".join(cells) if item else "| " + " | ".join(cells) + " |"


def _cut(lines: list[str], room: int) -> Iterator[str]:
    """The first lines, and how many rows of tables and lists come behind them."""
    sizes = [len(line.encode("utf-8", "replace")) + 1 for line in lines]
    if sum(sizes) <= room:
        yield from lines
        return
    left, kept = room - _TAIL, 0
    for size in sizes:
        left -= size
        if left < 0:
            break
        kept += 1
    yield from lines[:kept]
    rest = sum(line.startswith(("| ", "- ")) for line in lines[kept:])
    if room >= _TAIL:
        yield from ("", plain(ngettext("{n} more row", "{n} more rows", rest).format(n=numbers.count(rest))))
