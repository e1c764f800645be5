"""What came of a repair: events that are ready to be sent again, those that are lost, and counts that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the logs an event stands, and whose it is; `position` from 0, None for a record that holds no event."""

    path: str
    line: int
    position: int | None
    advertiser_id: str | None = None
    dataset_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """An event as it can be sent, until `deadline` (Unix seconds, included)."""

    origin: Origin
    agent: str | None  # what its request is to name
    event: dict[str, Any]
    deadline: int
    codes: tuple[str, ...]  # of the rules that were mended
    why: tuple[str, ...]  # what was changed; empty: nothing, Meta refused it together with others
    doubts: tuple[str, ...]  # why it may be better not to send it


@dataclass(frozen=True, slots=True)
class Lost:
    """An event, or a record that could not be read, that is not to be sent, and why."""

    origin: Origin
    codes: tuple[str, ...]
    why: tuple[str, ...]
    event_name: str | None = None
    event_time: int | None = None
    lead_id: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """One request to send: `{"data": [...], "partner_agent": ...}` for one dataset."""

    name: str
    advertiser_id: str
    dataset_id: str | None
    agent: str | None
    events: tuple[Ready, ...]
    is_doubtful: bool

    @property
    def deadline(self) -> int:
        """Until when all of it can be sent."""
        return min(one.deadline for one in self.events)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all events: read = right + later + test + copies + repeated + ready + lost."""

    as_of: int
    salt: str
    bodies: tuple[Body, ...]
    lost: tuple[Lost, ...]  # events
    unreadable: tuple[Lost, ...]  # records
    right: int  # accepted and valid
    later: int  # sent after as_of
    test: int  # of test leads
    copies: int  # sent right elsewhere in the log, or repaired once already
    repeated: int  # in a record that another file had brought
    refusals: tuple[tuple[str, int], ...] = ()  # what Meta said of how many events, the most frequent first
    problems: tuple[str, ...] = ()  # files that could not be read
    hints: tuple[str, ...] = ()

    @property
    def ready(self) -> Sequence[Ready]:
        """All events that can be sent, in the order of the bodies."""
        return [one for body in self.bodies for one in body.events]

    @property
    def read(self) -> int:
        """Events in the logs."""
        kept = self.right + self.later + self.test + self.copies + self.repeated
        return kept + len(self.ready) + len(self.lost)
