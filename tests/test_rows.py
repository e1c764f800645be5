"""`rows`: the rows at fault as people and programs get them, masked, harmless, and all of them when asked."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from test_judgement import AS_OF, DAY, event

from funnelcheck import tables
from funnelcheck.cli.commands import cli
from funnelcheck.errors import FunnelcheckError
from funnelcheck.ingestion import ingest
from funnelcheck.masking import hidden, masked
from funnelcheck.store import open_store

CANARIES = ("9876543210987654", "l:9876543210987001", "canary@example.com", "+49 151 5550 1234")
FORMULA, ESCAPE = "=HYPERLINK(A1)", "\x1b[31mWon\x1b[0m\u202e"
Rows = Callable[..., Result]


def wrong(lead: str, name: str, shift: int, **more: Any) -> dict[str, Any]:
    """A record that EVT001 finds at fault."""
    one = event(1, name, AS_OF - DAY + shift, **more)
    one["event"] |= {"action_source": "website", "user_data": {"lead_id": lead}, "event_id": lead}
    return one


def log() -> list[dict[str, Any]]:
    names = [
        FORMULA,
        ESCAPE,
        f"asked {CANARIES[2]}",
        f"call {CANARIES[3]}",
        "+1",
        "@x",
        "-2",
        "\tt",
        "Stage " + "W" * 400,
    ]
    records = [wrong(CANARIES[i % 2], name, i) for i, name in enumerate(names)]
    records += [wrong(str(7 * 10**15 + i), "Lead", 60 * i) for i in range(30)]
    return [
        *records,
        wrong(CANARIES[0], "Lead", 0, advertiser_id="b"),
        event(5, "Lead", AS_OF - DAY, advertiser_id="ok"),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rows")
    (place / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log()))
    with open_store(place / "store.duckdb") as store:
        assert ingest(store, [str(place / "log.jsonl")]).quarantined == 0
    return place


@pytest.fixture
def rows(folder: Path) -> Rows:
    def listed(*arguments: str, code: str = "evt001") -> Result:
        common = ("--store", str(folder / "store.duckdb"), "--as-of", "2026-11-22")
        return CliRunner().invoke(cli, ["rows", code, *arguments, *common])

    return listed


def test_the_first_twenty_are_shown_and_how_many_there_are(rows: Rows) -> None:
    done = rows()
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split()[:5] == ["advertiser_id", "channel", "found", "cause", "event_name"]
    assert len(lines) == 1 + 20 + 2
    assert lines[-1] == "20 of 40 rows; --limit 0 shows all, --out FILE.csv exports them."
    assert len(rows("--limit", "0").stdout.splitlines()) == 1 + 40
    assert len(rows("--limit", "3").stdout.splitlines()) == 1 + 3 + 2


def test_an_advertiser_has_its_own_rows_and_one_without_fault_none(rows: Rows) -> None:
    assert [line.split()[0] for line in rows("--advertiser", "b").stdout.splitlines()[1:]] == ["b"]
    assert rows("--advertiser", "ok").stdout == "No row is at fault.\n"
    both = rows("--advertiser", "b", "--advertiser", "a", "--limit", "0").stdout.splitlines()
    assert len(both) == 1 + 40


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ("--advertiser", "bb"),
            "EVT001",
            'bb: has no record and no lead in the store up to that time; did you mean "b"',
        ),
        ((), "FUN06", 'no such rule; did you mean "FUN006"'),
        ((), "FUN006", "what it judges is no row of a log; funnelcheck explain FUN006"),
        (("--out", "x.xlsx"), "EVT001", "x.xlsx: give a name that ends in .csv or .jsonl"),
        (("--out", "no/such/folder/x.csv"), "EVT001", "cannot be written"),
    ],
)
def test_what_cannot_be_listed_is_said_in_a_line(arguments: tuple[str, ...], code: str, words: str, rows: Rows) -> None:
    done = rows(*arguments, code=code)
    assert isinstance(done.exception, FunnelcheckError)
    assert done.exception.exit_code == (3 if "written" in words else 2)
    assert words in str(done.exception)


def test_no_id_address_or_number_is_shown_unless_asked_for(rows: Rows, tmp_path: Path) -> None:
    texts = [rows("--limit", "0").output]
    for name in ("out.csv", "out.jsonl"):
        assert rows("--out", str(tmp_path / name)).exit_code == 0
        texts.append((tmp_path / name).read_text())
    for text in texts:
        assert [canary for canary in CANARIES if canary in text] == []
        assert not re.search(r"\b7\d{15}\b", text)
    assert rows("--advertiser", "b", "--show-ids").stdout.count(CANARIES[0]) == 1
    shown = rows("--limit", "0", "--show-ids").stdout
    assert [canary in shown for canary in CANARIES] == [True, True, False, False]  # addresses never reach the store


def test_the_same_id_looks_the_same_in_every_row_and_another_store_shows_it_otherwise(rows: Rows, folder: Path) -> None:
    once = rows("--advertiser", "b").stdout.splitlines()[1]
    [mask] = set(re.findall(r"#{16}~[0-9a-f]{8}", once))
    assert rows("--limit", "0", "--advertiser", "a").stdout.count(mask) == 5
    with open_store(folder / "other.duckdb") as store:
        ingest(store, [str(folder / "log.jsonl")])
    common = ("--store", str(folder / "other.duckdb"), "--as-of", "2026-11-22")
    other = CliRunner().invoke(cli, ["rows", "EVT001", "--advertiser", "b", *common])
    assert re.findall(r"#{16}~[0-9a-f]{8}", other.stdout)[0] != mask


def test_a_hostile_name_reaches_no_terminal(rows: Rows) -> None:
    text = rows("--limit", "0").stdout
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "⟨U+202E⟩" in text
    assert "[31mWon" in text
    assert max(map(len, text.splitlines())) < 400


def test_an_export_is_whole_and_no_spreadsheet_takes_it_for_formulas(rows: Rows, tmp_path: Path) -> None:
    done = rows("--out", str(tmp_path / "out.csv"), "--limit", "3")
    assert (done.stdout, done.stderr) == ("", f"40 rows written to {tmp_path}/out.csv\n")
    with (tmp_path / "out.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 40
    names = {row["event_name"] for row in table}
    assert {f"'{FORMULA}", "'+1", "'@x", "'-2"} <= names
    assert not [cell for row in table for cell in row.values() if cell and cell[0] in "=+-@\t\r\n"]
    assert {row["line"] for row in table if row["advertiser_id"] == "b"} == {"40"}
    rows("--out", str(tmp_path / "out.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(lines) == 40
    assert {FORMULA, ESCAPE, "+1"} <= {line["event_name"] for line in lines}
    assert all(isinstance(line["event_time"], int) for line in lines)


def test_rows_of_kinds_that_json_lacks_are_written_as_text(tmp_path: Path) -> None:
    import datetime as dt

    rows = [{"day": dt.date(2026, 11, 22), "names": ["=x", "é"], "=head": 1}]
    tables.write(rows, ["day", "names", "=head"], tmp_path / "x.jsonl")
    assert json.loads((tmp_path / "x.jsonl").read_text()) == {"day": "2026-11-22", "names": ["=x", "é"], "=head": 1}
    tables.write(rows, ["day", "names", "=head"], tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[0] == "day,names,'=head"


@given(st.text(min_size=1), st.text(min_size=1, max_size=8))
def test_a_mask_keeps_no_digit_and_no_letter_but_a_label(value: str, salt: str) -> None:
    shown = masked(value, salt)
    assert shown is not None
    form, _, digest = shown.rpartition("~")
    assert re.fullmatch("[0-9a-f]{8}", digest)
    assert shown == masked(value, salt)
    rest = re.sub(r"^[A-Za-z]{1,2}:", "", form)
    assert not any(sign.isdigit() and sign.isdecimal() for sign in rest)
    assert set(filter(str.isalpha, rest)) <= {"x"}
    assert len(shown) <= 3 + 24 + 1 + 9


@given(st.integers(10**14, 10**17 - 1), st.sampled_from(["", "l:", "id ", "(", "x"]))
def test_an_id_within_a_text_is_masked_and_the_text_is_not(number: int, before: str) -> None:
    told = hidden(f"lead {before}{number} of 12 in row 4711", "salt")
    assert str(number) not in told
    assert told.startswith("lead ")
    assert told.endswith(" of 12 in row 4711")


@pytest.mark.parametrize(
    "text", ["", "Won", "2026-11-22 10:00", "12345678901", "a@b", "+1", "the label l: of a download"]
)
def test_what_is_nobodys_stays_readable(text: str) -> None:
    assert hidden(text, "salt") == text


def test_masks_tell_ids_and_salts_apart() -> None:
    assert masked(None, "s") is None
    assert len({masked("1" * 16, "s"), masked("1" * 15 + "2", "s"), masked("1" * 16, "t")}) == 3
    assert str(masked("l:1234567890123456", "s")).startswith("l:################~")
    assert str(masked("1.23E+15", "s")).startswith("#.##x+##~")
