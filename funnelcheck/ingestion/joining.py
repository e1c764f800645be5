"""The second table of a [source.NAME.join]: what gives the rows of the first one Meta's lead id."""

from __future__ import annotations

from pathlib import Path

from funnelcheck.config import Config, SourceConfig
from funnelcheck.errors import InputError
from funnelcheck.ingestion import containers, mapping
from funnelcheck.ingestion.batches import Batch, Layout, Part
from funnelcheck.ingestion.files import Source
from funnelcheck.ingestion.plain import plain
from funnelcheck.store import Store


class Joiner:
    """Reads the joined table of a source once, for all files of that source."""

    def __init__(self, store: Store, config: Config, workspace: Path) -> None:
        self.store = store
        self.config = config
        self.workspace = workspace
        self._read: tuple[SourceConfig | None, list[str]] = (None, [])

    def file(self, settings: SourceConfig) -> Path | None:
        """Where the joined table lies; None for a source that joins none, InputError for one that is not there."""
        join, name = settings.join, settings.name
        if join is None:
            return None
        for key, value in (("file", join.file), ("on", join.on), ("key", join.key)):
            if not value:
                raise InputError(f"[source.{name}.join] does not say {key}: it needs file, on (column here) and key")
        path = self.config.folder / join.file
        if not path.is_file():
            raise InputError(f"[source.{name}.join] names {path}, which is not there")
        return path

    def read(self, settings: SourceConfig | None) -> list[str]:
        """Make join_row (key, cells) and give the names of the columns; of rows with one key the first counts."""
        if settings is None or settings.join is None:
            return []
        if self._read[0] == settings:
            return self._read[1]
        header = self._rows(settings)
        place = mapping.place_of(settings.join.key, header)
        if place is None:
            raise InputError(
                f'{settings.join.file}: [source.{settings.name}.join] names the column "{settings.join.key}", '
                "which is not there"
            )
        self.store.execute(
            f"""
            create or replace temp table join_row as
            select trim(cells[{place}]) as key, arg_min(cells, record) as cells
            from table_row
            where nullif(trim(cells[{place}]), '') is not null
            group by 1
            """
        )
        self._read = (settings, header)
        return header

    def _rows(self, settings: SourceConfig) -> list[str]:
        path = self.file(settings)
        assert path is not None  # noqa: S101 - only called where there is a join
        folder = self.workspace / "join"
        folder.mkdir(exist_ok=True)
        source = Source(path, str(path))
        content = plain(source, folder)
        form, delimiter, header = containers.form_of(self.store, source, content)
        layout = Layout("leads", form, delimiter, header, _paths(settings) if form == "json" else None)
        batch = Batch(layout, content.path, [Part(source, content, "")], content.longest_line)
        containers.place_parts(self.store, batch)
        return containers.read_rows(self.store, batch, folder, lambda hint: None)


def _paths(settings: SourceConfig) -> SourceConfig:
    """The joined table's own columns, as a source of JSON."""
    join = settings.join
    assert join is not None  # noqa: S101 - only called where there is a join
    return SourceConfig(settings.name, fields=dict(join.fields) | {"key": join.key})
