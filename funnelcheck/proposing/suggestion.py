"""Which [source.NAME] a file asks for: each column's role with its reason, and what only a person can say."""

from __future__ import annotations

import glob
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from funnelcheck.config import Config, SourceConfig
from funnelcheck.configfile import toml
from funnelcheck.errors import ConfigError, InputError, UsageError
from funnelcheck.ingestion import files, mapping
from funnelcheck.ingestion.plain import plain
from funnelcheck.numbers import count, percent, visible
from funnelcheck.proposing import evidence, naming
from funnelcheck.proposing.evidence import Facts, Sample, words
from funnelcheck.store import Store, open_store

_EXTRA = {
    "events": ("upload_time", "dataset_id", "test_event_code", "action_source", "event_source", "lead_event_source"),
    "history": (),
    "leads": ("form_id", "page_id", "campaign_id", "ad_id", "adset_id", "is_organic"),
    "counts": (),
    "calls": (),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """A preset and how well the columns are those that it describes."""

    name: str
    title: str
    verified: bool
    note: str
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was found in a file, and the source that it asks for; None where there is none to propose."""

    path: str
    sample: Sample
    columns: tuple[Facts, ...]
    roles: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # place -> role and why
    settings: SourceConfig | None = None
    open_keys: tuple[str, ...] = ()  # lines of TOML that a person has to choose among
    join_on: str | None = None  # the column that a second table with Meta's lead id would meet
    join_key: str = "Id"
    fits: tuple[Fit, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def suggest(
    path: str, *, name: str | None = None, preset: str | None = None, config: Config | None = None
) -> Suggestion:
    """Look at the first rows of a file and propose a source for it.

    InputError where the file cannot be read, UsageError for more than one file or a name that is none, ConfigError
    for an unknown preset.
    """
    config = config or Config()
    if preset is not None:
        mapping.complete(SourceConfig(name or "new", preset=preset))
    if name is not None and not name.strip():
        raise UsageError("--name: a source needs a name")
    source = _only(path)
    with open_store() as store, tempfile.TemporaryDirectory(prefix="funnelcheck-") as workspace:
        store.run_file("ingest/macros.sql")
        store.run_file("ingest/table_macros.sql")
        content = plain(source, Path(workspace))
        sample = evidence.take(store, source, content, Path(workspace))
        return _Reasoner(store, source, sample, Path(workspace), name, preset, config).suggestion()


def _only(path: str) -> files.Source:
    if path == "-":
        raise UsageError("map looks at a file; standard input has no name that a [source] could give")
    found, _ = files.expand([path])
    if len(found) != 1:
        raise UsageError(f"{path}: {count(len(found), 'file')}; map looks at one")
    return found[0]


class _Reasoner:
    """Works out the roles of one file's columns."""

    def __init__(
        self, store: Store, source: files.Source, sample: Sample, workspace: Path, name: str | None, preset: str | None,
        config: Config,
    ) -> None:  # fmt: skip
        self.store, self.source, self.sample, self.workspace = store, source, sample, workspace
        self.name = (name or slug(source.name)).strip()
        self.preset, self.config = preset, config
        self.columns: list[Facts] = []
        self.roles: dict[int, tuple[str, str]] = {}
        self.fields: dict[str, str] = {}
        self.notes: list[str] = []
        self.questions: list[str] = []
        self.open_keys: list[str] = []
        self.where: dict[str, tuple[str, ...]] = {}
        self.stages: dict[str, str] = {}
        self.join_on: str | None = None
        self.join_key = "Id"

    # --- what there is --------------------------------------------------------------------------------------

    def suggestion(self) -> Suggestion:
        if self.sample.payloads:
            self.columns = evidence.look(self.store, self.sample)
            self.notes.append(f"This is {self.sample.payloads}: ingest reads it as it is, and no [source] is needed.")
            return self._end(None)
        fits = self._fits()
        chosen = self._chosen(fits)
        if chosen is not None and self.sample.is_json:
            settings = mapping.presets()[chosen.name]
            self.sample = evidence.take_again(
                self.store, self.sample, self.workspace, settings.get("records"), settings.get("each")
            )
        self.columns = evidence.look(self.store, self.sample)
        if not self.sample.rows or not any(column.values for column in self.columns):
            self.notes.append("There is no row with a value below the names of the columns.")
            return self._end(None, fits)
        if self._has_no_header():
            return self._end(None, fits)
        if chosen is not None:
            return self._end(self._of_preset(chosen), fits)
        if self.preset is not None:
            lacking = next(fit for fit in fits if fit.name == self.preset).missing
            self.notes.append(
                f"The preset {self.preset} does not fit: there is no column {_and(lacking)}. Without --preset the "
                "columns are judged by what they hold."
            )
            return self._end(None, fits)
        return self._end(self._of_values(), fits)

    def _end(self, settings: SourceConfig | None, fits: Sequence[Fit] = ()) -> Suggestion:
        unnamed = [c.shown for c in self.columns if c.values and not c.can_be_named]
        if unnamed and settings is not None:
            self.notes.append(
                f"{_and(unnamed)}: a configuration cannot name such a column (it has no name, or another's)."
            )
        shown = [fit for fit in fits if fit.is_whole or fit.name == self.preset]
        return Suggestion(
            self.source.name, self.sample, tuple(self.columns), self.roles, settings, tuple(self.open_keys),
            self.join_on, self.join_key, tuple(shown), tuple(self.notes), tuple(self.questions),
        )  # fmt: skip

    def _has_no_header(self) -> bool:
        like_data = [name for name in self.sample.header if naming.is_value(name)]
        if self.sample.is_json or len(like_data) * 3 < len(self.sample.header):
            return False
        self.notes.append(
            "The first row looks like data, not like names of columns; export the table with its header, or write "
            "one above it."
        )
        return True

    # --- presets --------------------------------------------------------------------------------------------

    def _fits(self) -> list[Fit]:
        """The presets whose columns are there, those with most columns first."""
        found = []
        for name, preset in mapping.presets().items():
            columns = [*preset.get("fields", {}).values(), *preset.get("where", {})]
            stages = list(preset.get("stages", {}))
            there = self._there(preset)
            missing = [column for column in columns if not there(column)]
            if stages and sum(there(column) for column in stages) < (2 if name.startswith("generic") else 1):
                missing.append(f"{stages[0]} or another of its dates")
            matched = len(columns) - len(missing) + sum(there(column) for column in stages)
            on = preset.get("join", {}).get("on")
            matched += bool(on and there(on))
            if on and not there(on) and not missing and not stages:
                missing.append(on)
            fit = Fit(
                name, str(preset.get("title", name)), bool(preset.get("verified")), str(preset.get("note", "")),
                tuple(missing),
            )  # fmt: skip
            found.append((not fit.is_whole, name.startswith("generic"), -matched, name, fit))
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]

    def _there(self, preset: Mapping[str, Any]) -> Any:
        if not self.sample.is_json:
            return lambda column: mapping.place_of(column, self.sample.header) is not None
        items = list(evidence.unfolded(self.sample.items, preset.get("records")))[:200]
        each = preset.get("each")
        entries = [entry for item in items for entry in _list(evidence.at(item, each))] if each else []

        def there(column: str) -> bool:
            if each and column.startswith(f"{each}."):
                return any(evidence.at(entry, column.removeprefix(f"{each}.")) is not None for entry in entries)
            return any(evidence.at(item, column) is not None for item in items)

        return there

    def _chosen(self, fits: Sequence[Fit]) -> Fit | None:
        if self.preset is not None:
            return next((fit for fit in fits if fit.name == self.preset and fit.is_whole), None)
        first = next(iter(fits), None)
        return first if first is not None and first.is_whole and not first.name.startswith("generic") else None

    def _of_preset(self, fit: Fit) -> SourceConfig:
        preset = mapping.presets()[fit.name]
        for name, column in preset.get("fields", {}).items():
            self._say(self._column(column), name, f"the preset {fit.name} reads it so")
        for column, kept in preset.get("where", {}).items():
            self._say(self._column(column), "filter", f"only rows with {_and(kept)} are read")
        for column, stage in preset.get("stages", {}).items():
            self._say(self._column(column), f'stage "{stage}"', f"the preset {fit.name} reads it so")
        if "lead_id" not in preset.get("fields", {}):
            join = preset.get("join", {})
            self._lead(stage=None, on=join.get("on"))
            self.join_key = join.get("key", "Id")
        self.notes.append(f"The columns are those of the preset {fit.name} ({fit.title}). {fit.note}")
        settings = self._settings(preset.get("kind", "history"))
        settings = replace(settings, preset=fit.name, fields=self.fields)
        times = [self._column(preset.get("fields", {}).get("event_time", ""))]
        times += [self._column(column) for column in preset.get("stages", {})]
        given = preset.get("time_zone")
        return self._timed(settings, [c for c in times if c is not None and c.values], zone=given)

    # --- values ---------------------------------------------------------------------------------------------

    def _of_values(self) -> SourceConfig | None:
        if mapping.is_count_list(self.sample.header):
            return self._counts()
        if mapping.is_call_log(self.sample.header, self._probe) and not any(c.is_meta for c in self.columns):
            return self._calls()
        self._filter()
        times = self._times()
        stage = self._stage_column()
        if not times["event"] and (self.where or any(naming.is_before(c) for c in self.columns)):
            times["event"], times["creation"] = times["creation"], []  # a row is a change: it was created then
        lead = self._lead(stage)
        by_lead = lead.values / lead.distinct if lead is not None and lead.distinct else 1.0
        if stage is None and len(self._ambiguous) > 1:
            return self._long(None, times, by_lead)
        is_wide = bool(times["stage"]) and not times["event"] and by_lead <= 1.05
        if stage is not None and not is_wide and self._is_long(times, by_lead):
            return self._long(stage, times, by_lead)
        if times["stage"] and (stage is None or is_wide):
            return self._wide(times, stage)
        if times["creation"]:
            return self._leads(times, stage)
        if stage is None and len(times["event"]) == 1 and lead is not None:
            self._ask_for("a column with the stage", "a time alone says that something happened, not what")
        self._tell_nothing(stage, times, lead)
        return None

    def _filter(self) -> None:
        """A table with a row for each change of any field: only the changes of the stage count."""
        self.columns = evidence.look(self.store, self.sample)
        for column in self.columns:
            if mapping.folded(column.label) not in naming.FIELD_COLUMNS or not column.can_be_named:
                continue
            kept = [value for value, _ in column.names if naming.STAGE_WORDS & set(words(value))]
            if len(kept) > 1:
                self._ask_for(
                    f'the field that holds the stage: "{column.shown}" has {_and(kept)}', f"{kept[0]} is taken here"
                )
            if kept and len(column.names) >= 1:
                self.where = {column.name.strip(): (kept[0],)}
                self._say(column, "filter", f"only the changes of {kept[0]} are read")
                rest = evidence.look(self.store, self.sample, (column.place, kept[0]))
                self.columns = [column if c.place == column.place else c for c in rest]
                return

    @property
    def usable(self) -> list[Facts]:
        return [c for c in self.columns if c.values and c.can_be_named and c.place not in self.roles]

    def _times(self) -> dict[str, list[Facts]]:
        found: dict[str, list[Facts]] = {
            kind: [] for kind in ("event", "creation", "stage", "trap", "upload", "planned")
        }
        for column in self.usable:
            if column.is_time:
                found[naming.kind_of_time(column)].append(column)
        for column in found["trap"]:
            self._say(column, "not used", "it changes with any edit, so it is not when the stage was reached: a trap")
        for column in found["planned"]:
            self._say(column, "not used", "its name speaks of a plan or of a person, not of what happened")
        return found

    def _stage_column(self) -> Facts | None:
        self._ambiguous: list[Facts] = []
        scored = sorted(
            ((naming.stage_score(c), -c.place, c) for c in self.usable if naming.may_be_stage(c)), reverse=True
        )
        scored = [entry for entry in scored if entry[0] > 0]
        for column in self.usable:
            if naming.is_before(column):
                self._say(column, "not used", "its name says that it is the stage before")
            elif column.share(column.outcomes) == 1 and mapping.folded(column.label) in mapping.ALIASES["http_status"]:
                self._say(column, "http_status", "every value is an HTTP status")
                self.fields["http_status"] = column.name.strip()
        if not scored:
            return None
        best = [column for score, _, column in scored if score == scored[0][0]]
        if len(best) > 1:
            self._ambiguous = best
            self._choose("event_name", "the stage", best)
            return None
        why = f"{count(best[0].distinct, 'different value')}: {_values(best[0])}"
        self._say(best[0], "event_name", why)
        return best[0]

    def _lead(self, stage: Facts | None, on: str | None = None) -> Facts | None:
        """The column with the lead's id: Meta's where there is one, else the CRM's own."""
        meta = [c for c in self.usable if c.is_meta and not naming.NOT_LEADS & set(words(c.label))]
        several = [c for c in meta if c.distinct > 1 or c.values == 1]
        best = _best(several or meta, naming.meta_rank)
        if len(best) > 1:
            self._choose("lead_id", "Meta's lead id", best)
            return None
        if best:
            label = ", most with the label l:" if best[0].prefixed * 2 > best[0].values else ""
            self._say(best[0], "lead_id", f"its values have 15 to 17 digits, as Meta's lead ids have{label}")
            self.fields["lead_id"] = best[0].name.strip()
            return best[0]
        return self._own_key(on)

    def _own_key(self, on: str | None) -> Facts | None:
        named = self._column(on) if on else None
        keys = [c for c in self.usable if (c.key_form or c.meta) and not c.is_time and not c.people]
        best = [named] if named is not None else _best(keys, naming.key_rank)
        best = [c for c in best if c is named or naming.key_rank(c)[0] > 0]
        rounded = [c.shown for c in self.usable if c.rounded * 2 > c.values]
        if rounded:
            self._ask_for(
                f"an export of {_and(rounded)} as text",
                "a spreadsheet has turned the ids into 1.23E+15: their digits are lost",
            )
        if len(best) > 1:
            self._choose("lead_id", "the lead's id", best)
            return None
        if not best:
            return None
        column = best[0]
        self._say(column, "lead_id", f"the CRM's own id ({column.key_form or 'an id'}); no column has ids like Meta's")
        self.fields["lead_id"] = self.join_on = column.name.strip()
        return column

    def _ask_for_meta(self, kind: str) -> None:
        """Without Meta's lead ids a history can be judged, but nothing of it can be sent."""
        beside = "a history" if kind == "leads" else "a lead list"
        self._ask_for(
            "a second table with Meta's lead id",
            f'"{self.join_on}" holds the CRM\'s own ids. They will do beside {beside} with the same ids; to meet '
            "Meta's own a join is needed, whose lines stand in the block",
        )

    # --- shapes ---------------------------------------------------------------------------------------------

    def _is_long(self, times: Mapping[str, Sequence[Facts]], by_lead: float) -> bool:
        if times["event"] or (times["creation"] and by_lead > 1.05):
            return True
        return len(times["stage"]) == 1 and not times["creation"]

    def _long(self, stage: Facts | None, times: Mapping[str, list[Facts]], by_lead: float) -> SourceConfig:
        if stage is not None:
            self.fields["event_name"] = stage.name.strip()
        if self.sample.each:  # what stands beside the stage, in the same list
            times = {kind: [c for c in found if self._is_inside(c)] or found for kind, found in times.items()}
        candidates = times["event"] or (times["creation"] if by_lead > 1.05 else []) or times["stage"]
        best = _best(candidates, naming.time_rank)
        chosen = best[:1]
        if len(best) > 1:
            self._choose("event_time", "the time of the stage", best)
            chosen = []
        for column in chosen:
            self.fields["event_time"] = column.name.strip()
            self._say(column, "event_time", f"times such as {column.example}, and no other column fits better")
        creations = [c for c in times["creation"] if c not in best]
        if len(creations) == 1:
            self.fields["created_time"] = creations[0].name.strip()
            self._say(creations[0], "created_time", "its name says that the lead was created then")
            chosen = [*chosen, *creations]
        if stage is not None and by_lead <= 1.05 and self.sample.rows > 20:
            self._ask_for(
                "the way to each stage",
                "nearly every lead has one row, its last stage only; earlier stages are missing",
            )
        kind = "events" if times["upload"] or "http_status" in self.fields else "history"
        if times["upload"] and kind == "events":
            upload = times["upload"][0]
            self.fields["upload_time"] = upload.name.strip()
            self._say(upload, "upload_time", "its name says that it is when the event was sent")
            chosen = [*chosen, upload]
        return self._timed(self._settings(kind), chosen or best)

    def _is_inside(self, column: Facts) -> bool:
        return column.name.startswith(f"{self.sample.each}.")

    def _wide(self, times: Mapping[str, list[Facts]], stage: Facts | None) -> SourceConfig:
        if stage is not None:
            self.roles.pop(stage.place, None)
            self._say(stage, "not used", "the stage of now; the columns of times say when each was reached")
        used = [*times["creation"], *times["stage"]]
        for column in sorted(used, key=lambda c: c.place):
            name = "Lead" if column in times["creation"] else naming.stage_name(column.label)
            self.stages[column.name.strip()] = name
            self._say(
                column, f'stage "{name}"', f"a time in {percent(column.values / max(column.rows, 1))} of the rows"
            )
        if len(times["creation"]) == 1:
            self.fields["created_time"] = times["creation"][0].name.strip()
            self._say(
                times["creation"][0], 'created_time and stage "Lead"', "its name says that the lead was created then"
            )
        return self._timed(self._settings("history"), used)

    def _leads(self, times: Mapping[str, list[Facts]], stage: Facts | None) -> SourceConfig:
        best = _best(times["creation"], naming.time_rank)
        used: list[Facts] = []
        if len(best) > 1:
            self._choose("created_time", "when the lead was created", best)
        else:
            used = best
            self.fields["created_time"] = best[0].name.strip()
            self._say(best[0], "created_time", "its name says that the lead was created then")
        if stage is not None:
            self.roles.pop(stage.place, None)
            self._say(stage, "not used", "the stage of now, and no column says when it was reached")
            self._ask_for(
                "the history of the stages", f'"{stage.shown}" is the stage of now; no column says when it was reached'
            )
        if mapping.is_lead_list(self.sample.header) and not self.open_keys:
            self.notes.append("ingest reads such a lead list without a [source] as well.")
        return self._timed(self._settings("leads"), used or best)

    def _counts(self) -> SourceConfig:
        names = [mapping.folded(name) for name in self.sample.header]
        for name in ("day", "leads"):
            place = next(names.index(alias) for alias in mapping.COUNT_ALIASES[name] if alias in names)
            column = self.columns[place]
            self.fields[name] = column.name.strip()
            self._say(column, name, "a list that counts leads by day, by the names of its columns")
        self.notes.append("ingest reads such a list of daily counts without a [source] as well.")
        days = [c for c in self.columns if self.roles.get(c.place, ("",))[0] == "day"]
        return self._timed(self._settings("counts"), days)

    def _probe(self, place: int) -> mapping.Column:
        column = self.columns[place - 1]
        return mapping.Column(column.values, column.prefixed, column.outcomes)

    def _calls(self) -> SourceConfig:
        names = [mapping.folded(name) for name in self.sample.header]
        for name, aliases in mapping.CALL_ALIASES.items():
            there = [self.columns[names.index(alias)] for alias in aliases if alias in names]
            usable = [column for column in there if column.can_be_named and column.values]
            if name == "call_time" and len(usable) > 1:
                self._choose(name, "when the call was made", usable)
            elif usable:
                self.fields[name] = usable[0].name.strip()
                self._say(usable[0], name, "a log of calls, by the names of its columns")
        self.notes.append("ingest reads such a log of calls with --calls.")
        times = [c for c in self.columns if self.roles.get(c.place, ("",))[0].startswith("call_time")]
        return self._timed(self._settings("calls"), times)

    def _tell_nothing(self, stage: Facts | None, times: Mapping[str, Sequence[Facts]], lead: Facts | None) -> None:
        any_time = times["event"] or times["creation"] or times["stage"]
        lacks = [
            what
            for what, there in (
                ("the lead's id", lead is not None or "lead_id" in " ".join(self.open_keys)),
                ("the stage", stage is not None),
                ("when it was reached", bool(any_time)),
            )
            if not there
        ]
        trap = f"; {_and([c.shown for c in times['trap']])} changes with any edit" if times["trap"] else ""
        self.notes.append(f"No source can be proposed: no column holds {_and(lacks, quoted=False)}{trap}.")

    # --- settings -------------------------------------------------------------------------------------------

    def _settings(self, kind: str) -> SourceConfig:
        if self.join_on is not None:
            self._ask_for_meta(kind)
        for name in _EXTRA[kind]:
            place = next(
                (
                    p
                    for alias in mapping.ALIASES.get(name, (name,))
                    if (p := mapping.place_of(alias, self.sample.header))
                ),
                None,
            )
            if place and name not in self.fields and place not in self.roles and self.columns[place - 1].can_be_named:
                self.fields[name] = self.columns[place - 1].name.strip()
                self._say(self.columns[place - 1], name, "by its name")
        for column in self.usable:
            folded = mapping.folded(column.label)
            if folded in ("advertiser", "advertiser_id") and "advertiser" not in self.fields:
                self.fields["advertiser"] = column.name.strip()
                self._say(column, "advertiser", f"by its name; {count(column.distinct, 'different value')}")
            elif folded in mapping.ALIASES["advertiser"]:
                self._ask_for(
                    f'whether "{column.shown}" says whose the rows are',
                    f"{count(column.distinct, 'different value')}; if so, add it as advertiser",
                )
        if self.config.folder and any(entry.name == self.name for entry in self.config.sources.values()):
            self.notes.append(f"The configuration has a [source.{visible(self.name)}] already.")
        return SourceConfig(
            self.name, kind=kind, files=(glob.escape(PurePath(self.source.name).name),), fields=self.fields,
            stages=self.stages, where=self.where, records=self.sample.records, each=self.sample.each,
        )  # fmt: skip

    def _timed(self, settings: SourceConfig, times: Sequence[Facts], zone: str | None = None) -> SourceConfig:
        """The settings with what the times need: the order of day and month, a format, a zone."""
        naive = [c.shown for c in times if c.naive]
        if naive and zone is None and settings.kind != "counts":
            self._ask_for(
                f"the time zone of {_and(naive)}",
                f"these times name none and are read as {self.config.time_zone}; give time_zone if that is wrong",
            )
        day, month, either = (sum(getattr(c, name) for c in times) for name in ("day_only", "month_only", "either"))
        forms = {form for c in times for form in c.strptime[:1]}
        several = next((c for c in times if len(c.strptime) > 1), None)
        if several is not None:
            self._ask_for(
                f'the form of "{several.shown}"', f"it can be read as {_and(several.strptime)}; choose one of the lines"
            )
            self.open_keys += [f"time_format = {toml(form)}" for form in several.strptime]
            return settings
        if forms:
            if len(forms) > 1 or day or month or either:
                self._ask_for("one form of the times", f"these columns are written in several: {_and(sorted(forms))}")
                return settings
            return replace(settings, time_format=forms.pop())
        if day and month:
            self._ask_for(
                "one order of day and month",
                f"{count(day, 'date')} can only name the day first, {count(month, 'date')} only the month; "
                "split the file",
            )
            return settings
        if not either:
            return settings
        if day or month:
            order = "day-first" if day else "month-first"
            self.notes.append(
                f"The {order.partition('-')[0]} comes first: {count(day or month, 'date')} can be read in that order "
                f"only, none in the other order only, {count(either, 'date')} in both."
            )
            return replace(settings, time_format=order)
        unsure = next(c for c in times if c.unsure)
        first, second, year = re.findall("[0-9]+", unsure.unsure or "")[:3]
        readings = (f"{year}-{int(second):02}-{int(first):02}", f"{year}-{int(first):02}-{int(second):02}")
        self._ask_for(
            "the order of day and month",
            f'every date can be read both ways: "{unsure.unsure}" in "{unsure.shown}" is {readings[0]} (day first) or '
            f"{readings[1]} (month first); choose one of the lines",
        )
        self.open_keys += ['time_format = "day-first"', 'time_format = "month-first"']
        return settings

    # --- words ----------------------------------------------------------------------------------------------

    def _column(self, name: str | None) -> Facts | None:
        place = mapping.place_of(name, self.sample.header) if name else None
        return self.columns[place - 1] if place else None

    def _say(self, column: Facts | None, role: str, why: str) -> None:
        if column is not None:
            self.roles[column.place] = (role, why)

    def _ask_for(self, what: str, why: str) -> None:
        self.questions.append(f"{what[:1].upper()}{what[1:]}: {why}.")

    def _choose(self, key: str, what: str, columns: Sequence[Facts]) -> None:
        self._ask_for(
            f"which column is {what}", f"{_and([c.shown for c in columns])} could be; choose one of the lines"
        )
        self.open_keys += [f"{key} = {toml(c.name.strip())}" for c in columns]
        for column in columns:
            self._say(column, f"{key}?", f"one of {len(columns)} that could be {what}")


def slug(path: str) -> str:
    """A name for a source, from a file's."""
    stem = PurePath(path).name.partition(".")[0]
    return re.sub("[^a-z0-9]+", "_", stem.casefold()).strip("_")[:60] or "table"


def _best(columns: Iterable[Facts], rank: Any) -> list[Facts]:
    ranked = [(rank(column), column) for column in columns]
    highest = max((points for points, _ in ranked), default=None)
    return [column for points, column in ranked if points == highest]


def _values(column: Facts) -> str:
    shown = [f"{value} ({n:,})" for value, n in column.names[:6]]
    return ", ".join(shown) + (", …" if len(column.names) > 6 else "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _and(names: Iterable[str], *, quoted: bool = True) -> str:
    shown = [f'"{visible(name)}"' if quoted else name for name in names]
    shown = [*shown[:8], "others"] if len(shown) > 9 else shown
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


__all__ = ["ConfigError", "Fit", "InputError", "Suggestion", "slug", "suggest"]
