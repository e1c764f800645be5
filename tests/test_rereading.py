"""Loading again: what is known, what a changed configuration reads anew, and that nothing is lost or doubled by it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from ingest_samples import LEAD, TIME, enveloped, lines, write

from funnelcheck.config import Config, JoinConfig, SourceConfig, load
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.ingestion.quarantine import quarantined
from funnelcheck.store import Store, open_store

FIELDS = {"lead_id": "lead_id", "event_name": "stage", "event_time": "at"}
HEADER = "lead_id,stage,at"


def put(store: Store, *paths: Path, **options: Any) -> IngestReport:
    report = ingest(store, [str(path) for path in paths], **options)
    for row in store.rows("from source_file"):
        assert row["rows_read"] == row["loaded"] + row["duplicates"] + row["quarantined"], row
    return report


def events(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.rows(f"select {', '.join(columns)} from event order by all")]


def table(path: Path, *rows: str) -> Path:
    return write(path, "\n".join([HEADER, *rows, ""]))


def test_an_owner_that_is_named_later_is_taken_and_one_that_is_not_named_again_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", [enveloped() | {"advertiser_id": None, "dataset_id": None}])
    with open_store() as store:
        put(store, path)
        assert len(put(store, path, advertiser="acme").files) == 1
        assert events(store, "advertiser_id") == [("acme",)]
        assert len(put(store, path).known) == 1
        assert events(store, "advertiser_id") == [("acme",)]


def test_a_file_whose_kind_the_configuration_changes_is_not_loaded_twice(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", f"{LEAD},Won,2026-09-21T14:13:20Z")
    source = SourceConfig("x", kind="history", files=("t.csv",), fields=FIELDS)
    with open_store() as store:
        write(path, path.read_text().replace("at\n", "event_time\n"))
        put(store, path)
        changed = {**FIELDS, "event_time": "event_time"}
        put(store, path, config=Config(sources={"x": SourceConfig("x", "history", ("t.csv",), fields=changed)}))
        assert events(store, "channel") == [("history",)]
        assert source.kind == "history"


def test_rows_that_another_file_brought_as_duplicates_come_back_when_theirs_is_read_otherwise(tmp_path: Path) -> None:
    lead, won = f"{LEAD},Lead,2026-09-21T14:13:20Z", f"{LEAD},Won,2026-09-22T14:13:20Z"
    first, second = (
        table(tmp_path / "a.csv", lead, won),
        table(tmp_path / "b.csv", lead, won, won.replace("Won", "Sold")),
    )
    usual = {"b": SourceConfig("b", files=("b.csv",), fields=FIELDS)}
    with open_store() as store:
        put(
            store,
            first,
            second,
            config=Config(sources=usual | {"a": SourceConfig("a", None, ("a.csv",), fields=FIELDS)}),
        )
        only = SourceConfig("a", None, ("a.csv",), fields=FIELDS, where={"stage": ("Lead",)})
        report = put(store, first, second, config=Config(sources=usual | {"a": only}))
        assert report.passed_over == 1
        assert events(store, "event_name") == [("Lead",), ("Sold",), ("Won",)]


def test_a_rotated_log_heals_nothing_and_a_correction_of_some_rows_does(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", "garbage\n{broken\n")
    with open_store() as store:
        put(store, path)
        write(path, lines(enveloped()))
        assert put(store, path).healed == 0
        assert len(quarantined(store)) == 2
    good = [f"{LEAD[:-1]}{number},Lead,2026-09-21T14:13:20Z" for number in range(5)]
    source = Config(sources={"x": SourceConfig("x", fields=FIELDS)})
    with open_store() as store:
        path = table(tmp_path / "t.csv", *good, "abc,Won,2026-09-21T14:13:20Z", f"{LEAD},Won,soon")
        put(store, path, config=source)
        table(path, *good, f"{LEAD},Won,2026-09-21T14:13:20Z", f"{LEAD},Sold,2026-09-21T14:13:20Z")
        assert (put(store, path, config=source).healed, quarantined(store)) == (1, [])


def test_small_tables_in_a_folder_do_not_judge_each_others_columns(tmp_path: Path) -> None:
    header = "lead_id,event_name,event_time,status\n"
    alone = write(tmp_path / "alone" / "a.csv", f"{header}{LEAD},Won,{TIME},400\n")
    write(tmp_path / "logs" / "a.csv", alone.read_text())
    write(tmp_path / "logs" / "b.csv", f"{header}{LEAD},Won,{TIME},timeout\n")
    with open_store() as one, open_store() as both:
        put(one, alone)
        ingest(both, [str(tmp_path / "logs")])
        status = "select http_status, accepted from request where line = 2 order by request_id limit 1"
        assert both.rows(status) == one.rows(status) == [{"http_status": 400, "accepted": False}]


def test_the_table_that_a_join_names_is_no_history_of_its_own(tmp_path: Path) -> None:
    table(tmp_path / "crm" / "h.csv", "c1,Won,2026-09-21T14:13:20Z")
    write(tmp_path / "crm" / "contacts.csv", f"Id,Meta\nc1,{LEAD}\n")
    fields = {"event_name": "stage", "event_time": "at"}
    join = JoinConfig("crm/contacts.csv", "lead_id", "Id", {"lead_id": "Meta"})
    config = Config(path=str(tmp_path / "funnelcheck.toml"), sources={"x": SourceConfig("x", fields=fields, join=join)})
    with open_store() as store:
        report = ingest(store, [], history_sources=[str(tmp_path / "crm")], config=config)
        assert (report.problems, events(store, "lead_id")) == ([], [(LEAD,)])
        assert any("the table that [source.x.join] names" in hint for hint in report.hints)


def test_rows_of_nothing_above_a_header_hide_no_table(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", f",,\n \n;;\nlead_id,event_name,event_time\n{LEAD},Won,2026-09-21T14:13:20Z\n,,\n")
    with open_store() as store:
        assert (put(store, path).loaded, store.value("select line from request")) == (1, 5)


@pytest.mark.parametrize(
    ("text", "form", "seconds"),
    [
        ("2026/01/02 10:00:00 +0200", "%Y/%m/%d %H:%M:%S %z", 1767340800),
        ("2026/01/02 10:00:00", "%Y/%m/%d %H:%M:%S", 1767366000),  # New York
        ("1767340800000", None, 1767340800),
    ],
)
def test_a_time_is_read_in_the_zone_that_it_or_the_source_names(
    text: str, form: str | None, seconds: int, tmp_path: Path
) -> None:
    path = table(tmp_path / "t.csv", f"{LEAD},Won,{text}")
    source = SourceConfig("x", fields=FIELDS, time_zone="America/New_York", time_format=form)
    with open_store() as store:
        put(store, path, config=Config(sources={"x": source}))
        assert events(store, "event_time") == [(seconds,)]


def test_digits_that_are_neither_seconds_nor_milliseconds_are_no_time(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", *(f"{LEAD},Won,{text}" for text in ("20260102101500", "202601021015")))
    with open_store() as store:
        assert put(store, path, config=Config(sources={"x": SourceConfig("x", fields=FIELDS)})).quarantined == 2


def test_counts_of_leads_are_whole_numbers_and_two_lists_may_count_alike(tmp_path: Path) -> None:
    header = "date,leads,advertiser\n"
    odd = "".join(
        f'2026-09-2{place},"{text}",a\n' for place, text in enumerate(("1.234", "2.7", "1,5", "1e3", "-1", ""))
    )
    first = write(tmp_path / "1.csv", f'{header}2026-09-21,5,a\n2026-09-21,"1,003",a\n{odd}')
    second = write(tmp_path / "2.csv", f"{header}2026-09-21,5,a\n2026-09-21,4,a\n")
    with open_store() as store:
        report = ingest(store, [], [str(first), str(second)])
        assert (report.loaded, report.duplicates, report.quarantined) == (4, 0, 6)
        sums = store.rows("select sum(leads)::int as n from lead_count group by file_id order by file_id")
        assert [row["n"] for row in sums] == [1008, 9]


def test_a_sheet_with_a_cell_far_away_is_refused_before_it_takes_the_memory(tmp_path: Path) -> None:
    plain, far = tmp_path / "plain.xlsx", tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(plain)) as book:
        book.add_worksheet().write_row(0, 0, HEADER.split(","))
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(far, "w") as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry).replace(b"</sheetData>", cell))
    with open_store() as store:
        assert "far away" in put(store, far).problems[0]


def test_a_hostile_key_costs_no_file(tmp_path: Path) -> None:
    rows = [{"lead_id": LEAD, "stage": "Won", "event_time": TIME, key: 1} for key in ("a\\", "*", "", 'q"', "$.x")]
    path = write(tmp_path / "flat.jsonl", rows)
    with open_store() as store:
        assert put(store, path).loaded == len(rows)


def test_a_line_of_more_than_a_hundred_megabytes_costs_its_file_alone(tmp_path: Path) -> None:
    long = write(tmp_path / "a.jsonl", "x" * 110_000_000)
    with open_store() as store:
        report = put(store, long, write(tmp_path / "b.jsonl", [enveloped()]))
        assert (report.loaded, len(report.problems)) == (1, 1)


def test_a_format_that_is_none_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    for form in ("%Q", "%", "day first"):
        write(tmp_path / "funnelcheck.toml", f'[source.x]\ntime_format = "{form}"\n')
        with pytest.raises(ConfigError, match="time_format"):
            load(tmp_path / "funnelcheck.toml")
