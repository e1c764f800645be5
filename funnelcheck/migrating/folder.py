"""The folder of a migration: bodies, the tables of names, what is lost, and what a person has to decide."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from funnelcheck.migrating.bodies import text
from funnelcheck.migrating.mapping import names
from funnelcheck.migrating.outcome import Carried, EventRow, Lost, MigratedBody, Migration, ParameterRow
from funnelcheck.numbers import count, instant, named, visible
from funnelcheck.outbox import BODIES, Outbox, shown
from funnelcheck.render.json import instant as machine_instant

OUTBOX = Outbox(
    "migration",
    "App Events as events of the Conversions API, written by funnelcheck migrate-app-events.",
    ("manifest", "names", "parameters", "lost"),
)
_MANIFEST = (
    "body place deadline taken advertiser_id app_id file line position app_event event_name event_time notes"
).split()
_NAMES = "advertiser_id app_id app_event becomes kind carried lost source decide".split()
_PARAMETERS = "of parameter becomes events why source".split()
_LOST = "file line position reason advertiser_id app_id app_event event_time".split()
_MOST = 8  # names and reasons of the summary
_LONGEST = 60


def write(migration: Migration, out: Path, *, show_ids: bool) -> None:
    """Write everything anew, whole or not at all; OutputError if it cannot. An earlier migration is replaced."""
    salt = None if show_ids else migration.salt
    manifest = [
        _manifest_row(body, place, one, salt) for body in migration.bodies for place, one in enumerate(body.events)
    ]
    OUTBOX.write(
        out,
        {body.name: text(body, migration.test_event_code) for body in migration.bodies},
        {
            "manifest": (manifest, _MANIFEST),
            "names": ([name_row(row, salt) for row in migration.events], _NAMES),
            "parameters": ([parameter_row(row, salt) for row in migration.parameters], _PARAMETERS),
            "lost": ([_lost_row(one, salt) for one in (*migration.lost, *migration.unreadable)], _LOST),
        },
        [*summary(migration), "", *_what_to_do(migration)],
    )


def _manifest_row(body: MigratedBody, place: int, one: Carried, salt: str | None) -> dict[str, Any]:
    origin = one.origin
    return {
        "body": f"{BODIES}/{body.name}",
        "place": place,
        "deadline": machine_instant(one.deadline),
        "taken": "yes" if one.is_taken else "no",
        "advertiser_id": origin.advertiser_id,
        "app_id": origin.dataset_id,
        "file": origin.path,
        "line": origin.line,
        "position": origin.position,
        "app_event": _name(one.app_event, salt),
        "event_name": _name(one.event["event_name"], salt),
        "event_time": one.event["event_time"],
        "notes": "; ".join(shown(note, salt) or "" for note in one.notes),
    }


def name_row(row: EventRow, salt: str | None) -> dict[str, Any]:
    """A name of events, fit to be shown."""
    return {
        "advertiser_id": row.advertiser_id,
        "app_id": row.app_id,
        "app_event": _name(row.app_event, salt),
        "becomes": _name(row.becomes, salt),
        "kind": row.kind,
        "carried": row.carried,
        "lost": row.lost,
        "source": _source(row.source),
        "decide": row.decide,
    }


def parameter_row(row: ParameterRow, salt: str | None) -> dict[str, Any]:
    """A parameter, fit to be shown."""
    return {
        "of": row.of,
        "parameter": _name(row.parameter, salt),
        "becomes": _name(row.becomes, salt) if row.becomes else "",
        "events": row.events,
        "why": shown(row.why, salt),
        "source": _source(row.source),
    }


def _source(key: str | None) -> str | None:
    return None if key is None else names().sources[key]


def _lost_row(one: Lost, salt: str | None) -> dict[str, Any]:
    origin = one.origin
    return {
        "file": origin.path,
        "line": origin.line,
        "position": origin.position,
        "reason": "; ".join(shown(why, salt) or "" for why in one.why),
        "advertiser_id": origin.advertiser_id,
        "app_id": origin.dataset_id,
        "app_event": _name(one.event_name, salt) if one.event_name else None,
        "event_time": one.event_time,
    }


def _name(name: str, salt: str | None) -> str:
    """A name from a log, cut and without ids."""
    return named(shown(name[:1000], salt) or "", 100)


def summary(migration: Migration) -> list[str]:
    """What became of every event, in figures that add up, and the names that matter most."""
    parts = [
        f"{len(migration.carried):,} carried over",
        f"{len(migration.lost):,} lost",
        *(
            f"{number:,} {what}"
            for number, what in (
                (migration.repeated, "in records that came twice"),
                (migration.later, "sent after that time"),
            )
            if number
        ),
    ]
    lines = [f"{count(migration.read, 'App Event')} read = {' + '.join(parts)}"]
    if migration.carried:
        lines.append(
            f"Carried over: {count(len(migration.bodies), 'request')}; Meta has, or may have, {migration.taken:,} of "
            f"them already, {len(migration.carried) - migration.taken:,} it refused."
        )
    if migration.unreadable:
        lines.append(f"{count(len(migration.unreadable), 'record')} could not be read as events at all.")
    if migration.others:
        lines.append(f"{count(migration.others, 'event')} of another kind left alone.")
    return [*lines, *_names_told(migration), *_reasons(migration), *_left_out(migration)]


def _names_told(migration: Migration) -> list[str]:
    """Which names become what, over all apps."""
    found: Counter[tuple[str, str]] = Counter()
    for row in migration.events:
        if row.kind != "none":
            found[row.app_event, row.becomes] += row.carried + row.lost
    lines = [
        f"{_brief(before, migration)} {_becoming(before, after, migration)} ({number:,})"
        for (before, after), number in found.most_common(_MOST)
    ]
    if len(found) > _MOST:
        lines.append(f"({_MOST} of {len(found):,} names; names.csv has all)")
    return lines


def _becoming(before: str, after: str, migration: Migration) -> str:
    return "stays" if before == after else f"becomes {_brief(after, migration)}"


def _reasons(migration: Migration) -> list[str]:
    reasons = Counter(why for one in migration.lost for why in one.why)
    lines = [f"Lost, {number:,}: {_brief(why, migration, 200)}" for why, number in reasons.most_common(_MOST)]
    if len(reasons) > _MOST:
        lines.append(f"({_MOST} of {len(reasons):,} reasons; lost.csv tells all)")
    return lines


def _left_out(migration: Migration) -> list[str]:
    """Parameters that have no place, those with one reason together."""
    found: defaultdict[str, list[ParameterRow]] = defaultdict(list)
    for row in migration.parameters:
        if row.becomes is None:
            found[row.why or ""].append(row)
    lines = []
    for why, rows in sorted(found.items(), key=lambda one: -max(row.events for row in one[1]))[:_MOST]:
        told = ", ".join(_brief(row.parameter, migration) for row in rows[:_MOST])
        more = f" and {len(rows) - _MOST:,} more" if len(rows) > _MOST else ""
        lines.append(f"Left out: {told}{more}: {_brief(why, migration, 200)}")
    if len(found) > _MOST:
        lines.append(f"({_MOST} of {len(found):,} reasons; parameters.csv tells all)")
    return lines


def _brief(told: str, migration: Migration, length: int = _LONGEST) -> str:
    return named(shown(told[:1000], migration.salt) or "", length)


def decisions(migration: Migration) -> list[str]:
    """What a person has to decide before the change, as far as the logs show that it matters."""
    apps = len({row.app_id for row in migration.events})
    found = [
        f"Dataset: link {'each app' if apps > 1 else 'the app'} to a dataset in Events Manager before anything is "
        "sent. A dataset takes one app alone, and requests go to the dataset's id, not to the app's.",
    ]
    found += [
        f"{name}: {events:,} events cannot be carried over for its sake, as the Conversions API requires it. Have the "
        "app hand it to the server with every event."
        for name in ("extinfo", "advertiser_tracking_enabled")
        if (events := sum(any(why.startswith(name) for why in one.why) for one in migration.lost))
    ]
    if migration.taken:
        found.append(
            f"Double counting: Meta has, or may have, {migration.taken:,} of these events already. Post files named "
            "taken with a test code alone (--test-event-code), to see them under Test Events."
        )
    found.append(
        "Change: app and server may send beside each other only where both give the same event_id to the same event: "
        "Meta takes for one what has the same event_id and event_name within 48 hours. The app's name is another "
        "(fb_mobile_purchase, Purchase): try with a test event that Meta matches them. Else end the old sending the "
        "moment the new one begins."
    )
    if migration.without_id:
        found.append(
            f"event_id: {migration.without_id:,} of {len(migration.carried):,} events had none. One was made, the same "
            "at every run, but the app does not know it: have the app give one to every event."
        )
    if any(row.kind == "install" for row in migration.events):
        found.append("Installs: Meta keeps the first of a person within 90 days, whoever sends it.")
    if any(row.kind == "standard" and row.app_event != row.becomes for row in migration.events):
        found.append(
            "Names: see in Events Manager that audiences, rules and ad sets that use the old names go on with those "
            "of the dataset."
        )
    if any(row.kind == "own" for row in migration.events):
        found.append("Own events: names.csv lists them; nobody but you knows which are still wanted.")
    found.append(
        "Consent: advertiser_tracking_enabled and application_tracking_enabled are the person's choice. Have them read "
        "on the device for every event; a server must never set them."
    )
    return found


def _what_to_do(migration: Migration) -> Iterator[str]:
    yield f"Nothing was sent. What is here was written for the time {instant(migration.as_of)}."
    yield ""
    yield "To decide before the change:"
    yield from (f"- {line}" for line in decisions(migration))
    yield ""
    if migration.bodies:
        yield "Who builds the new integration (the partner) takes bodies/ as the pattern of what its server has to"
        yield "send, and posts them as JSON (Content-Type: application/json) to see under Test Events that Meta takes"
        yield "them. An event is refused from seven days after it happened on, and with it its whole request."
        yield from _about_test(migration)
        yield ""
        yield from (_line(body) for body in migration.bodies)
        yield ""
    yield "names.csv: which events become what, how many, by whose word, and what is to be decided for each."
    yield "parameters.csv: which parameters become what, and which are left out and why."
    yield "manifest.csv: what is in which body, from where, and what of it was mended."
    yield "lost.csv: what cannot be carried over, and why. Ids in these lists are masked unless --show-ids."
    yield "Each list is there as .jsonl too."
    yield "bodies/ holds ids of devices, addresses and hashed customer data as they must be sent; only you can read"
    yield "this folder. Delete it when it has served."


def _about_test(migration: Migration) -> Sequence[str]:
    if migration.test_event_code:
        return (f"All bodies hold the test code {migration.test_event_code}: Meta shows their events and counts none.",)
    return (
        "Without a test code Meta counts them: post for good only files that are not named taken, each once.",
        "--test-event-code CODE writes them for Test Events.",
    )


def _line(body: MigratedBody) -> str:
    app = (
        f"linked to app {visible(body.app_id)}" if body.app_id else "linked to the app, whose id the log does not name"
    )
    return (
        f"{BODIES}/{body.name}: {count(len(body.events), 'event')} of {visible(body.advertiser_id)}, POST "
        f"/{{id of the dataset {app}}}/events, by {instant(body.deadline)}"
    )
