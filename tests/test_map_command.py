"""`funnelcheck map`: what it sees in a file, what it proposes, and that ingest reads the file truly by it."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import polars
import pytest
import xlsxwriter

from funnelcheck import config
from funnelcheck.cli.mapping_commands import map_command
from funnelcheck.errors import ConfigError, InputError, UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.proposing.naming import stage_name
from funnelcheck.proposing.proposal import block, key, text
from funnelcheck.proposing.suggestion import Suggestion, slug, suggest, toml
from funnelcheck.store import Store, open_store

T = 1_790_000_000  # 2026-09-21 14:13:20 UTC
DAY = 86_400
META = ("1234567890123456", "12345678901234567", "123456789012345")


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(header: Sequence[str], *rows: Sequence[Any], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def looked(content: str, name: str = "table.csv", **how: Any) -> Suggestion:
    Path(name).write_text(content)
    return suggest(name, **how)


def called(*arguments: str) -> int:
    """The exit code of the command; its errors are raised, as the command line catches them."""
    result = map_command.main(args=list(arguments), standalone_mode=False)
    assert isinstance(result, int)
    return result


def read(store: Store, path: str, toml_path: str = "funnelcheck.toml") -> list[tuple[str, str, int]]:
    """The events of a file that was handed over as a history, by the configuration that was written."""
    report = ingest(store, [], history_sources=[path], config=config.load(Path(toml_path)), advertiser="acme")
    assert report.problems == []
    assert report.quarantined == 0
    rows = store.rows("select lead_id, event_name, event_time from event order by all")
    return [(row["lead_id"], row["event_name"], row["event_time"]) for row in rows]


# --- what is written is true --------------------------------------------------------------------------------

TIMES = {
    "zoned": lambda t: datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
    "naive": lambda t: datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M:%S"),
    "dots": lambda t: datetime.fromtimestamp(t, UTC).strftime("%Y.%m.%d %H:%M:%S"),
    "seconds": str,
    "milliseconds": lambda t: str(t * 1000),
    "day first": lambda t: datetime.fromtimestamp(t, UTC).strftime("%d/%m/%Y %H:%M:%S"),
    "month first": lambda t: datetime.fromtimestamp(t, UTC).strftime("%m/%d/%Y %I:%M:%S %p"),
    "in words": lambda t: datetime.fromtimestamp(t - t % 60, UTC).strftime("%d %b %Y %H:%M"),
}
IDS = {
    "meta": lambda rng: str(rng.randrange(10**14, 10**17)),
    "label": lambda rng: f"l:{rng.randrange(10**15, 10**16)}",
    "uuid": lambda rng: "-".join(f"{rng.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
    "hex": lambda rng: f"{rng.getrandbits(128):032x}",
    "salesforce": lambda rng: "00Q5g" + "".join(rng.choices("ABCDEFGHJKLMNPabcdefgh0123456789", k=9)) + "x",
}
CONTAINERS = ("comma", "semicolon", "utf-16", "parquet", "xlsx", "lines", "page")
STAGES = ("Lead", "Qualified", 'Größe "geprüft"', "Won; paid")


@dataclass(frozen=True)
class Case:
    """A table with the events, or the leads, that must come of it."""

    rows: list[dict[str, str]]
    events: list[tuple[str, str, int]]
    leads: list[tuple[str, int]]


def case(rng: random.Random, shape: str) -> Case:
    """Random leads; the columns beside those that matter are what misleads: other ids, other times, people."""
    time_of, id_of = TIMES[rng.choice(list(TIMES))], IDS[rng.choice(list(IDS))]
    lead_column = rng.choice(["lead_id", "Meta Lead ID", "lead id\t", 'Lead "ID"'])
    rows, events, leads = [], [], []
    for number in range(40):
        raw = id_of(rng)
        lead = raw.removeprefix("l:")
        moment = (T + rng.randrange(60 * DAY)) // 60 * 60
        reached = {stage: moment + i * (DAY + 60 * rng.randrange(600)) for i, stage in enumerate(STAGES)}
        reached = dict(list(reached.items())[: rng.randrange(1, 5) if number else 4])
        common = {
            lead_column: raw,
            "campaign_id": f"12025{number % 3:012}",
            "e-mail": f"person{number}@example.com",
            "LastModifiedDate": time_of(moment + 50 * DAY),
            "amount": str(rng.randrange(20, 500)),
        }
        if shape == "leads":
            rows.append(common | {"Created Date": time_of(moment), "status": rng.choice(STAGES)})
            leads.append((lead, moment))
        elif shape == "wide":
            columns = ("created_at", "qualified_at", "Date Größe geprüft", 'won "at"')
            cells = dict.fromkeys(columns, "")
            labels = ("Lead", "Qualified", "Größe geprüft", 'Won "at"')
            for name, stage, label in zip(columns, STAGES, labels, strict=True):
                if stage in reached:
                    cells[name] = time_of(reached[stage])
                    events.append((lead, label, reached[stage]))
            rows.append(common | cells)
        else:
            for stage, when in reached.items():
                change = {"stage": stage, "previous stage": "Lead", "changed_at": time_of(when)}
                if shape == "fields":
                    change = {"Field": "stage", "OldValue": "x", "NewValue": stage, "changed_at": time_of(when)}
                rows.append(common | change)
                events.append((lead, stage, when))
            if shape == "fields":
                rows.append(
                    common | {"Field": "Amount", "OldValue": "1", "NewValue": "2", "changed_at": time_of(moment)}
                )
    return Case(rows, sorted(events), sorted(leads))


def put(rows: list[dict[str, str]], container: str, folder: Path) -> str:
    header = list(rows[0])
    cells = [[row[name] for name in header] for row in rows]
    if container == "parquet":
        polars.DataFrame({name: [row[name] for row in rows] for name in header}).write_parquet(folder / "a [1].parquet")
        return "a [1].parquet"
    if container == "xlsx":
        with xlsxwriter.Workbook(folder / "a.xlsx", {"strings_to_numbers": False}) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate([header, *cells]):
                sheet.write_row(i, 0, row)
        return "a.xlsx"
    if container == "lines":
        (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return "a.jsonl"
    if container == "page":
        document = {"paging": {"next": "x"}, "answer": {"found": [{"inner": row} for row in rows]}}
        (folder / "a.json").write_text(json.dumps(document, indent=1))
        return "a.json"
    mark, encoding = {"comma": (",", "utf-8"), "semicolon": (";", "utf-8-sig"), "utf-16": ("\t", "utf-16")}[container]
    (folder / "a.csv").write_bytes(table(header, *cells, delimiter=mark).encode(encoding))
    return "a.csv"


@pytest.mark.parametrize("seed", range(16))
def test_ingest_reads_by_the_written_source_what_the_data_say(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    rng = random.Random(seed)
    made = case(rng, ("long", "wide", "leads", "fields")[seed % 4])
    container = CONTAINERS[seed % 7]
    if container in ("lines", "page"):  # a path has no blanks at its ends
        made = Case([{name.strip(): cell for name, cell in row.items()} for row in made.rows], made.events, made.leads)
    path = put(made.rows, container, tmp_path)
    assert called(path, "--write", "--name", "x") == 0
    assert "choose one of the lines" not in capsys.readouterr().out
    assert read(store, path) == made.events
    rows = store.rows("select lead_id, created_time from lead order by all") if made.leads else []
    assert [(row["lead_id"], row["created_time"]) for row in rows] == made.leads


def test_what_is_shown_is_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("table.csv").write_text(table(["lead_id", "stage", "changed_at"], (META[0], "Won", T)))
    called("table.csv", "--write", "--config", "mine.toml")
    shown = capsys.readouterr().out
    assert shown.endswith(Path("mine.toml").read_text())
    assert config.load(Path("mine.toml")).sources["table"].fields["lead_id"] == "lead_id"


# --- what is seen -------------------------------------------------------------------------------------------


def test_a_file_of_few_rows_with_both_readings_asks_for_the_order() -> None:
    found = looked(
        table(["lead_id", "stage", "changed_at"], (META[0], "Won", "01/02/2026"), (META[1], "Won", "5/5/2026"))
    )
    assert '"01/02/2026" in "changed_at" is 2026-02-01 (day first) or 2026-01-02 (month first)' in text(found)
    assert '# time_format = "day-first"\n# time_format = "month-first"' in block(found)
    assert found.columns[2].either == 1


def test_one_date_that_fits_one_order_only_decides_and_is_counted() -> None:
    dates = ("01/02/2026", "13/02/2026", "14/02/2026")
    found = looked(table(["lead_id", "stage", "changed_at"], *[(META[0], "Won", date) for date in dates]))
    assert 'time_format = "day-first"' in block(found)
    assert "2 dates can be read in that order only" in text(found)


def test_dates_of_both_orders_are_not_settled_by_a_vote() -> None:
    dates = ("13/02/2026", "14/02/2026", "02/13/2026", "01/02/2026")
    found = looked(table(["lead_id", "stage", "changed_at"], *[(META[0], "Won", date) for date in dates]))
    assert found.settings is not None
    assert found.settings.time_format is None
    assert "split the file" in text(found)


def test_two_columns_that_could_be_the_stage_are_both_offered() -> None:
    found = looked(
        table(["lead_id", "Stage", "Status", "changed_at"], (META[0], "New", "Lost", T), (META[1], "Won", "New", T))
    )
    assert '# event_name = "Stage"\n# event_name = "Status"' in block(found)
    assert any("Which column is the stage" in question for question in found.questions)


def test_two_columns_with_ids_like_metas_are_both_offered() -> None:
    found = looked(
        table(["first", "second", "stage", "changed_at"], (META[0], META[1], "Won", T), (META[1], META[2], "New", T))
    )
    assert '# lead_id = "first"\n# lead_id = "second"' in block(found)


@pytest.mark.parametrize("name", ["ad_id", "campaign_id", "form_id", "adset_id", "page_id"])
def test_meta_s_other_ids_are_not_the_lead_s(name: str) -> None:
    found = looked(table([name, "stage", "changed_at"], (META[0], "Won", T), (META[1], "New", T)))
    assert "lead_id" not in block(found).replace(name, "")


def test_without_meta_s_ids_the_crm_s_own_is_taken_and_a_join_asked_for() -> None:
    ids = [f"{i:032x}" for i in range(90, 93)]
    found = looked(table(["sr_id", "mql_id", "won_date"], *[("f" * 32, key_, "2026-02-01") for key_ in ids]))
    shown = block(found)
    assert 'lead_id = "mql_id"' in shown
    assert '# on = "mql_id"' in shown
    assert 'won_date = "Won"' in shown
    assert any("second table" in question for question in found.questions)


def test_a_spreadsheet_s_rounded_ids_are_told() -> None:
    found = looked(table(["lead_id", "stage", "changed_at"], *[("1.23457E+15", "Won", T + i) for i in range(3)]))
    assert "their digits are lost" in text(found)


def test_the_time_of_the_last_edit_is_a_trap() -> None:
    found = looked(
        table(["lead_id", "status", "LastModifiedDate"], (META[0], "Won", "2026-02-01"), (META[1], "New", "2026-02-02"))
    )
    assert found.settings is None
    assert "a trap" in text(found)
    assert "no column holds when it was reached" in text(found)


def test_a_stage_of_now_beside_the_creation_is_a_lead_list_and_no_history() -> None:
    found = looked(
        table(["lead_id", "status", "created_at"], (META[0], "Won", "2026-02-01"), (META[1], "New", "2026-02-02"))
    )
    assert found.settings is not None
    assert found.settings.kind == "leads"
    assert any("the stage of now" in question for question in found.questions)


def test_a_date_for_a_stage_says_more_than_the_stage_of_now() -> None:
    found = looked(
        table(
            ["lead_id", "status", "created_at", "converted date"],
            (META[0], "Won", "2026-02-01", "2026-02-09"),
            (META[1], "New", "2026-02-02", ""),
        )
    )
    assert found.settings is not None
    assert found.settings.stages == {"created_at": "Lead", "converted date": "Converted"}
    assert found.settings.fields == {"lead_id": "lead_id", "created_time": "created_at"}


def test_one_row_a_lead_with_a_time_of_the_change_is_a_history_of_last_stages() -> None:
    content = table(["lead_id", "status", "status change"], *[(10**15 + i, "New", T + i) for i in range(30)])
    found = looked(content)
    assert found.settings is not None
    assert found.settings.fields["event_time"] == "status change"
    assert any("its last stage only" in question for question in found.questions)


def test_an_outcome_is_no_stage() -> None:
    found = looked(
        table(
            ["lead_id", "stage", "status", "event_time", "sent_at"],
            (META[0], "Won", 200, T, T),
            (META[1], "New", 400, T, T),
        )
    )
    assert found.settings is not None
    assert found.settings.kind == "events"
    assert found.settings.fields["http_status"] == "status"
    assert found.settings.fields["event_name"] == "stage"
    assert found.settings.fields["upload_time"] == "sent_at"


def test_the_history_inside_json_records_is_found() -> None:
    records = {
        "answer": [
            {
                "fb": {"lead": META[i]},
                "log": {"stages": [{"to": s, "at": T + i} for s in ("New", "Won")], "mails": [{"at": T}]},
            }
            for i in range(3)
        ]
    }
    found = looked(json.dumps(records), "a.json")
    assert found.settings is not None
    assert (found.settings.records, found.settings.each) == ("answer", "log.stages")
    assert found.settings.fields == {
        "lead_id": "fb.lead", "event_name": "log.stages.to", "event_time": "log.stages.at",
    }  # fmt: skip


def test_a_list_of_daily_counts_is_seen() -> None:
    found = looked(table(["day", "leads"], ("2026-02-01", 12), ("2026-02-02", 7)))
    assert found.settings is not None
    assert found.settings.kind == "counts"
    assert found.settings.fields == {"day": "day", "leads": "leads"}


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({"event_name": "Won", "event_time": T, "user_data": {"lead_id": 1}}, "a log of the Conversions API"),
        ({"data": [{"event_name": "Won"}]}, "a log of the Conversions API"),
        ({"data": [{"id": META[0], "created_time": "x", "field_data": []}]}, "a lead list of the Graph API"),
    ],
)
def test_what_ingest_reads_as_it_is_needs_no_source(record: dict[str, Any], what: str) -> None:
    found = looked(json.dumps(record), "a.jsonl")
    assert found.settings is None
    assert what in text(found)


@pytest.mark.parametrize("rows", [[], [("", "", "")]])
def test_a_table_without_values_says_so(rows: list[tuple[str, str, str]]) -> None:
    found = looked(table(["lead_id", "stage", "changed_at"], *rows))
    assert found.settings is None
    assert "no row with a value" in text(found)


def test_a_table_without_a_header_is_told_and_shows_nobody() -> None:
    found = looked(table([META[0], "jane@example.com", "2026-02-01"], (META[1], "joe@example.com", "2026-02-02")))
    assert found.settings is None
    assert "looks like data" in text(found)
    assert "jane@example.com" not in text(found)


def test_only_the_first_rows_are_looked_at() -> None:
    found = looked(
        table(
            ["lead_id", "stage", "changed_at"], *[(10**15 + i, "Won" if i % 2 else "New", T + i) for i in range(12_000)]
        )
    )
    assert found.sample.rows == 10_000
    assert "the first 10,000 rows" in text(found)


# --- presets ------------------------------------------------------------------------------------------------

SALESFORCE = table(
    ["Id", "LeadId", "Field", "OldValue", "NewValue", "CreatedDate"],
    ("1", "00Q5g00000AAAAA", "Status", "Open", "Won", "2026-02-01T10:00:00.000+0000"),
    ("2", "00Q5g00000AAAAB", "Email", "a@example.com", "b@example.com", "2026-02-01T10:00:00.000+0000"),
)


def test_a_known_export_is_recognised_and_read_by_its_preset(store: Store) -> None:
    Path("LeadHistory.csv").write_text(SALESFORCE)
    assert called("LeadHistory.csv", "--write") == 0
    assert config.load(None).sources["leadhistory"].preset == "salesforce-lead-history"
    assert read(store, "LeadHistory.csv") == [("00Q5g00000AAAAA", "Won", 1769940000)]


@pytest.mark.parametrize("name", ["LeadHistory.csv", "changes.csv"])
def test_the_lines_of_the_join_work_once_they_are_filled_in(store: Store, name: str) -> None:
    content = SALESFORCE if name == "LeadHistory.csv" else SALESFORCE.replace("NewValue", "To Status")
    Path(name).write_text(content)
    Path("crm.csv").write_text(table(["Id", "Meta"], ("00Q5g00000AAAAA", META[0]), ("00Q5g00000AAAAB", META[1])))
    called(name, "--write")
    lines = Path("funnelcheck.toml").read_text().splitlines()
    filled = [line for line in lines if not line.startswith(("lead_id", "# To meet"))]
    filled[-4:] = ["file = 'crm.csv'", filled[-3].removeprefix("# "), filled[-2].removeprefix("# "), "lead_id = 'Meta'"]
    filled[-5] = filled[-5].removeprefix("# ")
    Path("funnelcheck.toml").write_text("\n".join(filled))
    assert read(store, name) == [(META[0], "Won", 1769940000)]


def test_a_form_with_two_digits_of_a_year_is_asked_for() -> None:
    found = looked(
        table(["lead_id", "stage", "changed_at"], (META[0], "Won", "01/02/26"), (META[1], "New", "03/04/26"))
    )
    assert '# time_format = "%d/%m/%y"\n# time_format = "%m/%d/%y"' in block(found)
    assert found.settings is not None
    assert found.settings.time_format is None


def test_a_time_without_a_zone_asks_for_it() -> None:
    rows = table(["lead_id", "stage", "changed_at"], (META[0], "Won", "2026-02-01 10:00:00"))
    found = looked(rows, config=config.Config(time_zone="Europe/Paris"))
    assert any("read as Europe/Paris" in question for question in found.questions)
    zoned = looked(rows.replace("10:00:00", "10:00:00Z"))
    assert not any("zone" in question for question in zoned.questions)


def test_an_unverified_preset_says_so() -> None:
    found = looked(table(["Deal_Id", "Stage", "Modified_Time"], ("d1", "Won", "2026-02-01T10:00:00+00:00")))
    assert found.fits[0].name == "zoho"
    assert "zoho: Zoho CRM: Stage History of deals (not verified)" in text(found)
    assert "Not verified: " in text(found)


def test_close_s_own_lead_id_is_not_taken_for_meta_s() -> None:
    page = {
        "data": [
            {"lead_id": f"lead_{i}aB", "new_status_label": "Won", "date_created": "2026-02-01T10:00:00+00:00"}
            for i in "123"
        ]
    }
    found = looked(json.dumps(page), "a.json")
    assert found.fits[0].name == "close"
    assert found.join_on == "lead_id"


def test_a_preset_that_does_not_fit_says_which_column_is_missing() -> None:
    found = looked(table(["lead_id", "stage", "changed_at"], (META[0], "Won", T)), preset="salesforce-lead-history")
    assert found.settings is None
    assert '"NewValue"' in text(found)


def test_an_unknown_preset_is_a_usage_error_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match='did you mean "kommo-events"'):
        looked(SALESFORCE, preset="kommo-event")


# --- hostile and private ------------------------------------------------------------------------------------


def test_nobody_s_data_are_printed() -> None:
    people = [
        ("jane.doe@example.com", "+49 171 1234567", "a" * 64, "0171 7654321"),
        ("joe.bloggs@example.com", "+49 171 7654321", "b" * 64, "0171 1234567"),
    ]
    found = looked(
        table(
            ["lead_id", "stage", "changed_at", "email", "phone", "em", "status note"],
            *[(META[i], person[0] if i else "Won", T, *person) for i, person in enumerate(people)],
        )
    )
    shown = text(found)
    for secret in ("jane.doe", "joe.bloggs", "1234567 ", "7654321", "a" * 32, "b" * 32):
        assert secret not in shown


HOSTILE = [
    'a"b', "a\\u0041", "a = 1 # [source.evil]", 'x"\nevil = "1', "\u202eevil\x1b[31m", "é\u0301 ß",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_s_name_cannot_write_into_the_configuration_or_the_terminal(store: Store, name: str) -> None:
    column = f"{name} won date"
    Path("table.csv").write_text(table(["lead_id", f"{name} id", column], (META[0], "x1", "2026-02-01")))
    assert called("table.csv", "--write", "--name", name) == 0
    sources = config.load(None).sources
    assert list(sources) == [name.strip()]
    assert list(sources[name.strip()].stages) == [column]
    shown = text(suggest("table.csv", name=name))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert [event[2] for event in read(store, "table.csv")] == [1769904000]


def test_a_column_that_cannot_be_named_is_not_proposed() -> None:
    found = looked(table(["lead_id", "stage", "changed_at", "changed_at", ""], (META[0], "Won", T, T + 1, T + 2)))
    assert [column.can_be_named for column in found.columns] == [True, True, True, False, False]
    assert found.settings is not None
    assert "cannot name" in text(found)


def test_a_lone_half_of_a_character_in_a_key_does_no_harm() -> None:
    found = looked('{"lead_id": "1234567890123456", "stage": "Won", "changed_at": 1790000000, "\\ud800": 1}', "a.jsonl")
    text(found).encode()
    assert found.settings is not None


@pytest.mark.parametrize("name", ["", "a b", "ä", "x.y", 'q"', "\x07", "\U000e0001"])
def test_a_toml_key_or_text_holds_what_it_was_given(name: str) -> None:
    import tomllib

    assert tomllib.loads(f"{key(name)} = {toml(name)}") == {name: name}
    assert toml(name).isprintable()


# --- the command --------------------------------------------------------------------------------------------


def test_suggesting_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("table.csv").write_text(SALESFORCE)
    assert called("table.csv", "--suggest") == 0
    assert called("table.csv") == 0
    assert sorted(path.name for path in Path().iterdir()) == ["table.csv"]
    assert "[source.table]" in capsys.readouterr().out


def test_writing_keeps_what_stands_in_the_configuration() -> None:
    before = 'time_zone = "Europe/Paris"\n[datasets]\n"1" = "acme"  # ours'
    Path("funnelcheck.toml").write_text(before)
    Path("table.csv").write_text(SALESFORCE)
    called("table.csv", "--write")
    after = Path("funnelcheck.toml").read_text()
    assert after.startswith(before + "\n\n[source.table]\n")
    assert config.load(None).datasets == {"1": "acme"}


def test_a_source_that_is_there_is_never_written_over() -> None:
    Path("funnelcheck.toml").write_text('[source.table]\nfiles = "x.csv"\n[source.table_2]\nfiles = "y.csv"\n')
    before = Path("funnelcheck.toml").read_text()
    Path("table.csv").write_text(SALESFORCE)
    with pytest.raises(UsageError, match="--name table_3"):
        called("table.csv", "--write")
    assert Path("funnelcheck.toml").read_text() == before
    assert called("table.csv", "--write", "--name", "table_3") == 0
    with pytest.raises(UsageError, match=r"names table\.csv already"):
        called("table.csv", "--write", "--name", "other")


def test_with_nothing_to_propose_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("table.csv").write_text(table(["a", "b"], ("x", "y")))
    assert called("table.csv", "--write") == 0
    shown = capsys.readouterr()
    assert "no column holds the lead's id, the stage and when it was reached" in shown.out
    assert "nothing was written" in shown.err
    assert not Path("funnelcheck.toml").exists()


def test_a_file_that_cannot_be_read_is_an_input_error() -> None:
    Path("broken.parquet").write_bytes(b"PAR1xxxx")
    Path("empty.csv").write_text("\n")
    for name in ("missing.csv", "broken.parquet", "empty.csv"):
        with pytest.raises(InputError) as error:
            called(name)
        assert error.value.exit_code == 3


def test_wrong_calls_are_usage_errors() -> None:
    Path("table.csv").write_text(SALESFORCE)
    Path("folder").mkdir()
    for name in "ab":
        Path(f"folder/{name}.csv").write_text(SALESFORCE)
    for arguments in (["-"], ["folder"], ["table.csv", "--suggest", "--write"], ["table.csv", "--name", " "]):
        with pytest.raises(UsageError):
            called(*arguments)
    with pytest.raises(click.UsageError):
        called()
    Path("funnelcheck.toml").write_text("source = 1")
    with pytest.raises(ConfigError):
        called("table.csv", "--write")


@pytest.mark.parametrize(
    ("column", "stage"),
    [
        ("won_date", "Won"),
        ("Became a Sales Qualified Lead Date", "Sales Qualified Lead"), ("qualifiedAt", "Qualified"),
        ("hs_v2_date_entered_customer", "Customer"), ("Date Meeting Booked", "Meeting Booked"), ("date", "Date"),
    ],
)  # fmt: skip
def test_a_stage_is_named_after_its_column(column: str, stage: str) -> None:
    assert stage_name(column) == stage


def test_a_source_is_named_after_its_file() -> None:
    assert [slug(name) for name in ("a/Closed Deals (1).csv.gz", "ü.csv", "LeadHistory.csv")] == [
        "closed_deals_1", "table", "leadhistory",
    ]  # fmt: skip
    assert re.fullmatch("[a-z0-9_]{1,60}", slug("x" * 300))
