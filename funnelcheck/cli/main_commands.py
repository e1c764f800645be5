"""The main commands: what loads, judges and reports, the sample, and the rows that could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language, numbers
from funnelcheck.cli import options
from funnelcheck.cli.gating import Gating, gating
from funnelcheck.cli.settings import Settings, complain, tell_broken
from funnelcheck.errors import InputError, UsageError
from funnelcheck.lock import whole_run
from funnelcheck.writing import writing

if TYPE_CHECKING:
    from funnelcheck.ingestion import IngestReport
    from funnelcheck.reported import Run
    from funnelcheck.store import Store


@click.command()
@options.sources
@options.leads
@options.histories
@options.calls
@options.attributions
@options.mmp
@options.out
@options.advertiser_owner
@options.common
@options.judging
@options.own_rules
@options.formats
@options.privacy
@options.gate("never")
@options.engine
def run(out: Path, engine: str, lake: str | None, **given: Any) -> int:
    """Load logs, histories and lead lists, judge them, write the report: the main job.

    The run is kept in the store, in place of one of the same instant and guide: funnelcheck runs lists the kept ones,
    diff and digest tell what changed. A second run on the same store waits for the first, at most half a minute.

    A lake of funnelcheck export, as --store, is judged as it is: without a SOURCE, and the run is not kept. So is one
    that lies where a Spark cluster reaches it, with --engine spark --lake LAKE: what is said of single events is worked
    out there, only figures come home, and the pages hold no rows at fault.
    """
    if lake is not None or engine == "spark":
        return _run_on_cluster(out, engine, lake, given)
    is_lake = given["store_path"].is_dir()
    if not is_lake and not given["sources"] and not given["history_sources"]:
        raise UsageError("give a SOURCE (what was sent) or --history SOURCE (what a CRM recorded)")
    settings = Settings(given)
    gate = gating(settings, "never")
    if is_lake and not any(given[key] for key in _SOURCES):
        judged = settings.judged(for_report=True)
        _write_report(judged, out, settings)
        settings.say("this run is not kept: a lake is only read")
        return _exit_code(None, judged, _passes(judged, gate, settings))
    with settings.open_store() as store, whole_run(store.path, settings.say):
        report = load(store, settings)
        if report.problems and not report.has_records:
            raise InputError(f"no log could be read, so nothing was judged; what was in {out} is as it was")
        judged = settings.check(store, for_report=True)
        _write_report(judged, out, settings)
        _keep(store, judged, settings)
    return _exit_code(report, judged, _passes(judged, gate, settings))


def _run_on_cluster(out: Path, engine: str, lake: str | None, given: dict[str, Any]) -> int:
    if engine != "spark":
        raise UsageError("--lake is what --engine spark reads; on this machine name the lake with --store")
    if lake is None or any(given[key] for key in _SOURCES):
        raise UsageError("--engine spark judges a lake as it lies: give --lake LAKE, and no SOURCE")
    settings = Settings(given)
    gate = gating(settings, "never")
    judged = settings.judged_on_cluster(lake)
    _write_report(judged, out, settings)
    settings.say("this run is not kept: a lake is only read")
    return _exit_code(None, judged, _passes(judged, gate, settings))


@click.command()
@options.sources
@options.leads
@options.histories
@options.calls
@options.attributions
@options.mmp
@options.advertiser_owner
@options.common
def ingest(**given: Any) -> int:
    """Load logs, histories, lead lists, logs of calls and tables of attributed installs into the store."""
    if not any(given[key] for key in _SOURCES):
        raise UsageError("give a SOURCE, --leads, --history, --calls, --attributions or --mmp SOURCE")
    settings = Settings(given)
    with settings.open_store() as store:
        report = load(store, settings, quiet=True)
    click.echo(_told(report))
    return 3 if report.problems else 0


@click.command()
@click.option("--file", "name", metavar="TEXT", help="Only files whose name contains this.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows to show; 0 for all.")
@click.option("--out", type=click.Path(path_type=Path), help="Export all of them to this file: .csv or .jsonl.")
@click.option("--exact", is_flag=True, help="Read the rows again from their files, with all that stands in them.")
@click.option("--show-ids", is_flag=True, help="Show lead ids as they are; otherwise they are masked.")
@options.common
def quarantine(name: str | None, limit: int, out: Path | None, exact: bool, show_ids: bool, **given: Any) -> int:
    """List the rows that could not be read: file, line, column, value and reason."""
    from funnelcheck.cli.listing import quarantine_lines
    from funnelcheck.ingestion.quarantine import exact_rows, quarantined, write

    settings = Settings(given)
    with settings.open_store(read_only=True) as store:
        rows = quarantined(store, name, show_ids=show_ids)
        texts, problems = exact_rows(store, rows if out else rows[: limit or None]) if exact else ({}, [])
    complain(problems)
    if out is None:
        click.echo("\n".join(quarantine_lines(rows, texts, limit)))
    else:
        with writing(out):
            write(rows, texts, out)
        settings.say(f"{numbers.count(len(rows), 'row')} written to {out}")
    return 3 if problems else 0


@click.command()
@options.judged
@options.formats
@options.gate("required")
def check(**given: Any) -> int:
    """Judge what is in the store."""
    settings = Settings(given)
    gate = gating(settings, "required")
    judged = settings.judged()
    return _exit_code(None, judged, _passes(judged, gate, settings))


@click.command()
@options.out
@click.option("--pdf", "with_pdf", is_flag=True, help="A PDF beside each page as well; needs the extra pdf.")
@options.judged
@options.privacy
def report(out: Path, with_pdf: bool, **given: Any) -> int:
    """Write the report of what is in the store: index.html, a page for each advertiser, rules.html, results.json."""
    from funnelcheck.delivery import pdf

    settings = Settings(given)
    if with_pdf:
        pdf.require()
    judged = settings.judged(for_report=True)
    if with_pdf:
        settings.say(f"making {numbers.count(1 + len(judged.advertisers), 'PDF')}, about two seconds each")
    _write_report(judged, out, settings, pdf.beside if with_pdf else None)
    return 2 if tell_broken(judged) else 0


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("funnelcheck-demo"),
    show_default=True,
    help="Folder of the sample and its report.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result and errors.")
@options.verbose
@options.judging
def demo(out: Path, **given: Any) -> int:
    """Write a sample of invented advertisers, run the main job on it, and say where the report is."""
    from funnelcheck import demo as sample

    as_of = options.parse_as_of(given["as_of"])
    _clear_demo(out)
    sample.write(out, as_of=as_of)
    given |= {"store_path": out / "funnelcheck.duckdb", "config_path": out / "funnelcheck.toml", "formats": ()}
    given |= {"sources": [str(out / "logs")], "lead_sources": [str(out / "leads")]}
    settings = Settings(given | {"advertiser": None, "as_of_seconds": as_of})
    with settings.open_store() as store:
        load(store, settings)
        _keep(store, settings.check(store, as_of=as_of - 7 * numbers.DAY), settings)  # so that there is a last week
        judged = settings.check(store, for_report=True)
        _keep(store, judged, settings)
    settings.print(judged)
    _write_report(judged, out / "report", settings)
    return 0


_SOURCES = "sources lead_sources history_sources call_sources attribution_sources mmp_sources".split()


def load(store: Store, settings: Settings, *, quiet: bool = False) -> IngestReport:
    """Load the sources of a call and say what came of them."""
    from funnelcheck.cli.progress import shown
    from funnelcheck.ingestion import ingest

    given = settings.given
    with shown(quiet=settings.quiet) as progress:
        report = ingest(
            store,
            list(given.get("sources", ())),
            list(given.get("lead_sources", ())),
            history_sources=list(given.get("history_sources", ())),
            call_sources=list(given.get("call_sources", ())),
            attribution_sources=list(given.get("attribution_sources", ())),
            mmp_sources=list(given.get("mmp_sources", ())),
            config=settings.config,
            advertiser=given.get("advertiser"),
            progress=progress,
        )
    complain(report.problems)
    for hint in report.hints:
        settings.say(hint)
    if 2 * report.quarantined > report.rows:  # said with -q too: somebody must look
        said = f"{report.quarantined:,} of {numbers.count(report.rows, 'row')} read could not be loaded"
        complain([f"{said}; funnelcheck quarantine tells why"])
    if not quiet:
        settings.say(_told(report))
    return report


def _told(report: IngestReport) -> str:
    """What became of every row."""
    lines = [
        f"{numbers.count(len(report.files), 'file')} read: {numbers.count(report.rows, 'row')} = "
        f"{report.loaded:,} loaded + {report.duplicates:,} duplicates + {report.quarantined:,} quarantined"
    ]
    if report.passed_over:
        lines.append(f"{numbers.count(report.passed_over, 'more row')} passed over, as a [source.NAME] says")
    if report.healed:
        healed = numbers.count(report.healed, "row")
        lines.append(f"{healed} quarantined before came again with a newer version of the file")
    if report.known:
        first = report.known[0]
        others = " and others" if len(report.known) > 1 else ""
        files = numbers.count(len(report.known), "file")
        lines.append(f"0 new rows from {files} already known (sha256 {first.sha256[:12]}…, {first.path}{others})")
    if report.quarantined:
        lines.append("funnelcheck quarantine lists the quarantined rows with file, line, column and reason.")
    return "\n".join(lines)


def _write_report(judged: Run, out: Path, settings: Settings, beside: Any = None) -> None:
    from funnelcheck.privacy import shared_rules
    from funnelcheck.render.files import write_report
    from funnelcheck.rulebook import load as load_rules

    with language.use(settings.lang):
        catalogue = load_rules(settings.config, settings.given.get("guide")).rules
        if settings.given.get("share"):
            catalogue = shared_rules(catalogue, settings.config.path)
        index = write_report(judged, catalogue, out, beside)
    settings.say(f"report: {index}")


def _keep(store: Store, judged: Run, settings: Settings) -> None:
    from funnelcheck.runs import keep

    number = keep(store, judged, newest=settings.config.keep_runs)
    if number is None:
        settings.say("this run is not kept: as many newer ones are as keep_runs in the configuration allows")


def _passes(judged: Run, gating: Gating, settings: Settings) -> bool:
    """Print every format, then say what the gate makes of the run."""
    gate = gating.judge(judged)
    settings.print(judged, gate, compared=gating.compared)
    if line := gating.told(gate):
        settings.say(line)
    return not gate.failing


def _exit_code(report: IngestReport | None, judged: Run, passed: bool) -> int:
    broken = tell_broken(judged)
    if report is not None and report.problems:
        return 3
    return 2 if broken else int(not passed)


def _clear_demo(out: Path) -> None:
    """Take away an earlier sample; UsageError when the folder holds anything else."""
    import shutil

    if not out.exists():
        return
    ours = {"logs", "leads", "report", "funnelcheck.toml"}
    ours |= {f"funnelcheck.duckdb{tail}" for tail in ("", ".wal", ".lock", ".lock.holder")}
    if not out.is_dir() or {entry.name for entry in out.iterdir()} - ours:
        raise UsageError(f"{out}: holds something that is no sample of ours; name another folder with --out")
    shutil.rmtree(out)
