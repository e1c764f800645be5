"""Outputs that a CI, a code host or a spreadsheet reads: one module a format, each of one report.

`entries` makes the report from a run or from a validation; a module of a format has `render(report) -> str` and
nothing else to know. Another format is another module here, and its name in FORMATS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcheck.errors import UsageError

if TYPE_CHECKING:
    from funnelcheck.gate import Gate
    from funnelcheck.model import Rule
    from funnelcheck.payload import Validation
    from funnelcheck.render.ci.entries import Report
    from funnelcheck.reported import Run

FORMATS = ("text", "json", "junit", "sarif", "github", "gitlab", "markdown", "csv")
NEED_RULES = frozenset({"sarif"})  # formats that tell of rules, and not only of what they found
_DOCUMENTS = frozenset({"json", "junit", "sarif", "gitlab", "csv"})  # which a program reads as a whole
_HOME = "funnelcheck.toml"


@dataclass(frozen=True)
class Judged:
    """What a format is made from.

    `rules` are those of the rulebook; without them a format knows only the rules that have a finding. `compared`
    tells that the gate had a baseline. `home` is the file that code hosts show what has no file of its own at:
    the configuration's.
    """

    result: Run | Validation
    gate: Gate
    rules: Sequence[Rule] = ()
    compared: bool = False
    home: str = _HOME

    @cached_property
    def report(self) -> Report:
        """The entries of every format; made once, when the first asks for them."""
        from funnelcheck.render.ci.entries import report

        return report(self)


def outputs(given: Sequence[str], known: Sequence[str] = FORMATS) -> list[tuple[str, Path | None]]:
    """FORMAT or FORMAT=FILE -> format and file (None: standard output); UsageError names the formats there are."""
    found = [_output(entry, known) for entry in given or ("text",)]
    files = [path for _, path in found if path is not None]
    for path in files:
        if files.count(path) > 1:
            raise UsageError(f"--format: {path} is named for two outputs; give each a file of its own")
    shown = [name for name, path in found if path is None]
    if len(shown) > 1 and (alone := [name for name in shown if name in _DOCUMENTS]):
        raise UsageError(
            f"--format {alone[0]}: no program can read it beside another format on standard output; "
            f"give it a file: --format {alone[0]}=FILE"
        )
    return found


def rendered(name: str, judged: Judged) -> str:
    """One format's text, in the present language."""
    if name in ("text", "json"):
        return _own(name, judged)
    told: str = import_module(f"funnelcheck.render.ci.{name}").render(judged.report)
    return told


def summary(judged: Judged, room: int) -> str:
    """What a job's page shows, as Markdown of at most `room` bytes."""
    from funnelcheck.render.ci.markdown import render

    return render(judged.report, room)


def _output(entry: str, known: Sequence[str]) -> tuple[str, Path | None]:
    name, sign, path = entry.partition("=")
    if name not in known:
        from funnelcheck.config import nearest

        raise UsageError(f"--format {entry}: there is no such format{nearest(name.lower(), known)}")
    if sign and not path:
        raise UsageError(f"--format {entry}: name a file behind the =, or leave the = out for standard output")
    return name, Path(path) if sign else None


def _own(name: str, judged: Judged) -> str:
    """The two formats that tell more than entries."""
    from funnelcheck.payload import Validation

    result = judged.result
    if not isinstance(result, Validation):
        told: str = import_module(f"funnelcheck.render.{name}").render(result)
        return told
    if name == "json":
        from funnelcheck.render import payload_json

        return payload_json.render(result)
    from funnelcheck.render import payload_text

    return payload_text.render(result, frozenset(one.fingerprint for one in judged.gate.known))
