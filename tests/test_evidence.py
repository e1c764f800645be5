"""The evidence of one advertiser: whole, checkable with the system's own program, and about nobody else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import delivery_samples
import pytest
from test_judgement import AS_OF, event

from funnelcheck.ingestion import ingest
from funnelcheck.store import open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return delivery_samples.fill(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="module")
def packed(store: Path) -> Path:
    out = store.parent / "a.zip"
    assert delivery_samples.funnelcheck(store, "evidence", "--advertiser", "a", "--out", out) == 0
    return out


@pytest.fixture(scope="module")
def members(packed: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_it_holds_the_report_the_rows_the_sql_and_what_is_what(members: dict[str, bytes]) -> None:
    document = json.loads(members["results.json"])
    (result,) = document["advertisers"]
    assert result["advertiser_id"] == "a"
    bad = {rule["code"] for rule in result["rules"] if rule["status"] in ("fail", "warn")}
    assert {"EVT001", "DAT004"} <= bad
    assert {name[4:-4] for name in members if name.startswith("sql/")} == bad
    assert {name[5:-4] for name in members if name.startswith("rows/")} < bad
    assert b"-- EVT001: " in members["sql/EVT001.sql"]
    (page,) = (name for name in members if name.startswith("advertiser-a-"))
    assert b"<!doctype html>" in members[page]
    told = members["README.txt"].decode()
    for name in [*(name for name in members if "/" not in name), "rows/", "sql/", *bad]:
        assert name in told or name in ("index.html", "README.txt"), name
    versions = json.loads(members["versions.json"])
    assert versions["guide_edition"] == "six-step edition, undated"
    assert versions["run_id"] in told
    assert versions["run_id"] == hashlib.sha256(members["results.json"]).hexdigest()[:16]


def test_the_systems_own_program_finds_every_file_as_it_was(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
        names = set(archive.namelist())
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.removesuffix(": OK") for line in done.stdout.splitlines()} == names - {"SHA256SUMS"}
    (tmp_path / "results.json").write_text("{}")
    broken = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False)
    assert broken.returncode == 1


def test_the_digests_of_the_inputs_are_those_of_the_files(members: dict[str, bytes], store: Path) -> None:
    inputs = table(members["inputs.csv"])
    assert sorted(Path(row["path"]).name for row in inputs) == ["a.jsonl", "answers.jsonl"]
    for row in inputs:
        assert row["sha256"] == hashlib.sha256(Path(row["path"]).read_bytes()).hexdigest()


def test_the_trace_ids_of_refused_and_answered_requests_are_there(members: dict[str, bytes]) -> None:
    rows = table(members["trace_ids.csv"])
    assert [(row["trace_id"], row["http_status"], row["accepted"]) for row in rows] == [
        ("AbcRefused", "400", "False"),
        ("AbcTaken", "200", "True"),
    ]


def test_no_canary_and_no_other_advertiser_is_in_it(members: dict[str, bytes]) -> None:
    everything = b"".join(members.values())
    for canary in (*delivery_samples.CANARIES, delivery_samples.OTHER):
        assert canary.encode() not in everything, canary
    rows = table(members["rows/EVT001.csv"])
    assert len(rows) == 30
    assert {row["advertiser_id"] for row in rows} == {"a"}
    assert len({row["lead_id"] for row in rows}) == 1
    assert rows[0]["lead_id"].startswith("################~")
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@"]


def test_the_same_store_and_instant_give_the_same_bytes(packed: Path, store: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    assert delivery_samples.funnelcheck(store, "evidence", "--advertiser", "a", "--out", again) == 0
    assert again.read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(again) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
    assert [file.name for file in tmp_path.iterdir()] == ["again.zip"]


def test_one_without_fault_has_evidence_too_and_a_name_of_its_own(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert delivery_samples.funnelcheck(store, "evidence", "--advertiser", delivery_samples.OTHER) == 0
    (made,) = tmp_path.iterdir()
    assert made.name.startswith(f"evidence-{delivery_samples.OTHER}-")
    assert made.name in capsys.readouterr().err
    with zipfile.ZipFile(made) as archive:
        assert table(archive.read("trace_ids.csv")) == []


def test_a_hostile_advertiser_names_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "../../etc/\x1b[31mevil\u202e"
    (tmp_path / "log.jsonl").write_text(json.dumps(event(1, "../Lead", AS_OF - 60, advertiser_id=name)) + "\n")
    with open_store(tmp_path / "s.duckdb") as opened:
        ingest(opened, [str(tmp_path / "log.jsonl")])
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert delivery_samples.funnelcheck(tmp_path / "s.duckdb", "evidence", "--advertiser", name) == 0
    (made,) = (tmp_path / "in").iterdir()
    with zipfile.ZipFile(made) as archive:
        assert not [entry for entry in archive.namelist() if entry.startswith((".", "/")) or ".." in entry]
        assert "\x1b" not in archive.read("README.txt").decode()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Missing option '--advertiser'"),
        (("--advertiser", "a", "--out", "no/such/folder.zip"), 3, "no/such/folder.zip: cannot be written"),
    ],
)
def test_what_cannot_be_packed_is_said_in_a_line(
    arguments: tuple[str, ...], code: int, words: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert delivery_samples.funnelcheck(store, "evidence", *arguments) == code
    assert words in capsys.readouterr().err
