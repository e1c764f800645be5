"""The commands about rules: the list, the explanation of one, the rows at fault behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from funnelcheck import numbers
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings
from funnelcheck.errors import OutputError


@click.command()
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


@click.command()
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


@click.command()
@click.argument("code")
@options.advertiser_filter
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows to show; 0 for all.")
@click.option("--out", type=click.Path(path_type=Path), help="Export all of them to this file: .csv or .jsonl.")
@click.option("--show-ids", is_flag=True, help="Show lead ids as they are; otherwise they are masked.")
@options.common
@options.judging
def rows(code: str, limit: int, out: Path | None, show_ids: bool, **given: Any) -> int:
    """List the rows at fault behind one rule: what was found, where it stands in which file."""
    from funnelcheck import tables
    from funnelcheck.cli.listing import extract_lines
    from funnelcheck.judgement import rows_at_fault

    settings = Settings(given)
    with settings.open_store(read_only=True) as store, settings.judging():
        extract = rows_at_fault(
            store,
            code,
            as_of=settings.as_of,
            config=settings.config,
            guide=given.get("guide"),
            advertisers=given["only"],
            limit=None if out or not limit else limit,
            show_ids=show_ids,
        )
    if out is None:
        click.echo("\n".join(extract_lines(extract)))
        return 0
    try:
        tables.write(extract.rows, extract.columns, out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from error
    settings.say(f"{numbers.count(len(extract.rows), 'row')} written to {out}")
    return 0
