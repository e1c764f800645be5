"""The commands: each reads its options, calls the library and says what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import __version__, numbers
from funnelcheck.cli import options
from funnelcheck.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    from funnelcheck.config import Config
    from funnelcheck.ingestion import IngestReport
    from funnelcheck.model import Run
    from funnelcheck.store import Store

_FORMATS = ("text", "json")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="funnelcheck")
def cli() -> None:
    """Is an advertiser's CRM data ready for Meta's conversion-lead optimisation?

    Reads the logs of what was sent to the Conversions API and the lists of leads that Meta generated, judges
    the partner guide's rules, and says for each advertiser: ready or not, at which step, what blocks it, what
    to do, who does it.
    """


@cli.command()
@options.sources
@options.leads
@options.out
@options.advertiser_owner
@options.common
@options.judging
@options.formats
@options.fail_on("never")
def run(sources: tuple[str, ...], lead_sources: tuple[str, ...], out: Path, **given: Any) -> int:
    """Load logs and lead lists, judge them, write the report: the main job."""
    settings = _Settings(given)
    with settings.open_store() as store:
        report = _ingest(store, sources, lead_sources, settings)
        if report.problems and not report.has_events:
            raise InputError(f"no log could be read, so nothing was judged; what was in {out} is as it was")
        judged = settings.check(store)
        _write_report(judged, out, settings)
    settings.print(judged)
    return _exit_code(report, judged, given["fail_on"])


@cli.command()
@options.sources
@options.leads
@options.advertiser_owner
@options.common
def ingest(sources: tuple[str, ...], lead_sources: tuple[str, ...], **given: Any) -> int:
    """Load logs and lead lists into the store."""
    settings = _Settings(given)
    with settings.open_store() as store:
        report = _ingest(store, sources, lead_sources, settings, quiet=True)
    click.echo(_told(report))
    return 3 if report.problems else 0


@cli.command()
@options.advertiser_filter
@options.common
@options.judging
@options.formats
@options.fail_on("required")
def check(**given: Any) -> int:
    """Judge what is in the store."""
    settings = _Settings(given)
    with settings.open_store(read_only=True) as store:
        judged = settings.check(store)
    settings.print(judged)
    return _exit_code(None, judged, given["fail_on"])


@cli.command()
@options.out
@options.advertiser_filter
@options.common
@options.judging
def report(out: Path, **given: Any) -> int:
    """Write the report of what is in the store: index.html, a page for each advertiser, rules.html, results.json."""
    settings = _Settings(given)
    with settings.open_store(read_only=True) as store:
        judged = settings.check(store)
    _write_report(judged, out, settings)
    return 0


@cli.command()
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
    settings = _Settings(given | {"advertiser": None, "as_of_seconds": as_of})
    with settings.open_store() as store:
        _ingest(store, [str(out / "logs")], [str(out / "leads")], settings)
        judged = settings.check(store)
    settings.print(judged)
    _write_report(judged, out / "report", settings)
    return 0


@cli.command()
@options.guide
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration of thresholds.")
@options.verbose
def rules(guide: str | None, config_path: Path | None) -> int:
    """List the rules: code, severity, title, thresholds and where they come from."""
    from funnelcheck.config import load
    from funnelcheck.render.catalogue import heading, lines
    from funnelcheck.rulebook import load as load_rules

    book = load_rules(load(config_path), guide)
    click.echo(heading(book), err=True)
    click.echo("\n".join(lines(book)))
    return 0


@cli.command()
@click.argument("code")
@options.guide
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration of thresholds.")
@options.verbose
def explain(code: str, guide: str | None, config_path: Path | None) -> int:
    """Explain one rule: what it asks, why, how to mend it, its boundaries and its SQL."""
    from funnelcheck.config import load
    from funnelcheck.render.catalogue import explanation
    from funnelcheck.rulebook import load as load_rules

    book = load_rules(load(config_path), guide)
    click.echo(explanation(book.rule(code), book))
    return 0


class _Settings:
    """The common options of one call, resolved."""

    def __init__(self, given: dict[str, Any]) -> None:
        from funnelcheck.config import load

        if given.get("lang") == "fr":
            raise UsageError("--lang fr: reports are in English only so far")
        self.given = given
        self.quiet: bool = given.get("quiet", False)
        self.outputs = _outputs(given.get("formats", ()))
        self.config: Config = load(given.get("config_path"))
        self.as_of = given.get("as_of_seconds") or options.parse_as_of(given.get("as_of"))

    def open_store(self, *, read_only: bool = False) -> Store:
        from funnelcheck.rulebook import load as load_rules
        from funnelcheck.store import open_store

        load_rules(self.config, self.given.get("guide"))  # a bad guide or threshold ends here, before any work
        return open_store(self.given["store_path"], read_only=read_only)

    def check(self, store: Store) -> Run:
        from funnelcheck.judgement import check

        with self.progress() as tell:
            tell("judging")
            run = check(store, as_of=self.as_of, config=self.config, guide=self.given.get("guide"))
        return _only(run, self.given.get("only", ()))

    def print(self, run: Run) -> None:
        """Each format to its place; OutputError when a file cannot be written."""
        for name, path in self.outputs:
            text = _rendered(name, run)
            try:
                if path is None:
                    click.echo(text, nl=False)
                else:
                    path.write_text(text, encoding="utf-8")
            except BrokenPipeError:
                raise
            except OSError as error:
                where = path or "standard output"
                raise OutputError(f"{where}: cannot be written ({error.strerror or error})") from error

    def say(self, line: str) -> None:
        """A hint or what came of a step, to standard error; file names are foreign text too."""
        if not self.quiet:
            click.echo("\n".join(numbers.visible(part) for part in line.split("\n")), err=True)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """What to tell progress to: one moving line on a terminal, a line each in a log, nothing with -q."""
        if self.quiet or not sys.stderr.isatty():
            yield self.say
            return
        from rich.console import Console
        from rich.text import Text

        with Console(stderr=True).status("") as status:
            yield lambda line: status.update(Text(line))


def _only(run: Run, wanted: tuple[str, ...]) -> Run:
    """The run with the advertisers that were asked for; UsageError for one that it does not hold."""
    from funnelcheck.config import nearest

    known = [result.advertiser_id for result in run.advertisers]
    for name in wanted:
        if name not in known:
            hint = nearest(name, known) if known else ""
            raise UsageError(f"--advertiser {name}: has no record and no lead in the store up to --as-of{hint}")
    if not wanted:
        return run
    return replace(run, advertisers=tuple(r for r in run.advertisers if r.advertiser_id in wanted))


def _outputs(formats: tuple[str, ...]) -> list[tuple[str, Path | None]]:
    outputs = []
    for entry in formats or ("text",):
        name, sign, path = entry.partition("=")
        if name not in _FORMATS or (sign and not path):
            raise UsageError(f"--format {entry}: give text or json, or json=FILE")
        outputs.append((name, Path(path) if sign else None))
    return outputs


def _rendered(name: str, run: Run) -> str:
    if name == "json":
        from funnelcheck.render.json import render
    else:
        from funnelcheck.render.text import render
    return render(run)


def _ingest(store: Store, sources: Any, lead_sources: Any, settings: _Settings, *, quiet: bool = False) -> IngestReport:
    from funnelcheck.ingestion import ingest

    with settings.progress() as tell:
        report = ingest(
            store,
            list(sources),
            list(lead_sources),
            config=settings.config,
            advertiser=settings.given.get("advertiser"),
            progress=tell,
        )
    for problem in report.problems:
        click.echo(f"funnelcheck: {numbers.visible(problem)}", err=True)
    for hint in report.hints:
        settings.say(hint)
    if not quiet:
        settings.say(_told(report))
    return report


def _told(report: IngestReport) -> str:
    """What became of every row."""
    lines = [
        f"{numbers.count(len(report.files), 'file')} read: {numbers.count(report.rows, 'row')} = "
        f"{report.loaded:,} loaded + {report.duplicates:,} duplicates + {report.quarantined:,} quarantined"
    ]
    if report.known:
        first = report.known[0]
        others = " and others" if len(report.known) > 1 else ""
        files = numbers.count(len(report.known), "file")
        lines.append(f"0 new rows from {files} already known (sha256 {first.sha256[:12]}…, {first.path}{others})")
    if report.quarantined:
        lines.append("Quarantined rows, with file, line and reason, are in the store's table quarantine.")
    return "\n".join(lines)


def _write_report(judged: Run, out: Path, settings: _Settings) -> None:
    from funnelcheck.render.files import write_report
    from funnelcheck.rulebook import load as load_rules

    catalogue = load_rules(settings.config, settings.given.get("guide")).rules
    settings.say(f"report: {write_report(judged, catalogue, out)}")


def _exit_code(report: IngestReport | None, judged: Run, fail_on: str) -> int:
    if report is not None and report.problems:
        return 3
    return int(any(_counts(finding, fail_on) for result in judged.advertisers for finding in result.findings))


def _counts(finding: Any, fail_on: str) -> bool:
    """Whether a finding is at or above the level that ends with exit code 1."""
    if fail_on == "never":
        return False
    if finding.severity == "required" and finding.status == "fail":
        return True
    if fail_on == "recommended":
        return finding.severity in ("required", "recommended") and finding.status in ("fail", "warn")
    undecided = finding.status in ("undecided", "not_evaluable")
    return fail_on == "undecided" and finding.severity == "required" and undecided


def _clear_demo(out: Path) -> None:
    """Take away an earlier sample; UsageError when the folder holds anything else."""
    import shutil

    if not out.exists():
        return
    ours = {"logs", "leads", "report", "funnelcheck.toml", "funnelcheck.duckdb", "funnelcheck.duckdb.wal"}
    if not out.is_dir() or {entry.name for entry in out.iterdir()} - ours:
        raise UsageError(f"{out}: holds something that is no sample of ours; name another folder with --out")
    shutil.rmtree(out)
