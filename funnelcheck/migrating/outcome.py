"""What came of a migration: events as the Conversions API takes them, those that are lost, and counts that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from funnelcheck.repairing.outcome import Lost, Origin

__all__ = ["Carried", "EventRow", "Lost", "MigratedBody", "Migration", "Origin", "ParameterRow"]


@dataclass(frozen=True, slots=True)
class Carried:
    """An App Event as an event of the Conversions API, which takes it until `deadline` (Unix seconds, included)."""

    origin: Origin  # its dataset_id is the id of the app
    app_event: str  # its name before
    event: dict[str, Any]
    deadline: int
    notes: tuple[str, ...]  # what of it was mended or left out
    is_taken: bool  # Meta has it, or may have it, from the App Events API


@dataclass(frozen=True, slots=True)
class MigratedBody:
    """One request: `{"data": [...]}` for the dataset that is linked to one app."""

    name: str
    advertiser_id: str
    app_id: str | None
    events: tuple[Carried, ...]
    is_taken: bool

    @property
    def deadline(self) -> int:
        """Until when Meta takes all of it."""
        return min(one.deadline for one in self.events)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One name of events of one app: what it becomes, how many events, and what a person has to decide."""

    advertiser_id: str
    app_id: str | None
    app_event: str
    becomes: str
    kind: str  # install, standard or own
    carried: int
    lost: int
    source: str | None  # who says so; None for an own name, which stays
    decide: str | None


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter of carried events: what it becomes (None: it is left out, and `why` says why)."""

    of: str  # event, request or ud
    parameter: str
    becomes: str | None
    events: int
    why: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Migration:
    """What came of all App Events: read = carried + lost + later + repeated."""

    as_of: int
    salt: str
    test_event_code: str | None
    bodies: tuple[MigratedBody, ...]
    lost: tuple[Lost, ...]
    unreadable: tuple[Lost, ...]  # records
    later: int  # sent after as_of
    repeated: int  # in a record that another file had brought
    others: int  # events of another kind in the logs, like those of a CRM
    events: tuple[EventRow, ...]
    parameters: tuple[ParameterRow, ...]
    without_id: int  # carried events that had no event_id and are no install
    problems: tuple[str, ...] = ()  # files that could not be read
    hints: tuple[str, ...] = ()

    @property
    def carried(self) -> Sequence[Carried]:
        """All events that can be sent, in the order of the bodies."""
        return [one for body in self.bodies for one in body.events]

    @property
    def taken(self) -> int:
        """Carried events that Meta has, or may have, already."""
        return sum(one.is_taken for one in self.carried)

    @property
    def read(self) -> int:
        """App Events in the logs; a request without readable events counts as one."""
        return len(self.carried) + len(self.lost) + self.later + self.repeated
