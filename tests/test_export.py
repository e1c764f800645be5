"""Findings as a table: whole, masked, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import delivery_samples
import html_samples as samples
import pytest
from python_calamine import CalamineWorkbook

from funnelcheck.delivery import export
from funnelcheck.errors import OutputError
from funnelcheck.reported import DatasetUse, Run

EVIL = [
    "=cmd|'/c calc'!A1",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "https://evil.example",
    "_x0041_\x00\x1b\ufffe",
    "1e5",
]


def hostile() -> Run:
    base = samples.blocked()
    found = tuple(replace(base.findings[0], code=f"ZZZ{i:03}", message=text, title=text) for i, text in enumerate(EVIL))
    long = replace(base.findings[0], code="ZZZ999", message="w" * 40_000, value=float("inf"))
    return samples.run(replace(base, advertiser_id="=1+1", findings=(*found, long)))


def read(path: Path) -> list[dict[str, Any]]:
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(head, row, strict=True)) for row in rows]


def written(run: Run, path: Path, salt: str | None = "salt") -> Path:
    export.ready(path)
    export.write(export.rows(run, salt), path, run.as_of)
    return path


def test_a_row_an_advertiser_and_rule_with_numbers_as_numbers(tmp_path: Path) -> None:
    run = samples.run(samples.blocked(), samples.ready())
    rows = read(written(run, tmp_path / "f.xlsx"))
    assert list(rows[0]) == export.COLUMNS
    assert len(rows) == sum(len(result.findings) for result in run.advertisers)
    coverage = next(row for row in rows if row["code"] == "COV001")
    assert (coverage["verdict"], coverage["step"], coverage["status"]) == ("not_ready", 3, "fail")
    assert (coverage["value"], coverage["n"], coverage["affected"], coverage["threshold"]) == (0.312, 480, 330, 0.6)
    band = next(row for row in rows if row["code"] == "FUN006")
    assert (band["threshold"], band["threshold_high"]) == (0.01, 0.4)
    unknown = next(row for row in rows if row["status"] == "not_evaluable")
    assert unknown["value"] == ""


def test_csv_and_json_lines_hold_the_same(tmp_path: Path) -> None:
    run = samples.run(samples.blocked())
    with written(run, tmp_path / "f.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in written(run, tmp_path / "f.jsonl").read_text().splitlines()]
    sheet = read(written(run, tmp_path / "f.xlsx"))
    assert [row["message"] for row in rows] == [line["message"] for line in lines] == [row["message"] for row in sheet]
    assert len(rows) == len(run.advertisers[0].findings)


def test_nothing_is_a_formula_or_a_link(tmp_path: Path) -> None:
    path = written(hostile(), tmp_path / "f.xlsx")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in names}  # noqa: S314 - ours; all is XML
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert {tag.tag.rpartition("}")[2] for tag in sheet.iter()} & {"f", "hyperlink", "hyperlinks"} == set()
    assert not [name for name in names if "externalLink" in name or "rels" in name.split("/")[1:2]]
    cells = [cell for cell in sheet.iter() if cell.tag.endswith("}c")]
    assert {cell.get("t") for cell in cells} <= {"s", "n", None}
    rows = read(path)
    assert {row["advertiser_id"] for row in rows} == {"=1+1"}
    assert [row["message"] for row in rows[:4]] == EVIL[:4]
    assert rows[8]["message"] == "1e5"
    assert rows[7]["message"].startswith("_x0041_")
    assert len(rows[9]["message"]) == 32_767
    assert rows[9]["value"] == "inf"


def test_csv_takes_the_sting_out_of_formulas(tmp_path: Path) -> None:
    with written(hostile(), tmp_path / "f.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_ids_in_messages_are_masked_unless_they_are_asked_for_and_a_dataset_is_nobody(tmp_path: Path) -> None:
    base, dataset = samples.blocked(), "998001112223334"
    told = f"lead {delivery_samples.LEAD} of dataset {dataset} by {delivery_samples.EMAIL}"
    findings = (replace(base.findings[0], message=told),)
    run = samples.run(replace(base, findings=findings, datasets=(DatasetUse(dataset, True, False, None, None, 1),)))
    (row,) = read(written(run, tmp_path / "f.xlsx"))
    assert delivery_samples.LEAD not in row["message"]
    assert delivery_samples.EMAIL not in row["message"]
    assert dataset in row["message"]
    (row,) = read(written(run, tmp_path / "g.xlsx", salt=None))
    assert row["message"] == told


def test_the_same_run_gives_the_same_bytes_and_nobody_gives_a_head_alone(tmp_path: Path) -> None:
    run = samples.run(samples.blocked())
    assert written(run, tmp_path / "a.xlsx").read_bytes() == written(run, tmp_path / "b.xlsx").read_bytes()
    assert read(written(samples.run(), tmp_path / "c.xlsx")) == []
    assert (written(samples.run(), tmp_path / "c.csv")).read_text().count("\n") == 1


def test_the_command_writes_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = delivery_samples.fill(tmp_path)
    out = tmp_path / "out.csv"
    assert delivery_samples.funnelcheck(store, "export", "--out", out, "--advertiser", "a") == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert re.fullmatch(rf"{len(rows)} rows written to .*out\.csv\n", capsys.readouterr().err)
    assert {row["advertiser_id"] for row in rows} == {"a"}
    assert [canary for canary in delivery_samples.CANARIES if canary in out.read_text()] == []
    assert delivery_samples.DATASET in next(row["message"] for row in rows if row["code"] == "DAT004")


@pytest.mark.parametrize("name", ["x.xlsx", "x.csv", "x.jsonl"])
def test_a_table_that_cannot_be_written_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=rf"no/{name}: cannot be written \(No such file or directory\)") as caught:
        written(samples.run(samples.blocked()), tmp_path / "no" / name)
    assert caught.value.exit_code == 3


def test_a_name_that_says_no_format_and_a_missing_extra_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none = tmp_path / "no.duckdb"
    assert delivery_samples.funnelcheck(none, "export", "--out", "f.ods") == 2
    assert "f.ods: give a name that ends in .xlsx, .csv or .jsonl" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    assert delivery_samples.funnelcheck(none, "export", "--out", "f.xlsx") == 2
    assert "pip install 'funnelcheck[xlsx]'" in capsys.readouterr().err
