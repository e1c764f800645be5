"""What each part of funnelcheck takes on a world of files, each in a process of its own, as JSON.

`python tests/bench/phases.py PART FOLDER STORE [MEMORY]`: PART is ingest, check, run, first, day or again. Seconds are
of the wall and of the processors, memory is the most that the process held, in megabytes. `check` judges a store that
`ingest` has filled, tells facts and rules apart in it, and then makes the pages. `first` loads and judges all days
but the last, `day` what is there then, `again` the same once more; without their pages, which do not depend on what is
new.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from funnelcheck.cli import main

AS_OF = "2026-11-22T00:00:00Z"


class Spent:
    """Seconds by part, of the wall and of the processors."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def measured(self, part: str, work: Callable[[], Any]) -> Any:
        """What a piece of work gives, its time added to a part's."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            self.wall[part] = self.wall.get(part, 0.0) + time.perf_counter() - wall
            self.cpu[part] = self.cpu.get(part, 0.0) + time.process_time() - cpu

    def watch(self, part: str, home: Any, name: str) -> None:
        """Measure a function whenever it is called."""
        inner: Callable[..., Any] = getattr(home, name)
        setattr(home, name, lambda *given, **named: self.measured(part, lambda: inner(*given, **named)))

    def without(self, part: str, whole: str) -> None:
        """Take what a part took off the whole."""
        for seconds in (self.wall, self.cpu):
            seconds[whole] -= seconds[part]


def ingest(spent: Spent, world: Path, store: Path) -> None:
    """The logs and the lists into the store."""
    spent.measured("ingest", lambda: _command(world, "ingest", *_all(world), *_into(store)))


def run(spent: Spent, world: Path, store: Path) -> None:
    """The main job, pages and all."""
    spent.measured("run", lambda: _command(world, "run", *_all(world), *_into(store), *_out(world)))


def check(spent: Spent, world: Path, store: Path) -> None:
    """Facts, rules, what is made of them, and pages, by what their functions take."""
    from funnelcheck import eventrules, judgement
    from funnelcheck.render import files
    from funnelcheck.store import Store

    spent.watch("facts", Store, "run_folder")
    spent.watch("event rules", eventrules, "judge")
    spent.watch("rules", judgement, "apply")
    spent.watch("pages", files, "write_report")
    spent.measured("check", lambda: _command(world, "report", *_into(store), *_out(world)))
    spent.without("pages", "check")


def first(spent: Spent, world: Path, store: Path) -> None:
    """All days but the last, loaded and judged."""
    logs = sorted(map(str, (world / "logs").iterdir()))[:-1]
    lists = ("--leads", str(world / "leads" / "earlier.csv"))
    _without_pages(spent, "the first 59 days", world, store, *logs, *lists)


def day(spent: Spent, world: Path, store: Path) -> None:
    """The last day besides."""
    _without_pages(spent, "one more day", world, store, *_all(world))


def again(spent: Spent, world: Path, store: Path) -> None:
    """All once more."""
    _without_pages(spent, "nothing new", world, store, *_all(world))


def _without_pages(spent: Spent, part: str, world: Path, store: Path, *sources: str) -> None:
    from funnelcheck.render import files

    spent.watch("pages", files, "write_report")
    spent.measured(part, lambda: _command(world, "run", *sources, *_into(store), *_out(world)))
    spent.without("pages", part)
    del spent.wall["pages"]


def _all(world: Path) -> tuple[str, ...]:
    return str(world / "logs"), "--leads", str(world / "leads")


def _into(store: Path) -> tuple[str, ...]:
    return "--store", str(store)


def _out(world: Path) -> tuple[str, ...]:
    return "--out", str(world / "report"), "--as-of", AS_OF


def _command(world: Path, *arguments: str) -> None:
    try:
        main([*arguments, "--config", str(world / "funnelcheck.toml"), "-q"])
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    part, place, store, *memory = sys.argv[1:]
    world, spent = Path(place), Spent()
    settings = f'memory_limit = "{memory[0]}"\n' if memory else ""
    (world / "funnelcheck.toml").write_text(settings, encoding="utf-8")
    parts = {"ingest": ingest, "check": check, "run": run, "first": first, "day": day, "again": again}
    parts[part](spent, world, Path(store))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": spent.wall, "cpu": spent.cpu, "megabytes": held}), file=sys.stderr)
