"""Nothing is lost: rows that cannot be read are listed with their place, exported, and heal once they come whole."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ingest_samples import LEAD, TIME, enveloped, lines, write

from funnelcheck.config import Config, SourceConfig
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.ingestion.quarantine import exact_rows, quarantined
from funnelcheck.store import Store, open_store

HEADER = "advertiser,lead_id,stage,changed_at"


def load(store: Store, *paths: Path, **options: Any) -> IngestReport:
    report = ingest(store, [str(path) for path in paths], **options)
    for row in store.rows("from source_file"):
        assert row["rows_read"] == row["loaded"] + row["duplicates"] + row["quarantined"], row
        in_quarantine = "select count(*) from quarantine where file_id = $file_id"
        assert store.value(in_quarantine, {"file_id": row["file_id"]}) == row["quarantined"], row
    return report


def funnelcheck(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "funnelcheck", *arguments], cwd=cwd, capture_output=True, text=True)


def test_each_row_is_listed_with_file_line_column_value_and_reason(tmp_path: Path) -> None:
    rows = [
        f"acme,{LEAD},Lead,2026-09-21T14:13:20Z",
        "acme,,Won,2026-09-21T14:13:20Z",
        f"acme,{LEAD},,2026-09-21T14:13:20Z",
        f"acme,{LEAD},Won,soon",
        f"acme,{LEAD},Won,",
        f"acme,{LEAD},Won,2026-09-21T14:13:20Z,x,y",
        'acme,"12',
    ]
    path = write(tmp_path / "t.csv", "\n".join([HEADER, *rows]))
    with open_store() as store:
        load(store, path)
        found = [(row.line, row.column, row.value, row.reason) for row in quarantined(store)]
    assert found == [
        (3, "lead_id", None, "the row names no lead"),
        (4, "stage", None, "the row names no stage"),
        (5, "changed_at", "soon", "this is no time: soon"),
        (6, "changed_at", None, "the row has no time of the stage"),
        (7, None, None, "the row has 6 cells, the header 4"),
        (8, None, None, "a row with broken quotes"),
    ]


def test_a_mended_file_heals_its_rows_and_doubles_nothing(tmp_path: Path) -> None:
    good, bad = f"acme,{LEAD},Lead,2026-09-21T14:13:20Z", f"acme,{LEAD},Won,soon"
    path = write(tmp_path / "t.csv", "\n".join([HEADER, good, bad]))
    with open_store() as store:
        assert load(store, path).quarantined == 1
        write(path, "\n".join([HEADER, good, bad.replace("soon", "2026-09-22T14:13:20Z")]))
        report = load(store, path)
        assert (report.loaded, report.duplicates, report.healed) == (1, 1, 1)
        assert quarantined(store) == []
        assert [row["event_name"] for row in store.rows("from event order by event_time")] == ["Lead", "Won"]


def test_a_log_that_was_still_being_written_heals_when_it_is_whole(tmp_path: Path) -> None:
    whole = lines(*(enveloped(number) for number in range(5)))
    path = write(tmp_path / "log.jsonl", whole[:-40])
    with open_store() as store:
        assert (load(store, path).loaded, len(quarantined(store))) == (4, 1)
        write(path, whole)
        report = load(store, path)
        assert (report.loaded, report.duplicates, report.healed) == (1, 4, 1)
        assert (store.value("select count(*) from event"), quarantined(store)) == (5, [])


def test_another_log_of_the_same_name_heals_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", lines(enveloped(), "x"))
    with open_store() as store:
        load(store, path)
        write(path, lines(enveloped(1), enveloped(2)))
        assert load(store, path).healed == 0
        assert len(quarantined(store)) == 1


def test_a_mended_configuration_reads_the_same_file_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", f"{HEADER}\nacme,{LEAD},Lead,01/02/2026\nacme,{LEAD},Won,20/02/2026\n")
    fields = {"lead_id": "lead_id", "event_name": "stage", "event_time": "changed_at"}
    wrong = SourceConfig("crm", fields=fields, time_format="month-first")
    right = SourceConfig("crm", fields=fields, time_format="day-first")
    with open_store() as store:
        assert load(store, path, config=Config(sources={"crm": wrong})).quarantined == 1
        report = load(store, path, config=Config(sources={"crm": right}))
        assert (report.loaded, report.quarantined) == (2, 0)
        assert [row["t"] for row in store.rows("select event_time as t from event order by t")] == [
            1769904000,  # 2026-02-01
            1771545600,  # 2026-02-20
        ]
        assert len(load(store, path, config=Config(sources={"crm": right})).known) == 1
        assert store.value("select count(*) from source_file") == 1


def test_a_file_that_was_renamed_is_known(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [enveloped()])
    with open_store() as store:
        load(store, path)
        report = load(store, path.rename(tmp_path / "b.jsonl"))
        assert ([file.path for file in report.known], report.files) == ([str(tmp_path / "b.jsonl")], [])


def test_exact_rows_are_read_again_and_a_file_that_is_gone_or_changed_says_so(tmp_path: Path) -> None:
    hidden = '{"access_token": "EAAsecretsecretsecretsecretsecret", "x": 1}'
    log = write(tmp_path / "log.jsonl", f"{json.dumps(enveloped())}\n{hidden}\n")
    sheet = write(tmp_path / "t.csv", f'{HEADER}\nacme,{LEAD},"Won, late",soon\n')
    gone = write(tmp_path / "gone.jsonl", "x\n")
    changed = write(tmp_path / "changed.jsonl", "y\n")
    with open_store() as store:
        load(store, log, sheet, gone, changed)
        gone.unlink()
        write(changed, "z\n")
        rows = quarantined(store)
        texts, problems = exact_rows(store, rows)
        by_file = {Path(row.file).name: texts.get((row.file_id, row.line)) for row in rows}
        kept = {Path(row.file).name: row.row for row in rows}
    assert by_file == {
        "log.jsonl": hidden,
        "t.csv": f'acme,{LEAD},"Won, late",soon',
        "gone.jsonl": None,
        "changed.jsonl": None,
    }
    assert "EAAsecret" not in str(kept)
    assert sorted(problem.split(": ")[1].split(",")[0] for problem in problems) == [
        "the file has changed since it was loaded",
        "the file is gone",
    ]


def test_the_command_lists_exports_and_ends_with_its_codes(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", f'{HEADER}\n"=cmd()",{LEAD},=Won,soon\nacme,{LEAD},Lead,\x1b[31m\n')
    assert funnelcheck("ingest", "t.csv", cwd=tmp_path).returncode == 0
    listed = funnelcheck("quarantine", cwd=tmp_path)
    assert listed.returncode == 0
    assert 't.csv:2: column changed_at, "soon": this is no time: soon' in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "1 of 2 rows" in funnelcheck("quarantine", "--limit", "1", cwd=tmp_path).stdout
    assert funnelcheck("quarantine", "--file", "other", cwd=tmp_path).stdout == "No row is in quarantine.\n"
    assert funnelcheck("quarantine", "--exact", "--out", "q.csv", cwd=tmp_path).returncode == 0
    with (tmp_path / "q.csv").open(encoding="utf-8", newline="") as file:
        exported = list(csv.DictReader(file))
    assert [row["line"] for row in exported] == ["2", "3"]
    assert exported[0]["row"] == f"'=cmd(),{LEAD},=Won,soon"
    assert funnelcheck("quarantine", "--out", "q.jsonl", cwd=tmp_path).returncode == 0
    assert next(json.loads(line)["value"] for line in (tmp_path / "q.jsonl").read_text().splitlines()) == "soon"
    (tmp_path / "t.csv").unlink()
    missing = funnelcheck("quarantine", "--exact", cwd=tmp_path)
    assert (missing.returncode, "the file is gone" in missing.stderr) == (3, True)
    assert funnelcheck("quarantine", "--out", "no/such/q.csv", cwd=tmp_path).returncode == 3


@pytest.mark.parametrize("many", [20])
def test_a_folder_of_small_files_is_read_as_each_alone_would_be(tmp_path: Path, many: int) -> None:
    for number in range(many):
        record = enveloped(number) | {"advertiser_id": f"a{number % 3}"}
        text = {
            0: json.dumps(record),
            1: json.dumps(record, indent=2),
            2: json.dumps([record, "no record"]),
            3: f"\n\n{json.dumps(record)}\nbroken\n",
            4: "",
        }[number % 5]
        write(tmp_path / "logs" / f"{number:05}.json", text)
        write(tmp_path / "logs" / "tables" / f"{number:05}.csv", f"{HEADER}\nacme,{10**15 + number},Won,{TIME}\nx\n")
    with open_store() as together, open_store() as alone:
        load(together, tmp_path / "logs")
        for path in sorted((tmp_path / "logs").rglob("*.*")):
            load(alone, path)
        of_a_file = "select path, rows_read, loaded, duplicates, quarantined from source_file order by path"
        assert together.rows(of_a_file) == alone.rows(of_a_file)
        rows = "select path, line, reason from quarantine join source_file using (file_id) order by all"
        assert together.rows(rows) == alone.rows(rows)
        events = "select * exclude (request_id) from event order by all"
        assert together.rows(events) == alone.rows(events)
        places = "select path, line from request join source_file using (file_id) order by all"
        assert together.rows(places) == alone.rows(places)


def test_a_line_of_fifty_megabytes_and_other_monsters_cost_themselves_alone(tmp_path: Path) -> None:
    long = json.dumps(enveloped(1) | {"note": "x" * 50_000_000})
    digits = json.dumps(enveloped(2)).replace(f'"{LEAD}"', "1" * 40).replace(LEAD, "1" * 40)
    deep = "[" * 50_000 + "]" * 50_000
    twice = '{"upload_time": 1790000000, "event": {"event_name": "A", "event_name": "B", "event_time": 1790000000}}'
    path = tmp_path / "log.jsonl"
    texts = [json.dumps(enveloped()), long, digits, deep, twice, "\x00", json.dumps(enveloped(3))]
    path.write_bytes("\n".join(texts).encode() + b"\n\xff\xfe{}\n")
    with open_store() as store:
        report = load(store, path)
        assert (report.rows, report.loaded, report.quarantined) == (8, 5, 3)
        assert [row.line for row in quarantined(store)] == [4, 6, 8]
        names = store.rows("select lead_id, event_name from event order by request_id")
        assert [row["lead_id"] for row in names][2] == "1" * 40
        assert names[3]["event_name"] in ("A", "B")
