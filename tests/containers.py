"""The same sent events and the same leads in every container that a log or a lead list comes in."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import polars
import xlsxwriter

try:
    from compression import zstd  # Python 3.14
except ImportError:
    from backports import zstd  # type: ignore[import-not-found, no-redef]

MINUTE, HOUR, DAY = 60, 3_600, 86_400
AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC
LEAD_IDS = ("1234567890123456", "12345678901234567", "98765432109876543", "123456789012345")  # none survives a float


# --- canonical records --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """One event as it was sent, with the log's own columns; None: the sender left it out."""

    advertiser_id: str | None
    dataset_id: str | None
    upload_time: int | None
    http_status: int | None
    event_name: str | None
    event_time: int | None
    lead_id: str | None
    action_source: str | None = "system_generated"
    event_source: str | None = "crm"
    lead_event_source: str | None = "My CRM"
    test_event_code: str | None = None
    em: str | None = None


LOG_FIELDS = ("advertiser_id", "dataset_id", "upload_time", "http_status")
PAYLOAD_FIELDS = ("action_source", "event_source", "lead_event_source", "test_event_code", "em")
FIELDS = (*LOG_FIELDS, "event_name", "event_time", "lead_id", *PAYLOAD_FIELDS)
WITHOUT_PAYLOAD = tuple(name for name in FIELDS if name not in PAYLOAD_FIELDS)


@dataclass(frozen=True)
class Listed:
    """One lead as Meta generated it."""

    lead_id: str
    created_time: int
    form_id: str


@dataclass(frozen=True)
class Sample:
    """Records and leads of a few advertisers; the forms say whose a lead is."""

    records: tuple[Sent, ...]
    leads: tuple[Listed, ...]
    forms: dict[str, str] = field(hash=False)


STAGES = ("Lead", "Qualifié", "Größe geprüft", "Verkauft; bezahlt")
ADVERTISERS = ("acme", "Café Müller", "20017")


# Of each advertiser: its leads and its faults as multiples, how many leads are sent, how many go on to the next stage.
KINDS = ((2.5, 0.5, 0.95, 0.35), (1, 3.0, 0.9, 0.5), (1, 1.0, 0.5, 0.6))


def sample(seed: int, *, tag: int = 0, leads: int = 22, faults: float = 0.1, advertisers: int = 3) -> Sample:
    """A seeded random sample; `faults` is the share of events with a payload that is not as it should be.

    The names of two samples differ when their tags do, so that both can lie in one store.
    """
    rng = random.Random(seed)
    records: list[Sent] = []
    listed: list[Listed] = []
    forms = {f"1{tag:03}{number}": f"{name}{tag}" for number, name in enumerate(ADVERTISERS[:advertisers])}
    for number, (form_id, name) in enumerate(forms.items()):
        dataset = f"9{tag:03}00000000000{number}"
        crm = rng.choice(("My CRM", "Größe & Söhne CRM", "Salesforce"))
        more, worse, share_sent, share_on = KINDS[number]
        for place in range(round(leads * more)):
            fixed = place < len(LEAD_IDS) and number == 0
            lead_id = LEAD_IDS[place] if fixed else str(rng.randrange(10**14, 10**17))
            created = AS_OF - rng.randrange(2 * DAY, 50 * DAY)
            if fixed or rng.random() < 0.95:
                listed.append(Listed(lead_id, created, form_id))
            if rng.random() > share_sent and not fixed:
                continue  # a lead of which nothing was sent
            moment = created
            for stage in STAGES:
                moment += rng.randrange(0, 2 * DAY)
                if moment > AS_OF - 2 * HOUR:
                    break
                record = Sent(name, dataset, _upload(rng, moment), 200, stage, moment, lead_id, lead_event_source=crm)
                if rng.random() < 0.25:
                    record = replace(record, em=hashlib.sha256(lead_id.encode()).hexdigest())
                if rng.random() < faults * worse:
                    record = _at_fault(record, rng)
                records.extend(_with_outcome(record, rng, may_test=faults > 0))
                if rng.random() > share_on:
                    break
    return Sample(tuple(dict.fromkeys(records)), tuple(listed), forms)


def _upload(rng: random.Random, moment: int) -> int:
    """Sent on the next full hour, so that requests hold several events, or now and then too late."""
    late = 8 * DAY if rng.random() < 0.04 and moment + 9 * DAY < AS_OF else 0
    return moment + late - (moment + late) % (6 * HOUR) + 6 * HOUR if moment + late + 6 * HOUR < AS_OF else moment


def _with_outcome(record: Sent, rng: random.Random, *, may_test: bool) -> list[Sent]:
    chance = rng.random()
    if chance < 0.05 and record.upload_time is not None:
        again = replace(record, upload_time=record.upload_time + HOUR)
        return [replace(record, http_status=400), *([again] if rng.random() < 0.5 else [])]
    if chance < 0.1 and may_test:
        return [record, replace(record, test_event_code="TEST123")]
    return [record]


def _at_fault(record: Sent, rng: random.Random) -> Sent:
    digest = hashlib.sha256(b"jane@example.com").hexdigest()
    changes: dict[str, Any] = rng.choice(
        (
            {"action_source": "website"},
            {"action_source": None},
            {"event_source": "CRM"},
            {"event_source": None},
            {"lead_event_source": None},
            {"event_time": (record.event_time or 0) * 1000},
            {"event_time": 999_999_999},
            {"event_time": None},
            {"event_name": None},
            {"lead_id": None},
            {"lead_id": "12345678901234"},
            {"lead_id": "123456789012345678"},
            {"em": digest.upper()},
            {"em": digest[:32]},
            {"em": "not hashed"},
        )
    )
    return replace(record, **changes)


# --- one record as JSON -------------------------------------------------------------------------------------


def present(**values: Any) -> dict[str, Any]:
    """The keys that have a value."""
    return {key: value for key, value in values.items() if value is not None and value != {}}


def payload(record: Sent, *, with_code: bool = True) -> dict[str, Any]:
    """The CAPI event."""
    return present(
        event_name=record.event_name,
        event_time=record.event_time,
        action_source=record.action_source,
        user_data=present(lead_id=record.lead_id and int(record.lead_id), em=record.em and [record.em]),
        custom_data=present(event_source=record.event_source, lead_event_source=record.lead_event_source),
        test_event_code=record.test_event_code if with_code else None,
    )


def log_columns(record: Sent) -> dict[str, Any]:
    """The log's own columns."""
    return present(**{name: getattr(record, name) for name in LOG_FIELDS})


def enveloped(record: Sent) -> dict[str, Any]:
    """The event with the log's columns around it."""
    return log_columns(record) | {"event": payload(record)}


def bare(record: Sent) -> dict[str, Any]:
    """The event with the log's columns beside its keys."""
    return payload(record) | log_columns(record)


def flat(record: Sent, names: dict[str, str] | None = None, *, as_text: bool = False) -> dict[str, Any]:
    """Every field at the top level, as a table's row in JSON."""
    fields = present(**{name: getattr(record, name) for name in FIELDS})
    return {(names or {}).get(key, key): str(value) if as_text else value for key, value in fields.items()}


def body(group: Sequence[Sent], way: str = "list") -> dict[str, Any]:
    """A request body with these events, its `data` a list, a JSON string or a list of JSON strings."""
    events = [payload(record, with_code=False) for record in group]
    data: Any = events
    if way == "string":
        data = json.dumps(events)
    elif way == "strings":
        data = [json.dumps(one) for one in events]
    return present(data=data, test_event_code=group[0].test_event_code)


def logged_body(group: Sequence[Sent], way: str = "list") -> dict[str, Any]:
    """A request body with the log's columns beside it."""
    return body(group, way) | log_columns(group[0])


def exchange(group: Sequence[Sent], way: str = "list") -> dict[str, Any]:
    """A request with its outcome; `form` is the SDK's form body."""
    first = group[0]
    sent: Any = body(group, "strings" if way == "form" else way)
    if way == "form":
        sent = urlencode(sent | {"data": json.dumps(sent["data"]), "access_token": "secret"})
    answer: dict[str, Any] = {"events_received": len(group), "messages": []}
    if first.http_status and first.http_status >= 400:
        answer = {}
    return present(
        advertiser_id=first.advertiser_id,
        url=f"https://graph.facebook.com/v26.0/{first.dataset_id}/events",
        sent_at=first.upload_time,
        request=sent,
        response=present(status=first.http_status, body=answer),
    )


def one_each(records: Sequence[Sent]) -> list[list[Sent]]:
    """Groups of one."""
    return [[record] for record in records]


def batched(records: Sequence[Sent]) -> list[list[Sent]]:
    """The records that went out together."""
    groups: dict[tuple[Any, ...], list[Sent]] = {}
    for record in records:
        key = (*(getattr(record, name) for name in LOG_FIELDS), record.test_event_code)
        groups.setdefault(key, []).append(record)
    return list(groups.values())


# --- files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """What to hand to the loader, and what then lies on standard input."""

    sources: list[str]
    stdin: bytes | None = None


def pack(content: bytes, ending: str) -> bytes:
    """Packed as the ending says."""
    if ending.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    return bytes(zstd.compress(content)) if ending.endswith(".zst") else content


def put(path: Path, content: str | bytes) -> Path:
    """Write a file, packed as its name says, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(content.encode() if isinstance(content, str) else content, path.name))
    return path


def json_lines(items: Iterable[Any]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def json_array(items: Iterable[Any], indent: int | None = None) -> str:
    """One array."""
    return json.dumps(list(items), ensure_ascii=False, indent=indent)


def json_objects(items: Iterable[Any]) -> str:
    """Pretty-printed objects, one after another."""
    return "\n".join(json.dumps(item, indent=2) for item in items)


# --- tables -------------------------------------------------------------------------------------------------

Cell = str | int | float | datetime | None
Table = list[list[Cell]]


@dataclass(frozen=True)
class Style:
    """How a table is written as text."""

    delimiter: str = ","
    quoted: bool = False
    encoding: str = "utf-8"  # "utf-8-sig"; "utf-16-le+mark"; ...
    end: str = "\n"
    last_end: bool = True


def delimited(rows: Table, style: Style = Style()) -> bytes:
    """A table as delimited text; None is an empty cell."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if style.quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=style.delimiter, quoting=quoting, lineterminator=style.end)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    text = out.getvalue() if style.last_end else out.getvalue().removesuffix(style.end)
    if style.encoding.endswith("+mark"):
        return ("\ufeff" + text).encode(style.encoding.removesuffix("+mark"))
    return text.encode(style.encoding)


def workbook(rows: Table, *, empty_rows: int = 0, second: Table | None = None) -> bytes:
    """A table as the first sheet of an XLSX: text stays text, numbers and times are number cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False}) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for sheet_rows, first in ((rows, empty_rows), (second, 0)):
            if sheet_rows is None:
                continue
            sheet = book.add_worksheet()
            for y, row in enumerate(sheet_rows, start=first):
                for x, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(y, x, cell, moment)
                    elif isinstance(cell, str):
                        sheet.write_string(y, x, cell)
                    elif cell is not None:
                        sheet.write_number(y, x, cell)
    return out.getvalue()


def parquet(frame: polars.DataFrame) -> bytes:
    """A frame as Parquet."""
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def text_frame(rows: Table) -> polars.DataFrame:
    """A table as a frame of text."""
    header, *cells = rows
    columns = zip(*cells, strict=True) if cells else ([] for _ in header)
    return polars.DataFrame(
        {
            str(name): [None if cell is None else str(cell) for cell in column]
            for name, column in zip(header, columns, strict=True)
        },
        schema={str(name): polars.String for name in header},
    )


INTEGERS = ("upload_time", "http_status", "event_time", "lead_id")


def typed_frame(records: Sequence[Sent], *, times: Literal["integer", "naive", "utc"] = "integer") -> polars.DataFrame:
    """Records as a frame with integers where digits are, and the time of sending as an integer or a timestamp."""
    columns = {name: [getattr(record, name) for record in records] for name in FIELDS}
    columns["lead_id"] = [value and int(value) for value in columns["lead_id"]]
    frame = polars.DataFrame(columns, schema={n: polars.Int64 if n in INTEGERS else polars.String for n in FIELDS})
    if times != "integer":
        moment = polars.from_epoch("upload_time", time_unit="s").dt.cast_time_unit("us")
        frame = frame.with_columns(moment.dt.replace_time_zone("UTC") if times == "utc" else moment)
    return frame


def nested_frame(records: Sequence[Sent], *, enveloped: bool) -> polars.DataFrame:
    """Records as a frame with the structs user_data and custom_data, themselves in a struct `event` or beside."""
    event = polars.Struct(
        {
            "event_name": polars.String,
            "event_time": polars.Int64,
            "action_source": polars.String,
            "user_data": polars.Struct({"lead_id": polars.String, "em": polars.List(polars.String)}),
            "custom_data": polars.Struct({"event_source": polars.String, "lead_event_source": polars.String}),
            "test_event_code": polars.String,
        }
    )
    columns: dict[str, Any] = {name: [getattr(record, name) for record in records] for name in LOG_FIELDS}
    events = [
        {
            "event_name": record.event_name,
            "event_time": record.event_time,
            "action_source": record.action_source,
            "user_data": {"lead_id": record.lead_id, "em": record.em and [record.em]},
            "custom_data": {"event_source": record.event_source, "lead_event_source": record.lead_event_source},
            "test_event_code": record.test_event_code,
        }
        for record in records
    ]
    schema: dict[str, Any] = dict.fromkeys(LOG_FIELDS, polars.String)
    schema |= {"upload_time": polars.Int64, "http_status": polars.Int64, "event": event}
    frame = polars.DataFrame(columns | {"event": events}, schema=schema)
    return frame if enveloped else frame.unnest("event")


Names = dict[str, str]
ZAPIER: Names = {
    "event_name": "Stage in Sales Process",
    "event_time": "Time of customer event",
    "lead_id": "Facebook Lead ID",
}
CRM_NAMES: Names = {
    "advertiser_id": "Tenant",
    "dataset_id": "pixel_id",
    "upload_time": "sent_at",
    "event_name": "stage",
    "event_time": "changed_at",
    "lead_id": "Meta_Lead_ID__c",
}
SHOUTED: Names = {name: f" {name.upper()} " for name in FIELDS}


def cell_of(record: Sent, name: str, form: Callable[[int], Cell] | None = None) -> Cell:
    """A field as a cell; `form` writes the times."""
    value = getattr(record, name)
    return form(value) if form and name in ("upload_time", "event_time") and value is not None else value


def rows_of(
    records: Sequence[Sent],
    *,
    names: Names | None = None,
    columns: Sequence[str] = FIELDS,
    form: Callable[[int], Cell] | None = None,
    form_of: Sequence[str] = (),
    more: int = 0,
) -> Table:
    """Header and rows; `form` writes the times in `form_of`, `more` columns of no meaning stand in between."""
    header: list[Cell] = [(names or {}).get(name, name) for name in columns]
    rows: Table = [[cell_of(record, name, form if name in form_of else None) for name in columns] for record in records]
    if more:
        rng = random.Random(more)
        place = rng.randrange(len(header))
        header[place:place] = [f"question {number}?" for number in range(more)]
        for row in rows:
            row[place:place] = [rng.choice((None, "yes, please", 'say "hi"', "a;b|c", "5")) for _ in range(more)]
    return [header, *rows]


def iso(offset: float = 0, ending: str = "", style: str = "%Y-%m-%dT%H:%M:%S%z") -> Callable[[int], str]:
    """Writes Unix seconds as ISO 8601 at an offset in hours."""
    zone = timezone(timedelta(hours=offset))
    return lambda seconds: datetime.fromtimestamp(seconds, zone).strftime(style) + ending


def moment(seconds: int) -> datetime:
    """A naive time in UTC, as spreadsheets hold it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


# --- logs: every container ----------------------------------------------------------------------------------

Write = Callable[[Path, Sequence[Sent]], Written]


def one_file(name: str, make: Callable[[Sequence[Sent]], str | bytes]) -> Write:
    """A container that is one file."""
    return lambda folder, records: Written([str(put(folder / name, make(records)))])


def file_each(ending: str, make: Callable[[Sent], str | bytes]) -> Write:
    """A folder with a file for each record."""

    def write(folder: Path, records: Sequence[Sent]) -> Written:
        for number, record in enumerate(records):
            put(folder / f"{number // 10}" / f"{number}{ending}", make(record))
        return Written([str(folder)])

    return write


def hive(name: str, make: Callable[[Sequence[Sent]], str | bytes]) -> Write:
    """Folders advertiser_id=NAME/ that alone say whose the records are."""

    def write(folder: Path, records: Sequence[Sent]) -> Written:
        for owner in {record.advertiser_id: None for record in records}:
            own = [replace(record, advertiser_id=None) for record in records if record.advertiser_id == owner]
            put(folder / f"advertiser_id={owner}" / name, make(own))
        return Written([str(folder)])

    return write


def standard_input(make: Callable[[Sequence[Sent]], str | bytes], packing: str = "") -> Write:
    """A pipe."""

    def write(folder: Path, records: Sequence[Sent]) -> Written:
        content = make(records)
        return Written(["-"], pack(content.encode() if isinstance(content, str) else content, packing))

    return write


def mixed(folder: Path, records: Sequence[Sent]) -> Written:
    """A folder with a part of the records in each of several containers."""
    parts: dict[str, Callable[[Sequence[Sent]], str | bytes]] = {
        "a/1.jsonl": lambda some: json_lines(map(enveloped, some)),
        "a/2.csv": lambda some: delimited(rows_of(some)),
        "b/3.parquet": lambda some: parquet(typed_frame(some)),
        "b/4.xlsx": lambda some: workbook(rows_of(some)),
        "b/c/5.tsv.gz": lambda some: delimited(rows_of(some), Style("\t")),
        "6.json.zst": lambda some: json_array(map(bare, some), 1),
    }
    for number, (name, make) in enumerate(parts.items()):
        put(folder / name, make(records[number :: len(parts)]))
    return Written([str(folder)])


def globbed(folder: Path, records: Sequence[Sent]) -> Written:
    """Two of three files, chosen by a glob."""
    half = len(records) // 2
    put(folder / "sent-1.csv", delimited(rows_of(records[:half])))
    put(folder / "sent-2.csv.gz", delimited(rows_of(records[half:])))
    put(folder / "other.csv", delimited(rows_of([replace(records[0], event_name="Other")])))
    return Written([str(folder / "sent-*.csv*")])


def _sheet_cells(records: Sequence[Sent]) -> Table:
    """Numbers as number cells, times of sending as dates, ids as text."""
    return rows_of(records, form=moment, form_of=["upload_time"])


JSON_ONE_EACH: dict[str, Write] = {
    "enveloped.jsonl": one_file("log.jsonl", lambda r: json_lines(map(enveloped, r))),
    "enveloped.jsonl.gz": one_file("log.jsonl.gz", lambda r: json_lines(map(enveloped, r))),
    "enveloped.jsonl.zst": one_file("log.jsonl.zst", lambda r: json_lines(map(enveloped, r))),
    "bare.ndjson": one_file("log.ndjson", lambda r: json_lines(map(bare, r))),
    "array in a line.json": one_file("log.json", lambda r: json_array(map(bare, r))),
    "array over lines.json": one_file("log.json", lambda r: json_array(map(enveloped, r), 2)),
    "array.json.gz": one_file("log.json.gz", lambda r: json_array(map(enveloped, r))),
    "array.json.zst": one_file("log.json.zst", lambda r: json_array(map(bare, r), 1)),
    "objects one after another.json": one_file("log.json", lambda r: json_objects(map(bare, r))),
    "bodies of one.jsonl": one_file("log.jsonl", lambda r: json_lines(map(logged_body, one_each(r)))),
    "exchanges of one.jsonl": one_file("log.jsonl", lambda r: json_lines(map(exchange, one_each(r)))),
    "exchanges of one, forms.jsonl": one_file(
        "log.jsonl", lambda r: json_lines(exchange(group, "form") for group in one_each(r))
    ),
    "hive enveloped.jsonl": hive("log.jsonl", lambda r: json_lines(map(enveloped, r))),
    "standard input.jsonl": standard_input(lambda r: json_lines(map(enveloped, r))),
    "standard input.jsonl.gz": standard_input(lambda r: json_lines(map(bare, r)), ".gz"),
    "standard input.jsonl.zst": standard_input(lambda r: json_lines(map(bare, r)), ".zst"),
}

FLAT: dict[str, Write] = {
    "flat.jsonl": one_file("log.jsonl", lambda r: json_lines(map(flat, r))),
    "flat, all text.jsonl": one_file("log.jsonl", lambda r: json_lines(flat(one, as_text=True) for one in r)),
    "flat array.json": one_file("log.json", lambda r: json_array(map(flat, r))),
    "flat array over lines.json": one_file("log.json", lambda r: json_array(map(flat, r), 2)),
    "flat, a CRM's names.jsonl.gz": one_file("log.jsonl.gz", lambda r: json_lines(flat(one, CRM_NAMES) for one in r)),
    "flat.json.zst": one_file("log.json.zst", lambda r: json_array(map(flat, r))),
    "hive flat.jsonl": hive("log.jsonl", lambda r: json_lines(map(flat, r))),
    "standard input, flat.jsonl": standard_input(lambda r: json_lines(map(flat, r))),
}

STYLES: dict[str, tuple[str, Style]] = {
    "comma.csv": ("log.csv", Style()),
    "comma, quoted, CRLF.csv": ("log.csv", Style(quoted=True, end="\r\n")),
    "comma, with a mark.csv": ("log.csv", Style(encoding="utf-8-sig")),
    "comma, no last end.csv": ("log.csv", Style(last_end=False)),
    "comma, Windows-1252, CRLF.csv": ("log.csv", Style(encoding="cp1252", end="\r\n")),
    "comma, UTF-16LE.csv": ("log.csv", Style(encoding="utf-16-le")),
    "comma.csv.gz": ("log.csv.gz", Style()),
    "comma, quoted.csv.zst": ("log.csv.zst", Style(quoted=True)),
    "semicolon.csv": ("log.csv", Style(";")),
    "semicolon, quoted, Windows-1252.csv": ("log.csv", Style(";", quoted=True, encoding="cp1252")),
    "semicolon, UTF-16BE with a mark.csv": ("log.csv", Style(";", encoding="utf-16-be+mark", end="\r\n")),
    "semicolon, with a mark, CRLF, no last end.csv": (
        "log.csv",
        Style(";", encoding="utf-8-sig", end="\r\n", last_end=False),
    ),
    "tab.tsv": ("log.tsv", Style("\t")),
    "tab, quoted, no last end.tsv": ("log.tsv", Style("\t", quoted=True, last_end=False)),
    "tab, UTF-16LE with a mark.csv": ("log.csv", Style("\t", encoding="utf-16-le+mark", end="\r\n")),
    "tab, UTF-16BE.tsv": ("log.tsv", Style("\t", encoding="utf-16-be")),
    "tab, UTF-16LE with a mark.tsv.gz": ("log.tsv.gz", Style("\t", encoding="utf-16-le+mark")),
    "tab, Windows-1252.tsv.zst": ("log.tsv.zst", Style("\t", encoding="cp1252")),
    "pipe.csv": ("log.csv", Style("|")),
    "pipe, quoted, UTF-16LE, CRLF.txt": ("log.txt", Style("|", quoted=True, encoding="utf-16-le", end="\r\n")),
}


def _styled(name: str, style: Style) -> Write:
    return one_file(name, lambda r: delimited(rows_of(r), style))


TABLES: dict[str, Write] = {
    **{key: _styled(name, style) for key, (name, style) in STYLES.items()},
    "a CRM's names.csv": one_file("log.csv", lambda r: delimited(rows_of(r, names=CRM_NAMES))),
    "Zapier's names.csv": one_file("log.csv", lambda r: delimited(rows_of(r, names=ZAPIER))),
    "shouted names.tsv": one_file("log.tsv", lambda r: delimited(rows_of(r, names=SHOUTED), Style("\t"))),
    "called status.csv": one_file("log.csv", lambda r: delimited(rows_of(r, names={"http_status": "status"}))),
    "other columns between, any order.csv": one_file(
        "log.csv", lambda r: delimited(rows_of(r, columns=sorted(FIELDS), more=7))
    ),
    "ISO times of sending.csv": one_file(
        "log.csv", lambda r: delimited(rows_of(r, form=iso(5.5), form_of=["upload_time"]))
    ),
    "hive.csv": hive("log.csv", lambda r: delimited(rows_of(r, columns=FIELDS[1:]))),
    "standard input.csv": standard_input(lambda r: delimited(rows_of(r))),
    "standard input.tsv.gz": standard_input(
        lambda r: delimited(rows_of(r), Style("\t", encoding="utf-16-le+mark")), ".gz"
    ),
    "standard input.csv.zst": standard_input(lambda r: delimited(rows_of(r), Style(";")), ".zst"),
    "text.parquet": one_file("log.parquet", lambda r: parquet(text_frame(rows_of(r)))),
    "typed.parquet": one_file("log.parquet", lambda r: parquet(typed_frame(r))),
    "naive times of sending.parquet": one_file("log.parquet", lambda r: parquet(typed_frame(r, times="naive"))),
    "UTC times of sending.parquet": one_file("log.parquet", lambda r: parquet(typed_frame(r, times="utc"))),
    "structs beside.parquet": one_file("log.parquet", lambda r: parquet(nested_frame(r, enveloped=False))),
    "structs enveloped.parquet": one_file("log.parquet", lambda r: parquet(nested_frame(r, enveloped=True))),
    "hive.parquet": hive("part-0.parquet", lambda r: parquet(typed_frame(r).drop("advertiser_id"))),
    "a CRM's names.parquet": one_file("log.parquet", lambda r: parquet(text_frame(rows_of(r, names=CRM_NAMES)))),
    "standard input.parquet": standard_input(lambda r: parquet(typed_frame(r))),
    "text.xlsx": one_file(
        "log.xlsx", lambda r: workbook([[None if c is None else str(c) for c in row] for row in rows_of(r)])
    ),
    "numbers.xlsx": one_file("log.xlsx", lambda r: workbook(rows_of(r))),
    "dates of sending.xlsx": one_file("log.xlsx", lambda r: workbook(_sheet_cells(r))),
    "a CRM's names.xlsx": one_file("log.xlsx", lambda r: workbook(rows_of(r, names=CRM_NAMES))),
    "hive.xlsx": hive("log.xlsx", lambda r: workbook(rows_of(r, columns=FIELDS[1:]))),
    "standard input.xlsx": standard_input(lambda r: workbook(rows_of(r))),
    "mixed folder": mixed,
    "glob": globbed,
}

ONE_EACH = JSON_ONE_EACH | FLAT | TABLES
REFERENCE = JSON_ONE_EACH["enveloped.jsonl"]

# As many files as records: for few records.
FILE_EACH: dict[str, Write] = {
    "pretty objects, a file each": file_each(".json", lambda r: json.dumps(enveloped(r), indent=2)),
    "pretty flat objects, a file each": file_each(".json", lambda r: json.dumps(asdict(r), indent=2)),
    "bodies, a file each": file_each(".json", lambda r: json.dumps(logged_body([r]), indent=2)),
    "tables, a file each": file_each(".csv", lambda r: delimited(rows_of([r]))),
}

BATCHED: dict[str, Write] = {
    "bodies.jsonl": one_file("log.jsonl", lambda r: json_lines(map(logged_body, batched(r)))),
    "bodies array.json": one_file("log.json", lambda r: json_array(map(logged_body, batched(r)), 1)),
    "bodies, data a string.jsonl.gz": one_file(
        "log.jsonl.gz", lambda r: json_lines(logged_body(group, "string") for group in batched(r))
    ),
    "bodies, data strings.jsonl.zst": one_file(
        "log.jsonl.zst", lambda r: json_lines(logged_body(group, "strings") for group in batched(r))
    ),
    "exchanges.jsonl": one_file("log.jsonl", lambda r: json_lines(map(exchange, batched(r)))),
    "exchanges over lines.json": one_file("log.json", lambda r: json_objects(map(exchange, batched(r)))),
    "exchanges, forms.jsonl": one_file(
        "log.jsonl", lambda r: json_lines(exchange(group, "form") for group in batched(r))
    ),
    "hive bodies.jsonl": hive("log.jsonl", lambda r: json_lines(map(logged_body, batched(r)))),
    "standard input, bodies.jsonl.zst": standard_input(lambda r: json_lines(map(logged_body, batched(r))), ".zst"),
}
BATCHED_REFERENCE = BATCHED["bodies.jsonl"]


def _bare_rows(records: Sequence[Sent], **options: Any) -> Table:
    return rows_of(records, columns=WITHOUT_PAYLOAD, **options)


BOTH_TIMES = ("upload_time", "event_time")
NO_PAYLOAD: dict[str, Write] = {
    "seconds.csv": one_file("log.csv", lambda r: delimited(_bare_rows(r))),
    "seconds, semicolon, Windows-1252.csv.gz": one_file(
        "log.csv.gz", lambda r: delimited(_bare_rows(r), Style(";", encoding="cp1252"))
    ),
    "milliseconds.csv": one_file(
        "log.csv", lambda r: delimited(_bare_rows(r, form=lambda s: s * 1000 + 7, form_of=BOTH_TIMES))
    ),
    "ISO, Z.tsv": one_file(
        "log.tsv",
        lambda r: delimited(_bare_rows(r, form=iso(0, "Z", "%Y-%m-%dT%H:%M:%S"), form_of=BOTH_TIMES), Style("\t")),
    ),
    "ISO, as Salesforce writes it.csv": one_file(
        "log.csv",
        lambda r: delimited(_bare_rows(r, form=iso(0, ".000+0000", "%Y-%m-%dT%H:%M:%S"), form_of=BOTH_TIMES)),
    ),
    "ISO, another offset, a CRM's names.csv": one_file(
        "log.csv", lambda r: delimited(_bare_rows(r, form=iso(-8), form_of=BOTH_TIMES, names=CRM_NAMES))
    ),
    "ISO, naive.csv": one_file(
        "log.csv",
        lambda r: delimited(_bare_rows(r, form=iso(0, "", "%Y-%m-%d %H:%M:%S"), form_of=BOTH_TIMES, names=ZAPIER)),
    ),
    "prefixed ids.csv": one_file(
        "log.csv", lambda r: delimited(_bare_rows([replace(one, lead_id=f"l:{one.lead_id}") for one in r]))
    ),
    "text.parquet": one_file("log.parquet", lambda r: parquet(text_frame(_bare_rows(r)))),
    "typed.parquet": one_file("log.parquet", lambda r: parquet(typed_frame(r).select(WITHOUT_PAYLOAD))),
    "timestamps.parquet": one_file(
        "log.parquet",
        lambda r: parquet(
            typed_frame(r)
            .select(WITHOUT_PAYLOAD)
            .with_columns(polars.from_epoch(name, time_unit="s").dt.cast_time_unit("ms") for name in BOTH_TIMES)
        ),
    ),
    "hive.parquet": hive(
        "log.parquet", lambda r: parquet(typed_frame(r).select(WITHOUT_PAYLOAD).drop("advertiser_id"))
    ),
    "numbers.xlsx": one_file("log.xlsx", lambda r: workbook(_bare_rows(r))),
    "dates.xlsx": one_file("log.xlsx", lambda r: workbook(_bare_rows(r, form=moment, form_of=BOTH_TIMES))),
    "flat.jsonl": one_file(
        "log.jsonl", lambda r: json_lines({key: asdict(one)[key] for key in WITHOUT_PAYLOAD} for one in r)
    ),
    "standard input.csv.gz": standard_input(lambda r: delimited(_bare_rows(r), Style("|")), ".gz"),
}


# --- lead lists: every container ----------------------------------------------------------------------------

WriteLeads = Callable[[Path, Sequence[Listed]], Written]


def graph_lead(lead: Listed) -> dict[str, Any]:
    """A lead as the Graph API gives it."""
    return {
        "created_time": iso()(lead.created_time),
        "id": lead.lead_id,
        "ad_id": "120000001",
        "form_id": lead.form_id,
        "field_data": [{"name": "email", "values": ["joe@example.com"]}],
    }


def graph_page(leads: Sequence[Listed]) -> dict[str, Any]:
    """A page of leads."""
    paging = {"cursors": {"before": "QVFI", "after": "QVFIU"}, "next": "https://graph.facebook.com/v25.0/x?after=y"}
    return {"data": [graph_lead(lead) for lead in leads], "paging": paging}


def change(lead: Listed, *, as_text: bool = False) -> dict[str, Any]:
    """A lead as a webhook tells it."""
    ids: dict[str, Any] = {
        "leadgen_id": int(lead.lead_id),
        "page_id": 123123123,
        "form_id": int(lead.form_id),
        "adgroup_id": 12312312312,
        "ad_id": 12312312312,
    }
    ids = {key: str(value) for key, value in ids.items()} if as_text else ids
    return {"field": "leadgen", "value": ids | {"created_time": lead.created_time}}


def webhook(entries: Sequence[Sequence[Listed]], *, as_text: bool = False) -> dict[str, Any]:
    """One delivery with so many entries, each with so many changes."""
    return {
        "object": "page",
        "entry": [
            {"id": "153125381133", "time": AS_OF, "changes": [change(lead, as_text=as_text) for lead in leads]}
            for leads in entries
        ],
    }


def cut(leads: Sequence[Listed], size: int) -> list[Sequence[Listed]]:
    """Parts of a size."""
    return [leads[start : start + size] for start in range(0, len(leads), size)]


DOWNLOAD_HEADER = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,"
    "is_organic,platform,what do you need?,what do you need?,full_name,phone_number,email,lead_status"
).split(",")


def download(leads: Sequence[Listed]) -> Table:
    """The download of a page's admin."""
    rows: Table = [
        [
            *(f"l:{lead.lead_id}", iso(5.5)(lead.created_time)[:-2] + ":30", "ag:52521", "Ad", "as:52522", "Ad set"),
            *("c:52523", "Campaign", f"f:{lead.form_id}", "Form", "false", "fb", "größer, schöner", None),
            *("Joe Doe", "p:+4915112345678", "joe@example.com", "CREATED"),
        ]
        for lead in leads
    ]
    return [list(DOWNLOAD_HEADER), *rows]


def lead_rows(
    leads: Sequence[Listed],
    header: Sequence[str] = ("lead_id", "created_time", "form_id"),
    form: Callable[[int], Cell] = lambda seconds: seconds,
) -> Table:
    """A plain lead list."""
    return [list(header), *([lead.lead_id, form(lead.created_time), lead.form_id] for lead in leads)]


def lead_frame(leads: Sequence[Listed]) -> polars.DataFrame:
    """A typed lead list."""
    return polars.DataFrame(
        {
            "lead_id": [int(lead.lead_id) for lead in leads],
            "created_time": [moment(lead.created_time) for lead in leads],
            "form_id": [int(lead.form_id) for lead in leads],
        }
    )


def lead_file(name: str, make: Callable[[Sequence[Listed]], str | bytes]) -> WriteLeads:
    """A lead list that is one file."""
    return lambda folder, leads: Written([str(put(folder / name, make(leads)))])


def lead_input(make: Callable[[Sequence[Listed]], str | bytes], packing: str = "") -> WriteLeads:
    """A lead list on standard input."""

    def write(folder: Path, leads: Sequence[Listed]) -> Written:
        content = make(leads)
        return Written(["-"], pack(content.encode() if isinstance(content, str) else content, packing))

    return write


LEADS: dict[str, WriteLeads] = {
    "plain.csv": lead_file("leads.csv", lambda r: delimited(lead_rows(r))),
    "plain, other names, ISO.csv": lead_file(
        "leads.csv",
        lambda r: delimited(lead_rows(r, ("Facebook Lead ID", "Created_At", "form_id"), iso(-3)), Style(";")),
    ),
    "plain.tsv.gz": lead_file("leads.tsv.gz", lambda r: delimited(lead_rows(r), Style("\t", quoted=True))),
    "plain.csv.zst": lead_file("leads.csv.zst", lambda r: delimited(lead_rows(r), Style("|", end="\r\n"))),
    "Graph page.json": lead_file("leads.json", lambda r: json.dumps(graph_page(r))),
    "Graph page over lines.json.zst": lead_file("leads.json.zst", lambda r: json.dumps(graph_page(r), indent=2)),
    "Graph pages.jsonl": lead_file("leads.jsonl", lambda r: json_lines(map(graph_page, cut(r, 7)))),
    "leads.jsonl": lead_file("leads.jsonl", lambda r: json_lines(map(graph_lead, r))),
    "leads array.json.gz": lead_file("leads.json.gz", lambda r: json_array(map(graph_lead, r), 1)),
    "webhooks.jsonl": lead_file("leads.jsonl", lambda r: json_lines(webhook([[lead]]) for lead in r)),
    "webhooks, many changes.jsonl": lead_file(
        "leads.jsonl", lambda r: json_lines(webhook(cut(some, 2), as_text=True) for some in cut(r, 9))
    ),
    "webhooks, redelivered.json": lead_file(
        "leads.json", lambda r: json_array([webhook([some]) for some in (*cut(r, 5), *cut(r, 3))], 1)
    ),
    "webhook over lines.json": lead_file("leads.json", lambda r: json.dumps(webhook(cut(r, 4)), indent=2)),
    "download.csv": lead_file(
        "leads.csv", lambda r: delimited(download(r), Style("\t", encoding="utf-16-le+mark", end="\r\n"))
    ),
    "download, saved again.csv": lead_file("leads.csv", lambda r: delimited(download(r))),
    "download.xlsx": lead_file("leads.xlsx", lambda r: workbook(download(r))),
    "typed.parquet": lead_file("leads.parquet", lambda r: parquet(lead_frame(r))),
    "text.parquet": lead_file("leads.parquet", lambda r: parquet(text_frame(lead_rows(r, form=iso(2))))),
    "numbers.xlsx": lead_file("leads.xlsx", lambda r: workbook(lead_rows(r))),
    "dates.xlsx": lead_file("leads.xlsx", lambda r: workbook(lead_rows(r, form=moment))),
    "standard input.csv": lead_input(lambda r: delimited(lead_rows(r))),
    "standard input.jsonl.gz": lead_input(lambda r: json_lines(map(graph_lead, r)), ".gz"),
    "standard input.parquet": lead_input(lambda r: parquet(lead_frame(r))),
}
LEAD_REFERENCE = LEADS["plain.csv"]
