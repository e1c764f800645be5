"""What must not be in a store is not in its bytes, whatever carried it there; what is kept is enough to judge by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest
import xlsxwriter
from ingest_samples import LEAD, TIME, URL, enveloped, event, table, write

from funnelcheck.config import Config, SourceConfig
from funnelcheck.ingestion import ingest
from funnelcheck.ingestion.quarantine import quarantined
from funnelcheck.store import open_store

EMAIL, PHONE, NAME = "canary@example.com", "+4915112345678", "Canaria Bird"
TOKEN = "EAAcanary" + "x1Y2" * 20
DIGEST = hashlib.sha256(EMAIL.encode()).hexdigest()
MD5 = hashlib.md5(EMAIL.encode()).hexdigest()
SECRETS = (EMAIL, PHONE, TOKEN, DIGEST, DIGEST.upper(), MD5)
USER = {"lead_id": LEAD, "em": [DIGEST], "ph": [MD5], "fn": EMAIL}
HEADER = ["lead_id", "event_name", "event_time", "action_source", "em", "ph", "email", "phone", "full_name"]
ROW = [LEAD, "Won", str(TIME), "system_generated", DIGEST, MD5, EMAIL, PHONE, NAME]
BROKEN = [LEAD, "Won", str(TIME), EMAIL, DIGEST, MD5, EMAIL, PHONE, NAME, TOKEN, PHONE]


def parquet(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    polars.DataFrame([ROW, ROW], schema=HEADER, orient="row").write_parquet(path)
    return path


def xlsx(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([HEADER, ROW, BROKEN]):
            sheet.write_row(place, 0, cells)
    return path


def exchange() -> dict[str, Any]:
    return {
        "url": f"{URL}?access_token={TOKEN}",
        "sent_at": TIME,
        "request": {"data": [event(user_data=USER)], "access_token": TOKEN},
        "response": {"status": 400, "body": {"error": {"code": 190, "message": f"Bad token {TOKEN} for {EMAIL}"}}},
    }


LOGS: dict[str, Callable[[Path], Path]] = {
    "envelope.jsonl": lambda path: write(path, [enveloped(event=event(user_data=USER))]),
    "exchange.json": lambda path: write(path, json.dumps(exchange(), indent=1)),
    "broken.jsonl": lambda path: write(path, json.dumps(exchange())[:-3] + "\n" + json.dumps({"x": SECRETS})),
    "late.jsonl": lambda path: write(path, [enveloped() | {"upload_time": EMAIL}]),
    "table.csv": lambda path: write(
        path, table(HEADER, ROW, BROKEN, [EMAIL, *ROW[1:]], [LEAD, "Won", PHONE, *ROW[3:]])
    ),
    "plain.csv": lambda path: write(
        path, table(HEADER[:3], [EMAIL, "Won", "1"], [LEAD, "Won", PHONE], [DIGEST, "a", TOKEN])
    ),
    "table.parquet": parquet,
    "table.xlsx": xlsx,
}
LEADS: dict[str, Callable[[Path], Path]] = {
    "leads.json": lambda path: write(path, json.dumps({"data": [{"id": EMAIL, "field_data": SECRETS}]})),
    "leads.csv": lambda path: write(
        path, table(["id", "created_time", "email"], [LEAD, EMAIL, EMAIL], [TOKEN, "x", PHONE])
    ),
}


@pytest.mark.parametrize("name", [*LOGS, *LEADS])
def test_no_secret_is_in_the_bytes_of_the_store_or_in_what_is_said(name: str, tmp_path: Path) -> None:
    path = (LOGS | LEADS)[name](tmp_path / "in" / name)
    sources = ([str(path)], []) if name in LOGS else ([], [str(path)])
    with open_store(tmp_path / "store.duckdb") as store:
        report = ingest(store, *sources)
        assert report.rows > 0, report
        told = str(quarantined(store)) + str(report)
        texts = told + "".join(
            str(row)
            for entry in store.rows("select table_name as t from duckdb_tables() where not internal and not temporary")
            for row in store.rows(f"from {entry['t']}")
        )
    content = texts.encode() + (tmp_path / "store.duckdb").read_bytes()
    assert [secret for secret in SECRETS if secret.encode() in content] == []


def test_the_forms_and_a_short_digest_are_kept_and_tell_values_apart(tmp_path: Path) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    users = [{"lead_id": LEAD, "em": value} for value in (DIGEST, [DIGEST], other, DIGEST.upper(), MD5, EMAIL)]
    path = write(tmp_path / "log.jsonl", [event(user_data=user) for user in users])
    forms = []
    for _ in range(2):
        with open_store() as store:
            ingest(store, [str(path)])
            forms.append([row["f"] for row in store.rows("select digest_forms as f from event order by request_id")])
    assert [form.split(":")[1] for form in forms[0]] == ["sha256", "sha256", "sha256", "upper", "md5", "plain"]
    assert all(re.fullmatch("em:[a-z0-9]+:[0-9a-f]{12}", form) for form in forms[0])
    assert len(set(forms[0])) == len(users)
    assert not set(forms[0]) & set(forms[1])  # another store, another key


def test_values_are_kept_where_the_configuration_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "log.jsonl", [enveloped(event=event(user_data=USER))])
    sheet = write(tmp_path / "t.csv", table(HEADER, ROW))
    with open_store() as store:
        ingest(store, [str(path), str(sheet)], config=Config(store_user_data=True))
        kept = [row["u"] for row in store.rows("select user_data as u from event order by request_id")]
    assert json.loads(kept[0]) == USER
    assert DIGEST in kept[1]


def test_people_whom_a_crm_knows_by_their_address_meet_without_it(tmp_path: Path) -> None:
    history = write(tmp_path / "h.csv", table(["who", "stage", "at"], [EMAIL, "Won", "2026-09-21T10:00:00Z"]))
    leads = write(tmp_path / "l.csv", table(["who", "since"], [EMAIL.upper(), "2026-09-20T10:00:00Z"]))
    fields = {"lead_id": "who", "event_name": "stage", "event_time": "at"}
    sources = {
        "h": SourceConfig("h", kind="history", files=("h.csv",), fields=fields),
        "l": SourceConfig("l", files=("l.csv",), fields={"lead_id": "who", "created_time": "since"}),
    }
    with open_store(tmp_path / "store.duckdb") as store:
        ingest(store, [], [str(leads)], history_sources=[str(history)], config=Config(sources=sources))
        assert store.value("select count(*) from event join lead using (lead_id)") == 1
    assert EMAIL.encode() not in (tmp_path / "store.duckdb").read_bytes().lower()
