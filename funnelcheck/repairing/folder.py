"""The folder of a repair: bodies to post, lists of what is in them and of what is lost, and what to do with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from funnelcheck.masking import hidden
from funnelcheck.numbers import count, instant, visible
from funnelcheck.outbox import BODIES, Outbox, shown, shown_id
from funnelcheck.render.json import instant as machine_instant
from funnelcheck.repairing.bodies import text
from funnelcheck.repairing.outcome import Body, Lost, Outcome, Ready

_OUTBOX = Outbox("repair", "Events to send again, written by funnelcheck repair.", ("manifest", "lost"))
_MANIFEST = (
    "body place deadline doubts advertiser_id dataset_id file line position event_name event_time lead_id codes mended"
).split()
_LOST = "file line position advertiser_id dataset_id event_name event_time lead_id codes why".split()
_MOST_REASONS = 8


def require_ours(out: Path, sources: Sequence[str] = ()) -> None:
    """UsageError when the folder holds anything but an earlier repair, or would be read as a log itself."""
    _OUTBOX.require_ours(out, sources)


def write(outcome: Outcome, out: Path, *, show_ids: bool) -> None:
    """Write everything anew, whole or not at all; only the owner of the folder can read it. OutputError if it cannot.

    An earlier repair is replaced, so that nobody posts its bodies.
    """
    salt = None if show_ids else outcome.salt
    ready = [_ready_row(body, place, one, salt) for body in outcome.bodies for place, one in enumerate(body.events)]
    lost = [_lost_row(one, salt) for one in (*outcome.lost, *outcome.unreadable)]
    _OUTBOX.write(
        out,
        {body.name: text(body) for body in outcome.bodies},
        {"manifest": (ready, _MANIFEST), "lost": (lost, _LOST)},
        [*summary(outcome), "", *_what_to_do(outcome)],
    )


def _ready_row(body: Body, place: int, one: Ready, salt: str | None) -> dict[str, Any]:
    event, origin = one.event, one.origin
    lead = event.get("user_data", {}).get("lead_id")
    return {
        "body": f"{BODIES}/{body.name}",
        "place": place,
        "deadline": machine_instant(one.deadline),
        "doubts": "; ".join(one.doubts),
        "advertiser_id": origin.advertiser_id,
        "dataset_id": origin.dataset_id,
        "file": origin.path,
        "line": origin.line,
        "position": origin.position,
        "event_name": shown(event["event_name"], salt),
        "event_time": event["event_time"],
        "lead_id": shown_id(None if lead is None else str(lead), salt),
        "codes": " ".join(one.codes),
        "mended": "; ".join(shown(why, salt) or "" for why in one.why),
    }


def _lost_row(one: Lost, salt: str | None) -> dict[str, Any]:
    origin = one.origin
    return {
        "file": origin.path,
        "line": origin.line,
        "position": origin.position,
        "advertiser_id": origin.advertiser_id,
        "dataset_id": origin.dataset_id,
        "event_name": shown(one.event_name, salt),
        "event_time": one.event_time,
        "lead_id": shown_id(one.lead_id, salt),
        "codes": " ".join(one.codes),
        "why": "; ".join(shown(why, salt) or "" for why in one.why),
    }


def summary(outcome: Outcome) -> list[str]:
    """What became of every event, in figures that add up, why Meta refused some, and why some are lost."""
    ready = outcome.ready
    parts = [
        f"{len(ready):,} to send again",
        f"{outcome.right:,} right already",
        f"{len(outcome.lost):,} lost",
        *(f"{number:,} {what}" for number, what in _others(outcome) if number),
    ]
    doubtful = sum(bool(one.doubts) for one in ready)
    mended = sum(bool(one.codes) for one in ready)
    lines = [
        f"{count(outcome.read, 'event')} read = {' + '.join(parts)}",
        f"To send again: {mended:,} mended, {len(ready) - mended:,} as they were; {doubtful:,} of them doubtful; "
        f"{count(len(outcome.bodies), 'request')}{_until(outcome)}.",
    ]
    if outcome.unreadable:
        lines.append(f"{count(len(outcome.unreadable), 'record')} could not be read as events at all.")
    lines += [
        f"Meta refused {count(events, 'event')} with: {hidden(visible(said), outcome.salt)}"
        for said, events in outcome.refusals[:_MOST_REASONS]
    ]
    return lines + _reasons(outcome)


def _others(outcome: Outcome) -> tuple[tuple[int, str], ...]:
    return (
        (outcome.copies, "sent right elsewhere, or copies"),
        (outcome.repeated, "in records that came twice"),
        (outcome.test, "of test leads"),
        (outcome.later, "sent after that time"),
    )


def _reasons(outcome: Outcome) -> list[str]:
    reasons = Counter(why for one in outcome.lost for why in one.why)
    lines = [f"Lost, {number:,}: {why}" for why, number in reasons.most_common(_MOST_REASONS)]
    if len(reasons) > _MOST_REASONS:
        lines.append(f"({_MOST_REASONS} of {len(reasons):,} reasons; lost.csv tells all)")
    codes = {code for one in outcome.lost for code in one.codes}
    if "EVT003" in codes:
        lines.append("--crm NAME names the CRM for the events that do not say it themselves.")
    if "EVT012" in codes:
        lines.append("--from-crm mends events of another recipe too, where you know that they come from the CRM.")
    if "EVT013" in codes:
        lines.append("partner_agent in the configuration says which of two agents is right.")
    return lines


def _until(outcome: Outcome) -> str:
    if not outcome.bodies:
        return ""
    return f"; the most urgent by {instant(min(body.deadline for body in outcome.bodies))}"


def _what_to_do(outcome: Outcome) -> Iterator[str]:
    yield "Nothing was sent. What is here was written for the time " + instant(outcome.as_of) + "."
    yield ""
    if outcome.bodies:
        yield "Who runs the integration (the partner) posts each file of bodies/, in the order of the names, as JSON"
        yield "(Content-Type: application/json), each to the dataset that it is for, with the usual access token, and"
        yield "logs the answer as usual. Post each once. An event is refused from seven days after it happened on, and"
        yield "with it its whole request: after the time given here, run funnelcheck repair anew on the newer logs."
        yield ""
        yield from (_line(body) for body in outcome.bodies)
        yield ""
        yield "Files named doubtful come last and hold few events: look at their reasons in manifest.csv before."
        yield "Meta takes for one what has the same event_name and event_id within 48 hours. An event_id that was there"
        yield "is kept; where there was none, repair gives one that is the same at every run."
        yield ""
    yield "manifest.csv and manifest.jsonl: what is in which body, from where, and what was mended by which rule."
    yield "lost.csv and lost.jsonl: what cannot be sent, and why. Ids in these lists are masked unless --show-ids."
    yield "bodies/ holds lead ids and hashed customer data as they must be sent; only you can read this folder."
    yield "Delete it when the bodies are posted."


def _line(body: Body) -> str:
    dataset = visible(body.dataset_id) if body.dataset_id else "{dataset id: the log names none}"
    return (
        f"{BODIES}/{body.name}: {count(len(body.events), 'event')} of {visible(body.advertiser_id)}, "
        f"POST /{dataset}/events, by {instant(body.deadline)}"
    )
