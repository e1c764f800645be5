"""The facts about events worked out by several processes of a real Spark: the same results, byte for byte."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import random_logs
import sqlglot
from run_samples import call
from sqlglot import exp
from test_oracle import config_of

from funnelcheck import cluster, demo, lake, resources, rulebook, sqlfile
from funnelcheck.cli.options import parse_as_of
from funnelcheck.cluster import dialect, macros, regex
from funnelcheck.cluster.store import FACTS, TABLES, understood
from funnelcheck.config import Config
from funnelcheck.errors import BrokenRuleError, RuleError, StoreError
from funnelcheck.eventrules import APP, CRM, cause_of, level_of, sheet_of
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.render.json import render
from funnelcheck.sqlcheck import facts
from funnelcheck.store import Store, open_store

AS_OF = "2026-11-22T00:00:00Z"
SEEDS = range(int(os.environ.get("FUNNELCHECK_SEEDS", "1")))
SQL = resources.folder("sql")
# Little data in many statements: what Spark does to be fast with much of it would take most of the time.
CONFIGURATION = """
spark.master local-cluster[2,1,2048]
spark.executor.memory 1g
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.log.level ERROR
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two worker processes, configured where it looks for its configuration; stopped at the end."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(CONFIGURATION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        for name in ("PYSPARK_SUBMIT_ARGS", "SPARK_REMOTE", "SPARK_HOME"):
            patch.delenv(name, raising=False)
        session = cluster.session()
        assert session.sparkContext.master == "local-cluster[2,1,2048]"
        yield session
        session.stop()


def statements() -> Iterator[tuple[str, str]]:
    """Every statement about events or leads, by the name of its file: facts, rules, and what event rules say of one."""
    files = [(file.name, file.sql) for file in sqlfile.read_folder(SQL / "facts")]
    for rule in rulebook.load(Config(), None).rules:
        if rule.about_events:
            files.append(
                (rule.code, f"select {level_of(rule)}, {cause_of(rule)} as cause from {sheet_of(rule).events}")
            )
        else:
            files.append((rule.code, rule.sql))
    with open_store() as store:
        for name, sql in files:
            for statement in store.connection.extract_statements(sql):
                if understood(statement.query).is_large:
                    yield name, statement.query


class Anything(dict[str, Any]):
    """A value for every parameter."""

    def __missing__(self, name: str) -> int:
        return 1


def said(sql: str) -> str:
    return dialect.translated(understood(sql).query, Anything(), lambda question: ["some_column"])


@pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in statements()])
def test_what_sees_events_can_be_said_to_spark(sql: str) -> None:
    told = sqlglot.parse_one(said(sql), dialect="spark")
    assert not {str(call.this).lower() for call in told.find_all(exp.Anonymous)} & macros.names()
    assert not list(told.find_all(exp.Placeholder))


@pytest.mark.parametrize(
    "sql",
    [
        "select regexp_replace(event_name, 'a', 'b') as name from event",  # Spark replaces every match
        "select first(event_name) as name from event",  # of which row?
        "select lead_id[2:] as tail from event",
        "select timezone('UTC', upload_time) as t from event",
    ],
)
def test_what_spark_would_understand_otherwise_is_refused(sql: str) -> None:
    with pytest.raises(RuleError):
        said(sql)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"^[\s\p{Z}]+|x\s", r"^[ \t\n\f\r\p{Z}]+|x[ \t\n\f\r]"),
        (r"[a&&[b]\]c", r"[a\&\&\[b]\]c"),
        (r"[^\p{L}]+\.(csv)?$", r"[^\p{L}]+\.(csv)?$"),
    ],
)
def test_patterns_mean_the_same_in_java(pattern: str, told: str) -> None:
    assert regex.for_java(pattern) == told


def test_what_stays_on_the_cluster_is_there() -> None:
    with open_store() as store:
        tables = {row["table_name"] for row in store.rows("select table_name from duckdb_tables()")}
    assert tables >= TABLES
    assert facts() | {CRM.judged, APP.judged} >= FACTS


@pytest.mark.spark
def test_a_sample_comes_to_the_same_bytes(spark: Any, tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    demo.write(sample, as_of=parse_as_of(AS_OF))
    with open_store() as store:
        ingest(store, [str(sample / "logs")], [str(sample / "leads")])
        lake.write(store, tmp_path / "lake")
    engines = {"here": ("--store", tmp_path / "lake"), "there": ("--engine", "spark", "--lake", tmp_path / "lake")}
    for name, engine in engines.items():
        common = ("--as-of", AS_OF, "--config", sample / "funnelcheck.toml", "--out", tmp_path / name, "-q")
        ended = call("run", *engine, *common, cwd=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "there/results.json").read_bytes() == (tmp_path / "here/results.json").read_bytes()


@pytest.mark.spark
@pytest.mark.parametrize("seed", SEEDS)
def test_random_logs_come_to_the_same_bytes(spark: Any, seed: int, tmp_path: Path) -> None:
    case = random_logs.write_logs(tmp_path / "case", seed)
    config = config_of(case)

    def results(store: Store) -> str:
        return render(check(store, as_of=case.as_of, config=config, guide=case.guide))

    logs, leads, histories = ([str(p) for p in of] for of in (case.log_paths, case.lead_paths, case.history_paths))
    with open_store() as store:
        ingest(store, logs, leads, history_sources=histories, config=config)
        lake.write(store, tmp_path / "lake")
        here = results(store)
    with cluster.opened(str(tmp_path / "lake")) as store:
        assert results(store) == here
        with pytest.raises(BrokenRuleError, match="it reads sent_event, which stays on the cluster"):
            store.relation("select * from sent_event")
        assert store.relation("select advertiser_id from advertiser").fetchall()


@pytest.mark.spark
def test_a_folder_that_is_no_lake_is_refused(spark: Any, tmp_path: Path) -> None:
    for text in (None, "{}", "no JSON"):
        if text is not None:
            (tmp_path / lake.MANIFEST).write_text(text)
        with pytest.raises(StoreError, match=r"no lake|damaged|cannot be read"), cluster.opened(str(tmp_path)):
            pass


@pytest.mark.spark
def test_a_lake_without_one_of_its_tables_is_refused(spark: Any, tmp_path: Path) -> None:
    with open_store() as store:
        lake.write(store, tmp_path / "lake")
    for file in (tmp_path / "lake" / "event").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(StoreError, match=r"the lake cannot be read"), cluster.opened(str(tmp_path / "lake")):
        pass


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--engine", "spark"), "give --lake LAKE, and no SOURCE"),
        (("--engine", "spark", "--lake", "lake", "log.jsonl"), "give --lake LAKE, and no SOURCE"),
        (("--lake", "lake"), "--lake is what --engine spark reads"),
    ],
)
def test_engine_and_lake_belong_together(given: tuple[str, ...], told: str, tmp_path: Path) -> None:
    ended = call("run", *given, cwd=tmp_path)
    assert ended.returncode == 2
    assert told in ended.stderr


def test_without_java_it_is_said_what_to_install(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("JAVA_HOME", "SPARK_REMOTE")}
    ended = subprocess.run(
        [sys.executable, "-m", "funnelcheck", "run", "--engine", "spark", "--lake", "lake"],
        cwd=tmp_path,
        env=environment | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert "needs Java 17 or newer (Debian: apt install openjdk-17-jre-headless)" in ended.stderr.splitlines()[-1]


def test_without_pyspark_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    ended = call("run", "--engine", "spark", "--lake", "lake", cwd=tmp_path)
    assert ended.returncode == 2
    assert re.search(r"needs the extra spark: pip install 'funnelcheck\[spark\]'", ended.stderr)
