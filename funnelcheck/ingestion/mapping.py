"""Which column of a table is what: by a [source.NAME] and its preset, else by the names that columns usually have."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import PurePath
from typing import Any

from funnelcheck import resources
from funnelcheck.config import Config, JoinConfig, SourceConfig, nearest
from funnelcheck.customer_data import HASHED
from funnelcheck.errors import ConfigError, InputError
from funnelcheck.ingestion.files import Source

_PAYLOAD = ("action_source", "event_source", "lead_event_source")
# The first name is the field's own and wins over the others; names are compared as `folded` gives them.
ALIASES: dict[str, tuple[str, ...]] = {
    "lead_id": (
        "lead_id", "leadgen_id", "meta_lead_id", "meta_lead_id_c", "facebook_lead_id", "fb_lead_id",
        "user_data.lead_id", "id",
    ),
    "event_name": (
        "event_name", "stage", "status", "lead_status", "lifecyclestage", "dealstage", "stagename", "newvalue",
        "status_id", "stage_id", "value", "stage_in_sales_process",
    ),
    "event_time": (
        "event_time", "createddate", "timestamp", "created_time", "created_at", "changed_at", "updated_at",
        "lastmodifieddate", "ts", "time_of_customer_event",
    ),
    "upload_time": ("upload_time", "sent_at", "logged_at", "timestamp", "ts"),
    "advertiser": ("advertiser_id", "advertiser", "account_id", "client_id", "tenant"),
    "dataset_id": ("dataset_id", "pixel_id"),
    "http_status": ("http_status", "response.status", "status"),
    "test_event_code": ("test_event_code",),
    "action_source": ("action_source",),
    "event_source": ("event_source", "custom_data.event_source"),
    "lead_event_source": ("lead_event_source", "custom_data.lead_event_source"),
    **{name: (name, f"user_data.{name}") for name in HASHED},
}  # fmt: skip
LEAD_ALIASES: dict[str, tuple[str, ...]] = {
    "lead_id": ALIASES["lead_id"],
    "created_time": ("created_time", "created_at", "lead_created", "created", "creation_time", "date_created"),
    "advertiser": ALIASES["advertiser"],
    "form_id": ("form_id",),
    "page_id": ("page_id",),
    "campaign_id": ("campaign_id",),
    "ad_id": ("ad_id", "adgroup_id"),
    "adset_id": ("adset_id",),
    "is_organic": ("is_organic",),
}
COUNT_ALIASES: dict[str, tuple[str, ...]] = {
    "day": ("day", "date", "reporting_starts"),
    "leads": ("leads", "lead_count", "count", "results"),
    "advertiser": ALIASES["advertiser"],
}
CALL_ALIASES: dict[str, tuple[str, ...]] = {
    "call_time": ("call_time", "time", "timestamp", "ts", "called_at", "created_at", "sent_at", "date"),
    "http_status": ("http_status", "status_code", "status", "response.status", "code"),
    "error_code": ("error_code", "error.code", "error", "response.error"),
    "error_subcode": ("error_subcode", "error.error_subcode"),
    "is_success": ("is_success", "success", "ok"),
}
# Of the names that exports of installs have the first that is there counts: many hold several times and ids.
INSTALL_ALIASES: dict[str, tuple[str, ...]] = {
    "install_time": (
        "install_time", "installed_at", "install_timestamp", "install_datetime", "install_date", "event_time",
        "event_timestamp", "conversion_time", "timestamp", "timestamp_iso", "created_at", "time", "date",
    ),
    "touch_time": (
        "touch_time", "attributed_touch_time", "last_attributed_touch_timestamp", "last_attributed_touch_timestamp_iso",
        "engagement_time",
    ),
    "click_time": ("click_time", "click_timestamp", "click_datetime", "clicked_at"),
    "view_time": ("view_time", "impression_time", "impression_timestamp", "impression_datetime", "viewed_at"),
    "touch_type": (
        "touch_type", "attributed_touch_type", "last_attributed_touch_type", "attribution_type", "engagement_type",
    ),
    "is_view_through": ("is_view_through", "view_through"),
    "attributed_to": (
        "attributed_to", "media_source", "network_name", "last_attributed_touch_data_tilde_advertising_partner_name",
        "~advertising_partner_name", "advertising_partner_name", "publisher_name", "ad_partner", "network",
        "tracker_name", "partner", "source",
    ),
    "window_days": ("window_days", "attribution_window", "attribution_lookback", "lookback_window", "window"),
    "campaign": ("campaign", "campaign_name", "last_attributed_touch_data_tilde_campaign", "~campaign", "campaign_id"),
    "app_id": ("app_id", "application_id", "bundle_id", "app_package_name", "package_name", "app"),
    "platform": ("platform", "os_name", "os", "user_data_os", "device_os", "store"),
    "advertising_id": (
        "advertising_id", "gaid", "aaid", "gps_adid", "google_aid", "user_data_aaid", "user_data.aaid", "adid",
    ),
    "idfa": ("idfa", "ios_ifa", "user_data_idfa", "user_data.idfa"),
    "event_name": ("event_name", "event", "activity_kind"),
    "advertiser": ALIASES["advertiser"],
}  # fmt: skip
INSTALLS = ("attributions", "mmp")  # the kinds of tables of attributed installs: Meta's, a measurement partner's
OUTCOMES = ("http_status", "error_code", "is_success")  # one of them says what came of a call
_ALIASES = {
    "events": ALIASES,
    "history": ALIASES,
    "leads": LEAD_ALIASES,
    "counts": COUNT_ALIASES,
    "calls": CALL_ALIASES,
    "attributions": INSTALL_ALIASES,
    "mmp": INSTALL_ALIASES,
}
_NEEDED = {
    "events": ("lead_id", "event_name", "event_time"),
    "history": ("lead_id", "event_name", "event_time"),
    "leads": ("lead_id", "created_time"),
    "counts": ("day", "leads"),
    "calls": ("call_time",),
    "attributions": ("install_time",),
    "mmp": ("install_time",),
}
_IN_WORDS = {
    "lead_id": "lead's id",
    "event_name": "stage",
    "event_time": "time of the stage",
    "created_time": "creation time",
    "day": "day",
    "leads": "number of leads",
    "call_time": "time of the call",
    "install_time": "time of the install",
}
_KINDS_IN_WORDS = {
    "events": "log",
    "history": "history",
    "leads": "lead list",
    "counts": "list of daily counts",
    "calls": "log of calls",
    "attributions": "table of Meta's attributed installs",
    "mmp": "export of a measurement partner",
}
_PERSONAL = re.compile(r"@|\d{6,}")  # in the first row of a table that has no header
TIMES = ("event_time", "upload_time", "created_time")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Which column (from 1) holds which field; `joined` likewise, in the table that is joined."""

    kind: str
    places: Mapping[str, int]
    joined: Mapping[str, int] = field(default_factory=dict)
    stages: tuple[tuple[int, str], ...] = ()
    where: tuple[tuple[int, tuple[str, ...]], ...] = ()
    join_on: int | None = None
    settings: SourceConfig | None = None  # None: by the columns' usual names

    @property
    def payload_fields(self) -> str:
        """The fields of a payload that the table has; empty when it has none that the payload rules need."""
        names = [name for name in ("event_name", "event_time", "lead_id", *_PAYLOAD) if name in self.places]
        if not set(names) & set(_PAYLOAD):
            return ""
        return " ".join([*names, "user_data"])


@dataclass(frozen=True, slots=True)
class Column:
    """What the values of one column look like; empty cells count for nothing."""

    values: int
    prefixed: int  # begin with l:
    outcomes: int  # are HTTP statuses


Probe = Callable[[int], Column]  # of a column, from 1


def folded(name: str) -> str:
    """A column's name as it is compared: lower case, blanks and dashes as one underscore, no quotes or braces."""
    return re.sub(r"[\s_-]+", "_", name.strip(" \t\ufeff\"'{}").casefold()).strip("_")


def chosen(config: Config, source: Source, kind: str, header: Sequence[str] | None) -> SourceConfig | None:
    """The [source.NAME] that a file is read by: one that names it, else one whose columns it has all.

    Without a header (JSON) only one that names the file. InputError when two fit.
    """
    settings = [complete(entry) for entry in config.sources.values()]
    named = [entry for entry in settings if any(_is_named(source, pattern) for pattern in entry.files)]
    fits = named or [
        entry
        for entry in settings
        if not entry.files and entry.kind in (None, kind) and header is not None and _has_columns(entry, header)
    ]
    if len(fits) > 1:
        names = " and ".join(f"[source.{entry.name}]" for entry in fits)
        raise InputError(f"{source.name}: {names} fit this file; name its files (files = …) in the one that is meant")
    return fits[0] if fits else None


def _is_named(source: Source, pattern: str) -> bool:
    path = PurePath(source.name)
    return any(fnmatch(name, pattern) for name in (source.name, path.name, source.location or source.name))


def _has_columns(settings: SourceConfig, header: Sequence[str]) -> bool:
    optional = _optional_stages(settings)
    wanted = [*settings.fields.values(), *settings.where, *(name for name in settings.stages if name not in optional)]
    wanted += [settings.join.on] if settings.join else []
    if optional and all(place_of(column, header) is None for column in settings.stages):
        return False
    return bool(wanted) and all(place_of(column, header) is not None for column in wanted)


def _optional_stages(settings: SourceConfig) -> Mapping[str, str]:
    """The stages of a preset: it names all that such an export may have, and a file has some of them."""
    stages: Mapping[str, str] = presets()[settings.preset].get("stages", {}) if settings.preset else {}
    return stages


def complete(settings: SourceConfig) -> SourceConfig:
    """The settings with what their preset says where they say nothing; ConfigError for an unknown preset."""
    if settings.preset is None:
        return settings
    known = presets()
    if settings.preset not in known:
        raise ConfigError(
            f"source.{settings.name}.preset: there is no preset {settings.preset!r}{nearest(settings.preset, known)}"
        )
    preset = known[settings.preset]
    join = preset.get("join")
    own = settings.join or (JoinConfig() if join and not settings.fields.get("lead_id") else None)
    if own is not None and join:
        own = replace(
            own,
            on=own.on or join.get("on", ""),
            key=own.key or join.get("key", ""),
            fields={key: join[key] for key in join if key not in ("on", "key")} | dict(own.fields),
        )
    given = {key: preset[key] for key in ("records", "each", "time_zone", "time_format") if key in preset}
    return replace(
        settings,
        kind=settings.kind or preset.get("kind"),
        fields=dict(preset.get("fields", {})) | dict(settings.fields),
        stages=dict(preset.get("stages", {})) | dict(settings.stages),
        where={key: tuple(value) for key, value in preset.get("where", {}).items()} | dict(settings.where),
        changes_only=settings.changes_only or preset.get("changes_only", False),
        join=own,
        **{key: getattr(settings, key) or value for key, value in given.items()},
    )


@cache
def presets() -> dict[str, dict[str, Any]]:
    """sql/presets: what the exports of known CRMs look like, by name."""
    files = sorted((resources.folder("sql") / "presets").glob("*.toml"))
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def resolve(
    source: Source, kind: str, header: Sequence[str], settings: SourceConfig | None, joined: Sequence[str], probe: Probe
) -> TableMapping:
    """Which column is what; InputError names the column that is missing or could be two things."""
    if settings is not None:
        mapping = _configured(source, kind, header, settings, joined, probe)
    else:
        mapping = TableMapping(kind, _usual(source, kind, header, probe))
    found = {*mapping.places, *mapping.joined, *(("event_name", "event_time") if mapping.stages else ())}
    for name in _NEEDED[kind]:
        if name not in found:
            raise InputError(f"{source.name}: {_lacks(kind, name, settings)}")
    if kind == "calls" and not found & set(OUTCOMES):
        raise InputError(f"{source.name}: {_lacks_outcome(settings)}")
    return mapping


def _configured(
    source: Source, kind: str, header: Sequence[str], settings: SourceConfig, joined: Sequence[str], probe: Probe
) -> TableMapping:
    def place(column: str, columns: Sequence[str] = header, where: str = "") -> int:
        found = place_of(column, columns)
        if found is None:
            raise InputError(
                f'{source.name}: [source.{settings.name}] names the column "{column}"{where}, which is not there'
                f"{nearest(column, [name for name in columns if not _PERSONAL.search(name)])}"
            )
        return found

    join = settings.join
    there = f" of {join.file}" if join else ""
    given = {name: place(column, joined, there) for name, column in join.fields.items()} if join else {}
    return TableMapping(
        kind,
        # a field that the joined table gives is taken from there
        places={name: place(column) for name, column in settings.fields.items() if column and name not in given},
        joined=given,
        stages=_stages(settings, header, place, probe),
        where=tuple((place(column), kept) for column, kept in settings.where.items()),
        join_on=place(join.on) if join else None,
        settings=settings,
    )


def _stages(
    settings: SourceConfig, header: Sequence[str], place: Callable[[str], int], probe: Probe
) -> tuple[tuple[int, str], ...]:
    """The columns of a wide table; of a preset's that name one stage, the first that holds anything."""
    optional = _optional_stages(settings)

    def first(stage: str) -> int | None:
        there = [place_of(column, header) for column, its in optional.items() if its == stage]
        places = [one for one in there if one is not None]
        return next((one for one in places if probe(one).values), places[0] if places else None)

    return tuple(
        (place(column), stage)
        for column, stage in settings.stages.items()
        if optional.get(column) != stage or (place_of(column, header) or 0) == first(stage)
    )


def place_of(column: str, header: Sequence[str]) -> int | None:
    """The place of a column from 1, by its very name, else by its folded one."""
    if column in header:
        return header.index(column) + 1
    names = [folded(name) for name in header]
    return names.index(folded(column)) + 1 if folded(column) in names else None


def _usual(source: Source, kind: str, header: Sequence[str], probe: Probe) -> dict[str, int]:
    """Places by the names that columns usually have."""
    names = [folded(name) for name in header]
    found: dict[str, list[int]] = {
        field_name: [names.index(alias) + 1 for alias in aliases if alias in names]
        for field_name, aliases in _ALIASES[kind].items()
    }
    for field_name, aliases in _ALIASES[kind].items():
        if aliases[0] in names:  # the field's own name leaves no doubt
            found[field_name] = [names.index(aliases[0]) + 1]
    if kind in ("events", "history"):
        _settle_events(found, names, probe)
    elif kind in INSTALLS:
        found = {field_name: places[:1] for field_name, places in found.items()}
    elif found.get("lead_id") and kind == "leads":
        found["lead_id"] = found["lead_id"][:1]
        found["created_time"] = found["created_time"][:1]
    for field_name in _NEEDED[kind]:
        places = found[field_name]
        if len(places) > 1:
            columns = ", ".join(f'"{header[place - 1]}"' for place in places)
            raise InputError(
                f"{source.name}: {len(places)} columns could be the {_IN_WORDS[field_name]}: {columns}; "
                f"say which as {field_name} of a [source.NAME] in the configuration (funnelcheck map proposes one)"
            )
    return {field_name: places[0] for field_name, places in found.items() if places}


def _settle_events(found: dict[str, list[int]], names: Sequence[str], probe: Probe) -> None:
    """Columns whose values say what they are: status, id, timestamp."""
    if "status" in names:
        place = names.index("status") + 1
        column = probe(place)
        is_outcome = column.values > 0 and column.outcomes == column.values
        _leave_out(found, "event_name" if is_outcome else "http_status", place)
    if "id" in names:
        place = names.index("id") + 1
        column = probe(place)
        if not column.values or column.prefixed * 2 < column.values:
            _leave_out(found, "lead_id", place)
    for alias in ("timestamp", "ts"):
        if alias in names:
            place = names.index(alias) + 1
            others = [other for other in found["event_time"] if other != place]
            _leave_out(found, "event_time" if others else "upload_time", place)


def _leave_out(found: dict[str, list[int]], field_name: str, place: int) -> None:
    found[field_name] = [other for other in found[field_name] if other != place]


def is_lead_list(header: Sequence[str]) -> bool:
    """True when the columns are a lead list's: an id, a creation, and no stage (or a page's own download)."""
    names = {folded(name) for name in header}
    if "event_name" in names or not ({*LEAD_ALIASES["lead_id"]} & names and {*LEAD_ALIASES["created_time"]} & names):
        return False
    is_download = "created_time" in names and bool({"ad_id", "form_id", "campaign_id"} & names)
    if names & (set(ALIASES["event_time"]) - {"created_time"}):  # another time than that of the lead
        is_download = False
    return is_download or not set(ALIASES["event_name"]) & names


def is_count_list(header: Sequence[str]) -> bool:
    """True when the columns only count leads by day."""
    names = {folded(name) for name in header}
    has_lead = bool(names & set(LEAD_ALIASES["lead_id"]))
    return not has_lead and bool(names & set(COUNT_ALIASES["day"])) and bool(names & set(COUNT_ALIASES["leads"]))


def is_call_log(header: Sequence[str], probe: Probe) -> bool:
    """True when the columns say when something was called and what came of it, and name no lead and no stage."""
    names = [folded(name) for name in header]
    if {*names} & ({*LEAD_ALIASES["lead_id"], "event_name", "stage"} - {"id"}):
        return False
    if not {*names} & {*CALL_ALIASES["call_time"]}:
        return False
    # a CRM has a status too: of what may be one the values tell
    columns = [probe(place) for place, name in enumerate(names, 1) if name in ("status", "code")]
    is_sure = {*names} & {"http_status", "status_code", "error_code", "error.code", "is_success", "ok"}
    return bool(is_sure) or any(column.values and column.values == column.outcomes for column in columns)


def is_event_table(header: Sequence[str]) -> bool:
    """True when the columns name a lead, a stage and a time."""
    names = {folded(name) for name in header}
    return all(names & set(ALIASES[name]) for name in ("lead_id", "event_name", "event_time"))


def _lacks(kind: str, name: str, settings: SourceConfig | None) -> str:
    what = _KINDS_IN_WORDS[kind]
    if settings is not None:
        return f"[source.{settings.name}] does not say which column holds the {_IN_WORDS[name]} ({name})"
    known = ", ".join(_ALIASES[kind][name])
    no_json = "neither JSON nor a table that names lead, stage and time: " if kind in ("events", "history") else ""
    proposed = "" if kind in INSTALLS else " (funnelcheck map proposes one)"
    return (
        f"{no_json}this {what} has no column for the {_IN_WORDS[name]} (known: {known}); "
        f"name it as {name} of a [source.NAME] in the configuration{proposed}"
    )


def _lacks_outcome(settings: SourceConfig | None) -> str:
    fields = " or ".join(OUTCOMES)
    if settings is not None:
        return f"[source.{settings.name}] does not say which column tells what came of a call ({fields})"
    known = ", ".join(alias for name in OUTCOMES for alias in CALL_ALIASES[name])
    return (
        f"this log of calls has no column for what came of a call (known: {known}); "
        f"name it as {fields} of a [source.NAME] in the configuration (funnelcheck map proposes one)"
    )
