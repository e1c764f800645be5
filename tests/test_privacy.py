"""Canaries in every input, looked for in everything that every command says and writes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from ingest_samples import URL, table

from funnelcheck.cli import run as command
from funnelcheck.render.ci import FORMATS

AS_OF = 1_795_305_600  # 2026-11-22
DAY = 86_400
EMAIL, PHONE, NAME = "jane.canary@example.com", "+49 151 5550 1234", "Canaria Birdwood"
TOKEN = "EAAcanary" + "x1Y2" * 20
LEADS = [str(9_876_543_210_000_000 + 7_919 * i) for i in range(40)]
CANARIES = (EMAIL, PHONE, PHONE.replace(" ", ""), NAME, TOKEN, *LEADS)
USER = {"em": EMAIL, "ph": PHONE, "fn": NAME}


def event(i: int, stage: str, day: int, **changes: Any) -> dict[str, Any]:
    whole = {
        "event_name": stage,
        "event_time": AS_OF - day * DAY - i,
        "action_source": "system_generated",
        "user_data": {"lead_id": LEADS[i % len(LEADS)]} | (USER if i % 3 == 0 else {}),
        "custom_data": {"event_source": "crm", "lead_event_source": "My CRM", "note": f"{EMAIL} {PHONE}"},
    }
    return whole | changes


def records() -> Iterator[dict[str, Any]]:
    """What was sent: faultless and faulty events, in envelopes and as a request with a refusal."""
    for i in range(120):
        stage, day = ("Lead", "Qualified", "Won")[i % 3], 2 + i % 20
        wrong: dict[str, Any] = {"action_source": "website"} if i % 9 == 0 else {}
        wrong |= {"user_data": {"lead_id": f"l:{LEADS[i % 40]}x"}} if i % 11 == 0 else {}
        wrong |= {"event_time": (AS_OF - day * DAY) * 1_000} if i % 13 == 0 else {}
        wrong |= {"event_name": f"called {EMAIL}"} if i % 29 == 0 else {}
        one = event(i, stage, day, **wrong)
        yield {"advertiser_id": "acme", "dataset_id": "900000000000007", "upload_time": AS_OF - day * DAY, "event": one}
    yield {
        "advertiser_id": "acme",
        "url": f"{URL}?access_token={TOKEN}",
        "sent_at": AS_OF - DAY,
        "request": {"data": [event(i, "Lead", 1) for i in range(9)], "access_token": TOKEN},
        "response": {
            "status": 400,
            "body": {"error": {"code": 190, "message": f"Bad {TOKEN} for {EMAIL}", "error_user_msg": f"call {PHONE}"}},
        },
    }


def fill(folder: Path) -> None:
    """Every kind of input, each with canaries: sound rows and rows that end in quarantine."""
    for name in ("logs", "leads", "history", "calls"):
        (folder / name).mkdir()
    broken = [json.dumps({"event": USER | {"event_time": EMAIL}, "token": TOKEN}), json.dumps(event(1, "Lead", 1))[:-9]]
    (folder / "logs" / "sent.jsonl").write_text("\n".join([*map(json.dumps, records()), *broken]) + "\n")
    header = ["lead_id", "event_name", "event_time", "email", "advertiser_id"]
    sound = [LEADS[3], "Lead", str(AS_OF - DAY), EMAIL, "acme"]
    (folder / "logs" / "table.csv").write_text(table(header, sound, [EMAIL, "Won", PHONE, NAME, "acme"]))
    cells = [[f"l:{one}", "2026-11-05T08:00:00+0000", "f:1", EMAIL, PHONE, NAME, "acme"] for one in LEADS]
    lead_header = ["id", "created_time", "form_id", "email", "phone_number", "full_name", "advertiser_id"]
    bad = [[EMAIL, "2026-11-05T08:00:00+0000", *cells[0][2:]], [LEADS[0], PHONE, *cells[0][2:]]]
    (folder / "leads" / "leads.csv").write_text(table(lead_header, *cells, *bad))
    stages = [[one, "Qualified", "2026-11-06T08:00:00+00:00", EMAIL, "acme"] for one in LEADS]
    (folder / "history" / "crm.csv").write_text(table(header, *stages, [EMAIL, "Won", PHONE, NAME, "acme"]))
    call = {"time": AS_OF - DAY, "http_status": 400, "url": f"{URL}?access_token={TOKEN}", "error_code": 17}
    call |= {"error_message": f"{TOKEN} of {EMAIL}", "access_token": TOKEN, "app_id": "1"}
    (folder / "calls" / "calls.jsonl").write_text(json.dumps(call) + "\n" + json.dumps(call)[:-7] + "\n")
    (folder / "funnelcheck.toml").write_text(
        '[advertiser.acme]\ncontact = "desk@acme.example"\n[[waiver]]\nrule = "EVT001"\nadvertiser = "acme"\n'
        'until = 2026-12-31\nby = "Ada"\nreason = "a reason"\n'
    )


COMMANDS: dict[str, list[str]] = {
    "check": ["check", "-v"],
    "check json": ["check", "--format", "json=check.json", "--format", "text"],
    "check formats": ["check", *(part for name in FORMATS for part in ("--format", f"{name}=check.{name}"))],
    "check github": ["check", "--format", "github", "--format", "markdown"],
    "report": ["report", "--out", "report"],
    "report fr": ["report", "--lang", "fr", "--out", "rapport"],
    "shared": ["report", "--share", "--out", "shared"],
    "quarantine": ["quarantine", "--out", "quarantine.csv"],
    "quarantine list": ["quarantine"],
    "runs": ["runs"],
    "diff": ["diff", "--format", "json"],
    "digest": ["digest", "--format", "markdown", "--out", "digest.html"],
    "mail": ["mail", "--out", "mails"],
    "slack": ["notify", "--to", "slack"],
    "teams": ["notify", "--to", "teams"],
    "evidence": ["evidence", "--advertiser", "acme", "--out", "evidence.zip"],
    "export csv": ["export", "--out", "findings.csv"],
    "export xlsx": ["export", "--out", "findings.xlsx"],
    "rows EVT001": ["rows", "EVT001", "--limit", "0"],
    "rows EVT007": ["rows", "EVT007", "--out", "rows.jsonl"],
    "rows REQ004": ["rows", "REQ004"],
    "rows COV001": ["rows", "COV001"],
    "map leads": ["map", "leads/leads.csv"],
    "map log": ["map", "logs/table.csv"],
    "unknown advertiser": ["check", "--advertiser", "nobody"],
    "unreadable": ["ingest", "logs/sent.jsonl", "nowhere.jsonl"],
}
NO_STORE = {"map"}
NO_AS_OF = {"map", "quarantine", "runs", "diff", "ingest"}


def call(arguments: list[str], folder: Path) -> int:
    """The exit code of a command on the store of a folder."""
    store = [] if arguments[0] in NO_STORE else ["--store", str(folder / "store.duckdb")]
    as_of = [] if arguments[0] in NO_AS_OF else ["--as-of", "2026-11-22"]
    return command([*arguments, *store, *as_of])


def texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything written below a folder but the inputs and the store; what is packed is unpacked."""
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_file() or relative.parts[0] in {"logs", "leads", "history", "calls", "store.duckdb"}:
            continue
        content = file.read_bytes()
        if file.suffix in {".zip", ".xlsx"}:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from ((f"{relative}:{name}", archive.read(name)) for name in archive.namelist())
        elif file.suffix == ".eml":
            parts = message_from_bytes(content).walk()
            yield from (
                (str(relative), part.get_payload(decode=True) or b"") for part in parts if not part.is_multipart()
            )
        else:
            yield str(relative), content


def found(text: bytes, canaries: tuple[str, ...] = CANARIES) -> list[str]:
    """The canaries in a text, however it is escaped."""
    plain = text.replace(b"\\u00a0", b" ").replace(b"&#43;", b"+").replace(b"%40", b"@").replace(b"\\u002b", b"+")
    return [canary for canary in canaries if canary.encode() in plain]


def test_no_canary_is_in_anything_that_is_said_or_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path)
    sources = ["logs", "--leads", "leads", "--history", "history", "--calls", "calls", "--out", "first"]
    heard = {}
    assert call(["run", *sources], tmp_path) in (0, 3)
    heard["run"] = "".join(capfd.readouterr())
    assert call(["run", *sources, "--lang", "fr"], tmp_path) in (0, 3)
    for name, arguments in COMMANDS.items():
        code = call(arguments, tmp_path)
        heard[name] = "".join(capfd.readouterr())
        assert code in (0, 1) or name in ("unknown advertiser", "unreadable", "diff"), (name, heard[name])
    amiss = {name: found(text.encode()) for name, text in heard.items() if found(text.encode())}
    assert amiss == {}
    written = dict(texts(tmp_path))
    assert {
        "first/results.json",
        "report/index.html",
        "check.json",
        "digest.html",
        "findings.csv",
        "check.sarif",
    } <= set(written)
    assert any(name.startswith("evidence.zip:rows/") for name in written)
    assert any(name.startswith("mails/") for name in written)
    assert {name: found(text) for name, text in written.items() if found(text)} == {}
    pages = b"".join(text for name, text in written.items() if name.startswith("report/advertiser"))
    assert b"################~" in pages  # rows at fault are there, masked
    shared = b"".join(text for name, text in written.items() if name.startswith("shared/"))
    assert b"################~" not in shared
    assert b"logs/sent.jsonl" not in shared


def test_ids_are_shown_where_that_is_asked_for_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path)
    call(["ingest", "logs", "--leads", "leads", "--history", "history"], tmp_path)
    capfd.readouterr()
    assert call(["report", "--show-ids", "--out", "open"], tmp_path) == 0
    page = b"".join(file.read_bytes() for file in (tmp_path / "open").glob("advertiser-acme-*.html"))
    assert found(page, tuple(LEADS))
    assert b"not to be passed on" in page
    assert found(page, (EMAIL, PHONE, NAME, TOKEN)) == []
