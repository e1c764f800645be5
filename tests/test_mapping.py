"""A table read by a [source.NAME], by a preset or by its columns' usual names: the events that come of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars
import pytest
import xlsxwriter

from funnelcheck import config
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import IngestReport, ingest, mapping
from funnelcheck.store import Store, open_store

T = 1_790_000_000  # 2026-09-21 14:13:20 UTC
HOUR, DAY = 3_600, 86_400
META = ("1234567890123456", "12345678901234567", "123456789012345")


@dataclass
class Loader:
    """A store and a folder; each load writes its files there and reads them as a history."""

    store: Store
    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self, content: str | bytes, toml: str = "", *, name: str = "table.csv", kind: str = "history"
    ) -> IngestReport:
        path = str(self.write(name, content))
        settings = config.load(self.write("funnelcheck.toml", toml))
        sources: dict[str, list[str]] = {"events": [], "leads": [], "history": []} | {kind: [path]}
        return ingest(
            self.store, sources["events"], sources["leads"], history_sources=sources["history"], config=settings,
            advertiser="acme",
        )  # fmt: skip

    def loaded(self, content: str | bytes, toml: str = "", **how: Any) -> list[tuple[str, str, int]]:
        """The events of a file that is read without any problem."""
        report = self.load(content, toml, **how)
        assert report.problems == []
        return self.events()

    def events(self) -> list[tuple[str, str, int]]:
        rows = self.store.rows("select lead_id, event_name, event_time from event order by all")
        return [(row["lead_id"], row["event_name"], row["event_time"]) for row in rows]

    def quarantine(self) -> list[tuple[str | None, str | None, str]]:
        rows = self.store.rows("select column_name, value, reason from quarantine order by all")
        return [(row["column_name"], row["value"], row["reason"]) for row in rows]


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    with open_store() as store:
        yield Loader(store, tmp_path)


def rows(header: Sequence[str], *cells: Sequence[Any], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *cells])
    return out.getvalue()


def iso(seconds: int, form: str = "%Y-%m-%dT%H:%M:%S+00:00") -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def source(text: str = "", *, long: bool = True) -> str:
    """A [source.x] that reads lead, stage and when; `text` comes last, so that it may hold tables."""
    fields = 'event_name = "stage"\nevent_time = "when"\n' if long else ""
    return f'[source.x]\nkind = "history"\nfiles = "table.*"\nlead_id = "lead"\n{fields}{text}\n'


LONG = ("lead", "stage", "when")

# --- presets ------------------------------------------------------------------------------------------------

KEYS = {"101": META[0], "102": META[1], "103": "", "109": None}  # 103 has no id of Meta's; 109 is in no second table
CHANGES = (("101", "A", T), ("101", "B", T + DAY), ("102", "A", T + HOUR), ("103", "A", T), ("109", "B", T + DAY))
EXPECTED = sorted((KEYS[key], stage, time) for key, stage, time in CHANGES if KEYS[key])


def salesforce(seconds: int) -> str:
    return iso(seconds, "%Y-%m-%dT%H:%M:%S.000+0000")


def field_history(key: str, field: str) -> str:
    changes = [(f"h{i}", k, field, "Open", stage, salesforce(t), "false") for i, (k, stage, t) in enumerate(CHANGES)]
    noise = [("hx", "101", "Email", "a@example.com", "b@example.com", salesforce(T), "false")]
    return rows(["Id", key, "Field", "OldValue", "NewValue", "CreatedDate", "IsDeleted"], *changes, *noise)


def opportunity_history() -> str:
    repeated = [("101", "B", T + 3 * DAY)]  # only the amount was changed
    return rows(
        ["OpportunityId", "StageName", "Amount", "CreatedDate"],
        *[(key, stage, 100 + i, salesforce(t)) for i, (key, stage, t) in enumerate([*CHANGES, *repeated])],
    )


def by_key() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for key, stage, time in CHANGES:
        found.setdefault(key, []).append((stage, time))
    return found


def hubspot_api() -> str:
    contacts = [
        {
            "id": key,
            "properties": {"lifecyclestage": changes[-1][0]},
            "propertiesWithHistory": {
                "lifecyclestage": [
                    {"value": stage, "timestamp": iso(t, "%Y-%m-%dT%H:%M:%S.123Z"), "sourceType": "CRM_UI"}
                    for stage, t in reversed(changes)
                ],
                "email": [{"value": "jane@example.com", "timestamp": iso(T)}],
            },
        }
        for key, changes in by_key().items()
    ]
    return json.dumps({"results": contacts, "paging": {"next": {"after": "104"}}}, indent=1)


def hubspot_airbyte() -> str:
    changes = [(key, "lifecyclestage", stage, t * 1000) for key, stage, t in CHANGES]
    return rows(
        ["contactId", "property", "value", "timestamp"], *changes, ("101", "email", "jane@example.com", T * 1000)
    )


def hubspot_wide() -> str:
    header = ["Record ID", "Became a Lead Date", "hs_v2_date_entered_lead", "hs_lifecyclestage_customer_date"]
    cells = []
    for key, changes in by_key().items():
        times = {stage: iso(t, "%Y-%m-%d %H:%M:%S") for stage, t in changes}
        cells.append((key, times.get("A", ""), times.get("A", ""), times.get("B", "")))
    return rows(header, *cells)


def api_page(path: str, items: Iterable[Mapping[str, Any]]) -> str:
    document: Any = list(items)
    for part in reversed(path.split(".")):
        document = {part: document}
    return json.dumps(document)


def bitrix(stage_field: str) -> str:
    return api_page(
        "result.items",
        [
            {"ID": i, "TYPE_ID": 2, "OWNER_ID": int(key), "CREATED_TIME": iso(t), stage_field: stage}
            for i, (key, stage, t) in enumerate(CHANGES)
        ],
    )


def kommo() -> str:
    changed = [
        {
            "type": "lead_status_changed",
            "entity_id": int(key),
            "created_at": t,
            "value_before": [{"lead_status": {"id": 1, "pipeline_id": 9}}],
            "value_after": [{"lead_status": {"id": {"A": 142, "B": 143}[stage], "pipeline_id": 9}}],
        }
        for key, stage, t in CHANGES
    ]
    noise = [{"type": "lead_added", "entity_id": 101, "created_at": T, "value_after": []}]
    return api_page("_embedded.events", changed + noise)


def pipedrive() -> str:
    changed = [
        {"object": "dealChange", "timestamp": iso(t, "%Y-%m-%d %H:%M:%S"), "data": {
            "item_id": int(key), "field_key": "stage_id", "old_value": "1", "new_value": stage,
            "log_time": iso(t, "%Y-%m-%d %H:%M:%S")}}
        for key, stage, t in CHANGES
    ]  # fmt: skip
    noise = [
        {"object": "dealChange", "data": {"item_id": 101, "field_key": "value", "new_value": "9", "log_time": iso(T)}},
        {"object": "note", "data": {"id": 7}},
    ]
    return api_page("data", changed + noise)


def dynamics() -> str:
    changes = [(key, iso(t, "%Y-%m-%dT%H:%M:%SZ"), "statuscode", stage) for key, stage, t in CHANGES]
    return rows(["objectid", "createdon", "attribute", "newvalue"], *changes, ("101", iso(T), "budget", "9"))


@dataclass(frozen=True)
class Sample:
    """A file of a preset's shape, the join that it needs, and how many rows are passed over."""

    content: Callable[[], str]
    on: str
    key: str
    passed: int = 1  # the lead without an id of Meta's
    name: str = "export.csv"
    stages: tuple[str, str] = ("A", "B")


SAMPLES = {
    "salesforce-lead-history": Sample(lambda: field_history("LeadId", "Status"), "LeadId", "Id", 2),
    "salesforce-opportunity-field-history": Sample(
        lambda: field_history("OpportunityId", "StageName"), "OpportunityId", "ConvertedOpportunityId", 2
    ),
    "salesforce-opportunity-history": Sample(opportunity_history, "OpportunityId", "ConvertedOpportunityId", 2),
    "hubspot-property-history": Sample(hubspot_api, "id", "Record ID", name="export.json"),
    "hubspot-airbyte": Sample(hubspot_airbyte, "contactId", "id", 2),
    "hubspot-wide": Sample(hubspot_wide, "Record ID", "Record ID", stages=("lead", "customer")),
    "bitrix24-lead-history": Sample(lambda: bitrix("STATUS_ID"), "OWNER_ID", "ID", name="export.json"),
    "bitrix24-deal-history": Sample(lambda: bitrix("STAGE_ID"), "OWNER_ID", "ID", name="export.json"),
    "kommo-events": Sample(kommo, "entity_id", "id", 2, "export.json", ("142", "143")),
    "zoho": Sample(
        lambda: rows(
            ["Deal_Id", "Stage", "Modified_Time"], *[(k, s, iso(t, "%Y-%m-%dT%H:%M:%S+00:00")) for k, s, t in CHANGES]
        ),
        "Deal_Id",
        "id",
    ),
    "pipedrive": Sample(pipedrive, "data.item_id", "id", 3, "export.json"),
    "dynamics": Sample(dynamics, "objectid", "leadid", 2),
    "gohighlevel": Sample(
        lambda: api_page(
            "opportunities",
            [
                {"id": f"o{k}", "contactId": k, "pipelineStageId": s, "lastStageChangeAt": iso(t)}
                for k, s, t in CHANGES
            ],
        ),
        "contactId", "id", name="export.json",
    ),
    "close": Sample(
        lambda: api_page(
            "data",
            [
                {"_type": "LeadStatusChange", "lead_id": k, "new_status_label": s, "date_created": iso(t)}
                for k, s, t in CHANGES
            ],
        ),
        "lead_id", "id", name="export.json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("preset", SAMPLES)
def test_a_preset_reads_an_export_of_its_shape(loader: Loader, preset: str) -> None:
    sample = SAMPLES[preset]
    joined = [(key, meta, "jane@example.com") for key, meta in KEYS.items() if meta is not None]
    loader.write("crm.csv", rows([sample.key, "Meta Lead ID", "Email"], *joined))
    toml = f"""
        [source.crm]
        preset = "{preset}"
        files = "export.*"
        [source.crm.join]
        file = "crm.csv"
        lead_id = "Meta Lead ID"
    """
    report = loader.load(sample.content(), toml, name=sample.name)
    assert report.problems == []
    names = dict(zip("AB", sample.stages, strict=True))
    assert loader.events() == sorted((lead, names[stage], time) for lead, stage, time in EXPECTED)
    assert loader.store.rows("select distinct channel, advertiser_id from event") == [
        {"channel": "history", "advertiser_id": "acme"}
    ]
    column, value, reason = loader.quarantine()[0]
    assert (column, value) == (sample.on, "109")
    assert "109" in reason
    assert report.files[0].passed_over == sample.passed
    assert report.files[0].quarantined == 1


def test_every_preset_is_tested_and_says_what_is_not_verified() -> None:
    presets = mapping.presets()
    assert set(presets) == {*SAMPLES, "generic-long", "generic-wide"}
    for name, preset in presets.items():
        known = "title verified source note kind fields stages where join records each time_zone changes_only"
        assert set(preset) <= set(known.split()), name
        assert preset["verified"] or preset["note"].startswith("Not verified: "), name
        assert preset["kind"] == "history"
        assert len(preset["note"]) > 60


def test_a_preset_without_a_join_takes_the_source_s_own_column(loader: Loader) -> None:
    content = rows(["LeadId", "Field", "NewValue", "CreatedDate"], (META[0], "Status", "Won", salesforce(T)))
    toml = '[source.x]\npreset = "salesforce-lead-history"\nfiles = "table.csv"\nlead_id = "LeadId"'
    assert loader.loaded(content, toml) == [(META[0], "Won", T)]


def test_a_preset_whose_second_table_is_not_given_says_so(loader: Loader) -> None:
    content = rows(["LeadId", "Field", "NewValue", "CreatedDate"], (META[0], "Status", "Won", salesforce(T)))
    report = loader.load(content, '[source.x]\npreset = "salesforce-lead-history"\nfiles = "table.csv"')
    assert "[source.x.join]" in report.problems[0]
    assert "file" in report.problems[0]


def test_the_generic_presets_read_our_own_names(loader: Loader) -> None:
    long = rows(["lead_id", "event_name", "event_time"], (META[0], "Lead", T), (META[0], "Won", iso(T + DAY)))
    preset = '[source.x]\npreset = "generic-long"\nfiles = "table.csv"'
    assert loader.loaded(long, preset) == [(META[0], "Lead", T), (META[0], "Won", T + DAY)]
    wide = rows(["lead_id", "lead_at", "won_at"], (META[1], iso(T), iso(T + DAY)), (META[2], iso(T), ""))
    loader.loaded(wide, '[source.x]\npreset = "generic-wide"\nfiles = "wide.csv"', name="wide.csv")
    assert [event for event in loader.events() if event[0] != META[0]] == [
        (META[2], "Lead", T), (META[1], "Lead", T), (META[1], "Won", T + DAY),
    ]  # fmt: skip


def test_of_a_preset_s_columns_for_one_stage_the_first_that_holds_anything_is_read(loader: Loader) -> None:
    content = rows(
        ["Record ID", "Meta", "Became a Lead Date", "hs_lifecyclestage_lead_date", "hs_v2_date_entered_lead"],
        ("1", META[0], "", iso(T), iso(T + DAY)),
    )
    toml = '[source.x]\npreset = "hubspot-wide"\nfiles = "table.csv"\nlead_id = "Meta"'
    assert loader.loaded(content, toml) == [(META[0], "lead", T)]


def test_a_source_may_give_a_preset_s_column_another_stage_and_add_its_own(loader: Loader) -> None:
    content = rows(["Meta", "Became a Lead Date", "Demo Date"], (META[0], iso(T), iso(T + DAY)))
    toml = """
        [source.x]
        preset = "hubspot-wide"
        files = "table.csv"
        lead_id = "Meta"
        [source.x.stages]
        "Became a Lead Date" = "Raw"
        "Demo Date" = "Demo"
    """
    assert loader.loaded(content, toml) == [(META[0], "Demo", T + DAY), (META[0], "Raw", T)]


def test_records_one_a_line_are_read_as_a_page_of_them_is(loader: Loader) -> None:
    page = json.loads(bitrix("STATUS_ID"))["result"]["items"]
    lines = "".join(json.dumps({**item, "OWNER_ID": META[0]}) + "\n" for item in page)
    toml = '[source.x]\npreset = "bitrix24-lead-history"\nfiles = "table.jsonl"\nlead_id = "OWNER_ID"'
    assert len(loader.loaded(lines, toml, name="table.jsonl")) == len(CHANGES)


def test_several_pages_keep_all_their_records(loader: Loader) -> None:
    pages = [
        {"results": [{"lead": META[i], "stage": f"S{j}", "when": T + j} for j in range(3)], "paging": i}
        for i in range(3)
    ]
    events = loader.loaded("\n".join(map(json.dumps, pages)), source('records = "results"'), name="table.jsonl")
    assert events == sorted((META[i], f"S{j}", T + j) for i in range(3) for j in range(3))


def test_a_path_of_records_that_is_not_there_loses_nothing_silently(loader: Loader) -> None:
    page = {"results": [{"lead": META[0], "stage": "A", "when": T}]}
    report = loader.load(json.dumps(page), source('records = "result"'), name="table.json")
    assert report.quarantined == 1
    assert loader.events() == []


# --- filters and names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ('where.field = "Status"', {"A"}),
        ('where.field = ["Status", "Stage"]', {"A", "B"}),
        ('where.field = "*"', {"A", "B", "C"}),
        ('where.field = ["Nothing"]', set()),
        ('where.field = ""', {"D"}),
        ('where.field = "*"\nwhere.kind = "x"', {"A", "C"}),
    ],
)
def test_only_rows_with_the_values_of_where_are_read(loader: Loader, where: str, kept: set[str]) -> None:
    content = rows(
        [*LONG, "field", "kind"],
        (META[0], "A", T, " Status ", "x"), (META[0], "B", T, "Stage", "y"), (META[0], "C", T, "Email", "x"),
        (META[0], "D", T, "", "x"),
    )  # fmt: skip
    report = loader.load(content, source(where))
    assert {name for _, name, _ in loader.events()} == kept
    assert report.files[0].passed_over == 4 - len(kept)
    assert report.rows == len(kept)
    assert loader.quarantine() == []


def test_a_row_that_is_left_out_is_not_quarantined_whatever_it_holds(loader: Loader) -> None:
    content = rows([*LONG, "field"], (META[0], "A", T, "Status"), ("", "", "no time", "Email"))
    assert loader.load(content, source('where.field = "Status"')).quarantined == 0


def test_a_value_gets_the_name_of_its_stage(loader: Loader) -> None:
    content = rows(LONG, (META[0], "142", T), (META[0], " NEW", T + 1), (META[0], "other", T + 2))
    names = '[source.x.stage_names]\n"142" = "Won"\nNEW = "Lead"'
    assert loader.loaded(content, source(names)) == [
        (META[0], "Lead", T + 1), (META[0], "Won", T), (META[0], "other", T + 2),
    ]  # fmt: skip


WIDE = "[source.x.stages]\ncreated = 'Lead'\nqualified = 'Qualified'\nwon = 'Won'"


def test_a_wide_row_is_an_event_for_each_cell_that_is_not_empty(loader: Loader) -> None:
    content = rows(
        ["lead", "created", "qualified", "won"],
        (META[0], T, T + 1, T + 2), (META[1], T, "", "  "), (META[2], "", "", ""),
    )  # fmt: skip
    report = loader.load(content, source(WIDE, long=False))
    assert loader.events() == [
        (META[0], "Lead", T), (META[0], "Qualified", T + 1), (META[0], "Won", T + 2), (META[1], "Lead", T),
    ]  # fmt: skip
    assert (report.rows, report.loaded, report.quarantined) == (3, 3, 0)


def test_a_wide_row_with_a_broken_time_is_quarantined_with_that_column(loader: Loader) -> None:
    content = rows(["lead", "created", "qualified", "won"], (META[0], T, "soon", T + 2), (META[1], T, "", ""))
    loader.load(content, source(WIDE, long=False))
    assert loader.events() == [(META[1], "Lead", T)]
    assert [entry[:2] for entry in loader.quarantine()] == [("qualified", "soon")]


# --- times --------------------------------------------------------------------------------------------------


def test_a_naive_time_is_read_in_the_source_s_zone_through_summer_and_winter(loader: Loader) -> None:
    stated = ("2026-03-28 12:00:00", "2026-03-30 12:00:00", "2026-10-24 12:00:00", "2026-10-26 12:00:00")
    content = rows(LONG, *[(META[0], f"S{i}", time) for i, time in enumerate(stated)])
    events = loader.loaded(content, 'time_zone = "America/New_York"\n' + source('time_zone = "Europe/Paris"'))
    zone = ZoneInfo("Europe/Paris")
    assert [time for *_, time in events] == [
        int(datetime.fromisoformat(time).replace(tzinfo=zone).timestamp()) for time in stated
    ]
    assert events[1][2] - events[0][2] == 2 * DAY - HOUR
    assert events[3][2] - events[2][2] == 2 * DAY + HOUR


def test_without_a_zone_of_its_own_a_source_has_the_configuration_s(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", "2026-07-01 12:00:00"))
    assert loader.loaded(content, 'time_zone = "Asia/Tokyo"\n' + source())[0][2] == 1782874800


@pytest.mark.parametrize(
    ("time_format", "expected"),
    [
        (
            "day-first",
            {"01/02/2026": "2026-02-01T00:00", "1.2.2026 9:05": "2026-02-01T09:05", "2026-02-01": "2026-02-01T00:00"},
        ),
        ("month-first", {"01/02/2026": "2026-01-02T00:00", "1-2-2026, 7:05:09 PM": "2026-01-02T19:05:09"}),
        ("%d %b %Y %H:%M", {"1 Feb 2026 10:30": "2026-02-01T10:30", "2026-02-01T10:00:00Z": "2026-02-01T10:00"}),
        ("%y%m%d", {"260201": "2026-02-01T00:00"}),
    ],
)  # fmt: skip
def test_a_time_is_read_in_the_form_that_is_given(loader: Loader, time_format: str, expected: dict[str, str]) -> None:
    content = rows(LONG, *[(META[0], moment, text) for text, moment in expected.items()])
    events = loader.loaded(content, source(f'time_format = "{time_format}"'))
    assert len(events) == len(expected)
    for _, moment, seconds in events:
        assert seconds == datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()


def test_a_time_of_another_form_is_quarantined(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", "13/02/2026"), (META[0], "B", "02/13/2026"))
    loader.load(content, source('time_format = "day-first"'))
    assert [entry[:2] for entry in loader.quarantine()] == [("when", "02/13/2026")]


def test_dates_that_can_be_read_both_ways_are_asked_for_with_both_readings(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", "03/04/2026"), (META[0], "B", "05/05/2026"))
    (problem,) = loader.load(content, source()).problems
    for part in ("03/04/2026", "line 2", "2026-04-03 (day first)", "2026-03-04 (month first)", "time_format"):
        assert part in problem
    assert loader.events() == []


def test_one_unambiguous_date_is_told_but_does_not_settle_the_others(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", "31/01/2026"), (META[0], "B", "03/04/2026"))
    (problem,) = loader.load(content, source()).problems
    assert '"31/01/2026" names the day first' in problem


@pytest.mark.parametrize(
    ("dates", "first"), [(("31/01/2026", "05/05/2026"), "2026-01-31"), (("12.13.2026", "5.5.2026"), "2026-12-13")]
)
def test_dates_that_all_read_one_way_need_no_setting(loader: Loader, dates: Sequence[str], first: str) -> None:
    content = rows(LONG, *[(META[0], f"S{i}", date) for i, date in enumerate(dates)])
    midnight = int(datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp())
    assert loader.loaded(content, source())[0] == (META[0], "S0", midnight)


def test_both_orders_in_one_file_are_an_error_that_names_both(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", "31/01/2026"), (META[0], "B", "01/31/2026"))
    (problem,) = loader.load(content, source()).problems
    assert '"31/01/2026" names the day first and "01/31/2026" the month' in problem


def test_the_order_of_a_wide_table_is_that_of_all_its_columns(loader: Loader) -> None:
    content = rows(["lead", "created", "qualified", "won"], (META[0], "05/05/2026", "31/05/2026", "04/06/2026"))
    assert "04/06/2026" in loader.load(content, source(WIDE, long=False)).problems[0]
    events = loader.loaded(content, source('time_format = "day-first"\n' + WIDE, long=False))
    assert [datetime.fromtimestamp(time, UTC).date().isoformat() for *_, time in events] == [
        "2026-05-05", "2026-05-31", "2026-06-04",
    ]  # fmt: skip


def test_days_of_a_spreadsheet_are_times(loader: Loader) -> None:
    serials = {"46054": "2026-02-01T00:00", "46054.5": "2026-02-01T12:00", "46054.0006944444": "2026-02-01T00:01"}
    content = rows(LONG, *[(META[0], expected, serial) for serial, expected in serials.items()])
    for _, expected, moment in loader.loaded(content, source('time_zone = "Europe/Berlin"')):
        assert moment == datetime.fromisoformat(expected).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


# --- columns by their usual names ---------------------------------------------------------------------------


def test_two_columns_that_could_be_the_stage_are_asked_for(loader: Loader) -> None:
    content = rows(["lead_id", "stage", "lead_status", "changed_at"], (META[0], "A", "B", T))
    (problem,) = loader.load(content).problems
    assert '"stage", "lead_status"' in problem
    assert "event_name" in problem


def test_a_status_of_three_digits_is_an_outcome_and_any_other_a_stage(loader: Loader) -> None:
    sent = rows(["lead_id", "stage", "event_time", "status"], (META[0], "Won", T, 200), (META[0], "Lost", T, "400"))
    loader.load(sent, kind="events")
    assert loader.store.rows("select http_status from request order by all") == [
        {"http_status": 200},
        {"http_status": 400},
    ]
    stages = rows(["lead_id", "event_time", "status"], (META[1], T, "200"), (META[1], T + 1, "Won"))
    loader.load(stages, name="stages.csv")
    assert [event for event in loader.events() if event[0] == META[1]] == [(META[1], "200", T), (META[1], "Won", T + 1)]


def test_timestamp_is_the_event_s_time_when_no_other_column_is(loader: Loader) -> None:
    content = rows(["lead_id", "stage", "timestamp"], (META[0], "Won", T))
    assert loader.loaded(content, kind="events") == [(META[0], "Won", T)]
    assert loader.store.value("select upload_time from request") is None


def test_timestamp_is_the_time_of_sending_beside_the_event_s_time(loader: Loader) -> None:
    content = rows(["lead_id", "stage", "event_time", "timestamp"], (META[0], "Won", T, T + 9))
    assert loader.loaded(content, kind="events") == [(META[0], "Won", T)]
    assert loader.store.value("select upload_time from request") == T + 9


def test_id_is_the_lead_s_only_with_its_label(loader: Loader) -> None:
    labelled = rows(["id", "stage", "event_time"], (f"l:{META[0]}", "Won", T), (f"l:{META[1]}", "Won", T))
    assert loader.loaded(labelled) == [(META[0], "Won", T), (META[1], "Won", T)]
    (problem,) = loader.load(rows(["id", "stage", "event_time"], (META[2], "Won", T)), name="bare.csv").problems
    assert "lead_id" in problem


# --- which source -------------------------------------------------------------------------------------------


def test_a_source_is_chosen_by_the_file_s_name(loader: Loader) -> None:
    toml = source() + '[source.y]\nkind = "history"\nfiles = "other.csv"\nlead_id = "stage"'
    assert loader.loaded(rows(LONG, (META[0], "A", T)), toml) == [(META[0], "A", T)]


def test_a_source_without_files_is_chosen_by_its_columns(loader: Loader) -> None:
    by_columns = '[source.x]\nlead_id = "lead"\nevent_name = "stage"\nevent_time = "when"'
    assert loader.loaded(rows(LONG, (META[0], "A", T)), by_columns) == [(META[0], "A", T)]
    assert loader.load(rows(["lead", "stage"], (META[0], "A")), by_columns, name="less.csv").problems


def test_two_sources_that_fit_are_an_error(loader: Loader) -> None:
    toml = source() + source().replace("[source.x]", "[source.y]")
    (problem,) = loader.load(rows(LONG, (META[0], "A", T)), toml).problems
    assert all(part in problem for part in ("[source.x] and [source.y]", "files = "))


def test_a_column_that_is_not_there_names_the_nearest(loader: Loader) -> None:
    (problem,) = loader.load(rows(["lead", "stages", "when"], (META[0], "A", T)), source()).problems
    assert 'the column "stage", which is not there; did you mean "stages"?' in problem


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[source.x]\nlead_ids = "a"', 'source.x.lead_ids is not a known key; did you mean "lead_id"?'),
        ('[source.x]\nkind = "histories"', 'did you mean "history"?'),
        ('[source.x.join]\nfil = "a"', 'source.x.join.fil is not a known key; did you mean "file"?'),
        ('[source.x]\ntime_format = "dayfirst"', "time_format must be"),
        ("[source.x]\nlead_id = 7", "must be text in quotes"),
        ('[source.x]\nwhere = "a"', "must be a table"),
        ("[source.x.where]\na = 1", "must be a list of texts"),
        ("[source.x]\nchanges_only = 1", "must be true or false"),
        ('[source.x]\ntime_zone = "Paris"', "is not a time zone"),
    ],
)
def test_what_a_source_cannot_mean_is_a_configuration_error(tmp_path: Path, toml: str, said: str) -> None:
    path = tmp_path / "funnelcheck.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError) as error:
        config.load(path)
    assert said in str(error.value)


def test_an_unknown_preset_names_the_nearest(loader: Loader) -> None:
    with pytest.raises(ConfigError, match='did you mean "bitrix24-lead-history"'):
        loader.load(rows(LONG), '[source.x]\npreset = "bitrix-lead-history"\nfiles = "*"')


def test_a_source_for_json_takes_paths_places_and_keys_with_dots(loader: Loader) -> None:
    record = {"who": {"ids": ["x", META[0]]}, "a.stage": "Won", "log": {"at": T}}
    toml = """
        [source.x]
        kind = "history"
        files = "table.json"
        lead_id = "who.ids.1"
        event_name = "a.stage"
        event_time = "log.at"
    """
    assert loader.loaded(json.dumps(record), toml, name="table.json") == [(META[0], "Won", T)]


def test_each_item_of_a_list_inside_a_record_is_a_row(loader: Loader) -> None:
    records = [
        {"lead": META[0], "log": {"rows": [{"s": "A", "t": T}, {"s": "B", "t": T + 1}]}},
        {"lead": META[1], "log": {"rows": [{"s": "A", "t": T + 2}]}},
        {"lead": META[2], "log": {"rows": []}},
    ]
    toml = """
        [source.x]
        kind = "history"
        files = "table.json"
        lead_id = "lead"
        each = "log.rows"
        event_name = "log.rows.s"
        event_time = "log.rows.t"
    """
    loader.load(json.dumps(records), toml, name="table.json")
    assert loader.events() == [(META[0], "A", T), (META[0], "B", T + 1), (META[1], "A", T + 2)]
    assert [reason for *_, reason in loader.quarantine()] == ["the row names no stage"]


# --- a second table -----------------------------------------------------------------------------------------

JOIN = """
[source.x]
kind = "history"
files = "table.csv"
event_name = "stage"
event_time = "when"
[source.x.join]
file = "second.{ending}"
on = "key"
key = "Id"
lead_id = "Meta"
"""
SECOND = (("1", META[0]), ("2", META[1]), ("3", None))


def second(folder: Path, ending: str, cells: Sequence[tuple[str, str | None]] = SECOND) -> None:
    path = folder / f"second.{ending}"
    if ending == "parquet":
        polars.DataFrame({"Id": [int(key) for key, _ in cells], "Meta": [meta for _, meta in cells]}).write_parquet(
            path
        )
    elif ending == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate([("Id", "Meta"), *cells]):
                sheet.write_row(i, 0, [value or "" for value in row])
    elif ending == "json":
        path.write_text(json.dumps([{"Id": key, "Meta": meta} for key, meta in cells]))
    else:
        path.write_text(rows(["Id", "Meta"], *[(key, meta or "") for key, meta in cells], delimiter=";"))


KEYED = rows(["key", "stage", "when"], ("1", "A", T), ("2", "B", T), ("3", "A", T), ("4", "A", T))


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_a_second_table_may_have_any_container(loader: Loader, ending: str) -> None:
    second(loader.folder, ending)
    report = loader.load(KEYED, JOIN.format(ending=ending))
    assert report.problems == []
    assert loader.events() == [(META[0], "A", T), (META[1], "B", T)] or loader.events() == [
        (META[1], "B", T), (META[0], "A", T),
    ]  # fmt: skip
    assert [entry[:2] for entry in loader.quarantine()] == [("key", "4")]
    assert report.files[0].passed_over == 1


def test_a_second_table_that_is_not_there_or_lacks_the_column_is_an_error(loader: Loader) -> None:
    assert "second.csv, which is not there" in loader.load(KEYED, JOIN.format(ending="csv")).problems[0]
    loader.write("second.csv", rows(["Key", "Meta"], ("1", META[0])))
    assert 'the column "Id", which is not there' in loader.load(KEYED, JOIN.format(ending="csv")).problems[0]
    loader.write("second.csv", rows(["Id", "Met"], ("1", META[0])))
    assert 'the column "Meta" of second.csv' in loader.load(KEYED, JOIN.format(ending="csv")).problems[0]


def test_a_second_table_gives_the_creation_too(loader: Loader) -> None:
    loader.write("second.csv", rows(["Id", "Meta", "Made"], ("1", META[0], iso(T - DAY))))
    content = rows(["key", "stage", "when"], ("1", "A", T), ("1", "B", T + 1))
    loader.loaded(content, JOIN.format(ending="csv") + 'created_time = "Made"')
    assert loader.store.rows("select lead_id, created_time from lead") == [
        {"lead_id": META[0], "created_time": T - DAY}
    ]


# --- read again ---------------------------------------------------------------------------------------------


def test_the_same_file_under_the_same_source_is_known(loader: Loader) -> None:
    content = rows(LONG, (META[0], "A", T))
    loader.load(content, source())
    report = loader.load(content, source())
    assert (len(report.files), len(report.known)) == (0, 1)
    assert loader.events() == [(META[0], "A", T)]


def test_a_changed_source_reads_the_same_file_anew_and_doubles_nothing(loader: Loader) -> None:
    content = rows(LONG, (META[0], "1", "01/02/2026"), (META[0], "x", "never"))
    day_first = loader.loaded(content, source('time_format = "day-first"'))
    month_first = loader.loaded(content, source('time_format = "month-first"\n[source.x.stage_names]\n1 = "Won"'))
    assert [len(day_first), len(month_first)] == [1, 1]
    assert month_first[0][1:] == ("Won", day_first[0][2] - 30 * DAY)
    assert loader.store.value("select count(*) from source_file") == 1
    assert loader.store.value("select count(*) from request") == 1
    assert len(loader.quarantine()) == 1


def test_rows_without_a_lead_are_no_repetitions_of_each_other(loader: Loader) -> None:
    second(loader.folder, "csv")
    content = rows(["key", "stage", "when"], ("3", "A", T), ("4", "A", T + 1), ("5", "A", T + 2))
    loader.load(content, JOIN.format(ending="csv").replace("[source.x.join]", "changes_only = true\n[source.x.join]"))
    assert [entry[:2] for entry in loader.quarantine()] == [("key", "4"), ("key", "5")]


def test_a_changed_second_table_reads_the_same_file_anew(loader: Loader) -> None:
    second(loader.folder, "csv", SECOND[:1])
    loader.load(KEYED, JOIN.format(ending="csv"))
    assert loader.events() == [(META[0], "A", T)]
    second(loader.folder, "csv", (("1", META[2]), ("2", META[1]), ("3", None)))
    report = loader.load(KEYED, JOIN.format(ending="csv"))
    assert loader.events() == [(META[2], "A", T), (META[1], "B", T)]
    assert (len(report.files), report.quarantined) == (1, 1)
    assert len(loader.load(KEYED, JOIN.format(ending="csv")).known) == 1
