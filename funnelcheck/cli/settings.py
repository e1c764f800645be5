"""The common options of one call, resolved: configuration, store, judgement, output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import numbers
from funnelcheck.cli import options
from funnelcheck.errors import OutputError, UsageError

if TYPE_CHECKING:
    from funnelcheck.config import Config
    from funnelcheck.model import Run
    from funnelcheck.store import Store

_FORMATS = ("text", "json")


class Settings:
    """The common options of one call, resolved."""

    def __init__(self, given: dict[str, Any]) -> None:
        from funnelcheck.config import load

        if given.get("lang") == "fr":
            raise UsageError("--lang fr: reports are in English only so far")
        self.given = given
        self.quiet: bool = given.get("quiet", False)
        self.outputs = _outputs(given.get("formats", ()))
        self.config: Config = options.with_rules(load(given.get("config_path")), given.get("rules_path"))
        self.as_of = given.get("as_of_seconds") or options.parse_as_of(given.get("as_of"))

    def open_store(self, *, read_only: bool = False) -> Store:
        from funnelcheck.rulebook import load as load_rules
        from funnelcheck.store import open_store

        load_rules(self.config, self.given.get("guide"))  # a bad guide or threshold ends here, before any work
        return open_store(
            self.given["store_path"], read_only=read_only, memory_limit=self.config.memory_limit, tell=self.say
        )

    def check(self, store: Store) -> Run:
        from funnelcheck.judgement import check

        with self.judging():
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
    def judging(self) -> Iterator[None]:
        """A moving sign on a terminal while figures are worked out."""
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status("judging"):
            yield


def tell_broken(run: Run) -> bool:
    """Say which rules of the user's own nobody was judged by; the report says so too."""
    for told in run.broken_rules:
        click.echo(f"funnelcheck: {numbers.visible(told)}", err=True)
    return bool(run.broken_rules)


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
