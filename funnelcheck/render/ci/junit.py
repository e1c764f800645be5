"""JUnit's XML, which every CI shows as tests: a suite an advertiser or file, a test a rule or finding.

What makes the exit code 1 is a failure, what could not be read an error; what does not count for the gate is skipped
and says why. A rule that only warns passes and tells it in its output.
"""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.model import Status
from funnelcheck.render import vocabulary
from funnelcheck.render.changes import row_name
from funnelcheck.render.ci.entries import Entry, Place, Report, Section, Trouble

_NAME = 200
_NO_TIME = "0.000"
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}  # attribute -> element


def render(report: Report) -> str:
    """The suites with their counts; as time of day the report's as_of, as duration nothing."""
    top = Element("testsuites", name="funnelcheck")
    for section in report.sections:
        _fill(top, _name(section), section, _of(report.troubles, section), report.as_of)
    known = {section.owner for section in report.sections}
    for trouble in report.troubles:
        if trouble.owner not in known:
            _fill(top, trouble.owner or "funnelcheck", None, (trouble,), report.as_of)
    _count(top)
    indent(top, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(top, encoding="unicode")}\n'


def _of(troubles: tuple[Trouble, ...], section: Section) -> tuple[Trouble, ...]:
    return tuple(trouble for trouble in troubles if trouble.owner and trouble.owner == section.owner)


def _name(section: Section) -> str:
    return section.owner if section.path is not None else row_name((section.owner, section.channel), _NAME)


def _fill(top: Element, name: str, section: Section | None, troubles: tuple[Trouble, ...], as_of: int) -> None:
    suite = SubElement(top, "testsuite", name=name)
    for trouble in troubles:
        _trouble(suite, name, trouble)
    for entry in section.entries if section else ():
        _test(suite, name, entry)
    if section is not None and not len(suite):
        place = None if section.path is None else Place(section.path, 1)
        _case(suite, name, _("nothing to mend"), place)
    _count(suite)
    suite.set("timestamp", datetime.fromtimestamp(as_of, UTC).isoformat())


def _test(suite: Element, classname: str, entry: Entry) -> None:
    name = f"{entry.code} {entry.title}" if entry.place is None else f"{entry.code} {entry.subject or entry.title}"
    test = _case(suite, classname, name, entry.place)
    if entry.failing:
        SubElement(test, "failure", message=entry.message, type=str(entry.severity)).text = _told(entry)
    elif reason := _why_skipped(entry):
        SubElement(test, "skipped", message=numbers.labelled(reason, entry.message), type=str(entry.status))
    elif entry.status is Status.WARN:
        SubElement(test, "system-out").text = _told(entry)


def _why_skipped(entry: Entry) -> str:
    """Why what does not pass is no failure; nothing for what passes or only warns."""
    if entry.status is Status.PASS:
        return ""
    if entry.known:
        return _("known to the baseline")
    if entry.status is Status.WARN:
        return ""
    if entry.status is Status.WAIVED and entry.waiver is not None:
        return numbers.visible(
            _("waived by {who} until {day}, {reason}").format(
                who=entry.waiver.by, day=numbers.date(entry.waiver.until), reason=entry.waiver.reason
            )
        )
    if entry.status is Status.FAIL:
        return _("does not count for the gate")
    return vocabulary.statuses()[entry.status]


def _told(entry: Entry) -> str:
    lines = [entry.message, numbers.labelled(_("What to do"), entry.fix)]
    lines.append(numbers.labelled(_("Who"), vocabulary.actors()[entry.acts]))
    if entry.place is not None:
        lines.insert(0, f"{entry.owner}:{entry.place.line}:{entry.place.column or 1}  {entry.place.pointer}")
    return "\n".join(lines)


def _trouble(suite: Element, classname: str, trouble: Trouble) -> None:
    line = f" {trouble.place.line}" if trouble.place else ""
    name = _("can be read") + line if trouble.owner else _("a rule of your own can be judged by")
    test = _case(suite, classname, name, trouble.place)
    SubElement(test, "error", message=trouble.message).text = "\n".join(filter(None, (trouble.message, trouble.hint)))


def _case(suite: Element, classname: str, name: str, place: Place | None) -> Element:
    test = SubElement(suite, "testcase", classname=classname, name=name, time=_NO_TIME)
    if place is not None:
        test.set("file", numbers.visible(place.path))
        test.set("line", str(place.line))
    return test


def _count(parent: Element) -> None:
    """Put the numbers of tests below into the attributes that viewers read."""
    for name, element in _COUNTED.items():
        parent.set(name, str(sum(1 for __ in parent.iter(element))))
    parent.set("tests", str(sum(1 for __ in parent.iter("testcase"))))
    parent.set("time", _NO_TIME)
