"""The facts about events computed on a Spark cluster, from the same SQL; what is small of them comes home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from funnelcheck.errors import UsageError

if TYPE_CHECKING:
    from funnelcheck.store import Store

_PYSPARK = "--engine spark needs the extra spark: pip install 'funnelcheck[spark]'"
_JAVA = (
    "--engine spark needs Java 17 or newer (Debian: apt install openjdk-17-jre-headless), in the PATH or at JAVA_HOME"
)


@contextmanager
def opened(lake: str, *, memory_limit: str | None = None) -> Iterator[Store]:
    """A lake that stays on the cluster that Spark's own configuration names (spark-submit, spark.master).

    UsageError where pyspark or Java is missing, StoreError where the folder is no lake of this version.
    """
    spark = session()
    from funnelcheck.cluster.store import ClusterStore
    from funnelcheck.store import open_store

    with open_store(memory_limit=memory_limit, kind=ClusterStore) as opened:
        cast(ClusterStore, opened).read(spark, lake.rstrip("/"))
        yield opened


def session() -> Any:
    """A session of the Spark that is configured, with settings of its own; one that is running goes on."""
    try:
        import pyarrow  # noqa: F401  # how rows come home
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(f"{_PYSPARK} ({error})") from error
    try:
        spark = SparkSession.builder.appName("funnelcheck").getOrCreate()
    except PySparkRuntimeError as error:
        raise UsageError(f"{_JAVA} ({error})") from error
    own = spark.newSession()
    own.conf.set("spark.sql.session.timeZone", "UTC")
    own.conf.set("spark.sql.ansi.enabled", "true")
    own.conf.set("spark.sql.caseSensitive", "false")
    own.udf.register("nfc_normalize", _normaliser())
    return own


def _normaliser() -> Any:
    """What Spark has no function for, made here so that it travels to workers that know nothing of funnelcheck."""
    import unicodedata

    def normalised(text: str | None) -> str | None:
        return None if text is None else unicodedata.normalize("NFC", text)

    return normalised
