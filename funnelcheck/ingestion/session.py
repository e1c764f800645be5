"""One load: every file looked at, put with its like, read into temporary tables, and kept in the store."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from funnelcheck import __version__
from funnelcheck.config import Config
from funnelcheck.errors import InputError
from funnelcheck.ingestion import activities, containers, mapping, records, rows
from funnelcheck.ingestion.batches import SMALL, Batch, Layout, Part
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.findings import Findings
from funnelcheck.ingestion.glance import glance
from funnelcheck.ingestion.joining import Joiner
from funnelcheck.ingestion.keeping import Keeper, Known, is_read_so
from funnelcheck.ingestion.meter import Meter
from funnelcheck.ingestion.plain import FULL, Plain, plain
from funnelcheck.ingestion.report import IngestReport
from funnelcheck.store import Store

_NOT_FLAT = {"user_data", "custom_data", "event", "request", "data", "body", "params", "form", "custom_events", "entry"}
_JSON_COLUMNS = {"event", "request", "data", "body", "payload", "user_data", "custom_data", "params", "custom_events"}
# Columns that may hold a request of App Events otherwise than as JSON: its address, or a form.
_REQUEST_COLUMNS = {"url", "query", "request", "body", "form", "params", *(rows.RECORD_NAMES)}
_APP_EVENTS = "/activities|CUSTOM_APP_EVENTS|MOBILE_APP_INSTALL"


class LoadStoppedError(InputError):
    """No further file can be loaded, whatever it is."""


@dataclass
class Session:
    """Loads files one after the other; the store is let go of except while rows are kept."""

    store: Store
    config: Config
    owner: str | None
    workspace: Path
    report: IngestReport
    meter: Meter
    texts: bool = False

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.store, self.report, texts=self.texts)
        self.findings = Findings(self.store, self.report, self.config.time_zone)
        self.open: Batch | None = None
        self.pending: set[tuple[str, str, str | None]] = set()
        self.skipped: list[tuple[Part, str]] = []  # known files, with the kind that they are read as
        self.unseen: list[tuple[Part, str]] = []  # those of them that had to be read to find that
        self.offers: dict[str, str] = {}  # by kind, what _offered gives
        self.joiner = Joiner(self.store, self.config, self.workspace)

    def offer(self, source: Source, kind: str) -> None:
        """Take one file; a fault of it becomes a line in the report's problems.

        LoadStoppedError when there is no going on: neither this file nor those after it are loaded.
        """
        try:
            self._offer(source, kind)
        except LoadStoppedError:
            raise
        except InputError as error:
            self.report.problems.append(str(error))
        except OSError as error:
            raise LoadStoppedError(
                f"{source.name}: loading stopped, there is no room in {tempfile.gettempdir()} ({error.strerror}); "
                "neither it nor the files after it are loaded; free some, or set TMPDIR to another folder"
            ) from error

    def end(self) -> None:
        """The rest, and once more what was known until a file that shares its rows was read otherwise."""
        self.flush()
        again = [entry for entry in self.skipped if not self._is_still_known(*entry)]
        self.skipped = []
        for part, kind in again:
            name = part.source.name
            self.report.known = [file for file in self.report.known if (file.path, file.kind) != (name, kind)]
            self.pending.discard(part.key(kind))
            self.offer(part.source, kind)
        self.flush()
        if self.unseen:
            with self.store.transaction():
                self.keeper.see(self.unseen)

    def flush(self) -> None:
        """Read and keep what has been put together."""
        batch, self.open = self.open, None
        if batch is not None and batch.parts:
            self._load(batch)

    def _offer(self, source: Source, kind: str, *, copy: bool = False) -> None:
        now, offered = None if self.store.in_memory else glance(source.path), self._offered(kind)
        if now and source.path and (known := self.keeper.as_seen(source, offered, now)):
            self.meter.read(source.size)
            content = Plain(source.path, known.row["sha256"], "text")
            self._pass(Part(source, content, known.reading), known.row["kind"], known)
            return
        content = plain(source, self.workspace, self.meter.read, copy=copy)
        layout = self._layout(source, kind, content)
        part = Part(source, content, self._reading(layout), glance=now, offered=offered)
        if self._is_known(part, layout.kind):
            return
        if content.container == "text" and content.path.stat().st_size <= SMALL and self._put(layout, part):
            return
        self.flush()
        self._load(Batch(layout, content.path, [part], content.longest_line), copy=copy)

    def _is_known(self, part: Part, kind: str) -> bool:
        key = part.key(kind)
        known = self.keeper.known(key)
        if known is not None and is_read_so(known.reading, part.reading):
            self._pass(part, kind, known)
            self.unseen.append((part, kind))
            return True
        if key in self.pending:
            self.flush()
            return self._is_known(part, kind)
        self.pending.add(key)
        return False

    def _pass(self, part: Part, kind: str, known: Known) -> None:
        """A file that the store has already."""
        self.report.known.append(known.file(part.source.name))
        self.skipped.append((part, kind))
        self.meter.loaded(part.source.size)

    def _is_still_known(self, part: Part, kind: str) -> bool:
        known = self.keeper.known(part.key(kind))
        return known is not None and is_read_so(known.reading, part.reading)

    def _put(self, layout: Layout, part: Part) -> bool:
        """Put a small file with its like; False when it must be read alone."""
        if layout.form == "delimited" and _depends_on_values(layout):
            return False
        if self.open is not None and (self.open.is_full or self.open.layout != layout):
            self.flush()
        if self.open is None:
            path = self.workspace / "batch"
            path.unlink(missing_ok=True)
            self.open = Batch(layout, path)
        try:
            if not self.open.add(part):
                return False
        except OSError as error:
            if error.errno not in FULL:
                raise
            return False  # read as it lies it takes no room, and those before it are whole
        if _has_changed(part):
            self.open.take_back()
            return False
        return True

    def _load(self, batch: Batch, *, copy: bool = False) -> None:
        name = batch.parts[0].source.name
        self.meter.say(f"loading {name}" + (f" and {len(batch.parts) - 1} more" if len(batch.parts) > 1 else ""))
        try:
            size = sum(part.source.size for part in batch.parts)
            with self.store.apart():
                self._read(batch)
                self.meter.loaded(_READING * size)
                if len(batch.parts) == 1 and _has_changed(batch.parts[0]) and not copy:
                    self.report.hints.append(
                        f"{name}: was still being written; what it held was loaded, load it again when it is whole"
                    )
                    self.pending.discard(batch.parts[0].key(batch.layout.kind))
                    return self._offer(batch.parts[0].source, batch.layout.kind, copy=True)
                self.findings.look(batch)
                self.keeper.keep(batch)
            self.meter.loaded((1 - _READING) * size)
        except (InputError, duckdb.Error) as error:
            self._go_on(batch, name, error)
        return None

    def _go_on(self, batch: Batch, name: str, error: InputError | duckdb.Error) -> None:
        """After a batch that could not be loaded: its files each alone, so that only the one at fault is left out."""
        if isinstance(error, (LoadStoppedError, duckdb.InterruptException)):
            raise error
        first = str(error).splitlines()[0]
        if isinstance(error, _GENERAL):
            raise LoadStoppedError(
                f"{name}: loading stopped ({first}); neither it nor the files after it are in {self.store.path}"
            ) from error
        if len(batch.parts) > 1:
            for part in batch.parts:
                self._load(self._alone(batch, part))
        elif isinstance(error, InputError):
            self.report.problems.append(str(error))
        else:
            self.report.problems.append(f"{name}: could not be loaded ({first}); nothing of it is in {self.store.path}")

    def _alone(self, batch: Batch, part: Part) -> Batch:
        path = self.workspace / "alone"
        path.unlink(missing_ok=True)
        alone = Batch(batch.layout, path)
        again = replace(part, plain=plain(part.source, self.workspace), first=0, rows=1)
        if not alone.add(again):
            return Batch(batch.layout, again.plain.path, [again], again.plain.longest_line)
        return alone

    def _layout(self, source: Source, kind: str, content: Plain) -> Layout:
        """What a file is, by its content; a configured source may override it."""
        if content.is_blank:
            return self.open.layout if self.open and self.open.layout.kind == kind else Layout(kind, "json")
        form, delimiter, header = containers.form_of(self.store, source, content)
        if form != "json" and not any(name.strip() for name in header):  # a sheet without a cell
            return Layout(kind, "empty")
        if form == "json":
            return self._json(source, kind, content)
        return self._table(source, kind, form, header, delimiter)

    def _json(self, source: Source, kind: str, content: Plain) -> Layout:
        keys = records.first_keys(content.head)
        settings = mapping.chosen(self.config, source, kind, keys or None)
        if settings is not None:
            return Layout(settings.kind or kind, "json table", settings=settings)
        is_flat = not {mapping.folded(name) for name in keys} & _NOT_FLAT and mapping.is_event_table(keys)
        if kind in ("history", *mapping.INSTALLS) or (kind == "events" and is_flat):
            return Layout(kind, "json table")
        return Layout(kind, "json")

    def _table(self, source: Source, kind: str, form: str, header: Sequence[str], delimiter: str = "") -> Layout:
        settings = mapping.chosen(self.config, source, kind, header)
        if settings is not None:
            return Layout(settings.kind or kind, form, delimiter, tuple(header), settings)
        if kind == "events" and mapping.is_lead_list(header):
            self.report.hints.append(
                f"{source.name}: is a lead list, and was read as one though it stands among the logs"
            )
            kind = "leads"
        if kind in ("events", "leads") and mapping.is_count_list(header):
            kind = "counts"
        return Layout(kind, form, delimiter, tuple(header))

    def _reading(self, layout: Layout) -> str:
        """A digest of what says how a file is read; empty for what is usual."""
        said: list[object] = []
        if self.config.time_zone != "UTC":
            said.append(self.config.time_zone)
        if self.config.store_user_data:
            said.append("store_user_data")
        if layout.settings is not None:
            path = self.joiner.file(layout.settings)
            said += [layout.settings, hashlib.sha256(path.read_bytes()).hexdigest() if path else ""]
        return _digest(said) + (f" {_digest(self._owners())}" if any(self._owners()) else "")

    def _offered(self, kind: str) -> str:
        """A digest of all that may say how a file is read that is offered as of a kind."""
        if kind in self.offers:
            return self.offers[kind]
        sources = self.config.sources.values()
        tables = [glance(self.config.folder / one.join.file) for one in sources if one.join and one.join.file]
        settings = (self.config.time_zone, self.config.store_user_data, list(sources), tables, self._owners())
        self.offers[kind] = _digest((__version__, kind, *settings))
        return self.offers[kind]

    def _owners(self) -> tuple[object, ...]:
        """What says whose the records are that name nobody."""
        return (self.owner, self.config.datasets, self.config.forms, self.config.pages)

    def _read(self, batch: Batch) -> None:
        """Everything that will be kept of a batch, as temporary tables."""
        self.store.run_file("ingest/nothing.sql")
        layout, parameters = batch.layout, self._parameters()
        if layout.form == "empty":
            containers.place_parts(self.store, batch)
            return
        if layout.form == "json":
            containers.place_parts(self.store, batch)
            containers.read_records(self.store, batch)
            if layout.kind == "events":
                self._read_events(parameters)
            elif layout.kind == "calls":
                self.store.run_file("ingest/call_json.sql", parameters)
                self.store.run_file("ingest/calls.sql", parameters | _USUAL_CALLS)
            else:
                self.store.run_file("ingest/lead_json.sql")
                self.store.run_file("ingest/leads.sql", parameters | _USUAL_TIMES)
            return
        joined = self.joiner.read(layout.settings)
        containers.place_parts(self.store, batch)
        header = containers.read_rows(self.store, batch, self.workspace, self.report.hints.append)
        if layout.kind == "events" and layout.settings is None and self._holds_json(header):
            rows.as_records(self.store, header)
            self._read_events(parameters)
            return
        found = mapping.resolve(
            batch.parts[0].source, layout.kind, header, layout.settings, joined, lambda i: rows.probe(self.store, i)
        )
        name = batch.parts[0].source.name
        parameters |= rows.pick(self.store, found, header, name, self.config, is_text=layout.form == "delimited")
        if layout.kind in _FIRST_READ_BY:
            self.store.run_file(f"ingest/{_FIRST_READ_BY[layout.kind]}.sql", parameters)
        self.store.run_file(f"ingest/{_READ_BY[layout.kind]}.sql", parameters)

    def _read_events(self, parameters: dict[str, Any]) -> None:
        self.store.run_file("ingest/events.sql", parameters)
        activities.read(self.store, parameters)

    def _parameters(self) -> dict[str, Any]:
        return {
            "owner": self.owner,
            "time_zone": self.config.time_zone,
            "key": self.keeper.secret,
            "store_user_data": self.config.store_user_data,
        }

    def _holds_json(self, header: Sequence[str]) -> bool:
        """Whether a column holds whole payloads as JSON, or requests of App Events in whatever form."""
        signs = (("^ *[{[]", _JSON_COLUMNS), (_APP_EVENTS, _REQUEST_COLUMNS))
        return any(
            self.store.value(f"select bool_or(regexp_matches(cells[{i}], $sign)) from table_row", {"sign": sign})
            for sign, names in signs
            for i, name in enumerate(header, 1)
            if mapping.folded(name) in names
        )


_GENERAL = (duckdb.IOException, duckdb.FatalException)  # no fault of a file
_READING = 0.8  # of the work of loading; the rest is to keep what was read
_USUAL_TIMES = {
    "day_first": None,
    "time_format": None,
    "any_id": False,
    "lead_column": "id",
    "created_column": "created_time",
}
_USUAL_CALLS = {"call_column": None, "status_column": None, "success_column": None}
_READ_BY = {
    "events": "rows",
    "history": "rows",
    "leads": "leads",
    "counts": "counts",
    "calls": "calls",
    "attributions": "installs",
    "mmp": "installs",
}
_FIRST_READ_BY = {"leads": "lead_rows", "calls": "call_rows"}


def _depends_on_values(layout: Layout) -> bool:
    """Whether the values of a table say what its columns are, so that it must not be judged by another's."""
    if layout.settings is not None:
        return layout.settings.preset is not None or layout.settings.changes_only
    names = {mapping.folded(name) for name in layout.header}
    return layout.kind == "events" and bool(
        names & {"status", "id", "action_source", "event_source", "lead_event_source"}
    )


def _digest(said: object) -> str:
    """Twelve digits that stand for settings; empty for none."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12] if said else ""


def _has_changed(part: Part) -> bool:
    """Whether a file that is read as it lies is another than the one that was looked at."""
    if part.plain.stamp is None or part.source.path is None:
        return False
    try:
        status = part.source.path.stat()
    except OSError:
        return True
    return (status.st_size, status.st_mtime_ns) != part.plain.stamp
