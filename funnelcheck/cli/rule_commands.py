"""The commands about rules: the list, the explanation of one, its schema, the rows at fault behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from funnelcheck import language, numbers
from funnelcheck.cli import options
from funnelcheck.cli.settings import Settings, complain
from funnelcheck.errors import UsageError
from funnelcheck.writing import replace_file, writing


@click.command()
@click.option("--diff", nargs=2, metavar="GUIDE GUIDE", help="Tell where the second guide differs from the first.")
@options.guide
@options.lang
@options.config
@options.own_rules
@options.verbose
def rules(diff: tuple[str, str] | None, lang: str, **given: Any) -> int:
    """List the rules: code, severity, title, thresholds and where they come from.

    Exit code 2 when one of your own cannot be run; it is then named.
    """
    if diff is not None and given["guide"] is not None:
        raise UsageError("--diff names two guides; leave --guide out")
    with language.use(lang):
        return _differences(diff, **given) if diff is not None else _list(**given)


def _differences(
    diff: tuple[str, str], config_path: Path | None, rules_path: Path | None, guide: str | None = None
) -> int:
    from funnelcheck.config import load
    from funnelcheck.render.catalogue import differences
    from funnelcheck.rulebook import load as load_rules

    config = options.with_rules(load(config_path), rules_path)
    click.echo("\n".join(differences(*(load_rules(config, key) for key in diff))))
    return 0


def _list(guide: str | None, config_path: Path | None, rules_path: Path | None) -> int:
    from funnelcheck.config import load
    from funnelcheck.render.catalogue import heading, lines
    from funnelcheck.rulebook import load as load_rules

    book = load_rules(options.with_rules(load(config_path), rules_path), guide)
    click.echo(heading(book), err=True)
    click.echo("\n".join(lines(book)))
    broken = [rule for rule in book.rules if rule.broken]
    complain(f"{rule.path}: this rule is broken: {rule.broken}" for rule in broken)
    return 2 if broken else 0


@click.command()
@click.argument("code")
@options.guide
@options.lang
@options.config
@options.own_rules
@options.verbose
def explain(code: str, lang: str, guide: str | None, config_path: Path | None, rules_path: Path | None) -> int:
    """Explain one rule: what it asks, why, how to mend it, its boundaries and its SQL."""
    from funnelcheck.config import load
    from funnelcheck.render.catalogue import explanation
    from funnelcheck.rulebook import load as load_rules

    with language.use(lang):
        book = load_rules(options.with_rules(load(config_path), rules_path), guide)
        click.echo(explanation(book.rule(code), book))
    return 0


@click.command()
@click.argument("kind", metavar="event|request|results|select|validate")
@options.guide
@options.config
@click.option("--out", type=click.Path(path_type=Path), help="Write it to this file.")
@options.verbose
def schema(kind: str, guide: str | None, config_path: Path | None, out: Path | None) -> int:
    """Print a JSON Schema (draft 2020-12): of what is to be sent, or of what funnelcheck writes as JSON.

    Of a CRM event and of a request with such events as the guide's required rules ask for them; of results.json, which
    is check --format json; of select --format json and of validate --format json.
    """
    from funnelcheck.config import load
    from funnelcheck.contracts import rendered

    text = rendered(kind, load(config_path), guide)
    if out is None:
        click.echo(text, nl=False)
        return 0
    with writing(out):
        replace_file(out, text.encode())
    return 0


@click.command()
@click.argument("code")
@options.advertiser_filter
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows to show; 0 for all.")
@click.option("--out", type=click.Path(path_type=Path), help="Export all of them to this file: .csv or .jsonl.")
@click.option("--show-ids", is_flag=True, help="Show lead ids as they are; otherwise they are masked.")
@options.common
@options.judging
@options.own_rules
def rows(code: str, limit: int, out: Path | None, show_ids: bool, **given: Any) -> int:
    """List the rows at fault behind one rule: what was found, where it stands in which file."""
    from funnelcheck import tables
    from funnelcheck.cli.listing import extract_lines
    from funnelcheck.judgement import rows_at_fault

    settings = Settings(given)
    if out is not None and out.suffix.lower() not in (".csv", ".jsonl"):
        raise UsageError(f"--out {out}: give a name that ends in .csv or .jsonl")
    with settings.open_store(read_only=True) as store, settings.judging(), language.use(settings.lang):
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
        with language.use(settings.lang):
            click.echo("\n".join(extract_lines(extract)))
        return 0
    with writing(out):
        tables.write(extract.rows, extract.columns, out)
    settings.say(f"{numbers.count(len(extract.rows), 'row')} written to {out}")
    return 0
