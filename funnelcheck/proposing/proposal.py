"""A suggestion in words and as the TOML block of a configuration, and how it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePath

from funnelcheck.config import Config, SourceConfig
from funnelcheck.configfile import append, toml
from funnelcheck.errors import UsageError
from funnelcheck.numbers import count, percent, visible
from funnelcheck.proposing.evidence import Facts
from funnelcheck.proposing.suggestion import Suggestion

_BARE = re.compile("[A-Za-z0-9_-]+")


def text(suggestion: Suggestion) -> str:
    """What was found, column by column, what remains to be settled, and the block to paste at the end."""
    sample = suggestion.sample
    rows = f"the first {count(sample.rows, 'row')}" if sample.is_cut else count(sample.rows, "row")
    lines = [f"{visible(suggestion.path)}: {sample.form}; {rows}, {count(len(suggestion.columns), 'column')}", ""]
    for column in suggestion.columns:
        role, why = suggestion.roles.get(column.place, ("", ""))
        lines.append(f"  {column.shown}" + (f"  →  {role}" if role else ""))
        lines.append(f"      {_evidence(column)}")
        if why:
            lines.append(f"      {visible(why)}")
    if suggestion.fits:
        lines += ["", "Presets that fit, best first:"]
        lines += [f"  {fit.name}: {fit.title}" + ("" if fit.verified else " (not verified)") for fit in suggestion.fits]
    if suggestion.notes:
        lines += ["", *(visible(note) for note in suggestion.notes)]
    if suggestion.questions:
        lines += ["", "To be settled by somebody who knows:"]
        lines += [f"  - {visible(question)}" for question in suggestion.questions]
    if suggestion.settings is not None:
        lines += ["", "For funnelcheck.toml:", "", block(suggestion).rstrip("\n")]
    return "\n".join(lines) + "\n"


def _evidence(column: Facts) -> str:
    if not column.values:
        return "empty in every row"
    parts = [f"{count(column.values, 'value')} of {count(column.distinct, 'kind')}" if column.distinct < column.values
             else f"{count(column.values, 'value')}, all different"]  # fmt: skip
    if column.values < column.rows:
        parts.append(f"empty in {percent(1 - column.values / column.rows)}")
    if column.meta:
        label = f" ({percent(column.share(column.prefixed))} with l:)" if column.prefixed else ""
        parts.append(f"{percent(column.share(column.meta))} of 15 to 17 digits as Meta's ids{label}")
    if column.key_form and not column.is_time and not column.is_meta:
        parts.append(f"{percent(column.share(column.keys[column.key_form]))} {column.key_form}")
    if column.times and not column.is_meta:
        parts.append(f"{percent(column.share(column.times))} times ({', '.join(sorted(column.forms))})")
    if column.strptime:
        parts.append(f"times of the form {column.strptime[0]}")
    if column.day_only or column.month_only or column.either:
        parts.append(
            f"{column.day_only:,} only day first, {column.month_only:,} only month first, {column.either:,} either"
        )
    if column.outcomes == column.values:
        parts.append("every value an HTTP status")
    if column.rounded:
        parts.append(f"{percent(column.share(column.rounded))} rounded by a spreadsheet")
    if column.people:
        parts.append(f"{percent(column.share(column.people))} e-mail addresses or phone numbers (not shown)")
    if not column.can_be_named:
        parts.append("a configuration cannot name it")
    return "; ".join(parts)


def block(suggestion: Suggestion) -> str:
    """The [source.NAME] as TOML; what is not settled stands in it as comments."""
    settings = suggestion.settings
    if settings is None:
        return ""
    name = key(settings.name)
    lines = [f"[source.{name}]"]
    if settings.preset is None:
        lines.append(f"kind = {toml(settings.kind or 'history')}")
    lines.append(f"files = {toml(settings.files[0])}")
    if settings.preset is not None:
        lines.append(f"preset = {toml(settings.preset)}")
    lines += [f"{field} = {toml(column)}" for field, column in settings.fields.items()]
    if settings.preset is None:
        lines += [f"{word} = {toml(path)}" for word, path in _paths(settings)]
    if settings.time_format is not None:
        lines.append(f"time_format = {toml(settings.time_format)}")
    if suggestion.open_keys:
        lines.append("# Take the sign # off one line of each key:")
        lines += [f"# {line}" for line in suggestion.open_keys]
    for table, entries in (("where", _where(settings)), ("stages", _stages(settings))):
        if entries:
            lines += ["", f"[source.{name}.{table}]", *entries]
    if suggestion.join_on is not None:
        lines += [
            "",
            "# To meet Meta's lead ids by a second table, take lead_id out above and fill in:",
            f"# [source.{name}.join]",
            '# file = "…"     # the table that has both ids',
            f"# on = {toml(suggestion.join_on)}",
            f"# key = {toml(suggestion.join_key)}     # its name there",
            '# lead_id = "…"  # the column there with Meta\'s lead id',
        ]
    return "\n".join(lines) + "\n"


def _paths(settings: SourceConfig) -> Iterable[tuple[str, str]]:
    return [(word, path) for word, path in (("records", settings.records), ("each", settings.each)) if path]


def _where(settings: SourceConfig) -> list[str]:
    return [f"{key(column)} = [{', '.join(map(toml, kept))}]" for column, kept in settings.where.items()]


def _stages(settings: SourceConfig) -> list[str]:
    return [f"{key(column)} = {toml(stage)}" for column, stage in settings.stages.items()]


def key(name: str) -> str:
    """A TOML key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else toml(name)


def write(suggestion: Suggestion, settings: SourceConfig, path: Path, config: Config) -> None:
    """Append the block to a configuration, which is made where there is none; nothing that stands there is changed.

    UsageError when the source is there already or another names the file, OutputError when it cannot be written.
    """
    if settings.name in config.sources:
        free = _free(settings.name, config)
        raise UsageError(f"{path}: there is a [source.{settings.name}] already; take another name, like --name {free}")
    file = PurePath(suggestion.path).name
    for other in config.sources.values():
        if any(fnmatch(file, pattern) or fnmatch(suggestion.path, pattern) for pattern in other.files):
            raise UsageError(f"{path}: [source.{other.name}] names {file} already; change it, or take it out first")
    append(path, block(suggestion))


def _free(name: str, config: Config) -> str:
    return next(f"{name}_{i}" for i in range(2, len(config.sources) + 3) if f"{name}_{i}" not in config.sources)
