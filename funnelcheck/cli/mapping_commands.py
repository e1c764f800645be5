"""The command that looks at a table and proposes how its columns are to be read."""

from __future__ import annotations

from pathlib import Path

import click

from funnelcheck.cli import options


@click.command("map")
@click.argument("file", metavar="FILE")
@click.option("--suggest", is_flag=True, help="Show what is proposed and write nothing (the default).")
@click.option(
    "--write", is_flag=True, help="Append the proposal to the configuration, which is made where there is none."
)
@click.option("--name", metavar="NAME", help="Name of the source; default the file's.")
@click.option("--preset", metavar="PRESET", help="Read it as the export of a known CRM.")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Configuration; default funnelcheck.toml if it is there.",
)
@options.verbose
def map_command(
    file: str, suggest: bool, write: bool, name: str | None, preset: str | None, config_path: Path | None
) -> int:
    """Look at a table or a CRM's export and propose its [source.NAME]: which column is what, and what to ask.

    Reads up to 10,000 rows of FILE and loads nothing. Exit code 0 also when there is nothing to propose, which is
    then said; 2 for a wrong call, 3 when the file cannot be read.
    """
    from funnelcheck import config
    from funnelcheck.errors import UsageError
    from funnelcheck.proposing import proposal, suggestion

    if suggest and write:
        raise UsageError("--suggest shows and --write writes; give one of them")
    place = config_path or Path(config.DEFAULT_NAME)
    settings = config.load(place) if place.exists() else config.Config(path=str(place))
    found = suggestion.suggest(file, name=name, preset=preset, config=settings)
    if write and found.settings is not None:
        proposal.write(found, found.settings, place, settings)
    click.echo(proposal.text(found), nl=False)
    if write:
        said = "nothing was written" if found.settings is None else f"[source.{found.settings.name}] was added"
        click.echo(f"{place}: {said}", err=True)
    return 0
