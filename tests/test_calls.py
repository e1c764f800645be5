"""Logs of API calls: every row ends loaded, a duplicate or quarantined, whatever holds it, and no token is kept."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars
import pytest
import xlsxwriter
from click.testing import CliRunner
from ingest_samples import LEAD, table, write

from funnelcheck.cli.commands import cli
from funnelcheck.config import Config, SourceConfig, load
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.ingestion.quarantine import quarantined
from funnelcheck.proposing.suggestion import suggest
from funnelcheck.store import Store, open_store

T = 1_790_000_000  # 2026-09-21 14:13:20 UTC
TOKEN = "EAAcanary" + "x1Y2" * 20
ADDRESS = f"https://graph.facebook.com/v25.0/act_7/leads?access_token={TOKEN}"
Call = tuple[int, bool, int | None, int | None, int | None]


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def put(store: Store, *paths: Path, config: Config | None = None) -> IngestReport:
    report = ingest(store, [], call_sources=[str(path) for path in paths], config=config)
    assert report.rows == report.loaded + report.duplicates + report.quarantined
    assert store.value("select count(*) from request") + store.value("select count(*) from lead") == 0
    return report


def calls(store: Store) -> list[Call]:
    columns = "call_time, is_success, http_status, error_code, error_subcode"
    return [tuple(row.values()) for row in store.rows(f"select {columns} from api_call order by file_id, line")]  # type: ignore[misc]


# --- what a record says -------------------------------------------------------------------------------------------

LIMIT = {"message": f"User request limit reached {TOKEN}", "code": 17, "error_subcode": 2446079}
RECORDS: list[tuple[dict[str, Any], Call]] = [
    ({"time": T, "status": 200}, (T, True, 200, None, None)),
    ({"timestamp": T, "http_status": "299"}, (T, True, 299, None, None)),
    ({"ts": f"{T}", "status_code": 300}, (T, False, 300, None, None)),
    ({"called_at": "2026-09-21T14:13:20Z", "code": 199}, (T, False, 199, None, None)),
    ({"created_at": "2026-09-21T16:13:20+0200", "status": "200 OK"}, (T, True, 200, None, None)),
    ({"sent_at": T * 1000, "ok": True}, (T, True, None, None, None)),
    ({"date": "2026-09-21", "success": False}, (1_789_948_800, False, None, None, None)),
    ({"time": T + 0.9, "error": LIMIT}, (T, False, None, 17, 2446079)),
    ({"time": T, "status": 200, "error": LIMIT}, (T, False, 200, 17, 2446079)),
    ({"time": T, "ok": True, "error_code": 613, "error_subcode": "1487742"}, (T, False, None, 613, 1487742)),
    ({"time": T, "ok": True, "status": 500}, (T, False, 500, None, None)),
    ({"time": T, "ok": False, "status": 200}, (T, False, 200, None, None)),
    ({"time": T, "status": 200, "error": None, "error_code": 0}, (T, True, 200, None, None)),
    ({"time": T, "status": 200, "error": {}}, (T, True, 200, None, None)),
    ({"time": T, "status": 200, "error": False}, (T, True, 200, None, None)),
    ({"time": T, "error": "timed out"}, (T, False, None, None, None)),
    ({"time": T, "error": json.dumps(LIMIT)}, (T, False, None, 17, 2446079)),
    ({"time": T, "error_code": 0}, (T, True, None, None, None)),
    ({"time": T, "status": "success"}, (T, True, None, None, None)),
    ({"time": T, "status": "failed"}, (T, False, None, None, None)),
    ({"time": T, "status": 0}, (T, False, None, None, None)),  # nothing came back
    ({"time": "soon", "timestamp": T, "status": 200}, (T, True, 200, None, None)),
    ({"sent_at": T, "url": ADDRESS, "response": {"status": 200, "body": {"data": []}}}, (T, True, 200, None, None)),
    (
        {"sent_at": T, "url": ADDRESS, "response": {"status": 400, "body": json.dumps({"error": LIMIT})}},
        (T, False, 400, 17, 2446079),
    ),
]
NO_CALLS: list[tuple[Any, str]] = [
    ({"status": 200}, "not when"),
    ({"time": "yesterday", "status": 200}, "no time: yesterday"),
    ({"time": T}, "no outcome"),
    ({"time": T, "error": None}, "no outcome"),
    ({"time": T, "code": 17}, "no outcome: 17"),
    ({"time": T, "code": 0}, "no outcome: 0"),
    ({"time": T, "status": 600}, "no outcome: 600"),
    ({"time": T, "status": "perhaps"}, "no outcome: perhaps"),
    (f"nonsense {TOKEN}", "not JSON"),
    ("7", "a JSON number"),
]


def test_a_record_says_when_it_was_and_what_came_of_it(store: Store, tmp_path: Path) -> None:
    report = put(store, write(tmp_path / "calls.jsonl", [record for record, _ in RECORDS]))
    assert (report.loaded, report.quarantined) == (len(RECORDS), 0)
    assert [(record, call) for (record, _), call in zip(RECORDS, calls(store), strict=True)] == RECORDS


def test_a_record_without_time_or_outcome_is_quarantined_with_its_reason(store: Store, tmp_path: Path) -> None:
    good = {"time": T, "status": 200}
    report = put(store, write(tmp_path / "calls.jsonl", [good, *(record for record, _ in NO_CALLS), good]))
    assert (report.loaded, report.quarantined) == (2, len(NO_CALLS))
    rows = quarantined(store)
    assert [row.line for row in rows] == list(range(2, 2 + len(NO_CALLS)))
    for row, (record, why) in zip(rows, NO_CALLS, strict=True):
        assert why in row.reason, record


# --- what holds them ----------------------------------------------------------------------------------------------

HEADER = ["Time", "Status", "error_code", "error_subcode", "url"]
ROWS = [
    ["2026-09-21T14:13:20Z", "200", "", "", ADDRESS],
    ["2026-09-21T14:13:21Z", "400", "17", "2446079", ADDRESS],
    ["2026-09-21T14:13:22Z", "", "613.0", "", ADDRESS],
    ["2026-09-21T14:13:23Z", "204", "NaN", "", ADDRESS],
    ["2026-09-21T14:13:24Z", "200", "0", "", ADDRESS],
]
WANTED: list[Call] = [
    (T, True, 200, None, None),
    (T + 1, False, 400, 17, 2446079),
    (T + 2, False, None, 613, None),
    (T + 3, True, 204, None, None),
    (T + 4, True, 200, None, None),
]


def as_records() -> list[dict[str, str]]:
    return [{name.lower(): cell for name, cell in zip(HEADER, row, strict=True) if cell} for row in ROWS]


def as_parquet() -> bytes:
    out = io.BytesIO()
    polars.DataFrame(ROWS, schema=HEADER, orient="row").write_parquet(out)
    return out.getvalue()


def as_workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([HEADER, *ROWS]):
            sheet.write_row(place, 0, cells)
    return out.getvalue()


CONTAINERS: dict[str, str | bytes] = {
    "calls.csv": table(HEADER, *ROWS),
    "calls.tsv": table(HEADER, *ROWS, delimiter="\t"),
    "semicolons.csv": table(HEADER, *ROWS, delimiter=";"),
    "wide.csv": table(HEADER, *ROWS).encode("utf-16"),
    "packed.csv.gz": gzip.compress(table(HEADER, *ROWS).encode()),
    "calls.jsonl": "".join(json.dumps(record) + "\n" for record in as_records()),
    "array.json": json.dumps(as_records()),
    "pretty.json": json.dumps(as_records(), indent=2),
    "calls.parquet": as_parquet(),
    "calls.xlsx": as_workbook(),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_same_calls_come_out_of_every_container_and_no_token_with_them(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "in" / name, CONTAINERS[name])
    with open_store(tmp_path / "store.duckdb") as store:
        report = put(store, path)
        assert (report.problems, report.quarantined) == ([], 0)
        assert [file.kind for file in report.files] == ["calls"]
        assert calls(store) == WANTED
    assert b"EAAcanary" not in (tmp_path / "store.duckdb").read_bytes()


def test_no_token_reaches_the_quarantine(tmp_path: Path) -> None:
    lost = table(["time", "status", "url"], ["", "200", ADDRESS], [TOKEN, "200", "x"], ["1", TOKEN, ADDRESS, "", TOKEN])
    broken = [{"url": ADDRESS, "status": TOKEN}, {"url": ADDRESS}, json.dumps({"url": ADDRESS})[:-4]]
    paths = [write(tmp_path / "a.csv", lost), write(tmp_path / "b.jsonl", broken)]
    with open_store(tmp_path / "store.duckdb") as store:
        report = put(store, *paths)
        assert (report.loaded, report.quarantined) == (0, 6)
        assert "EAAcanary" not in str(quarantined(store)) + str(report)
    assert b"EAAcanary" not in (tmp_path / "store.duckdb").read_bytes()


def test_a_row_of_a_table_at_fault_names_its_column(store: Store, tmp_path: Path) -> None:
    rows = [["", "200"], ["never", "200"], [str(T), "999"], [str(T), ""]]
    put(store, write(tmp_path / "calls.csv", table(["called_at", "status"], *rows)))
    found = [(row.line, row.column, row.value) for row in quarantined(store)]
    assert found == [(2, "called_at", None), (3, "called_at", "never"), (4, "status", "999"), (5, None, None)]


# --- more than one file -------------------------------------------------------------------------------------------


def log(path: Path, seconds: Sequence[int]) -> Path:
    return write(path, [{"time": T + second, "status": 200} for second in seconds])


def test_a_row_of_another_file_is_a_duplicate_and_one_of_the_same_file_is_none(store: Store, tmp_path: Path) -> None:
    assert put(store, log(tmp_path / "a.jsonl", [0, 0, 1])).loaded == 3
    report = put(store, log(tmp_path / "b.jsonl", [1, 2, 2]))
    assert (report.loaded, report.duplicates) == (2, 1)
    assert [call[0] - T for call in calls(store)] == [0, 0, 1, 2, 2]


def test_a_log_that_is_loaded_again_is_known(store: Store, tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", range(5))
    put(store, path)
    again = put(store, path)
    assert (again.rows, [file.kind for file in again.known]) == (0, ["calls"])
    assert len(calls(store)) == 5


def test_many_small_files_are_read_as_each_alone(store: Store, tmp_path: Path) -> None:
    paths = [log(tmp_path / f"{number:02}.jsonl", [number]) for number in range(30)]
    assert put(store, tmp_path).loaded == len(paths)
    assert [call[0] - T for call in calls(store)] == list(range(30))


def test_a_newer_version_of_a_log_heals_what_was_quarantined(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"time": T, "status": 200}, {"time": T + 1, "status": 200}, {"time": T + 2}])
    assert put(store, path).quarantined == 1
    report = put(store, log(path, [0, 1, 2]))
    assert (report.loaded, report.duplicates, report.healed) == (1, 2, 1)
    assert quarantined(store) == []


# --- mapping ------------------------------------------------------------------------------------------------------


def test_a_source_of_the_configuration_says_which_column_is_what(store: Store, tmp_path: Path) -> None:
    text = table(["when", "answer", "note"], ["21.09.2026 16:13:20", "200", "x"], ["13/09/2026 16:13:20", "500", "y"])
    path = write(tmp_path / "app.csv", text)
    write(
        tmp_path / "funnelcheck.toml",
        '[source.app]\nkind = "calls"\nfiles = "app.csv"\ncall_time = "when"\nhttp_status = "answer"\n'
        'time_zone = "Europe/Paris"\n[source.app.where]\nnote = ["x"]\n',
    )
    config = load(tmp_path / "funnelcheck.toml")
    report = put(store, path, config=config)
    assert (report.loaded, report.passed_over) == (1, 1)
    assert calls(store) == [(T, True, 200, None, None)]


def test_a_source_of_json_takes_paths(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "app.json", json.dumps({"log": [{"at": {"s": T}, "a": {"c": 190}}, {"at": {"s": T}}]}))
    fields = {"call_time": "at.s", "error_code": "a.c"}
    source = SourceConfig("app", kind="calls", files=("app.json",), records="log", fields=fields)
    report = put(store, path, config=Config(sources={"app": source}))
    assert (report.loaded, report.quarantined) == (1, 1)
    assert calls(store) == [(T, False, None, 190, None)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("status\n200\n", "no column for the time of the call"),
        (f"time,url\n{T},x\n", "no column for what came of a call"),
        (f"time,date,status\n{T},2026-09-21,200\n", 'could be the time of the call: "time", "date"'),
        ("time,status\n2/1/2026 10:00:00,200\n", "can be 2026-01-02"),
    ],
)
def test_a_table_that_leaves_a_doubt_is_a_line_that_names_it(
    text: str, what: str, store: Store, tmp_path: Path
) -> None:
    report = put(store, write(tmp_path / "calls.csv", text), log(tmp_path / "good.jsonl", [0]))
    assert len(report.problems) == 1
    assert what in report.problems[0].replace('"date", "time"', '"time", "date"')
    assert report.loaded == 1


def test_a_source_without_an_outcome_is_a_line_that_says_so(store: Store, tmp_path: Path) -> None:
    source = SourceConfig("app", kind="calls", files=("calls.csv",), fields={"call_time": "time"})
    report = put(store, write(tmp_path / "calls.csv", "time,status\n1,200\n"), config=Config(sources={"app": source}))
    assert "which column tells what came of a call" in report.problems[0]


def test_map_proposes_a_source_that_reads_the_log(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", table(["Time", "code", "error.code"], [f"{T}", "200", ""], [f"{T}", "", "4"]))
    found = suggest(str(path))
    assert found.settings is not None
    assert found.settings.kind == "calls"
    assert found.settings.fields == {"call_time": "Time", "http_status": "code", "error_code": "error.code"}
    assert put(store, path, config=Config(sources={"x": found.settings})).loaded == 2


@pytest.mark.parametrize(
    "header", [["record", "status", "created_at"], ["lead_id", "http_status", "timestamp"], ["time", "url"]]
)
def test_map_takes_no_other_table_for_a_log_of_calls(header: list[str], tmp_path: Path) -> None:
    rows = [[LEAD, "Won", "2026-09-21T10:00:00Z"][: len(header)]]
    settings = suggest(str(write(tmp_path / "t.csv", table(header, *rows)))).settings
    assert settings is None or settings.kind != "calls"


# --- the command line ---------------------------------------------------------------------------------------------


def test_the_option_can_be_given_again_and_does_for_ingest_alone(tmp_path: Path) -> None:
    paths = [log(tmp_path / f"{name}.jsonl", [place]) for place, name in enumerate("ab")]
    told = CliRunner().invoke(
        cli,
        ["ingest", "--calls", str(paths[0]), "--calls", str(paths[1]), "--store", str(tmp_path / "s.duckdb")],
        standalone_mode=False,
    )
    assert told.exit_code == 0
    assert "2 rows = 2 loaded" in told.output


def test_attestations_that_are_none_are_errors_of_the_configuration(tmp_path: Path) -> None:
    for text, what in [
        ('[partner]\nauthentication = "token"', "partner.authentication"),
        ("[partner]\nmbe_webhok = true", "mbe_webhook"),
        (f'[advertiser.a]\nsystem_user_token_made = "{TOKEN}"', "true or false"),
        ("[advertiser.a]\nbusiness_id = 12", "in quotes"),
        ("[partner]\npermissions = true", "list of texts"),
    ]:
        write(tmp_path / "funnelcheck.toml", text + "\n")
        with pytest.raises(ConfigError, match=what) as error:
            load(tmp_path / "funnelcheck.toml")
        assert TOKEN not in str(error.value)
