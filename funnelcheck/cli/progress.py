"""How far a load is: a bar on a terminal, a line each ten per cent in a log, nothing with -q."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[float, int, str], None]  # bytes done, bytes in all, what is being done
_MEGABYTE = 1e6
_SMALL = 1 << 20  # bytes: less is loaded before anybody could read a line


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """What to tell progress to."""
    if quiet:
        yield lambda done, total, what: None
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _Lines()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import TransferSpeedColumn as Speed
    from rich.text import Text

    from funnelcheck.numbers import visible

    columns = (BarColumn(), TaskProgressColumn(), Speed(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(done: float, total: int, what: str) -> None:
            description = {"description": Text(visible(what)).markup} if what else {}
            bar.update(task, completed=done, total=max(total, 1), **description)  # type: ignore[arg-type]

        yield tell


class _Lines:
    """A line each ten per cent of what takes a while."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._told = 0

    def __call__(self, done: float, total: int, what: str) -> None:
        elapsed = time.monotonic() - self._start
        tenth = int(10 * done / total) if total else 0
        if tenth <= self._told or total < _SMALL:
            return
        self._told = tenth
        left = elapsed * (total - done) / done
        click.echo(
            f"{10 * tenth} % of {total / _MEGABYTE:,.1f} MB, {done / elapsed / _MEGABYTE:,.1f} MB a second, "
            f"{'done' if tenth >= 10 else f'about {max(1, round(left))} s left'}",
            err=True,
        )
