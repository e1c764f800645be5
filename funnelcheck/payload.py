"""What validate says of payloads before they are sent: files, and what is at fault in them; frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from funnelcheck.model import Actor, Severity, Status

CHANNEL = "payload"  # what findings about files have in place of an advertiser's channel


@dataclass(frozen=True, slots=True)
class PayloadFinding:
    """One rule that one event, or one request, of a file breaks or only just keeps.

    `pointer` is an RFC 6901 pointer to what is at fault, or to where what is missing belongs; it walks on through
    texts that hold JSON. `line` and `column` (from 1, in characters) are the nearest place of the file.
    """

    code: str
    severity: Severity
    status: Status  # fail or warn
    title: str
    message: str
    fix: str
    acts: Actor
    path: str
    pointer: str
    line: int
    column: int
    fingerprint: str
    subject: str  # the pointer, before it the record's number where a file holds several
    event: int | None = None  # index in the request's data; None: it is about the request
    event_name: str | None = None
    example: str | None = None  # JSON: what stands there, put right
    example_is_general: bool = False  # nobody can tell what should stand there: the example is the rule's own
    rule_file: str | None = None  # of a rule of the user's own

    @property
    def advertiser_id(self) -> str:
        """What a baseline calls the owner of a finding: here the file."""
        return self.path

    @property
    def channel(self) -> str:
        """What tells these from the findings about an advertiser."""
        return CHANNEL


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place of a file that holds no payload: what is wrong with it, and what was probably meant."""

    path: str
    line: int | None  # None: it is about the file as a whole
    column: int | None
    reason: str
    hint: str | None = None

    @property
    def why(self) -> str:
        """The reason, and what was probably meant."""
        return f"{self.reason}; {self.hint}" if self.hint else self.reason

    @property
    def told(self) -> str:
        """lead.json:7:5: this is not JSON: a comment; JSON has no comments; take it away"""
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{where}: {self.why}"


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """One file: how many requests and events it holds, of which recipe (words: number of events), and the findings."""

    path: str
    requests: int
    events: int
    findings: tuple[PayloadFinding, ...] = ()
    recipes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validation:
    """What came of all files, as of the time of sending (Unix seconds)."""

    version: str
    guide: str
    as_of: int
    files: tuple[PayloadFile, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[PayloadFinding, ...]:
        """Of all files, in their order."""
        return tuple(finding for file in self.files for finding in file.findings)
