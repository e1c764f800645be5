"""The common options of one call, resolved: configuration, store, judgement, output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from funnelcheck import language, numbers
from funnelcheck.cli import options
from funnelcheck.errors import InputError, UsageError
from funnelcheck.render.ci import NEED_RULES, Judged, outputs

if TYPE_CHECKING:
    from funnelcheck.config import Config
    from funnelcheck.gate import Gate
    from funnelcheck.model import Rule
    from funnelcheck.payload import Validation
    from funnelcheck.reported import Run
    from funnelcheck.store import Store

_ROWS = 20  # of the rows at fault of a rule, in a report


class Settings:
    """The common options of one call, resolved."""

    def __init__(self, given: dict[str, Any]) -> None:
        from funnelcheck.config import load

        if given.get("share") and given.get("show_ids"):
            raise UsageError("--share leaves every row out and --show-ids shows their ids: give one of them")
        self.given = given
        self.lang: str = given.get("lang") or "en"
        self.quiet: bool = given.get("quiet", False)
        self.outputs = outputs(given.get("formats", ()))
        spare(given, self.outputs)
        self.config: Config = options.with_rules(load(given.get("config_path")), given.get("rules_path"))
        self.as_of = given.get("as_of_seconds") or options.parse_as_of(given.get("as_of"))

    def open_store(self, *, read_only: bool = False, in_memory: bool = False) -> Store:
        from funnelcheck.rulebook import load as load_rules
        from funnelcheck.store import open_store

        load_rules(self.config, self.given.get("guide"))  # a bad guide or threshold ends here, before any work
        place = ":memory:" if in_memory else self.given["store_path"]
        return open_store(place, read_only=read_only, memory_limit=self.config.memory_limit, tell=self.say)

    def judged(self, *, for_report: bool = False) -> Run:
        """Judge what the store of this call holds."""
        with self.open_store(read_only=True) as store:
            return self.check(store, for_report=for_report)

    def judged_on_cluster(self, lake: str) -> Run:
        """Judge a lake where it lies; the rows at fault stay there."""
        from funnelcheck.cluster import opened
        from funnelcheck.rulebook import load as load_rules

        load_rules(self.config, self.given.get("guide"))
        with opened(lake, memory_limit=self.config.memory_limit) as store:
            return self.check(store)

    def check(
        self, store: Store, *, for_report: bool = False, lang: str | None = None, as_of: int | None = None
    ) -> Run:
        """Judge; `for_report` with the rows at fault that a report shows, or fit to be passed on.

        In the language and as of the instant that were asked for, or in `lang` and as of `as_of`.
        """
        from funnelcheck.inputs import of_advertisers
        from funnelcheck.judgement import check
        from funnelcheck.privacy import shared

        share, show_ids = self.given.get("share", False), self.given.get("show_ids", False)
        rows = _ROWS if for_report and not share else 0
        only = self.given.get("only", ())
        with self.judging(), language.use(lang or self.lang):
            run = check(
                store,
                as_of=as_of or self.as_of,
                config=self.config,
                guide=self.given.get("guide"),
                rows=rows,
                show_ids=show_ids,
            )
            run = _only(run, only)
            if share and only:  # names of files may be those of customers
                run = replace(run, inputs=of_advertisers(store, run.inputs, only))
            return shared(run) if share else run

    def print(self, result: Run | Validation, gate: Gate | None = None, *, compared: bool = False) -> None:
        """Each format to its place; OutputError when a file cannot be written. `compared`: there is a baseline."""
        from funnelcheck.cli.printing import deliver
        from funnelcheck.gate import Gate

        rules = self._rules() if NEED_RULES & {name for name, _ in self.outputs} else ()
        home = {"home": self.config.path} if Path(self.config.path).is_file() else {}
        with language.use(self.lang):
            deliver(self.outputs, Judged(result, gate or Gate(), rules, compared, **home))

    def _rules(self) -> Sequence[Rule]:
        """The rulebook of this call, as a report may tell it."""
        from funnelcheck.privacy import shared_rules
        from funnelcheck.rulebook import load as load_rules

        with language.use(self.lang):
            rules = load_rules(self.config, self.given.get("guide")).rules
        return shared_rules(rules, self.config.path) if self.given.get("share") else rules

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


def complain(lines: Iterable[str]) -> None:
    """What went wrong, a line each to standard error, though nothing else is to be said."""
    for line in lines:
        click.echo(f"funnelcheck: {numbers.visible(line)}", err=True)


def tell_broken(run: Run) -> bool:
    """Say which rules of the user's own nobody was judged by; the report says so too."""
    complain(run.broken_rules)
    return bool(run.broken_rules)


_READ = (
    "payloads sources lead_sources history_sources call_sources attribution_sources mmp_sources questionnaire "
    "store_path config_path baseline_path"
).split()


def spare(given: Mapping[str, Any], outputs: Sequence[tuple[str, Path | None]]) -> None:
    """UsageError for a format's file that would take the place of what this call reads."""
    paths = [path for _, path in outputs if path is not None and path.is_file()]
    if not paths:
        return
    values = (given.get(name) or () for name in _READ)
    read = [one for value in values for one in ((value,) if isinstance(value, str | Path) else value)]
    found = [file for one in read if not Path(one).is_dir() for file in _files(str(one))]
    for path in paths:
        if any(file.samefile(path) for file in found):
            raise UsageError(f"--format: {path} is read by this call; give the output a file of its own")


def _files(pattern: str) -> Iterator[Path]:
    """The files that an argument means, if there are any; what is wrong with it is told by who reads it."""
    from funnelcheck.ingestion.files import expand

    with suppress(InputError):
        yield from (source.path for source in expand([pattern])[0] if source.path is not None)


def _only(run: Run, wanted: tuple[str, ...]) -> Run:
    """The run with the advertisers that were asked for; UsageError for one that it does not hold."""
    from funnelcheck import compare
    from funnelcheck.config import nearest

    known = [result.advertiser_id for result in run.advertisers]
    for name in wanted:
        if name not in known:
            hint = nearest(name, known) if known else ""
            raise UsageError(f"--advertiser {name}: has no record and no lead in the store up to --as-of{hint}")
    if not wanted:
        return run
    since = None if run.since is None else compare.only(run.since, set(wanted))
    return replace(run, advertisers=tuple(r for r in run.advertisers if r.advertiser_id in wanted), since=since)
