"""What the tests of delivery share: a store with everything that must not get out, and a local server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ingest_samples import URL
from test_judgement import AS_OF, DAY, event

from funnelcheck.cli import run as command
from funnelcheck.ingestion import ingest
from funnelcheck.store import open_store

EMAIL, PHONE, TOKEN, LEAD = "canary@example.com", "+49 151 5550 1234", "EAAcanary" + "x1Y2" * 20, "9876543210987654"
CANARIES = (EMAIL, PHONE, TOKEN, LEAD)
OTHER = "somebody-else"
DATASET = "6426091645336053"


def wrong(i: int, **more: Any) -> dict[str, Any]:
    """An event of advertiser `a` that EVT001 finds at fault, with a lead id that must not get out."""
    one = event(1, f"=cmd|'{EMAIL}'" if i % 2 else "Lead", AS_OF - DAY - 60 * i, **more)
    one["event"] |= {"action_source": "website", "user_data": {"lead_id": LEAD, "em": EMAIL, "ph": PHONE}}
    return one


def exchange(trace: str, status: int) -> dict[str, Any]:
    """A request of advertiser `a` and Meta's answer."""
    error = {"error": {"code": 190, "message": f"Bad token {TOKEN} for {EMAIL}", "fbtrace_id": trace}}
    return {
        "advertiser_id": "a",
        "url": f"{URL}?access_token={TOKEN}",
        "sent_at": AS_OF - DAY,
        "request": {"data": [event(7, "Lead", AS_OF - 2 * DAY)["event"]], "access_token": TOKEN},
        "response": {"status": status, "body": error if status != 200 else {"events_received": 1, "fbtrace_id": trace}},
    }


def fill(folder: Path) -> Path:
    """A store in a folder of two advertisers' logs."""
    logs = {
        "a.jsonl": [wrong(i) for i in range(30)] + [event(99, "Lead", AS_OF - 5 * DAY, dataset_id=DATASET)],
        "answers.jsonl": [exchange("AbcRefused", 400), exchange("AbcTaken", 200)],
        f"{OTHER}.jsonl": [event(5, "Lead", AS_OF - DAY, advertiser_id=OTHER)],
    }
    for name, records in logs.items():
        (folder / name).write_text("".join(json.dumps(one) + "\n" for one in records))
    with open_store(folder / "store.duckdb") as store:
        report = ingest(store, [str(folder / name) for name in logs])
        assert report.loaded == 34, report
    return folder / "store.duckdb"


def funnelcheck(store: Path, *arguments: str | Path, as_of: str = "2026-11-22") -> int:
    """The exit code of a command on a store, as a process would have it."""
    return command([*map(str, arguments), "--store", str(store), "--as-of", as_of])


class Server(ThreadingHTTPServer):
    """A web server of this machine that keeps what it is sent."""

    status = 200
    answer = b"ok"
    location = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/services/T0/secret"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.got.append((self.path, self.headers.get("Content-Type", ""), body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.answer)

    do_GET = do_POST  # noqa: N815 - the name that the library asks for

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the block runs."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
