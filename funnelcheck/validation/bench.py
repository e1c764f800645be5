"""A record with faults looked at closely: the place of each, and what would be right there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from funnelcheck.findings import fingerprint
from funnelcheck.language import _
from funnelcheck.masking import without_ids
from funnelcheck.mending import Change, Loss, Mended, mend
from funnelcheck.model import Severity, Status
from funnelcheck.payload import CHANNEL, PayloadFinding
from funnelcheck.validation import examples
from funnelcheck.validation.judging import Fault
from funnelcheck.validation.names import misnamed
from funnelcheck.validation.records import Record, Text
from funnelcheck.validation.trail import Trail, holds


def renamed(message: str, wrong: tuple[str, str]) -> str:
    """A message with the name that is probably the reason, and what it should be."""
    told = _("{message}; “{found}” should be called “{right}”")
    return told.format(message=message, found=wrong[0], right=wrong[1])


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its record a rule points, and where the event is that it is about (None: it is about no single one)."""

    pointer: str
    event: str | None


def told(
    text: Text, record: Record, fault: Fault, place: Place, *, message: str, own: str | None, general: str | None
) -> PayloadFinding:
    """A fault as a finding of its file; `own` and `general`: what would be right, of this event or of any."""
    rule = fault.rule
    pointer = record.pointer_of(place.pointer)
    line, column = record.document.place(pointer)
    while without_ids(pointer) != pointer:  # an address or a number stands in place of a key
        pointer = pointer.rpartition("/")[0]
    subject = pointer if text.is_one_value else f"{record.document.number + 1}:{pointer}"
    if fault.event is not None and (place.event is None or not place.pointer.startswith(place.event)):
        subject += f" of event {fault.event}"  # several events may share what their request says
    return PayloadFinding(
        code=rule.code,
        severity=rule.severity,
        status=Status.FAIL if fault.level == 2 and rule.severity is Severity.REQUIRED else Status.WARN,
        title=rule.title,
        message=message,
        fix=rule.fix,
        acts=rule.acts,
        path=text.name,
        pointer=pointer,
        line=line,
        column=column,
        fingerprint=fingerprint(rule.code, text.name, CHANNEL, subject),
        subject=subject,
        event=fault.event,
        event_name=fault.event_name,
        example=own or general,
        example_is_general=own is None and general is not None,
    )


@dataclass
class Bench:
    """One record looked at closely: where its events are, and each as it should be."""

    record: Record
    way: Trail
    lead_id_required: bool
    mended: dict[int, Mended] = field(default_factory=dict)

    def finding(self, text: Text, fault: Fault) -> PayloadFinding:
        """A fault with its place and what would be right there."""
        # SQL may read more events than Python finds in what is hardly JSON
        event = fault.event if fault.event is not None and fault.event < len(self.way.events) else None
        inner = self.pointer(fault, event)
        return told(
            text,
            self.record,
            fault,
            Place(inner, None if event is None else self.way.events[event][0]),
            message=self.message(fault, event),
            own=None if event is None else self.example(fault, event, inner),
            general=None if event is None else fault.rule.good,
        )

    def message(self, fault: Fault, event: int | None) -> str:
        """What is at fault, and the name that is probably the reason."""
        places = [place for place in fault.rule.at if not place.startswith("..")]
        wrong = None if event is None else misnamed(self.way.events[event][1], places)
        if wrong is None:
            return fault.message
        return renamed(fault.message, wrong)

    def pointer(self, fault: Fault, event: int | None) -> str:
        """Where in the record the rule points: at what is to be mended, else the first of its places there is."""
        if event is not None:
            base, value = self.way.events[event]
            mended = self.mend(event, fault.agent)
            found: list[Change | Loss] = [*mended.changes, *mended.losses]
            places = (one.pointer for one in found if one.code == fault.rule.code and one.pointer)
            inner = next((place for place in places if holds(value, place)), None)
            if inner is not None:
                return base + inner
        return self.way.first_of(fault.rule.at, self.record.value, event)

    def example(self, fault: Fault, event: int, pointer: str) -> str | None:
        """What would be right at a pointer into the record."""
        inner = pointer.removeprefix(self.way.events[event][0])
        return examples.example(fault.rule, inner, self.mend(event, fault.agent))

    def mend(self, event: int, agreed: str | None) -> Mended:
        """One event of the record put right, as far as it can be; `agreed`: the agent of its advertiser."""
        if event not in self.mended:
            value, body = self.way.events[event][1], self.way.body
            agent = body.get("partner_agent") if isinstance(body, Mapping) else None
            self.mended[event] = mend(
                value if isinstance(value, Mapping) else {},
                partner_agent=agreed,
                request_agent=agent if isinstance(agent, str) else None,
                lead_id_required=self.lead_id_required,
            )
        return self.mended[event]
