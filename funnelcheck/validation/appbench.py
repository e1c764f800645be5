"""An App Events request with faults looked at closely: the place of each, and what a right one looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from funnelcheck.payload import PayloadFinding
from funnelcheck.validation.apptrail import AppTrail, trail
from funnelcheck.validation.bench import Place, renamed, told
from funnelcheck.validation.judging import Fault
from funnelcheck.validation.names import misnamed
from funnelcheck.validation.places import token
from funnelcheck.validation.records import Record, Text


class AppBench:
    """One App Events request looked at closely."""

    def __init__(self, record: Record) -> None:
        self.record = record

    @cached_property
    def way(self) -> AppTrail:
        """Where its parameters and its events are."""
        return trail(self.record.value)

    def finding(self, text: Text, fault: Fault) -> PayloadFinding:
        """A fault with its place and an example of what is right there."""
        rule, events = fault.rule, self.way.events
        event = fault.event if fault.event is not None and fault.event < len(events) else None
        pointer = self.way.first_of(self.places(fault, event), event, in_record=not rule.about_events)
        base = None if event is None else events[event][0]
        return told(
            text,
            self.record,
            fault,
            Place(pointer, base),
            message=self.message(fault, event),
            own=None,
            general=rule.good,
        )

    def places(self, fault: Fault, event: int | None) -> tuple[str, ...]:
        """The rule's places, those first that what went wrong names: it may be about one parameter of several."""
        at = fault.rule.at
        said = set(re.findall(r"\w+", fault.message.removeprefix(fault.rule.title)))
        named = [place for place in at if place.rpartition("/")[2] in said]
        held = None if event is None else self.way.events[event][1]
        if isinstance(held, Mapping) and not any(place.startswith("..") for place in at):
            named += [token(key) for key in held if key.startswith("fb_") and key in said]
        return (*named, *at)

    def message(self, fault: Fault, event: int | None) -> str:
        """What is at fault, and the name that is probably the reason."""
        own = [place for place in fault.rule.at if not place.startswith("..")]
        asked = [place.removeprefix("..") for place in fault.rule.at if place.startswith("../")]
        wrong = None if event is None else misnamed(self.way.events[event][1], own)
        wrong = wrong or misnamed(self.way.values, asked)
        return fault.message if wrong is None else renamed(fault.message, wrong)
