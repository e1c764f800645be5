"""The file of findings that a gate knows already: JSON with one entry a line, sorted, without date and place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from funnelcheck.errors import UsageError
from funnelcheck.findings import fingerprint
from funnelcheck.model import Finding, Severity, Status
from funnelcheck.numbers import harmless_json
from funnelcheck.payload import PayloadFinding
from funnelcheck.writing import replace_file, writing

DEFAULT_NAME = "funnelcheck-baseline.json"
SCHEMA = "funnelcheck/baseline/1"
_FAMILY, _, _EDITION = SCHEMA.rpartition("/")
_KEYS = ("fingerprint", "code", "advertiser_id", "channel", "subject", "severity", "status")
_OPEN = (Status.FAIL, Status.UNDECIDED, Status.NOT_EVALUABLE, Status.WARN)  # worst first
_REMEDY = "funnelcheck baseline write makes it anew"
_LIST = re.compile(r'"findings"\s*:\s*\[')  # inside a text its quotes would be escaped
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as it stood when the baseline was written."""

    fingerprint: str
    code: str
    advertiser_id: str
    channel: str
    subject: str | None
    severity: Severity
    status: Status

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What lists of entries are sorted by."""
        return (self.advertiser_id, self.channel, self.code, self.subject or "")


Baseline = Mapping[str, Entry]  # by fingerprint


def entry(finding: Finding | PayloadFinding) -> Entry:
    """What a baseline holds of a finding."""
    return Entry(**{key: getattr(finding, key) for key in _KEYS})


def text(findings: Iterable[Finding | PayloadFinding]) -> str:
    """The file that holds these findings, of equal ones the worst; their order does not matter."""
    entries: dict[str, Entry] = {}
    for one in sorted(map(entry, findings), key=lambda one: (one.place, _OPEN.index(one.status))):
        entries.setdefault(one.fingerprint, one)
    lines = [_line({key: getattr(one, key) for key in _KEYS}) for one in entries.values()]
    listed = "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n]" if lines else "[]"
    return f'{{"schema": "{SCHEMA}", "findings": {listed}}}\n'


def write(findings: Iterable[Finding | PayloadFinding], path: Path) -> None:
    """Write the file, or leave the one that is there as it is; OutputError, or UsageError when that is no baseline."""
    with writing(path):
        _refuse_foreign(path)
        replace_file(path, text(findings).encode("utf-8"))


def _refuse_foreign(path: Path) -> None:
    """UsageError when a file holds something else; a damaged baseline, as a merge leaves one, may be replaced."""
    held = path.read_bytes() if path.exists() else b""
    if held.strip() and f'"{_FAMILY}/'.encode() not in held:
        raise UsageError(f"{path}: holds something that is no baseline of ours; name another file with --out")


def read(path: Path) -> dict[str, Entry]:
    """The entries of a file by fingerprint; UsageError names file, line and a way out."""
    try:
        held = path.read_bytes()
    except OSError as error:
        hint = "; funnelcheck baseline write makes one" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"{path}: the baseline cannot be read ({error.strerror or error}){hint}") from error
    try:
        return _Reader(path, held.decode("utf-8-sig")).entries()
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: is no UTF-8 text; {_REMEDY}") from error


class _Reader:
    """Turns a text into entries and says on which line it is wrong."""

    def __init__(self, path: Path, held: str) -> None:
        self.path = path
        self.held = held

    def entries(self) -> dict[str, Entry]:
        self.head()
        found: dict[str, Entry] = {}
        for place, values in self.listed():
            one = self.entry(place, values)
            if one.fingerprint in found:
                self.fail(place, f"is there twice (fingerprint {one.fingerprint}); take one of them out")
            found[one.fingerprint] = one
        return found

    def head(self) -> None:
        try:
            document = json.loads(self.held)
        except json.JSONDecodeError as error:
            self.fail(error.pos, f"is not JSON ({error.msg}, column {error.colno}); {_REMEDY}")
        except (ValueError, RecursionError):
            self.fail(0, f"is no baseline of ours; {_REMEDY}")
        schema = document.get("schema") if isinstance(document, dict) else None
        family, _, edition = schema.rpartition("/") if isinstance(schema, str) else ("", "", "")
        if family != _FAMILY or not re.fullmatch(r"[0-9]{1,9}", edition):
            self.fail(0, f'is no baseline of ours (no "schema": "{SCHEMA}"); {_REMEDY}')
        place = self.held.index(self.key("schema"))
        if edition != _EDITION:
            self.fail(place, f"is {schema}, and this version reads {SCHEMA}; take the one that wrote it")
        for key in document:
            if key not in ("schema", "findings"):
                self.fail(max(0, self.held.find(json.dumps(key))), f"has a key that no baseline has: {key[:40]}")
        if not isinstance(document.get("findings"), list) or not _LIST.search(self.held):
            self.fail(place, f'has no list "findings"; {_REMEDY}')

    def key(self, name: str) -> str:
        return f'"{name}"' if f'"{name}"' in self.held else ""  # written with escapes: the first line will do

    def listed(self) -> Iterable[tuple[int, Any]]:
        """Every item of the list with its place in the text, which is JSON."""
        begun = _LIST.search(self.held)
        place = self.after_gap(begun.end() if begun else len(self.held))
        decoder = json.JSONDecoder()
        while self.held[place] != "]":
            values, end = decoder.raw_decode(self.held, place)
            yield place, values
            place = self.after_gap(end)

    def after_gap(self, place: int) -> int:
        gap = _GAP.match(self.held, place)
        return gap.end() if gap else place

    def entry(self, place: int, values: Any) -> Entry:
        if not isinstance(values, dict) or set(values) != set(_KEYS):
            self.fail(place, f"an entry has {', '.join(_KEYS)} and nothing else; {_REMEDY}")
        subject = values["subject"]
        texts = [values[key] for key in _KEYS if key != "subject"]
        if not all(isinstance(one, str) for one in texts) or not isinstance(subject, str | None):
            self.fail(place, f"an entry holds texts, and null for no subject; {_REMEDY}")
        if values["severity"] not in list(Severity):
            self.fail(place, f"severity must be one of {', '.join(Severity)}")
        if values["status"] not in _OPEN:
            self.fail(place, f"status must be one of {', '.join(_OPEN)}")
        if values["fingerprint"] != fingerprint(
            values["code"], values["advertiser_id"], values["channel"], subject
        ):  # else a reader of the file would take it for another finding than the one it lets pass
            self.fail(place, f"the fingerprint is not that of this code, advertiser, channel and subject; {_REMEDY}")
        return Entry(**values | {"severity": Severity(values["severity"]), "status": Status(values["status"])})

    def fail(self, place: int, what: str) -> NoReturn:
        line = self.held.count("\n", 0, place) + 1
        raise UsageError(f"{self.path}:{line}: {what}") from None


def _line(values: Mapping[str, Any]) -> str:
    return harmless_json(json.dumps(values, ensure_ascii=False))
