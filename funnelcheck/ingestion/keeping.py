"""What was read into the store, in one transaction; what is known, what a newer version of a file heals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from funnelcheck.ingestion.batches import Batch, Part
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.glance import Glance, glance
from funnelcheck.ingestion.report import IngestReport
from funnelcheck.reported import SourceFile
from funnelcheck.store import Store

Key = tuple[str, str, str | None]
_TABLES = {
    "events": "request",
    "history": "request",
    "leads": "lead",
    "counts": "lead_count",
    "calls": "api_call",
    "attributions": "attributed_install",
    "mmp": "attributed_install",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A file of the store."""

    file_id: int
    reading: str
    row: dict[str, Any]

    def file(self, name: str) -> SourceFile:
        """The file under the name that it has now."""
        return _source_file(self.row | {"path": name})


class Keeper:
    """Puts batches into a store and knows what it holds."""

    def __init__(self, store: Store, report: IngestReport, *, texts: bool = False) -> None:
        self.store = store
        self.report = report
        self.texts = texts
        self.secret = str(store.value("select key from store_key"))
        self._look()
        self._seen = {(row["location"], row["offered"]): row for row in store.rows("from seen_file")}

    def known(self, key: Key) -> Known | None:
        """The file of the store with this content, kind and owner."""
        return self._known.get(key)

    def as_seen(self, source: Source, offered: str, now: Glance) -> Known | None:
        """The file of the store that lay there when it was last read, if it does so unchanged."""
        row = self._seen.get((source.location, offered))
        if row is None or now != Glance(row["size"], row["changed"], row["ends"]):
            return None
        known = self._files.get(row["file_id"])
        return known if known is not None and known.reading == row["reading"] else None

    def see(self, parts: Sequence[tuple[Part, str]]) -> None:
        """Remember how known files of a kind look, so that they need not be read to find that they are known."""
        rows = [
            (part.source.location, part.offered, known.file_id, known.reading, *astuple(part.glance))
            for part, kind in parts
            if part.glance is not None
            and part.glance == glance(part.source.path)
            and (known := self.known(part.key(kind))) is not None
        ]
        if not rows:
            return
        columns = "location varchar, offered varchar, file_id integer, reading varchar, "
        self.store.put_rows("seen_now", f"{columns} size bigint, changed bigint, ends varchar", rows)
        self.store.execute(
            """
            delete from seen_file
            where (location, offered) in (select (location, offered) from seen_now);
            insert into seen_file from seen_now
            """
        )

    def keep(self, batch: Batch) -> None:
        """All of a batch or, when something goes wrong, nothing of it."""
        kind, parts = batch.layout.kind, list(enumerate(batch.parts))
        table = _TABLES[kind]
        with self.store.transaction():
            self._look()  # another process may have been at work
            fresh = [(i, part) for i, part in parts if not self._is_there(part, kind)]
            there = [part for _, part in parts if self._is_there(part, kind)]
            self.report.known.extend(self._known[part.key(kind)].file(part.source.name) for part in there)
            for _, part in fresh:
                for before in self._versions(part, batch):
                    self._remove(before.file_id)
            self._number(fresh, kind)
            self.store.execute(f"create or replace temp view known_digest as select record_digest from {table}")
            first = self.store.value("select coalesce(max(request_id), 0) from request")
            self.store.run_file("ingest/keep.sql", {"first_request": first})
            if self.texts:
                self.store.run_file("ingest/kept_texts.sql", {"first_request": first})
            healed = self._heal(table)
            self.store.execute("drop view known_digest")
            kept = self.store.rows("from source_file where file_id in (select file_id from part) order by file_id")
            self._look()
            self.see([(part, kind) for _, part in fresh])
        self.report.files.extend(_source_file(row) for row in kept)
        self.report.healed += healed

    def _look(self) -> None:
        """What the store holds now."""
        rows = self.store.rows("from source_file")
        self._files = {row["file_id"]: Known(row["file_id"], row["reading"] or "", row) for row in rows}
        self._known: dict[Key, Known] = {
            (known.row["sha256"], known.row["kind"], known.row["folder_owner"]): known for known in self._files.values()
        }

    def _is_there(self, part: Part, kind: str) -> bool:
        known = self._known.get(part.key(kind))
        return known is not None and is_read_so(known.reading, part.reading)

    def _versions(self, part: Part, batch: Batch) -> list[Known]:
        """The same bytes as they were read before: of the same kind, or of another that the configuration ended."""
        kinds = _TABLES if batch.layout.settings is not None else (batch.layout.kind,)
        return [known for kind in kinds if (known := self._known.get(part.key(kind)))]

    def _number(self, parts: list[tuple[int, Part]], kind: str) -> None:
        """The table `part` anew: of each file that is kept its place in the batch and its row of source_file."""
        latest = self.store.value("select coalesce(max(file_id), 0) from source_file")
        self.store.put_rows(
            "part",
            "part integer, file_id integer, path varchar, kind varchar, folder_owner varchar, sha256 varchar, "
            "reading varchar, location varchar",
            [
                (
                    i,
                    latest + place,
                    part.source.name,
                    kind,
                    part.source.owner(),
                    part.plain.sha256,
                    part.reading,
                    part.source.location,
                )
                for place, (i, part) in enumerate(parts, 1)
            ],
        )

    def _heal(self, table: str) -> int:
        """Rows quarantined from earlier versions of these files that they have brought whole: duplicates now.

        An earlier version is one that lay in the same place, had no more rows, and of whose loaded rows half or
        more are in the file now: another log under the same name has none of them.
        """
        earlier = self.store.rows(
            f"""
            select source_file.file_id, source_file.quarantined
            from source_file
            join part on source_file.location = part.location and source_file.kind = part.kind
            where source_file.file_id < part.file_id
                and source_file.quarantined > 0
                and source_file.rows_read <= (select count(*) from read_record where read_record.part = part.part)
                and loaded <= 2 * (
                    select count(*)
                    from {table}
                    where {table}.file_id = source_file.file_id
                        and record_digest in (
                            select record_digest
                            from read_record
                            where read_record.part = part.part and record_digest is not null and reason is null
                        )
                )
            """
        )
        for row in earlier:
            self.store.execute("delete from quarantine where file_id = $file_id", row)
            self.store.execute(
                """
                update source_file set duplicates = duplicates + quarantined, quarantined = 0
                where file_id = $file_id
                """,
                row,
            )
        return sum(row["quarantined"] for row in earlier)

    def _remove(self, file_id: int) -> None:
        """Take a file out that is to be read anew: the same bytes under other settings.

        Files that brought rows which others had brought before are no longer known either: this one may be why.
        """
        ids = {"file_id": file_id}
        self.store.execute(
            """
            update source_file set reading = '(to be read again)'
            where duplicates > 0 and kind = (select kind from source_file where file_id = $file_id)
            """,
            ids,
        )
        for table in ("event", "activity", "app_event"):
            self.store.execute(
                f"delete from {table} where request_id in (select request_id from request where file_id = $file_id)",
                ids,
            )
        for table in ("request", "lead", "lead_count", "api_call", "attributed_install", "quarantine", "source_file"):
            self.store.execute(f"delete from {table} where file_id = $file_id", ids)


def is_read_so(known: str, wanted: str) -> bool:
    """Whether a file was read as it would be read now; who names no owner now takes those that were named then."""
    settings, _, owners = wanted.partition(" ")
    known_settings, _, known_owners = known.partition(" ")
    return settings == known_settings and owners in ("", known_owners)


def _source_file(row: dict[str, Any]) -> SourceFile:
    return SourceFile(
        path=str(row["path"]),
        kind=str(row["kind"]),
        sha256=str(row["sha256"]),
        rows=int(row["rows_read"]),
        loaded=int(row["loaded"]),
        duplicates=int(row["duplicates"]),
        quarantined=int(row["quarantined"]),
        passed_over=int(row["passed_over"] or 0),
    )
