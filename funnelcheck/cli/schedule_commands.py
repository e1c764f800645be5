"""The command that prints a weekly run for a scheduler."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from funnelcheck.cli import options
from funnelcheck.errors import UsageError
from funnelcheck.writing import writing


@click.command()
@click.argument("scheduler", type=click.Choice(["cron", "systemd", "airflow", "github"]))
@options.sources
@options.leads
@options.histories
@options.calls
@options.attributions
@options.mmp
@options.out
@options.config
@click.option("--store", default="funnelcheck.duckdb", show_default=True, help="The DuckDB file that keeps it all.")
@options.guide
@options.fail_on("never")
@click.option("--at", default="Mon 06:00", show_default=True, metavar="TIME", help="When, every week.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where relative paths start; default the current folder.",
)
@click.option("--write", type=click.Path(path_type=Path), metavar="DIR", help="Write the files there, print nothing.")
@options.verbose
def schedule(
    scheduler: str,
    sources: tuple[str, ...],
    lead_sources: tuple[str, ...],
    history_sources: tuple[str, ...],
    call_sources: tuple[str, ...],
    attribution_sources: tuple[str, ...],
    mmp_sources: tuple[str, ...],
    out: Path,
    config_path: Path | None,
    store: str,
    guide: str | None,
    fail_on: str,
    at: str,
    folder: Path,
    write: Path | None,
) -> int:
    """Print a weekly run and digest for a scheduler, with the paths given; its comments say how to put it in.

    One line of sources as for run: funnelcheck schedule systemd logs --leads leads --at "Mon 06:00"
    """
    from funnelcheck.config import load
    from funnelcheck.render.schedule import Weekly, files

    if not sources and not history_sources:
        raise UsageError("give the SOURCE that is to be read every week, or --history SOURCE")
    program = ("funnelcheck",) if scheduler == "github" else (sys.executable, "-m", "funnelcheck")
    weekly = Weekly(
        sources=sources,
        place=str(folder.absolute()),
        program=program,
        leads=lead_sources,
        histories=history_sources,
        calls=call_sources,
        attributions=attribution_sources,
        mmp=mmp_sources,
        store=store,
        out=str(out),
        config=str(config_path) if config_path else None,
        guide=guide,
        at=at,
        keep_runs=load(config_path).keep_runs,
        fail_on=fail_on,
    )
    made = files(scheduler, weekly)
    if write is None:
        click.echo("\n".join(made.values()), nl=False)
    else:
        _write(made, write)
    return 0


def _write(made: dict[str, str], place: Path) -> None:
    with writing(place):
        place.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (place / name).write_text(text, encoding="utf-8", newline="\n")
            click.echo(f"{place / name}", err=True)
