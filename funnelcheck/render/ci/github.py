"""GitHub's workflow commands: annotations at lines of files, ten of a level at most, as GitHub shows no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from funnelcheck import numbers
from funnelcheck.language import ngettext
from funnelcheck.render.ci.entries import LEVELS, Entry, Level, Report

SHOWN = 10
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_LONGEST = 2_000
_LONGEST_TITLE = 200


def render(report: Report) -> str:
    """What is worst first; of a level with more than ten, how many more there are."""
    lines: list[str] = []
    for level in LEVELS:
        told = [*_troubles(report, level), *(_annotation(one) for one in _sorted(report) if one.level is level)]
        told = list(dict.fromkeys(told))  # what the events of a request share is told once
        lines += told[:SHOWN]
        if more := len(told) - SHOWN:
            lines += [_more(more)] if more > 0 else []
    return "".join(f"{line}\n" for line in lines)


def harmless(text: str) -> str:
    """Lines of another format on the same screen, none of which GitHub takes for a command."""
    return "\n".join(_no_command(line) for line in text.split("\n"))


def _sorted(report: Report) -> list[Entry]:
    return sorted(report.findings, key=lambda entry: not entry.failing)


def _annotation(entry: Entry) -> str:
    place = entry.place
    where = {} if place is None else {"file": place.path, "line": place.line, "col": place.column}
    title = numbers.cut(f"{entry.code} {entry.title}", _LONGEST_TITLE)
    return _command(_COMMANDS[entry.level], {**where, "title": title}, entry.told)


def _troubles(report: Report, level: Level) -> Iterator[str]:
    """What could not be read, as errors."""
    for trouble in report.troubles if level is Level.ERROR else ():
        place = trouble.place
        where = {} if place is None else {"file": place.path, "line": place.line, "col": place.column}
        yield _command("error", where, trouble.told)


def _command(name: str, properties: Mapping[str, object], message: str) -> str:
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name} {given}".rstrip() + f"::{_data(numbers.cut(message, _LONGEST))}"


def _data(text: str) -> str:
    told = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return numbers.visible(_no_old_command(told))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _more(n: int) -> str:
    told = ngettext("+ {n} more in the summary", "+ {n} more in the summary", n)
    return told.format(n=numbers.count(n))


def _no_command(line: str) -> str:
    stripped = line.lstrip()
    told = f"\u2060{line}" if stripped.startswith("::") else line
    return _no_old_command(told)


def _no_old_command(text: str) -> str:
    """GitHub's former commands begin with ##[ wherever that stands."""
    return text.replace("##[", "## [")
