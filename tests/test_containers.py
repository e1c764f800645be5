"""What holds the records changes no figure: the same events and leads in every container are judged alike."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import containers
import polars
import pytest
import xlsxwriter
from containers import (
    AS_OF,
    ONE_EACH,
    REFERENCE,
    WITHOUT_PAYLOAD,
    Cell,
    Sample,
    Sent,
    Style,
    Table,
    Written,
    delimited,
    pack,
    parquet,
    rows_of,
    text_frame,
    workbook,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_samples import Loaded, fresh, lines

from funnelcheck.config import Config
from funnelcheck.errors import FunnelcheckError
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import render
from funnelcheck.store import Store, open_store

FIRST_SEED = int(os.environ.get("FUNNELCHECK_CONTAINER_SEED", "0"))  # another one tries other samples
TIME = 1_790_000_000  # 2026-09-21 14:13:20 UTC
LEAD = "1234567890123456"

Results = dict[str, Any]


class Family:
    """Every container of a family with a sample of its own, all in one store and judged at once.

    No advertiser stands in two samples, so that each container has results of its own. `wanted` is what the same
    samples give in the reference containers.
    """

    def __init__(self, folder: Path, writers: dict[str, Any], *, lists: bool = False, reference: Any = REFERENCE):
        self.lists = lists
        self.folder = folder
        self.writers = writers
        self.reference = reference
        self.samples: dict[str, Sample] = {}
        self.troubles: dict[str, str] = {}
        self.hints: dict[str, Any] = {}
        self._lead_ids: dict[str, set[str]] = {}
        self._told: dict[str, Results] = {}
        self._wanted: dict[str, Results] = {}

    def judge(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Family:
        """Load and judge; a container that cannot be loaded is a trouble of its own."""
        for tag, name in enumerate(self.writers):
            few = {"leads": 5, "faults": 0.4, "advertisers": 1} if name in containers.FILE_EACH else {}
            self.samples[name] = containers.sample(FIRST_SEED + tag, tag=tag, **(options | few))
        samples = self.samples.values()
        records = [record for sample in samples for record in sample.records]
        leads = [lead for sample in samples for lead in sample.leads]
        self.config = Config(forms={form: owner for sample in samples for form, owner in sample.forms.items()})
        list_file = containers.LEAD_REFERENCE(self.folder, leads).sources
        log_file = self.reference(self.folder, records).sources
        with open_store() as store:
            assert ingest(store, log_file, list_file, config=self.config).problems == []
            self._wanted = self._results(store, "wanted")
        with open_store() as store:
            ingest(store, *((log_file, ()) if self.lists else ((), list_file)), config=self.config)
            for name, write in self.writers.items():
                sample = self.samples[name]
                written = write(self.folder / name, sample.leads if self.lists else sample.records)
                self.troubles[name] = self._load(store, written, monkeypatch)
            for name, sample in self.samples.items():
                self._lead_ids[name] = self._ids(store, sample)
            self._told = self._results(store, "told")
        return self

    def _load(self, store: Store, written: Written, monkeypatch: pytest.MonkeyPatch) -> str:
        """What went wrong: nothing should."""
        if written.stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written.stdin)))
        sources: tuple[list[str], list[str]] = ([], written.sources) if self.lists else (written.sources, [])
        try:
            report = ingest(store, *sources, config=self.config)
        except FunnelcheckError as error:
            return str(error)
        reasons = store.rows("select reason, raw from quarantine")
        store.execute("delete from quarantine")
        adds_up = report.rows == report.loaded + report.duplicates and report.quarantined == 0
        kinds = {file.kind for file in report.files} == {"leads" if self.lists else "events"}
        return "" if adds_up and kinds and not report.problems else f"{report.problems} {reasons} {report.files}"

    def _ids(self, store: Store, sample: Sample) -> set[str]:
        table = "lead" if self.lists else "event"
        owners = {"owners": list(sample.forms.values())}
        rows = store.rows(f"select distinct lead_id as it from {table} where advertiser_id in $owners", owners)
        return {row["it"] for row in rows} - {None}

    def _results(self, store: Store, which: str) -> dict[str, Results]:
        """What results.json says of each advertiser."""
        results = json.loads(render(check(store, as_of=AS_OF, config=self.config)))
        self.hints[which] = results["hints"]
        return {one["advertiser_id"]: one for one in results["advertisers"]}

    def told(self, name: str) -> list[Results]:
        """The results of a container; what was wrong with loading it fails here."""
        assert self.troubles[name] == ""
        sample = self.samples[name]
        said = sample.leads if self.lists else sample.records
        assert self._lead_ids[name] == {one.lead_id for one in said} - {None}
        return [self._told[owner] for owner in sample.forms.values() if owner in self._told]

    def wanted(self, name: str) -> list[Results]:
        """The results of the same sample in the reference."""
        return [self._wanted[owner] for owner in self.samples[name].forms.values() if owner in self._wanted]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Family]:
    """A family by its writers, each judged once."""
    made: dict[int, Family] = {}

    def of(writers: dict[str, Any], *, lists: bool = False, reference: Any = REFERENCE, **options: Any) -> Family:
        if id(writers) not in made:
            folder = tmp_path_factory.mktemp("family")
            with pytest.MonkeyPatch.context() as monkeypatch:
                made[id(writers)] = Family(folder, writers, lists=lists, reference=reference).judge(
                    monkeypatch, **options
                )
        return made[id(writers)]

    return of


def rules(results: list[Results], *areas: str) -> list[dict[str, Any]]:
    """The findings of some areas, of all advertisers."""
    return [
        {"advertiser": one["advertiser_id"]} | rule
        for one in results
        for rule in one["rules"]
        if rule["code"].startswith(areas)
    ]


# What a container itself tells: which events were sent together, to which address, with which token in it, and whether
# a list is a download.
OF_CONTAINER = ("REQ002", "REQ003", "REQ007", "REQ009", "MAP004")
# Of which ads and forms a list tells more or less.
OF_ADS = ("forms", "form_count", "campaigns", "campaign_count")


def as_sent(results: list[Results]) -> list[Results]:
    """The results without what their container alone tells."""
    return [
        one
        | {key: [x for x in one[key] if x["code"] not in OF_CONTAINER] for key in ("rules", "actions")}
        | {"coverage": {key: value for key, value in one["coverage"].items() if key not in OF_ADS}}
        for one in results
    ]


# Logs

LOGS = ONE_EACH | containers.FILE_EACH


def test_the_samples_hold_what_the_containers_are_tried_on(family: Callable[..., Family]) -> None:
    logs = family(LOGS)
    records = [record for sample in logs.samples.values() for record in sample.records]
    assert {record.http_status for record in records} == {200, 400}
    for name in ("action_source", "event_source", "lead_event_source", "event_name", "event_time", "lead_id"):
        assert any(getattr(record, name) is None for record in records), name
    assert any(record.test_event_code for record in records)
    assert {len(record.lead_id or "") for record in records} == {0, 14, 15, 16, 17, 18}
    assert any((record.event_time or 0) > 10**12 for record in records)
    results = [one for name in LOGS for one in logs.wanted(name)]
    said = {(rule["code"], rule["status"]) for rule in rules(results, "")}
    for code in "EVT001 EVT002 EVT003 EVT004 EVT005 EVT006 EVT007 EVT010 TIM001 REQ004".split():
        assert {(code, "warn"), (code, "fail")} & said, code
    assert {status for code, status in said if code == "COV001"} >= {"pass", "fail"}
    assert {one["verdict"] for one in results} == {"ready", "undecided", "not_ready"}


@pytest.mark.parametrize("container", LOGS)
def test_the_same_events_in_any_container_are_judged_alike(family: Callable[..., Family], container: str) -> None:
    logs = family(LOGS)
    assert as_sent(logs.told(container)) == as_sent(logs.wanted(container))
    assert logs.hints["told"] == logs.hints["wanted"]


@pytest.mark.parametrize("container", containers.BATCHED)
def test_the_same_requests_in_any_container_are_judged_alike(family: Callable[..., Family], container: str) -> None:
    logs = family(containers.BATCHED, reference=containers.BATCHED_REFERENCE)
    assert as_sent(logs.told(container)) == as_sent(logs.wanted(container))
    assert logs.hints["told"] == logs.hints["wanted"]


ALONE_OR_TOGETHER = {"alone": REFERENCE, "together": containers.BATCHED_REFERENCE}


def test_events_in_batches_and_on_their_own_differ_in_the_number_of_requests_alone(
    family: Callable[..., Family],
) -> None:
    both = family(ALONE_OR_TOGETHER)
    alone, together = both.wanted("together"), both.told("together")
    of_events = ("EVT", "TIM", "DAT", "COV", "FUN")
    assert rules(alone, *of_events) == rules(together, *of_events)
    assert [rule["n"] for rule in rules(alone, "REQ004")] > [rule["n"] for rule in rules(together, "REQ004")]
    for name in ("stages", "coverage", "horizon"):
        assert [one[name] for one in alone] == [one[name] for one in together]


PAYLOAD_RULES = [f"EVT00{number}" for number in range(1, 8)] + ["EVT010"]


@pytest.mark.parametrize("container", containers.NO_PAYLOAD)
def test_a_table_without_a_payload_gives_the_same_figures_and_leaves_the_payload_unjudged(
    family: Callable[..., Family], container: str
) -> None:
    tables = family(containers.NO_PAYLOAD, faults=0)
    told, wanted = tables.told(container), tables.wanted(container)
    assert {(rule["code"], rule["status"], rule["n"]) for rule in rules(told, *PAYLOAD_RULES)} == {
        (code, "not_evaluable", 0) for code in PAYLOAD_RULES
    }
    for area in ("DAT", "COV", "FUN", "TIM", "REQ"):
        assert rules(told, area) == rules(wanted, area)
    for name in ("dataset_id", "horizon", "stages", "coverage", "raw_stage", "optimisation_stage"):
        assert [one[name] for one in told] == [one[name] for one in wanted], name
    assert {one["verdict"] for one in told} <= {"undecided", "not_ready"}


SOME_COLUMNS = (*WITHOUT_PAYLOAD, "action_source", "test_event_code", "em")
SOME_PAYLOAD = {
    "some.csv": containers.one_file("log.csv", lambda some: delimited(rows_of(some, columns=SOME_COLUMNS))),
    "some.parquet": containers.one_file(
        "log.parquet", lambda some: parquet(containers.typed_frame(some).select(SOME_COLUMNS))
    ),
}


@pytest.mark.parametrize("container", SOME_PAYLOAD)
def test_a_table_is_judged_on_the_payload_columns_that_it_has(family: Callable[..., Family], container: str) -> None:
    tables = family(SOME_PAYLOAD)
    told, wanted = tables.told(container), tables.wanted(container)
    for code in ("EVT001", "EVT010"):
        assert rules(told, code) == rules(wanted, code)
    assert {(rule["status"], rule["n"]) for rule in rules(told, "EVT002", "EVT003")} == {("not_evaluable", 0)}
    assert {one["verdict"] for one in told} <= {"undecided", "not_ready"}


def test_the_command_line_says_of_a_packed_table_on_standard_input_what_the_api_says(tmp_path: Path) -> None:
    sample = containers.sample(FIRST_SEED, leads=5, faults=0.5, advertisers=1)
    leads = containers.LEAD_REFERENCE(tmp_path, sample.leads).sources
    with open_store() as store:
        ingest(store, REFERENCE(tmp_path, sample.records).sources, leads, advertiser="acme0")
        wanted = json.loads(render(check(store, as_of=AS_OF)))
    table = pack(delimited(rows_of(sample.records), Style(";", encoding="cp1252")), ".zst")
    options = ["--leads", *leads, "--advertiser", "acme0", "--as-of", "2026-11-22T00:00:00Z", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "funnelcheck", "run", "-", *options, "--out", "out", "--fail-on", "never", "-q"],
        cwd=tmp_path,
        input=table,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    results = json.loads(done.stdout)
    assert results == json.loads((tmp_path / "out/results.json").read_text())
    del results["inputs"], wanted["inputs"]
    assert results == wanted


# Lead lists


@pytest.mark.parametrize("container", containers.LEADS)
def test_the_same_leads_in_any_container_are_judged_alike(family: Callable[..., Family], container: str) -> None:
    lists = family(containers.LEADS, lists=True, faults=0.02)
    assert as_sent(lists.told(container)) == as_sent(lists.wanted(container))
    assert lists.hints["told"] == lists.hints["wanted"]


def test_a_folder_says_whose_a_list_of_any_container_is(store: Loaded, tmp_path: Path) -> None:
    leads = [containers.Listed(str(int(LEAD) + number), TIME + number, "101") for number in range(4)]
    folder = tmp_path / "leads"
    containers.put(folder / "advertiser_id=a/leads.parquet", parquet(containers.lead_frame(leads[:1])))
    containers.put(folder / "advertiser_id=b/leads.xlsx", workbook(containers.lead_rows(leads[1:2])))
    containers.put(folder / "advertiser_id=c/leads.jsonl.zst", json.dumps(containers.webhook([leads[2:3]])))
    containers.put(folder / "advertiser_id=d/leads.csv.zst", delimited(containers.lead_rows(leads[3:])))
    store.load((), [str(folder)])
    assert store.rows("select advertiser_id, lead_id from lead order by 1") == [
        {"advertiser_id": name, "lead_id": lead.lead_id} for name, lead in zip("abcd", leads, strict=True)
    ]


# Small tables by hand


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Loaded]:
    """An empty store in memory."""
    loaded = fresh(tmp_path)
    yield loaded
    loaded.store.close()


def sent(number: int = 0, **changes: Any) -> Sent:
    """A faultless record, the `number`-th of a series."""
    first = Sent("acme", "900000000000007", TIME + 600, 200, "Qualified", TIME + number, str(int(LEAD) + number))
    return replace(first, **changes)


def bare_table(*rows: Sequence[Cell]) -> Table:
    """Rows of lead id, stage and time, with a header."""
    return [["lead_id", "stage", "changed_at"], *map(list, rows)]


def events(log: Loaded) -> list[tuple[Any, ...]]:
    """Lead id, name and time of what was loaded."""
    return [
        (row["lead_id"], row["event_name"], row["event_time"]) for row in log.rows("from event order by request_id")
    ]


def text(content: str | bytes) -> bytes:
    """Bytes as they are; text as UTF-8."""
    return content if isinstance(content, bytes) else content.encode()


def load(log: Loaded, content: str | bytes, name: str = "log.csv", **options: Any) -> IngestReport:
    """Load one file of these bytes."""
    return log.load({name: text(content)}, **options)


# Lead ids


NUMERIC_IDS: dict[str, tuple[Cell, str | None]] = {
    "15 digits": (123456789012345, "123456789012345"),
    "15 digits that end in 0": (123456789012340, "123456789012340"),
    "16 digits": (1234567890123450, None),
    "17 digits": (12345678901234500, None),
    "18 digits": (123456789012345000, None),
    "16 digits as text": ("1234567890123456", "1234567890123456"),
    "17 digits as text": ("12345678901234567", "12345678901234567"),
}


@pytest.mark.parametrize("of", ["a table with a payload", "a table without", "a lead list"])
def test_a_number_cell_of_sixteen_digits_is_damaged_and_one_of_fifteen_is_exact(store: Loaded, of: str) -> None:
    ids = [value for value, _ in NUMERIC_IDS.values()]
    if of == "a lead list":
        rows: Table = [["lead_id", "created_time"], *([one, TIME] for one in ids)]
        store.load((), {"leads.xlsx": workbook(rows)})
        found = store.leads("lead_id")
    else:
        header, row = rows_of([sent()], columns=containers.FIELDS if of.endswith("payload") else WITHOUT_PAYLOAD)
        place = header.index("lead_id")
        load(store, workbook([header, *([*row[:place], one, *row[place + 1 :]] for one in ids)]), "log.xlsx")
        found = store.events("lead_id")
    assert found == [lead_id for _, lead_id in NUMERIC_IDS.values() if lead_id]
    reasons = [reason for _, reason in store.quarantine()]
    assert len(reasons) == 3
    for reason in reasons:
        assert "spreadsheet" in reason
        assert "digits" in reason


@pytest.mark.parametrize("of", ["a table with a payload", "a table without", "a lead list"])
def test_a_lead_id_from_a_decimal_column_is_damaged_by_it(store: Loaded, of: str) -> None:
    ids = polars.Series("lead_id", [1234567890123456.0, 12345678901234567.0, 9876543210987654.0])
    if of == "a lead list":
        store.load((), {"leads.parquet": parquet(polars.DataFrame([ids]).with_columns(created_time=TIME))})
        assert store.leads("lead_id") == []
    else:
        columns = containers.FIELDS if of.endswith("payload") else WITHOUT_PAYLOAD
        frame = containers.typed_frame([sent(number) for number in range(3)]).select(columns)
        load(store, parquet(frame.with_columns(ids)), "log.parquet")
        assert store.events("lead_id") == []
    reasons = [reason for _, reason in store.quarantine()]
    assert all("decimal column" in reason for reason in reasons if "e+" not in reason), reasons  # 16 digits
    assert all("digits are lost" in reason for reason in reasons if "e+" in reason), reasons
    assert len(store.quarantine()) == 3


DAMAGED = {
    "1.23457E+15": "spreadsheet",
    "1,23457E+15": "spreadsheet",
    "1234567890123456.0": "decimal column",
    "00Q5g00000ABCDE": "Salesforce id",
    "o'brien": "not a Meta lead id",
    "": "lead",
}


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_damaged_id_in_a_table_without_a_payload_is_quarantined_with_what_damaged_it(
    store: Loaded, ending: str
) -> None:
    rows = bare_table(*([one, "Lead", TIME] for one in (*DAMAGED, LEAD, f"l:{LEAD}", f"'{LEAD}", f" {LEAD} ")))
    load(store, in_container(rows, ending), f"log.{ending}", advertiser="acme")
    assert store.events("lead_id") == [LEAD] * 4
    assert len(store.quarantine()) == len(DAMAGED)
    for (_, reason), cause in zip(store.quarantine(), DAMAGED.values(), strict=True):
        assert cause in reason


def in_container(rows: Table, ending: str) -> bytes:
    """A table of text in one of the three kinds of table."""
    if ending == "parquet":
        return parquet(text_frame(rows))
    cells: Table = [[None if cell is None else str(cell) for cell in row] for row in rows]
    return workbook(cells) if ending == "xlsx" else delimited(cells)


# Every row is accounted for


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "jsonl"])
def test_a_row_without_a_lead_a_stage_or_a_time_is_quarantined_where_nothing_else_says_more(
    store: Loaded, ending: str
) -> None:
    rows = bare_table(
        [LEAD, "Lead", TIME],
        [None, "Lead", TIME],
        [LEAD, None, TIME],
        [LEAD, "Lead", None],
        [LEAD, "Lead", "soon"],
        [LEAD, "Lead", "2026-13-45"],
        [LEAD, "Lead", "-5"],
        [LEAD, "   ", TIME],
        [LEAD, "Lead", TIME + 1],
    )
    header, *cells = rows
    if ending == "jsonl":
        content = lines(*({str(k): v for k, v in zip(header, row, strict=True) if v is not None} for row in cells))
    else:
        content = in_container(rows, ending)  # type: ignore[assignment]
    report = load(store, content, f"log.{ending}", advertiser="acme")
    assert (report.problems, report.rows, report.loaded, report.quarantined) == ([], 9, 2, 7)
    assert [time for _, _, time in events(store)] == [TIME, TIME + 1]
    reasons = [reason for _, reason in store.quarantine()]
    assert all(reasons)
    assert len(set(reasons)) >= 5


def test_a_quarantined_row_of_a_table_stands_on_its_line(store: Loaded) -> None:
    rows = bare_table([LEAD, "Lead", TIME], ["x", "Lead", TIME], [LEAD, "over\ntwo lines", TIME], [LEAD, "Lead", "x"])
    load(store, delimited(rows), advertiser="acme")
    assert [line for line, _ in store.quarantine()] == [3, 6]
    assert store.requests("line") == [2, 4]


def test_a_row_with_a_payload_is_loaded_whatever_is_missing_and_left_to_the_rules(store: Loaded) -> None:
    rows = rows_of([sent(), sent(1, lead_id=None), sent(2, event_name=None), sent(3, event_time=None)])
    report = load(store, delimited(rows))
    assert (report.loaded, report.quarantined) == (4, 0)
    assert store.events("lead_id") == [LEAD, None, *(str(int(LEAD) + number) for number in (2, 3))]
    assert store.events("event_time_form") == ["integer", "integer", "integer", "missing"]


AGAIN = ["csv", "tsv", "parquet", "xlsx", "flat.jsonl", "flat.json"]


def _any(ending: str, records: Sequence[Sent]) -> bytes:
    if ending.startswith("flat"):
        flat = [containers.flat(record) for record in records]
        return text(lines(*flat) if ending.endswith("jsonl") else json.dumps(flat))
    if ending == "tsv":
        return delimited(rows_of(records), Style("\t"))
    return in_container(rows_of(records), ending)


@pytest.mark.parametrize("ending", AGAIN)
def test_the_same_file_again_is_known_and_in_another_packing_its_rows_are_duplicates(
    store: Loaded, ending: str
) -> None:
    content = _any(ending, [sent(number) for number in range(3)])
    assert load(store, content, f"log.{ending}").loaded == 3
    before = store.texts()
    for name in (f"log.{ending}", f"other.{ending}"):
        report = load(store, content, name)
        assert (report.rows, report.files, [known.rows for known in report.known]) == (0, [], [3])
    assert store.texts() == before
    packing = (".gz", ".zst")[AGAIN.index(ending) % 2]
    report = load(store, pack(content, packing), f"log.{ending}{packing}")
    assert report.problems == []
    assert (report.loaded, report.duplicates) in {(0, 3), (0, 0)}
    assert len(report.known) + len(report.files) == 1


@pytest.mark.parametrize("ending", AGAIN)
def test_a_longer_table_brings_what_is_new_alone(store: Loaded, ending: str) -> None:
    load(store, _any(ending, [sent(0), sent(1)]), f"a.{ending}")
    report = load(store, _any(ending, [sent(2), sent(1), sent(0), sent(3)]), f"b.{ending}")
    assert (report.rows, report.loaded, report.duplicates) == (4, 2, 2)
    assert sorted(store.events("event_time")) == [TIME + number for number in range(4)]


def test_the_same_cells_under_other_names_are_no_duplicates(store: Loaded) -> None:
    row = f"{LEAD},Lead,{TIME},{TIME + 5}\n"
    load(store, "lead_id,stage,event_time,sent_at\n" + row, "a.csv", advertiser="acme")
    report = load(store, "lead_id,stage,sent_at,event_time\n" + row, "b.csv", advertiser="acme")
    assert (report.loaded, report.duplicates) == (1, 0)
    assert store.events("event_time") == [TIME, TIME + 5]


@pytest.mark.parametrize("ending", ["csv", "flat.json", "flat.jsonl", "bodies.jsonl"])
def test_many_small_files_lose_no_row(store: Loaded, ending: str) -> None:
    files, count = {}, 40
    for number in range(count):
        records = [sent(10 * number + i, event_name="x" * (number % 7 + 1)) for i in range(number % 3 + 1)]
        bodies = text(lines(*map(containers.logged_body, containers.one_each(records))))
        files[f"{number:02}.{ending}"] = bodies if ending.startswith("bodies") else _any(ending, records)
    report = store.load(files)
    assert report.problems == []
    assert [file.rows for file in report.files] == [number % 3 + 1 for number in range(count)]
    assert store.events("event_time") == [TIME + 10 * n + i for n in range(count) for i in range(n % 3 + 1)]


def test_flat_records_are_rows_though_the_first_lacks_a_key(store: Loaded) -> None:
    for number, missing in enumerate(("lead_id", "event_name", "event_time")):
        records = [sent(10 * number + i, **({missing: None} if i == 0 else {})) for i in range(3)]
        load(store, _any("flat.jsonl", records), f"{missing}.jsonl")
    assert store.quarantine() == []
    assert store.events("lead_event_source") == ["My CRM"] * 9
    assert store.events("lead_id").count(None) == 1


def test_equal_rows_of_one_table_are_all_loaded(store: Loaded) -> None:
    assert load(store, delimited(rows_of([sent()] * 3))).loaded == 3


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "jsonl"])
def test_leads_again_are_known_and_in_another_packing_duplicates(store: Loaded, ending: str) -> None:
    leads = [containers.Listed(str(int(LEAD) + number), TIME + number, "101") for number in range(3)]
    rows = containers.lead_rows(leads)
    content = text(lines(containers.webhook([leads]))) if ending == "jsonl" else in_container(rows, ending)
    assert store.load((), {f"leads.{ending}": content}).loaded == 3
    assert store.load((), {f"other.{ending}": content}).rows == 0
    report = store.load((), {f"leads.{ending}.zst": pack(content, ".zst")})
    assert (report.problems, report.loaded) == ([], 0)


# Names of columns

# Those of one place stand in one table together.
LEAD_NAMES = ["lead_id", "leadgen_id", "meta_lead_id", "Meta_Lead_ID__c", "facebook_lead_id", "fb_lead_id"]
LEAD_NAMES += ["Facebook Lead ID", "Lead Id", "id", "LEAD_ID", " lead_id ", "Meta Lead ID"]
STAGE_NAMES = ["event_name", "stage", "status", "lead_status", "lifecyclestage", "dealstage"]
STAGE_NAMES += ["Stage in Sales Process", "Event Name", "StageName", "STATUS_ID", "STAGE_ID", "NewValue"]
TIME_NAMES = ["event_time", "CreatedDate", "timestamp", "ts", "created_at", "changed_at"]
TIME_NAMES += ["Time of customer event", "Event Time", "updated_at", "LastModifiedDate", "CREATED_TIME", "EVENT_TIME"]


def test_the_columns_of_a_table_go_by_many_names(store: Loaded) -> None:
    headers = list(zip(LEAD_NAMES, STAGE_NAMES, TIME_NAMES, strict=True))
    files = {}
    for number, header in enumerate(headers):
        lead_id = f"l:{int(LEAD) + number}" if header[0] == "id" else str(int(LEAD) + number)
        files[f"{number:02}.csv"] = delimited([[*header, "sent_at"], [lead_id, "Won", TIME, TIME + 60]])
    report = store.load(files, advertiser="acme")
    assert report.problems == []
    assert {file.kind for file in report.files} == {"events"}
    read = {event[0]: event[1:] for event in events(store)}
    assert {header: read.get(str(int(LEAD) + number)) for number, header in enumerate(headers)} == dict.fromkeys(
        headers, ("Won", TIME)
    )
    assert store.requests("upload_time") == [TIME + 60] * len(headers)


LOG_NAMES = {
    "advertiser_id": "advertiser_id advertiser account_id client_id tenant".split(),
    "dataset_id": "dataset_id pixel_id".split(),
    "upload_time": "upload_time sent_at logged_at timestamp ts".split(),
    "http_status": "http_status status".split(),
}


def test_the_logs_own_columns_go_by_many_names_in_a_table(store: Loaded) -> None:
    cases = [{field: names[i % len(names)] for field, names in LOG_NAMES.items()} for i in range(5)]
    store.load({f"{i}.csv": delimited(rows_of([sent(i)], names=names)) for i, names in enumerate(cases)})
    assert store.report.problems == []
    for field in LOG_NAMES:
        assert store.requests(field) == [getattr(sent(), field)] * len(cases), field
    assert store.requests("accepted") == [True] * len(cases)


def test_a_column_called_status_is_the_stage_where_it_holds_words_and_the_outcome_where_it_holds_codes(
    store: Loaded,
) -> None:
    load(store, "lead_id,status,event_time\n1234567890123456,Won,1790000000\n", "a.csv", advertiser="acme")
    load(store, f"lead_id,stage,status,event_time\n{LEAD},Won,400,1790000000\n", "b.csv", advertiser="b")
    assert store.events("event_name") == ["Won", "Won"]
    assert store.requests("http_status") == [None, 400]


@pytest.mark.parametrize(
    ("header", "what"),
    [("lead_id,stage", "time"), ("lead_id,event_time", "stage|event name|event_name"), ("stage,event_time", "lead")],
)
def test_a_table_without_a_needed_column_is_a_line_that_names_what_is_missing(
    store: Loaded, header: str, what: str
) -> None:
    report = store.load({"bad.csv": header + "\n1,2\n", "good.csv": delimited(rows_of([sent()]))})
    assert len(report.problems) == 1
    assert "bad.csv" in report.problems[0]
    assert "\n" not in report.problems[0]
    assert re.search(what, report.problems[0])
    assert report.loaded == 1


# Headers and rows as they are found


ODD_HEADERS: dict[str, Callable[[str, str], str]] = {
    "a mark": lambda header, rows: "\ufeff" + header + rows,
    "capitals": lambda header, rows: header.upper() + rows,
    "blanks around": lambda header, rows: header.replace(",", "  ,  ") + rows,
    "quotes": lambda header, rows: '"' + header.strip().replace(",", '","') + '"\n' + rows,
    "a mark before quotes": lambda header, rows: '\ufeff"' + header.strip().replace(",", '","') + '"\r\n' + rows,
    "blank lines before": lambda header, rows: "\n\n" + header + rows,
    "blank lines after": lambda header, rows: header + "\n" + rows.replace("\n", "\n\n"),
    "an empty name": lambda header, rows: "," + header + "".join(f"x,{row}\n" for row in rows.splitlines()),
    "a trailing delimiter": lambda header, rows: (header + rows).replace("\n", ",\n"),
    "a name over two lines": lambda header, rows: '"what\nnow?",' + header + "".join(f"x,{r}\n" for r in rows.split()),
    "a name with delimiters": lambda header, rows: '"a;b;c|d\te",' + header + "".join(f"x,{r}\n" for r in rows.split()),
    "a name twice": lambda header, rows: (
        "note,note," + header.replace("\n", ",note\n") + "".join(f"1,2,{row},3\n" for row in rows.splitlines())
    ),
    "300 columns": lambda header, rows: (
        ",".join(f"q{number}" for number in range(290))
        + ","
        + header
        + "".join("," * 290 + row + "\n" for row in rows.splitlines())
    ),
}


def test_a_header_may_be_odd(store: Loaded) -> None:
    files, wanted = {}, {}
    for number, (oddity, changed) in enumerate(ODD_HEADERS.items()):
        records = [sent(2 * number + i, lead_event_source="Mine") for i in range(2)]
        header, _, rows = delimited(rows_of(records)).decode().partition("\n")
        files[f"{number:02}.csv"] = changed(header + "\n", rows).encode()
        wanted[oddity] = {(record.lead_id, record.event_time) for record in records}
    report = store.load(files)
    assert (report.problems, store.quarantine()) == ([], [])
    read = {(lead_id, time) for lead_id, name, time in events(store) if name == "Qualified"}
    assert {oddity for oddity, rows in wanted.items() if not rows <= read} == set()
    assert set(store.events("lead_event_source")) == {"Mine"}


EMPTY: dict[str, bytes] = {
    "nothing.csv": b"",
    "nothing.tsv": b"",
    "nothing.csv.zst": pack(b"", ".zst"),
    "blank.csv": b"\n \n\r\n",
    "header.csv": delimited(rows_of([])),
    "header without an end.csv": delimited(rows_of([]), Style(last_end=False)),
    "header.tsv.gz": pack(delimited(rows_of([]), Style("\t")), ".gz"),
    "header of no payload.csv": delimited(bare_table()),
    "no rows.parquet": parquet(text_frame(rows_of([]))),
    "no rows.xlsx": workbook(rows_of([])),
    "an empty sheet.xlsx": workbook([]),
    "none.jsonl": b"[]\n",
}


def test_a_table_without_rows_holds_nothing_and_is_no_problem(store: Loaded) -> None:
    report = store.load(EMPTY)
    assert (report.problems, report.rows) == ([], 0)
    assert len(report.files) + len(report.known) == len(EMPTY)


def test_ragged_rows_are_read_where_they_can_be_and_never_shifted(store: Loaded) -> None:
    header = "lead_id,stage,changed_at,note\n"
    rows = [
        f"{LEAD},Lead,{TIME},fine",
        f"{LEAD},Lead,{TIME}",
        f"{LEAD},Lead,{TIME},,,",
        f"{LEAD},Lead,{TIME},one,too many",
        f"{LEAD},Lead",
        "",
        ",,,",
        f"{LEAD},Lead,{TIME},last",
    ]
    load(store, header + "\n".join(rows) + "\n", advertiser="acme")
    assert events(store) == [(LEAD, "Lead", TIME)] * 4
    assert {line for line, _ in store.quarantine()} - {8} == {5, 6}
    assert store.report.rows in {6, 7}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_cells_may_hold_delimiters_line_ends_and_quotes(store: Loaded, delimiter: str) -> None:
    names = ["a,b;c|d\te", 'say "hi"', "two\nlines\n\nand a fourth", '"', "\n;\n", "it's", "{}", "[1]", "null"]
    rows = rows_of([sent(number, event_name=name) for number, name in enumerate(names)])
    load(store, delimited(rows, Style(delimiter)))
    assert store.quarantine() == []
    assert store.events("event_name") == names


HOSTILE = [
    '=HYPERLINK("http://example.com","click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31mred\x1b[0m\x07",
    "\u202egnp.exe",
    "%s%n{0}${x}{{7*7}}",
    "'; drop table event; --",
    "../../etc/passwd",
]


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "xlsx", "flat.jsonl"])
def test_what_a_cell_holds_is_text_and_nothing_else(store: Loaded, ending: str) -> None:
    texts = [one for one in HOSTILE if ending != "xlsx" or "\x1b" not in one]  # no sheet holds a control character
    records = [sent(number, advertiser_id=one, event_name=one) for number, one in enumerate(texts)]
    load(store, _any(ending, records), f"log.{ending}")
    assert store.quarantine() == []
    assert store.events("event_name") == texts
    assert store.events("advertiser_id") == texts
    results = json.loads(render(check(store.store, as_of=AS_OF)))
    assert [one["advertiser_id"] for one in results["advertisers"]] == sorted(texts)


# Spreadsheets


def test_a_sheet_may_begin_below_empty_rows(store: Loaded) -> None:
    load(store, workbook(rows_of([sent(), sent(1)]), empty_rows=4), "log.xlsx")
    assert store.events("event_time") == [TIME, TIME + 1]


def test_the_first_sheet_is_the_one_that_is_read(store: Loaded) -> None:
    second = rows_of([sent(5, event_name="Second sheet")])
    report = load(store, workbook(rows_of([sent()]), second=second), "log.xlsx")
    assert (report.problems, store.events("event_name")) == ([], ["Qualified"])


def sheet(fill: Callable[[xlsxwriter.Workbook, Any], None]) -> bytes:
    """A workbook whose first sheet a function fills."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book, book.add_worksheet())
    return out.getvalue()


def test_header_cells_may_be_merged_or_empty(store: Loaded) -> None:
    def fill(book: xlsxwriter.Workbook, page: Any) -> None:
        page.merge_range(0, 0, 0, 1, "Notes")
        page.write_row(0, 3, ["Facebook Lead ID", "Stage", "changed_at"])
        page.write_row(1, 0, ["a", "b", "c", LEAD, "Won", TIME])
        page.write_row(3, 3, [str(int(LEAD) + 1), "Lost", TIME + 1, "beside"])

    load(store, sheet(fill), "log.xlsx", advertiser="acme")
    assert events(store)[:1] == [(LEAD, "Won", TIME)]
    assert store.report.loaded + store.report.quarantined == 2


def test_dates_in_cells_are_utc(store: Loaded) -> None:
    when = containers.moment(TIME)
    rows = bare_table(
        [LEAD, "date and time", when], [LEAD, "day", datetime(2026, 9, 21)], [LEAD, "text", "2026-09-21 14:13:20"]
    )
    load(store, workbook([[*row, when if y else "sent_at"] for y, row in enumerate(rows)]), "log.xlsx", advertiser="a")
    assert [(name, time) for _, name, time in events(store)] == [
        ("date and time", TIME),
        ("day", TIME - TIME % 86_400),
        ("text", TIME),
    ]
    assert store.requests("upload_time") == [TIME] * 3


def test_a_formula_counts_as_the_value_that_the_sheet_showed(store: Loaded) -> None:
    def fill(book: xlsxwriter.Workbook, page: Any) -> None:
        page.write_row(0, 0, ["lead_id", "stage", "event_time"])
        page.write_formula(1, 0, '="1234567890"&"123456"', None, LEAD)
        page.write_formula(1, 1, '=UPPER("won")', None, "WON")
        page.write_formula(1, 2, "=1789999999+1", None, TIME)

    load(store, sheet(fill), "log.xlsx", advertiser="acme")
    assert events(store) == [(LEAD, "WON", TIME)]


def test_cells_of_other_kinds_are_read_or_refused_and_never_break_the_sheet(store: Loaded) -> None:
    def fill(book: xlsxwriter.Workbook, page: Any) -> None:
        page.write_row(0, 0, ["lead_id", "stage", "event_time", "note"])
        page.write_row(1, 0, [LEAD, True, TIME, 1.5])
        page.write_row(2, 0, [LEAD, 3, TIME, False])
        page.write_row(3, 0, [True, "Won", TIME])
        page.write_row(4, 0, [LEAD, "Won", True])
        page.write_row(5, 0, [LEAD, "Won", TIME + 0.5])
        page.write_formula(6, 0, "=1/0", None, "#DIV/0!")
        page.write_row(6, 1, ["Won", TIME])
        page.write_row(7, 0, [LEAD, "Won", TIME])

    report = load(store, sheet(fill), "log.xlsx", advertiser="acme")
    assert report.problems == []
    assert report.rows == 7
    assert events(store)[-1] == (LEAD, "Won", TIME)
    assert {name for _, name, _ in events(store)} & {"3"} == {"3"}
    assert report.quarantined >= 3


# Parquet


def test_parquet_columns_of_any_kind_are_read_as_what_they_hold(store: Loaded) -> None:
    records = [sent(number) for number in range(2)]
    frame = containers.typed_frame(records)
    kinds: dict[str, polars.DataFrame] = {
        "small integers": frame.cast({"http_status": polars.Int16, "upload_time": polars.UInt32}),
        "big integers": frame.cast({"lead_id": polars.UInt64}),
        "categories": frame.cast({"event_name": polars.Categorical, "action_source": polars.Categorical}),
        "a decimal without a fraction": frame.cast({"lead_id": polars.Decimal(20, 0)}),
        "nanoseconds": frame.with_columns(polars.from_epoch("upload_time", time_unit="s").dt.cast_time_unit("ns")),
        "another zone": frame.with_columns(
            polars.from_epoch("upload_time", time_unit="s")
            .dt.replace_time_zone("UTC")
            .dt.convert_time_zone("Asia/Tokyo")
        ),
        "a list beside": frame.with_columns(note=polars.Series([[1, 2], None])),
        "bytes beside": frame.with_columns(note=polars.Series([b"\x00\xff", None])),
        "a column of nulls": frame.with_columns(test_event_code=None),
    }
    for kind, wanted in kinds.items():
        log = fresh(store.folder / kind)
        report = load(log, parquet(wanted), "log.parquet")
        assert (report.problems, log.quarantine(), report.loaded) == ([], [], 2), kind
        assert events(log) == [(r.lead_id, r.event_name, r.event_time) for r in records], kind
        assert log.requests("upload_time") == [TIME + 600] * 2, kind
        assert log.requests("http_status") == [200] * 2, kind
        log.store.close()


def test_structs_in_parquet_are_the_payload_itself(store: Loaded) -> None:
    records = [sent(), sent(1, action_source=None, em="plain")]
    for number, enveloped in enumerate((True, False)):
        frame = containers.nested_frame(records, enveloped=enveloped)
        assert load(store, parquet(frame), f"{number}.parquet").problems == []
    assert store.events("action_source") == ["system_generated", None] * 2
    assert [(form or "")[:8] for form in store.events("digest_forms")] == ["", "em:plain"] * 2
    assert set(store.events("payload_fields")) == {None}


# Files that are not what they seem


def _damaged() -> dict[str, bytes]:
    records = [sent(number, event_name=f"{number}" * 50) for number in range(300)]
    table = delimited(rows_of(records))
    whole = {
        "cut.csv.gz": pack(table, ".gz"),
        "cut.csv.zst": pack(table, ".zst"),
        "cut.jsonl.zst": pack(text(lines(*map(containers.enveloped, records))), ".zst"),
        "cut.parquet": parquet(containers.typed_frame(records)),
        "cut.xlsx": workbook(rows_of(records)),
    }
    damaged = {name: content[: len(content) // 2] for name, content in whole.items()}
    middle = len(whole["cut.xlsx"]) // 2
    damaged["broken.xlsx"] = whole["cut.xlsx"][:middle] + b"\xff" * 200 + whole["cut.xlsx"][middle + 200 :]
    damaged["broken.parquet"] = b"PAR1" + b"\xff" * 300 + b"PAR1"
    damaged["broken.csv.zst"] = whole["cut.csv.zst"][:-4] + b"xxxx"
    damaged["first bytes.zst"] = whole["cut.csv.zst"][:4]
    damaged["first bytes.parquet"] = b"PAR1"
    damaged["an archive.xlsx"] = b"PK\x03\x04" + b"\0" * 40
    damaged["twice.csv.zst"] = pack(pack(table, ".zst"), ".zst")
    damaged["old.xls"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    return damaged


@pytest.mark.parametrize("are", ["logs", "leads"])
def test_a_damaged_file_is_a_line_that_names_it_and_the_others_are_loaded(store: Loaded, are: str) -> None:
    files = _damaged()
    good = delimited(rows_of([sent()])) if are == "logs" else b"lead_id,created_time\n1234567890123456,1790000000\n"
    around = {"a.csv": good} | files | {"z.csv": good.replace(b"1790000000", b"1790000001")}
    report = store.load(around) if are == "logs" else store.load((), around)
    assert (report.loaded, report.rows) == (2, 2)
    for name in files:
        told = [problem for problem in report.problems if f"/{name}: " in problem]
        assert len(told) == 1, name
        assert "\n" not in told[0]
        assert "Traceback" not in told[0]
    assert len(report.problems) == len(files)


def _table(records: Sequence[Sent]) -> bytes:
    return delimited(rows_of(records))


def _frame(records: Sequence[Sent]) -> bytes:
    return parquet(containers.typed_frame(records))


def _book(records: Sequence[Sent]) -> bytes:
    return workbook(rows_of(records))


def _lines(records: Sequence[Sent]) -> bytes:
    return text(lines(*map(containers.enveloped, records)))


DISGUISED: dict[str, tuple[Callable[[Sequence[Sent]], bytes], str]] = {
    "parquet.csv": (_frame, ""),
    "parquet.jsonl": (_frame, ""),
    "book.csv": (_book, ""),
    "book.parquet": (_book, ""),
    "gzip.csv": (_table, ".gz"),
    "zstandard.csv": (_table, ".zst"),
    "zstandard.jsonl": (_lines, ".zst"),
    "zstandard.csv.gz": (_table, ".zst"),
    "gzip.csv.zst": (_table, ".gz"),
    "table.csv.gz": (_table, ""),
    "table.csv.zst": (_table, ""),
    "table.json": (_table, ""),
    "table.parquet": (_table, ""),
    "table.xlsx": (_table, ""),
    "table.log": (_table, ""),
    "tabs.csv": (lambda records: delimited(rows_of(records), Style("\t")), ""),
    "commas.tsv": (_table, ""),
    "lines.csv": (_lines, ""),
    "lines.parquet": (_lines, ""),
    "lines.xlsx": (_lines, ""),
    "no ending": (_frame, ""),
}


def test_a_file_is_what_it_holds_and_not_what_it_is_called(store: Loaded) -> None:
    files = {
        name: pack(make([sent(2 * number), sent(2 * number + 1)]), packing)
        for number, (name, (make, packing)) in enumerate(DISGUISED.items())
    }
    report = store.load(files)
    assert (report.problems, store.quarantine()) == ([], [])
    read = {time - TIME for _, _, time in events(store)}
    assert [name for number, name in enumerate(DISGUISED) if not {2 * number, 2 * number + 1} <= read] == []


def test_a_folder_gives_tables_of_every_kind_and_passes_over_the_rest(store: Loaded, tmp_path: Path) -> None:
    contents = {
        "1.csv": delimited(rows_of([sent(1)])),
        "2.tsv.gz": pack(delimited(rows_of([sent(2)]), Style("\t")), ".gz"),
        "3.parquet": parquet(containers.typed_frame([sent(3)])),
        "4.xlsx": workbook(rows_of([sent(4)])),
        "5.jsonl.zst": pack(text(lines(containers.flat(sent(5)))), ".zst"),
        "6.csv.zst": pack(delimited(rows_of([sent(6)])), ".zst"),
        "~$4.xlsx": b"lock file of a spreadsheet",
        "notes.docx": b"PK\x03\x04",
        ".hidden.csv": b"x",
    }
    for name, content in contents.items():
        (tmp_path / "logs" / "sub").mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / "sub" / name).write_bytes(content)
    report = store.load([str(tmp_path / "logs")])
    assert sorted(store.events("event_time")) == [TIME + number for number in range(1, 7)]
    assert [hint for hint in report.hints if "notes.docx" in hint]
    assert all("~$4.xlsx" in problem for problem in report.problems)


# Whatever the cells hold

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x01\r"), max_size=12)
IDS = st.integers(1, 10**17 - 1).map(str)
PACKINGS = ["", ".gz", ".zst"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le+mark", "utf-16-be+mark", "utf-16-le", "utf-16-be"]


def compared(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows as they are compared: a table's cell may lose the blanks around it, and CRLF in it is one line end."""
    return [(one, (name or "").replace("\r\n", "\n").strip() or None, time) for one, name, time in rows]


@settings(derandomize=True, deadline=None, max_examples=14)
@given(
    st.lists(st.tuples(IDS, NAMES, st.integers(0, 10**14)), max_size=6),
    st.builds(
        Style,
        st.sampled_from(",;\t|"),
        st.booleans(),
        st.sampled_from(ENCODINGS),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans(),
    ),
    st.sampled_from(PACKINGS),
)
def test_whatever_the_cells_hold_a_table_of_text_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, int]], style: Style, packing: str
) -> None:
    records = [sent(lead_id=one, event_name=name or None, event_time=time) for one, name, time in cells]
    log = fresh(tmp_path_factory.mktemp("cells"))
    report = load(log, pack(delimited(rows_of(records), style), packing), f"log.csv{packing}")
    assert (report.problems, log.quarantine()) == ([], [])
    wanted: list[tuple[Any, ...]] = [(r.lead_id, r.event_name, r.event_time) for r in records]
    assert compared(events(log)) == compared(wanted)
    log.store.close()


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), max_size=12)


@settings(derandomize=True, deadline=None, max_examples=10)
@given(
    st.lists(st.tuples(IDS, PRINTABLE, st.integers(0, 10**14)), min_size=1, max_size=6),
    st.sampled_from(["parquet", "xlsx"]),
)
def test_whatever_the_cells_hold_a_table_of_cells_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, int]], ending: str
) -> None:
    records = [sent(lead_id=one, event_name=name or None, event_time=time) for one, name, time in cells]
    log = fresh(tmp_path_factory.mktemp("cells"))
    report = load(log, in_container(rows_of(records), ending), f"log.{ending}")
    assert (report.problems, log.quarantine()) == ([], [])
    assert compared(events(log)) == compared([(r.lead_id, r.event_name, r.event_time) for r in records])
    log.store.close()


GARBAGE = st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode))


@settings(derandomize=True, deadline=None, max_examples=14)
@given(GARBAGE, st.sampled_from([b"", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b"PK\x03\x04", b"lead_id,stage,ts\n"]))
def test_a_file_of_anything_is_a_problem_or_rows_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    log = fresh(tmp_path_factory.mktemp("garbage"))
    report = load(log, start + content, "log.csv", advertiser="acme")
    assert len(report.problems) + len(report.files) == 1
    assert all("log.csv" in problem and "\n" not in problem for problem in report.problems)
    log.store.close()
