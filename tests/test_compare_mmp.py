"""Attributed installs: tables of both sides read, set beside each other as plain Python does, judged and told."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars
import pytest
import xlsxwriter
from ingest_samples import table, write
from jsonschema import Draft202012Validator
from test_contract import app_log

from funnelcheck.appevents.discrepancies import UNNAMED, Comparison, compare
from funnelcheck.appfigures import Discrepancy, Installs
from funnelcheck.config import AdvertiserConfig, AttributionConfig, Config, SideConfig, load
from funnelcheck.contracts import schema
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.ingestion.quarantine import quarantined
from funnelcheck.judgement import check
from funnelcheck.model import Finding, Severity, Status
from funnelcheck.render.comparison import FORMATS, rendered
from funnelcheck.store import Store, open_store

T = 1_790_000_000  # 2026-09-21 14:13:20 UTC
DAY = 86_400
AS_OF = T + 60 * DAY
DEVICE = "38400000-8cf0-11bd-b23e-10b96e40000d"
ZEROS = "00000000-0000-0000-0000-000000000000"
BOTH = AttributionConfig(SideConfig(28, 1, "install"), SideConfig(28, 1, "install"))
Row = tuple[Any, ...]


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store() as opened:
        yield opened


def put(
    store: Store,
    meta: Sequence[Path] = (),
    mmp: Sequence[Path] = (),
    *,
    config: Config | None = None,
    advertiser: str | None = "acme",
) -> IngestReport:
    report = ingest(
        store,
        [],
        attribution_sources=[str(path) for path in meta],
        mmp_sources=[str(path) for path in mmp],
        config=config,
        advertiser=advertiser,
    )
    assert report.rows == report.loaded + report.duplicates + report.quarantined
    return report


def installs(store: Store, columns: str) -> list[Row]:
    return [
        tuple(row.values()) for row in store.rows(f"select {columns} from attributed_install order by file_id, line")
    ]


def of(attribution: AttributionConfig = BOTH, **settings: Any) -> Config:
    return Config(advertisers={"acme": AdvertiserConfig(attribution=attribution, **settings)})


def compared(store: Store, config: Config | None = None) -> Discrepancy:
    return compare(store, as_of=AS_OF, config=config or of()).advertisers["acme"]


def iso(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def meta_table(path: Path, *rows: Sequence[Any], header: str = "install_time,touch_time,touch_type,platform") -> Path:
    """Rows of Meta's: by default time of install, of touch, its type, platform."""
    return write(path, table(header.split(","), *[["" if cell is None else str(cell) for cell in row] for row in rows]))


def days_of(path: Path, figures: dict[str, int], **more: str) -> Path:
    """So many installs on each day, at noon UTC."""
    header = ["install_time", *more]
    rows = [[f"{day}T12:00:00Z", *more.values()] for day, count in figures.items() for _ in range(count)]
    return write(path, table(header, *rows))


# --- what a table says ----------------------------------------------------------------------------------------------

APPSFLYER = (
    "Attributed Touch Type,Attributed Touch Time,Install Time,Event Time,Event Name,Media Source,Campaign,Platform,"
    "App ID,Advertising ID,IDFA,Attribution Lookback,Customer User ID"
).split(",")
RAW = [
    ["click", "2026-09-20 10:00:00", "2026-09-21 10:00:00", "2026-09-21 10:00:00", "install", "Facebook Ads", "A",
     "android", "com.shop", DEVICE, "", "7d", "jane@example.org"],
    ["impression", "2026-09-21 08:00:00", "2026-09-21 10:00:01", "2026-09-21 10:00:01", "install", "Facebook Ads", "A",
     "ios", "id123456789", "", ZEROS, "24h", ""],
    ["", "", "2026-09-22 10:00:01", "2026-09-22 10:00:01", "install", "", "", "ios", "id123456789", "", "", "", ""],
]  # fmt: skip
READ = [
    ("mmp", "com.shop", "android", "install", T - 15_200, T - 101_600, "click", "Facebook Ads", 7.0, "A", True),
    ("mmp", "id123456789", "ios", "install", T - 15_199, T - 22_400, "view", "Facebook Ads", 1.0, "A", False),
    ("mmp", "id123456789", "ios", "install", T + 71_201, None, None, None, None, None, False),
]
COLUMNS = (
    "side, app_id, platform, event_name, install_time, touch_time, touch_type, attributed_to, window_days, campaign, "
    "has_device"
)


def test_a_raw_export_is_read_in_whatever_holds_it(tmp_path: Path, store: Store) -> None:
    frame = polars.DataFrame(RAW, schema=APPSFLYER, orient="row")
    frame.write_parquet(tmp_path / "raw.parquet")
    with xlsxwriter.Workbook(str(tmp_path / "raw.xlsx")) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([APPSFLYER, *RAW]):
            sheet.write_row(place, 0, row)
    records = [dict(zip(APPSFLYER, row, strict=True)) for row in RAW]
    files = [
        write(tmp_path / "raw.csv", table(APPSFLYER, *RAW)),
        write(tmp_path / "raw.tsv", table(APPSFLYER, *RAW, delimiter="\t").encode("utf-16")),
        write(tmp_path / "raw.txt", table(APPSFLYER, *RAW, delimiter=";").encode("utf-8-sig")),
        write(tmp_path / "raw.json", json.dumps(records)),
        write(tmp_path / "raw.jsonl", "".join(f"{json.dumps(one)}\n" for one in records)),
        tmp_path / "raw.parquet",
        tmp_path / "raw.xlsx",
    ]
    for file in files:
        with open_store() as own:
            report = put(own, mmp=[file])
            assert (report.problems, report.loaded, report.files[0].kind) == ([], 3, "mmp"), file
            assert installs(own, COLUMNS) == READ, file


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        ("app_id,event,event_time,click_time,is_view_through,campaign",
         f"2244,MOBILE_APP_INSTALL,{T},{T - 60},false,A", ("2244", None, "install", T, T - 60, "click", None)),
        ("app_id,event,event_time,view_time,is_view_through,campaign",
         f"2244,install,{T},{(T - 60) * 1000},true,A", ("2244", None, "install", T, T - 60, "view", None)),
        ("{installed_at},{click_time},{impression_time},{os_name},{app_id},{gps_adid},{idfa}",
         f"{T},,{T - 60},ios,123,,{DEVICE}", ("123", "ios", "install", T, T - 60, "view", True)),
        ("timestamp,last_attributed_touch_timestamp,last_attributed_touch_type,user_data_os,user_data_aaid",
         f"{T}000,{T - 60}000,CTC,ANDROID,{ZEROS}", (None, "android", "install", T, T - 60, "click", False)),
        ("install_datetime,click_datetime,attributed_touch_type,os_name,app_package_name,google_aid",
         "2026-09-21 14:13:20,n/a,unknown,Android,com.shop,null",
         ("com.shop", "android", "install", T, None, None, False)),
        ("Install Time,Event Name,Store,App ID", "2026-09-21 14:13:20,af_purchase,itunes,id123456789",
         ("id123456789", "ios", "af_purchase", T, None, None, None)),
        ("advertiser_id,event_time", f"{DEVICE},{T}", (None, None, "install", T, None, None, True)),
    ],
)  # fmt: skip
def test_usual_names_are_known(header: str, row: str, wanted: Row, tmp_path: Path, store: Store) -> None:
    put(store, mmp=[write(tmp_path / "raw.csv", f"{header}\n{row}\n")])
    columns = "app_id, platform, event_name, install_time, touch_time, touch_type, has_device"
    assert installs(store, columns) == [wanted]


def test_other_names_are_mapped(tmp_path: Path, store: Store) -> None:
    config = tmp_path / "funnelcheck.toml"
    config.write_text(
        """
[source.partner]
kind = "mmp"
files = "ours.csv"
install_time = "when"
touch_time = "clicked"
attributed_to = "from"
window_days = "span"
platform = "phone"
idfa = "apple id"
advertiser = "shop"
time_zone = "Europe/Paris"
time_format = "%d.%m.%Y %H:%M"
where = { valid = "yes" }
"""
    )
    file = write(
        tmp_path / "ours.csv",
        "when,clicked,from,span,phone,apple id,shop,valid\n"
        f"21.09.2026 16:13,21.09.2026 15:13,fb,168 hours,iPhone,{DEVICE},brightside,yes\n"
        f"21.09.2026 16:13,21.09.2026 15:13,fb,168 hours,iPhone,{DEVICE},brightside,no\n",
    )
    report = put(store, mmp=[file], config=load(config))
    assert (report.loaded, report.passed_over) == (1, 1)
    assert installs(
        store, "advertiser_id, platform, install_time, touch_time, attributed_to, window_days, has_device"
    ) == [("brightside", "ios", T - 20, T - 3_620, "fb", 7.0, True)]


def test_a_table_without_a_time_of_the_install_is_refused(tmp_path: Path, store: Store) -> None:
    report = put(store, mmp=[write(tmp_path / "raw.csv", "campaign,clicks\nA,1\n")])
    assert "no column for the time of the install (known: install_time, installed_at" in report.problems[0]


def test_bad_rows_are_quarantined_with_their_reason(tmp_path: Path, store: Store) -> None:
    file = write(
        tmp_path / "raw.csv",
        "Install Time,Attributed Touch Time,App ID,Advertising ID\n"
        f",2026-09-21 10:00:00,com.shop,{DEVICE}\n"
        f"soon {DEVICE},2026-09-21 10:00:00,com.shop,{DEVICE}\n"
        f"2026-09-21 10:00:00,{DEVICE},com.shop,{DEVICE}\n"
        f"2026-09-21 10:00:00,2026-09-21 10:00:00,com.shop,{DEVICE},more\n"
        f"2026-09-21 10:00:00,2026-09-21 10:00:00,com.shop,{DEVICE}\n",
    )
    report = put(store, mmp=[file])
    assert (report.loaded, report.quarantined) == (1, 4)
    rows = quarantined(store, show_ids=True)
    assert [(row.line, row.column, row.reason) for row in rows] == [
        (2, "Install Time", "the row says not when the app was installed"),
        (3, "Install Time", "this is no time of an install: soon (device)"),
        (4, "Attributed Touch Time", "this is no time of a click or view: (device)"),
        (5, None, "the row has 5 cells, the header 4"),
    ]
    assert DEVICE not in str(rows)


def test_no_advertising_id_is_kept_wherever_it_stands(tmp_path: Path, store: Store) -> None:
    bare = DEVICE.replace("-", "")
    header = "install_time,advertiser_id,advertising_id,idfa,media_source,campaign,app_id,event_name,touch_time"
    rows = [
        f"{T},{DEVICE},{DEVICE},{DEVICE},x {DEVICE},{DEVICE},{DEVICE},{DEVICE},",
        f"{T},{bare},{bare.upper()},,{bare},{bare},{bare},{bare},{DEVICE}",
    ]
    put(store, mmp=[write(tmp_path / "raw.csv", "\n".join([header, *rows, ""]))], advertiser=None)
    tables = [row["table_name"] for row in store.rows("select table_name from duckdb_tables() where not temporary")]
    told = str([store.rows(f'from "{name}"') for name in tables]).lower()
    assert DEVICE not in told
    assert bare not in told
    assert installs(store, "advertiser_id, has_device") == [(None, True)]


def test_a_row_of_another_file_is_a_duplicate_and_one_of_the_same_is_not(tmp_path: Path, store: Store) -> None:
    first = write(tmp_path / "a.csv", table(APPSFLYER, RAW[0], RAW[0]))
    second = write(tmp_path / "b.csv", table(APPSFLYER, RAW[0], RAW[1]))
    report = put(store, mmp=[first, second])
    assert (report.loaded, report.duplicates) == (3, 1)
    report = put(store, meta=[second])  # the other side's table is another table
    assert (report.loaded, report.duplicates) == (2, 0)
    assert put(store, mmp=[second]).files == []


def test_a_table_read_otherwise_takes_the_place_of_what_it_was(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path / "raw.csv", table(APPSFLYER, *RAW))
    put(store, mmp=[file])
    put(store, mmp=[file], config=Config(time_zone="Europe/Paris"))
    assert installs(store, "install_time") == [(row[4] - 7_200,) for row in READ]


# --- the configuration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("meta = { click_day = 28 }", 'attribution.meta.click_day is not a known key; did you mean "click_days"'),
        ("meta = { click_days = -1 }", "attribution.meta.click_days must be a number that is not negative"),
        ('mmp = { date = "click" }', 'attribution.mmp.date must be "install" or "touch"'),
        ("mmp = 7", "attribution.mmp must be a table"),
        ("app = {}", "attribution.app is not a known key"),
        ('sources = "Facebook"', "attribution.sources must be a list of texts"),
    ],
)
def test_what_the_configuration_cannot_mean_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "funnelcheck.toml"
    path.write_text(f"[advertiser.acme.attribution]\n{text}\n")
    with pytest.raises(ConfigError, match=complaint.replace("[", r"\[")):
        load(path)


# --- against plain Python -------------------------------------------------------------------------------------------

ZONES = ("UTC", "Europe/Paris", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland")
SOURCES = ("Facebook Ads", "instagram_ads", "Off-Facebook Installs", "Meta Ads", "googleadwords_int", "metabolism", "")
OURS = set(SOURCES[:4])


def random_rows(chance: random.Random, n: int) -> list[tuple[int, int | None, str, str, str]]:
    """Time of install, of touch, its type, platform, source: near the ends of days and of summer time."""
    rows = []
    for _ in range(n):
        midnight = T // DAY * DAY + chance.randrange(40) * DAY
        at = midnight + chance.choice((chance.randrange(DAY), -3_600, -1, 0, 1, 7 * 3_600, 22 * 3_600, 22 * 3_600 - 1))
        touched = None if chance.random() < 0.2 else at - chance.choice((0, 59, 3_600, chance.randrange(35 * DAY)))
        kind = chance.choice(("click", "view")) if touched is not None else ""
        rows.append((at, touched, kind, chance.choice(("ios", "android", "android", "")), chance.choice(SOURCES)))
    return rows


def expected(
    rows: dict[str, list[tuple[int, int | None, str, str, str]]], bases: dict[str, str], zone: str, as_of: int
) -> tuple[dict[tuple[str, str | None], tuple[int, int, bool]], tuple[str, str] | None, dict[str, int]]:
    """Days and platforms with their installs and whether both tables reach them; the days that both reach; rows
    beyond the other's window (28 and 1 day at Meta, 7 days and none at the other)."""
    windows = {"meta": (28, 1), "mmp": (7, 0)}
    counted: dict[str, Counter[tuple[str, str | None]]] = {}
    reach: dict[str, list[str]] = {}
    beyond = {}
    for side, several in rows.items():
        known = [row for row in several if row[0] <= as_of]
        ours = [row for row in known if side == "meta" or row[4] in OURS]

        def day(row: Row, side: str = side) -> str:
            seconds = row[1] if bases[side] == "touch" and row[1] is not None else row[0]
            return str(dt.datetime.fromtimestamp(seconds, ZoneInfo(zone)).date())

        counted[side] = Counter((day(row), row[3] or None) for row in ours)
        reach[side] = sorted(map(day, known))
        click, view = windows["mmp" if side == "meta" else "meta"]
        beyond[side] = sum(
            1
            for at, touched, kind, *_ in ours
            if touched is not None
            and (at - touched > DAY * (view if kind == "view" else click) or (kind == "view" and view == 0))
        )
    both = None
    if reach["meta"] and reach["mmp"]:
        both = max(reach["meta"][0], reach["mmp"][0]), min(reach["meta"][-1], reach["mmp"][-1])
    has_platforms = all(not sum(one.values()) or any(platform for _, platform in one) for one in counted.values())
    days: dict[tuple[str, str | None], list[int]] = {}
    for place, side in enumerate(("meta", "mmp")):
        for (day_, platform), n in counted[side].items():
            days.setdefault((day_, platform if has_platforms else None), [0, 0])[place] += n
    return (
        {key: (*n, both is not None and both[0] <= key[0] <= both[1]) for key, n in days.items()},  # type: ignore[misc]
        both,
        beyond,
    )


@pytest.mark.parametrize("seed", range(25))
def test_days_platforms_and_windows_are_those_of_plain_python(seed: int, tmp_path: Path, store: Store) -> None:
    chance = random.Random(seed)
    sizes = {"meta": chance.choice((0, 3, 150)), "mmp": chance.choice((0, 3, 150))}
    rows = {side: random_rows(chance, n) for side, n in sizes.items()}
    if seed % 5 == 0:  # a side without platforms
        rows["meta"] = [(*row[:3], "", row[4]) for row in rows["meta"]]
    bases = {side: chance.choice(("install", "touch")) for side in rows}
    zone, as_of = chance.choice(ZONES), T + chance.choice((60, 20)) * DAY
    files = {
        side: [
            write(
                tmp_path / f"{side}.csv",
                table(
                    ["install_time", "touch_time", "touch_type", "platform", "media_source"],
                    *[[iso(at), "" if touched is None else iso(touched), *more] for at, touched, *more in several],
                ),
            )
        ]
        for side, several in rows.items()
    }
    put(store, files["meta"], files["mmp"])
    stated = AttributionConfig(SideConfig(28, 1, bases["meta"]), SideConfig(7, 0, bases["mmp"]))
    found = compare(store, as_of=as_of, config=of(stated, time_zone=zone)).advertisers.get("acme")
    days, both, beyond = expected(rows, bases, zone, as_of)
    if found is None:
        assert not [row for several in rows.values() for row in several if row[0] <= as_of]
        return
    assert {(one.day, one.platform): (one.meta, one.mmp, one.is_compared) for one in found.days} == days
    inside = [n for n in days.values() if n[2]]
    assert (found.total.meta, found.total.mmp) == (sum(n[0] for n in inside), sum(n[1] for n in inside))
    if found.platforms:
        assert sum(one.meta for one in found.platforms) == found.total.meta
        assert sum(one.mmp for one in found.platforms) == found.total.mmp
    sides = {row["side"]: row["beyond_other"] for row in store.rows("from install_side")}
    assert sides == {side: n for side, n in beyond.items() if [row for row in rows[side] if row[0] <= as_of]}
    reached = [key[0] for key, n in days.items() if n[2]]
    assert (found.first_day, found.last_day) == ((min(reached), max(reached)) if reached else (None, None))
    if both is not None:
        assert found.meta is not None
        assert found.mmp is not None
        assert max(found.meta.first_day or "", found.mmp.first_day or "") == both[0]


def test_an_install_a_second_before_midnight_stands_on_the_day_before(tmp_path: Path, store: Store) -> None:
    midnight = 1_790_028_000  # 2026-09-22 00:00 in Paris
    rows = [
        (iso(midnight - 1), iso(midnight - DAY), "click", "ios"),
        (iso(midnight), iso(midnight - 1), "click", "ios"),
    ]
    put(store, [meta_table(tmp_path / "meta.csv", *rows)], [meta_table(tmp_path / "mmp.csv", *rows)])
    mixed = AttributionConfig(SideConfig(28, 1, "touch"), SideConfig(28, 1, "install"))
    found = compared(store, of(mixed, time_zone="Europe/Paris"))
    assert [(one.day, one.meta, one.mmp) for one in found.days] == [("2026-09-21", 2, 1), ("2026-09-22", 0, 1)]


# --- shares ---------------------------------------------------------------------------------------------------------


def test_a_share_of_nothing_is_none() -> None:
    assert (Installs(0, 0).share, Installs(0, 0).difference) == (None, 0)
    assert (Installs(5, 0).share, Installs(5, 0).difference) == (None, 5)
    assert (Installs(0, 5).share, Installs(6, 5).share) == (-1.0, 0.2)


def test_a_measurement_partner_that_gives_meta_nothing_is_compared_on_its_days(tmp_path: Path, store: Store) -> None:
    meta = days_of(tmp_path / "meta.csv", {"2026-09-20": 4, "2026-09-21": 8, "2026-09-23": 3})
    mmp = days_of(tmp_path / "mmp.csv", {"2026-09-20": 9, "2026-09-22": 9}, media_source="applovin")
    put(store, [meta], [mmp])
    found = compared(store)
    assert (found.reason, found.total, found.total.share) == (None, Installs(12, 0), None)
    assert [(one.day, one.is_compared) for one in found.days] == [
        ("2026-09-20", True),
        ("2026-09-21", True),
        ("2026-09-23", False),
    ]
    answers = {one.key: one for one in found.answers}
    assert answers["sources"].state == "cause"
    assert answers["mmp_sdk"].state == "cause"
    assert "2 of 2 days (2026-09-20 to 2026-09-21)" in answers["mmp_sdk"].answer
    assert "3 and 0 installs lie outside" in answers["days"].answer
    text = rendered("text", Comparison("1", "six-step", AS_OF, 0.1, {"acme": found}, 0))
    assert "Meta has 12 installs and the measurement partner none." in text
    assert "inf" not in text
    assert "nan" not in text


def test_a_gap_is_never_printed_as_the_threshold_that_it_misses() -> None:
    found = Discrepancy(
        None, "", (), "UTC", None, None, Installs(110_001, 100_000), (),
        (Installs(110_001, 100_000, "2026-09-21"), Installs(89_999, 100_000, "2026-09-22")),
        "2026-09-21", "2026-09-22", (),
    )  # fmt: skip
    text = rendered("text", Comparison("1", "six-step", AS_OF, 0.1, {"acme": found}, 0))
    assert "+10.001 %" in text
    assert "\N{MINUS SIGN}10.001 %" in text
    rows = list(csv.DictReader(io.StringIO(rendered("csv", Comparison("1", "six-step", AS_OF, 0.1, {"a": found}, 0)))))
    assert [row["share"] for row in rows] == ["0.10001", "-0.10001"]


# --- what is missing, and the checklist -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribution", "reason", "lacks"),
    [
        (AttributionConfig(), "unstated",
         ("meta.click_days", "meta.view_days", "meta.date", "mmp.click_days", "mmp.view_days", "mmp.date")),
        (AttributionConfig(SideConfig(28, 1, "touch"), SideConfig(7, None, "install")), "unstated", ("mmp.view_days",)),
        (AttributionConfig(SideConfig(28, 1, "touch"), SideConfig(7, 0, "install")), "undated", ()),
        (BOTH, None, ()),
    ],
)  # fmt: skip
def test_without_windows_and_dates_nothing_is_compared(
    attribution: AttributionConfig, reason: str | None, lacks: tuple[str, ...], tmp_path: Path, store: Store
) -> None:
    put(store, [days_of(tmp_path / "a.csv", {"2026-09-20": 4})], [days_of(tmp_path / "b.csv", {"2026-09-20": 3})])
    found = compared(store, of(attribution))
    assert (found.reason, found.lacks) == (reason, lacks)
    assert all(name in found.why for name in lacks)
    day = json.loads(rendered("json", Comparison("1", "six-step", AS_OF, 0.1, {"acme": found}, 0)))
    shown = day["advertisers"][0]["days"][0]
    assert (shown["meta"], shown["mmp"]) == (4, 3)
    assert (shown["share"] is None) == (reason is not None) == (not shown["compared"])


def test_one_side_alone_and_days_apart(tmp_path: Path, store: Store) -> None:
    meta, mmp = days_of(tmp_path / "a.csv", {"2026-09-20": 1}), days_of(tmp_path / "b.csv", {"2026-09-21": 1})
    put(store, [meta])
    assert compared(store).reason == "no_mmp"
    put(store, [], [mmp])
    assert (compared(store).reason, compared(store).total) == ("apart", Installs(0, 0))
    with open_store() as other:
        put(other, [], [mmp])
        assert compared(other).reason == "no_meta"


def answered(store: Store, config: Config | None = None) -> dict[str, str]:
    return {one.key: one.state for one in compared(store, config).answers}


def test_the_guides_questions_are_asked_on_the_side_they_belong_to(tmp_path: Path, store: Store) -> None:
    few, many = {"2026-09-20": 10, "2026-09-21": 10}, {"2026-09-20": 20, "2026-09-21": 20}
    put(store, [days_of(tmp_path / "few.csv", few)], [days_of(tmp_path / "many.csv", many)])
    common = {"app_id": "person", "windows": "clear", "dates": "clear", "days": "clear"}
    assert answered(store) == common | {"sdk": "person"}
    with open_store() as other:
        put(other, [days_of(tmp_path / "more.csv", many)], [days_of(tmp_path / "less.csv", few)])
        assert answered(other) == common | {"mmp_sdk": "person", "ios": "person", "idfa": "person"}


@pytest.mark.parametrize(
    ("meta_app", "mmp_app", "apps", "state"),
    [
        ("2244", "2244", {}, "clear"),
        ("2244", "2245", {}, "cause"),
        ("2244", "com.shop", {}, "person"),
        ("2244", "com.shop", {"com.shop": "2244"}, "clear"),
        ("2244", "com.shop", {"com.shop": "2245"}, "cause"),
        ("", "com.shop", {}, "person"),
    ],
)
def test_app_ids_are_compared_where_they_can_be(
    meta_app: str, mmp_app: str, apps: dict[str, str], state: str, tmp_path: Path, store: Store
) -> None:
    meta = days_of(tmp_path / "a.csv", {"2026-09-20": 10}, app_id=meta_app)
    put(store, [meta], [days_of(tmp_path / "b.csv", {"2026-09-20": 20}, app_id=mmp_app)])
    assert answered(store, of(AttributionConfig(BOTH.meta, BOTH.mmp, apps=apps)))["app_id"] == state


def test_windows_ios_and_advertising_ids_are_answered_from_the_rows(tmp_path: Path, store: Store) -> None:
    at = [T + i for i in range(20)]
    header = "install_time,touch_time,touch_type,platform,idfa"
    meta = [(i, i - 20 * DAY if i < T + 8 else i - DAY, "click", "ios" if i < T + 15 else "android", "") for i in at]
    mmp = [(i, i - DAY, "click", "ios" if i < T + 3 else "android", DEVICE if i == T else ZEROS) for i in at[:8]]
    put(
        store,
        [meta_table(tmp_path / "a.csv", *meta, header=header)],
        [meta_table(tmp_path / "b.csv", *mmp, header=header)],
    )
    found = compared(store, of(AttributionConfig(SideConfig(28, 1, "install"), SideConfig(7, 1, "install"))))
    answers = {one.key: one for one in found.answers}
    assert [one.state for one in found.answers] == ["person", "cause", "clear", "person", "cause", "cause", "clear"]
    assert "8 of Meta's 20 installs lie outside" in answers["windows"].answer
    assert answers["ios"].answer == "Yes: on iOS Meta has 12 more, on all platforms 12."
    assert answers["idfa"].answer.startswith("2 of its 3 iOS installs (66.7 %) name no advertising id.")


def test_what_the_measurement_partner_calls_meta_can_be_said(tmp_path: Path, store: Store) -> None:
    meta = days_of(tmp_path / "a.csv", {"2026-09-20": 10})
    put(store, [meta], [days_of(tmp_path / "b.csv", {"2026-09-20": 10}, media_source="Restricted")])
    assert compared(store).total == Installs(10, 0)
    own = AttributionConfig(BOTH.meta, BOTH.mmp, sources=("restricted",))
    assert compared(store, of(own)).total == Installs(10, 10)


def test_whose_the_rows_are(tmp_path: Path, store: Store) -> None:
    log = write(tmp_path / "log.jsonl", [one | {"advertiser_id": "shop"} for one in app_log()[:1]])
    ingest(store, [str(log)])
    put(store, [days_of(tmp_path / "a.csv", {"2026-09-20": 1}, app_id="2244")], advertiser=None)
    put(store, [], [days_of(tmp_path / "b.csv", {"2026-09-20": 1}, app_id="com.a")], advertiser=None)
    put(store, [], [days_of(tmp_path / "c.csv", {"2026-09-20": 1}, app_id="com.b")], advertiser=None)
    config = Config(advertisers={"acme": AdvertiserConfig(attribution=AttributionConfig(apps={"com.a": "1"}))})
    found = compare(store, as_of=AS_OF + 10 * DAY, config=config)
    assert (list(found.advertisers), found.nameless) == ([UNNAMED, "acme", "shop"], 1)


# --- what is judged -------------------------------------------------------------------------------------------------


def findings_of(store: Store, config: Config, owner: str = "app-right") -> dict[str, Finding]:
    run = check(store, as_of=1_795_305_600, config=config)
    result = next(one for one in run.advertisers if one.key == (owner, "app"))
    assert result.app is not None
    found = {one.code: one for one in result.findings}
    assert (result.app.discrepancy is None) == (owner != "app-right")
    return found


def test_the_gap_is_a_finding_of_an_advertiser_that_sends_app_events(tmp_path: Path, store: Store) -> None:
    ingest(store, [str(write(tmp_path / "log.jsonl", app_log()))])
    meta = days_of(tmp_path / "a.csv", {"2026-11-10": 30, "2026-11-11": 10}, platform="ios")
    put(store, [meta], [days_of(tmp_path / "b.csv", {"2026-11-10": 10, "2026-11-11": 10}, platform="ios")],
        advertiser="app-right")  # fmt: skip
    put(store, [days_of(tmp_path / "c.csv", {"2026-11-10": 1})], advertiser="of-no-log")
    config = Config(advertisers={"app-right": AdvertiserConfig(attribution=BOTH)})
    found = findings_of(store, config)
    gap = found["APP029"]
    assert (gap.severity, gap.status, gap.value, gap.n, gap.affected) == (Severity.RECOMMENDED, Status.WARN, 1.0, 2, 1)
    assert "40 installs and the measurement partner 20: 100 % more at Meta" in gap.message
    assert "2026-11-10 on iOS (Meta 30, measurement partner 10)" in gap.message
    assert {note.split(":")[0] for note in gap.notes} == {"Look here", "Checked", "For a person to answer"}
    assert found["APP028"].status is Status.PASS
    other = findings_of(store, config, "app-wrong")
    assert {other[code].status for code in ("APP028", "APP029")} == {Status.NOT_EVALUABLE}
    unstated = findings_of(store, Config())
    assert {unstated[code].status for code in ("APP028", "APP029")} == {Status.NOT_EVALUABLE}
    assert "mmp.date" in unstated["APP028"].message


# --- the command ----------------------------------------------------------------------------------------------------

TOML = """
[advertiser.acme.attribution]
meta = { click_days = 28, view_days = 1, date = "touch" }
mmp = { click_days = 7, view_days = 1, date = "install" }
"""


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "funnelcheck", *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def closed(document: Any) -> Any:
    """A schema that lets nothing pass that it does not name."""
    if isinstance(document, list):
        return [closed(one) for one in document]
    if not isinstance(document, dict):
        return document
    more = {"additionalProperties": False} if document.get("type") == "object" and "properties" in document else {}
    return {key: closed(value) for key, value in document.items()} | more


SCHEMA = Draft202012Validator(closed(schema("compare-mmp")))


def test_the_command_works_from_sources_and_from_the_store(tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text(TOML)
    rows = [(T + i * 3_600, T + i * 3_600 - 60, "click", ("ios", "android")[i % 2]) for i in range(30)]
    meta_table(tmp_path / "meta.csv", *rows)
    meta_table(tmp_path / "mmp.csv", *rows[:20])
    both = ("--attributions", "meta.csv", "--mmp", "mmp.csv", "--advertiser", "acme")
    when = ("--as-of", "2026-11-27")
    formats = ("--format", "json", "--format", "csv=out.csv", "--format", "markdown=out.md", "--format", "text=out.txt")
    first = call(tmp_path, "compare-mmp", *both, *when, *formats)
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    SCHEMA.validate(document)
    assert document["schema"] == "funnelcheck/compare-mmp/1"
    assert not (tmp_path / "funnelcheck.duckdb").exists()
    assert call(tmp_path, "ingest", *both).returncode == 0
    second = call(tmp_path, "compare-mmp", "--advertiser", "acme", *when, "--format", "json")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    table_ = list(csv.DictReader((tmp_path / "out.csv").open(newline="")))
    assert sum(int(row["meta"]) for row in table_) == 30
    assert (tmp_path / "out.md").read_text().startswith("# Meta and the measurement partner\n")
    text = (tmp_path / "out.txt").read_text()
    assert "Meta: 28 days after a click and 1 day after a view, by the day of the click or view; 30 installs" in text
    assert "For a person to answer: " in text


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    days_of(tmp_path / "meta.csv", {"2026-09-20": 1})
    write(tmp_path / "bad.csv", "campaign\nA\n")
    told = call(tmp_path, "compare-mmp", "--attributions", "meta.csv", "--mmp", "bad.csv", "--mmp", "gone.csv")
    assert told.returncode == 3
    assert "Not comparable: No export of a measurement partner is loaded" in told.stdout
    assert "gone.csv: there is no such file" in told.stderr
    for arguments, code, words in (
        (("--mmp", "gone.csv"), 3, "nothing was compared"),
        ((), 3, "there is no such store"),
        (("--attributions", "meta.csv", "--format", "xml"), 2, "xml"),
        (("--attributions", "meta.csv", "--format", "csv=meta.csv"), 2, "is read by this call"),
        (("--attributions", "meta.csv", "--as-of", "2026-01-01", "--advertiser", "acme"), 2, "no attributed install"),
    ):
        told = call(tmp_path, "compare-mmp", *arguments)
        assert (told.returncode, words in told.stderr) == (code, True), told.stderr
    told = call(tmp_path, "compare-mmp", "--attributions", "meta.csv", "--as-of", "2026-01-01")
    assert (told.returncode, "No attributed install is known" in told.stdout) == (0, True)


def test_hostile_names_stay_names(tmp_path: Path, store: Store) -> None:
    name = "=cmd|'x'\x1b[31m\u202e<script>{value}'; drop table lead --| `@all`"
    meta = days_of(tmp_path / "a.csv", {"2026-09-20": 20}, app_id=name, advertiser=name, campaign=name)
    mmp = days_of(
        tmp_path / "b.csv", {"2026-09-20": 2}, app_id="{x}" + name, advertiser=name, media_source=f"fb {name}"
    )
    put(store, [meta], [mmp], advertiser=None)
    config = Config(advertisers={name: AdvertiserConfig(attribution=BOTH)})
    found = compare(store, as_of=AS_OF, config=config)
    assert found.advertisers[name].total == Installs(20, 2)
    for form in FORMATS:
        told = rendered(form, found)
        assert form == "csv" or not {"\x1b", "\u202e"} & set(told), form  # a cell is what it was
        assert "{value}" in told.replace("\\", ""), form
    SCHEMA.validate(json.loads(rendered("json", found)))
    assert rendered("csv", found).splitlines()[1].startswith("\"'=") or "'=cmd" in rendered("csv", found)
    assert "`@all`" not in rendered("markdown", found)


def test_run_and_schedule_take_both_tables(tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text(TOML.replace("acme", "app-right").replace('"touch"', '"install"'))
    write(tmp_path / "log.jsonl", app_log())
    days_of(tmp_path / "meta.csv", {"2026-11-10": 30}, advertiser="app-right")
    days_of(tmp_path / "mmp.csv", {"2026-11-10": 10}, advertiser="app-right")
    both = ("--attributions", "meta.csv", "--mmp", "mmp.csv")
    told = call(tmp_path, "run", "log.jsonl", *both, "--as-of", "2026-11-22", "--format", "json")
    assert told.returncode == 0, told.stderr
    rules = next(one["rules"] for one in json.loads(told.stdout)["advertisers"] if one["advertiser_id"] == "app-right")
    gap = next(rule for rule in rules if rule["code"] == "APP029")
    assert (gap["status"], gap["value"], gap["threshold"], gap["unit"]) == ("warn", 2.0, 0.1, "gap")
    line = call(tmp_path, "schedule", "cron", "logs", *both).stdout
    assert " --attributions meta.csv --mmp mmp.csv " in line
