"""Rows a second of each format, and the memory that loading one takes: `python tests/benchmark.py [ROWS] [FORMAT ...]`.

FUNNELCHECK_MEMORY=1GB sets the engine's limit. By hand: figures of a shared machine are no test. Each format is loaded
by a process of its own.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

ROWS = 200_000
COLUMNS = (
    "advertiser_id,dataset_id,upload_time,http_status,event_name,event_time,lead_id,action_source,event_source,"
    "lead_event_source"
).split(",")
STAGES = ("Lead", "Qualified", "Appointment", "Won")


def rows(number: int) -> Iterator[list[str]]:
    """Events of fifty advertisers, four stages a lead, in the order of COLUMNS."""
    seeded = random.Random(7)
    for place in range(number):
        advertiser, lead, stage = place % 50, place // 4, place % 4
        event_time = 1_790_000_000 + lead * 7 + stage * 86_400
        yield [
            f"advertiser-{advertiser}",
            str(900_000_000_000_000 + advertiser),
            str(event_time + seeded.randrange(3_600)),
            "200",
            STAGES[stage],
            str(event_time),
            str(1_000_000_000_000_000 + lead),
            "system_generated",
            "crm",
            "Benchmark CRM",
        ]


def event_of(row: Sequence[str]) -> dict[str, object]:
    """A row as an enveloped event."""
    cells = dict(zip(COLUMNS, row, strict=True))
    return {
        "advertiser_id": cells["advertiser_id"],
        "dataset_id": cells["dataset_id"],
        "upload_time": int(cells["upload_time"]),
        "http_status": 200,
        "event": {
            "event_name": cells["event_name"],
            "event_time": int(cells["event_time"]),
            "action_source": cells["action_source"],
            "user_data": {"lead_id": int(cells["lead_id"])},
            "custom_data": {"event_source": "crm", "lead_event_source": cells["lead_event_source"]},
        },
    }


def app_requests(number: int, events: int) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Requests of `events` App Events each, as what a log says of one and its parameters."""
    seeded = random.Random(7)
    for place in range(0, number, events):
        app, sent = 700_000_000_000_000 + place % 50, 1_790_000_000 + place * 7
        listed = [
            {
                "_eventName": "fb_mobile_purchase",
                "_logTime": sent - seeded.randrange(3_600),
                "event_id": str(place + i),
                "fb_content": json.dumps([{"id": "1234", "quantity": 2}]),
                "fb_content_type": "product",
                "_valueToSum": 21.97,
                "fb_currency": "GBP",
            }
            for i in range(min(events, number - place))
        ]
        parameters = {
            "event": "CUSTOM_APP_EVENTS",
            "advertiser_id": f"38400000-8cf0-11bd-b23e-{place:012x}",
            "advertiser_tracking_enabled": "1",
            "application_tracking_enabled": "1",
            "extinfo": json.dumps(["a2", "com.shop", 12, "1.2", "14", "Pixel 8", "fr_FR", "CET", "SFR", 1080, 2400]),
            "ud": json.dumps({"em": f"{place:064x}"}),
            "custom_events": json.dumps(listed),
        }
        log = {
            "advertiser": f"advertiser-{place % 50}",
            "url": f"https://graph.facebook.com/v19.0/{app}/activities",
            "sent_at": sent,
            "headers": {"X-Forwarded-For": f"81.2.69.{place % 250}"},
            "response": {"success": True},
        }
        yield log, parameters


def write_app_events(form: str, events: int) -> Callable[[Path, int], None]:
    def write(path: Path, number: int) -> None:
        with path.open("w", encoding="utf-8") as out:
            for log, parameters in app_requests(number, events):
                body = urlencode(parameters) if form == "form" else parameters
                out.write(json.dumps(log | {"body": body}) + "\n")

    return write


def write_json_lines(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(event_of(row)) + "\n" for row in rows(number))


def write_array(path: Path, number: int) -> None:
    path.write_text(json.dumps([event_of(row) for row in rows(number)], indent=1), encoding="utf-8")


def write_flat(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows(number))


def write_csv(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows(number)])


def write_windows_csv(path: Path, number: int) -> None:
    with path.open("w", encoding="cp1252", newline="") as out:
        writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerows([COLUMNS, *([*row[:4], f"{row[4]} é", *row[5:]] for row in rows(number))])


def write_parquet(path: Path, number: int) -> None:
    import polars

    polars.DataFrame(list(rows(number)), schema=COLUMNS, orient="row").write_parquet(path)


def write_xlsx(path: Path, number: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate([COLUMNS, *rows(number)]):
        sheet.write_row(place, 0, row)
    book.close()


def packed(command: list[str], write: Callable[[Path, int], None]) -> Callable[[Path, int], None]:
    def write_packed(path: Path, number: int) -> None:
        write(path.with_suffix(""), number)
        subprocess.run([*command, str(path.with_suffix(""))], check=True)

    return write_packed


FORMATS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "JSON Lines": ("log.jsonl", write_json_lines),
    "JSON Lines, gzip": ("log.jsonl.gz", packed(["gzip", "-q"], write_json_lines)),
    "JSON array, pretty-printed": ("log.json", write_array),
    "flat JSON Lines": ("flat.jsonl", write_flat),
    "CSV": ("log.csv", write_csv),
    "CSV, quoted, CRLF, Windows-1252": ("windows.csv", write_windows_csv),
    "Parquet": ("log.parquet", write_parquet),
    "XLSX": ("log.xlsx", write_xlsx),
    "App Events, form, 2 a request": ("form2.jsonl", write_app_events("form", 2)),
    "App Events, form, 20 a request": ("form20.jsonl", write_app_events("form", 20)),
    "App Events, JSON, 2 a request": ("json2.jsonl", write_app_events("json", 2)),
    "App Events, JSON, 20 a request": ("json20.jsonl", write_app_events("json", 20)),
}


def load(path: Path, folder: Path) -> tuple[float, float]:
    """Seconds and megabytes at most that one load takes."""
    settings = folder / "funnelcheck.toml"
    limit = os.environ.get("FUNNELCHECK_MEMORY")
    settings.write_text(f'memory_limit = "{limit}"\n' if limit else "", encoding="utf-8")
    store = folder / f"{path.name}.duckdb"
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "funnelcheck", "ingest", path, "--store", store, "--config", settings, "-q"]
    )
    if child.wait():
        raise SystemExit(f"{path.name}: not loaded")
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(number: int, wanted: Sequence[str]) -> None:
    """One line a format."""
    for name, (file, _) in FORMATS.items():
        if wanted and name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file
            subprocess.run(
                [sys.executable, __file__, "--write", name, str(path), str(number)], check=True, capture_output=True
            )
            size = path.stat().st_size / 1e6
            # a process of its own, so that the most memory is this format's
            told = subprocess.run(
                [sys.executable, __file__, "--load", str(path), folder], check=True, capture_output=True, text=True
            )
            seconds, memory = (float(part) for part in told.stdout.split()[-2:])
            print(f"{name:32} {size:9,.1f} MB {number / seconds:10,.0f} rows a second {memory:7,.0f} MB of memory")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        FORMATS[sys.argv[2]][1](Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--load"]:
        print(*load(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS, sys.argv[2:])
