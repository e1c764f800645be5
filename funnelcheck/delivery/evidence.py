"""One zip that proves a judgement: report, rows at fault, SQL of the rules, digests, versions, trace ids."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from funnelcheck import inputs, numbers, privacy, tables
from funnelcheck.extracts import Extract, sql_of
from funnelcheck.judgement import extracts_of
from funnelcheck.language import _, ngettext
from funnelcheck.masking import hidden
from funnelcheck.model import Rule, Status
from funnelcheck.render import html
from funnelcheck.render import json as results
from funnelcheck.reported import Run, SourceFile
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store
from funnelcheck.writing import replace_file, writing

MOST_ROWS = 10_000  # of one rule
_TRACE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AT_FAULT = (Status.FAIL, Status.WARN, Status.WAIVED)
_TRACES = """
select request.upload_time, request.dataset_id, http_status, accepted, events_received, error_code, error_subcode,
    error_title, trace_id, path as file, request.line
from request
join source_file using (file_id)
where advertiser_id = $advertiser_id
    and trace_id is not null
    and coalesce(upload_time, 0) <= $as_of
order by upload_time, path, line, request_id
"""


def pack(store: Store, run: Run, book: Rulebook, path: Path) -> list[str]:
    """Write the evidence on the one advertiser of `run`, whose store it is; the names of what is in it.

    The same store, configuration and `as_of` give the same bytes. OutputError when it cannot be written.
    """
    members = _members(store, run, book)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            archive.writestr(_entry(name, run.as_of), members[name])
    with writing(path):
        replace_file(path, content.getvalue())
    return sorted(members)


def name_of(run: Run) -> str:
    """What the zip of this run's advertiser is called."""
    page = next(iter(html.page_names(run).values()))
    return f"evidence-{page.removeprefix('advertiser-').removesuffix('.html')}.zip"


def _of_one(store: Store, run: Run) -> Run:
    """The run as it concerns its advertiser: its own files, and nothing about anybody else."""
    own = inputs.of_advertisers(store, run.inputs, {run.advertisers[0].advertiser_id})
    return replace(privacy.without_others(run), inputs=own, hints=(), access=None)


def _members(store: Store, judged: Run, book: Rulebook) -> dict[str, bytes]:
    run = _of_one(store, judged)
    codes = sorted({one.code for result in run.advertisers for one in result.findings if one.status in _AT_FAULT})
    rules = [book.rule(code) for code in codes]
    extracts = extracts_of(store, book, rules, judged, [run.advertisers[0].advertiser_id], MOST_ROWS)
    texts = dict(html.pages(run, book.rules)) | {"results.json": results.render(run)}
    run_id = hashlib.sha256(texts["results.json"].encode("utf-8", "surrogatepass")).hexdigest()
    texts |= {
        f"rows/{code}.csv": tables.text(map(_alone, extract.rows), extract.columns)
        for code, extract in extracts.items()
    }
    texts |= {f"sql/{rule.code}.sql": _sql(rule) for rule in rules}
    texts["inputs.csv"] = _inputs(run.inputs.sources)
    texts["trace_ids.csv"] = _traces(store, run)
    texts["versions.json"] = _versions(store, run, run_id[:16])
    texts["README.txt"] = _readme(run, rules, extracts, run_id[:16])
    members = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    members["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members)
    ).encode()
    return members


def _alone(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: privacy.hide_others(name, value) for name, value in row.items()}


def _entry(name: str, as_of: int) -> zipfile.ZipInfo:
    """A member that depends on nothing but its name and the instant of judgement."""
    moment = max(datetime.fromtimestamp(as_of, UTC), datetime(1980, 1, 1, tzinfo=UTC))  # the oldest a zip knows
    entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    return entry


def _sql(rule: Rule) -> str:
    limits = ", ".join(
        f"{name} = {numbers.number(value)}" for name, value in {**rule.thresholds, **rule.shared}.items()
    )
    lines = [f"-- {rule.code}: {numbers.visible(rule.title)}", f"-- Thresholds: {limits or 'none'}", rule.sql.rstrip()]
    rows = sql_of(rule)
    return "\n".join([*lines, *(["", "-- The rows at fault:", rows.strip()] if rows else [])]) + "\n"


def _inputs(sources: Sequence[SourceFile]) -> str:
    columns = ("path", "kind", "sha256", "rows", "loaded", "duplicates", "quarantined", "passed_over")
    return tables.text(({name: getattr(one, name) for name in columns} for one in sources), columns)


def _traces(store: Store, run: Run) -> str:
    wanted = {"advertiser_id": run.advertisers[0].advertiser_id, "as_of": run.as_of}
    salt = str(store.value("select key from store_key"))
    found = store.rows(_TRACES, wanted)
    for row in found:
        row["error_title"] = row["error_title"] and hidden(row["error_title"], salt)
        if not _TRACE.fullmatch(row["trace_id"]):  # whatever it is, it is none of Meta's
            row["trace_id"] = hidden(row["trace_id"], salt)
    columns = "upload_time dataset_id http_status accepted events_received error_code error_subcode error_title"
    return tables.text(found, (*columns.split(), "trace_id", "file", "line"))


def _versions(store: Store, run: Run, judged: str) -> str:
    told = {
        "run_id": judged,
        "funnelcheck": run.version,
        "guide": run.guide.key,
        "guide_title": run.guide.title,
        "guide_edition": run.guide.edition,
        "as_of": results.instant(run.as_of),
        "duckdb": store.value("select version()"),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _readme(run: Run, rules: Sequence[Rule], extracts: Mapping[str, Extract], judged: str) -> str:
    """What is what, for somebody who knows neither the tool nor the advertiser."""
    name = numbers.visible(run.advertisers[0].advertiser_id)
    contents = {page: _("the report; open it in a browser.") for page in html.page_names(run).values()} | {
        "rules.html": _("every rule that was judged by: its source, its thresholds and its SQL."),
        "results.json": _("the same findings for programs."),
        "rows/": _("the rows at fault of each rule that fails, warns or is waived; times are Unix seconds, UTC."),
        "sql/": _("the SQL of these rules, with the thresholds that were used."),
        "inputs.csv": _("the files of this advertiser that were read, with their SHA-256."),
        "trace_ids.csv": _("the fbtrace_id of each answer by Meta, with what was sent when."),
        "versions.json": _("the versions of everything that took part."),
        "SHA256SUMS": _("the digest of every file here; “sha256sum -c SHA256SUMS” checks them."),
    }
    judgement = _("Judged as of {moment} by the guide “{guide}”, {edition} ({key}); run {run}.")
    lines = [
        _("Evidence on {advertiser}").format(advertiser=name),
        judgement.format(
            moment=numbers.instant(run.as_of),
            guide=run.guide.title,
            edition=run.guide.edition,
            key=run.guide.key,
            run=judged,
        ),
        "",
        *(f"{file}: {told}" for file, told in contents.items()),
        "",
        _("Ids of leads are masked: the same id looks the same in all of these files, and nobody can undo it."),
        "",
    ]
    lines += [_told(rule, extracts.get(rule.code)) for rule in rules]
    if not rules:
        lines.append(_("No rule fails or warns, so there are no rows at fault."))
    return "\n".join(lines) + "\n"


def _told(rule: Rule, extract: Extract | None) -> str:
    head = f"{rule.code} {numbers.visible(rule.title)}"
    if extract is None:
        told = _("what it judges is no row of a log.")
    elif len(extract.rows) < extract.total:
        told = _("the first {n} of {all} rows.").format(
            n=numbers.count(len(extract.rows)), all=numbers.count(extract.total)
        )
    else:
        told = ngettext("{n} row.", "{n} rows.", extract.total).format(n=numbers.count(extract.total))
    return f"{head}: {told}"
