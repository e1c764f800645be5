"""What each part of funnelcheck takes on a world of files, each in a process of its own, as JSON.

`python tests/bench/phases.py PART FOLDER STORE [MEMORY]`: PART is ingest, check, run, first, day or again. Seconds are
of the wall, memory is the most that the process held, in megabytes. `check` reads a store that `ingest` has filled,
tells facts, rules and the rest apart, and then makes the pages. `first` loads and judges all days but the last, `day`
what is there then, `again` the same once more; without their pages, which do not depend on what is new.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from funnelcheck.cli import main

AS_OF = "2026-11-22T00:00:00Z"


def ingest(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """The logs and the list into the store."""
    return {"ingest": _command(folder, memory, "ingest", *_all(folder), *_into(store))}


def run(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """The main job, pages and all."""
    return {"run": _command(folder, memory, "run", *_all(folder), *_into(store), *_out(folder))}


def first(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """All days but the last, loaded and judged."""
    logs = sorted(map(str, (folder / "logs").iterdir()))[:-1]
    leads = ("--leads", str(folder / "leads" / "earlier.csv"))
    return {"the first 59 days": _without_pages(folder, memory, "run", *logs, *leads, *_into(store), *_out(folder))}


def day(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """The last day besides."""
    return {"one more day": _without_pages(folder, memory, "run", *_all(folder), *_into(store), *_out(folder))}


def again(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """All once more."""
    return {"nothing new": _without_pages(folder, memory, "run", *_all(folder), *_into(store), *_out(folder))}


def check(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """Facts, rules, what is made of them, and pages, by what their functions take."""
    from funnelcheck import eventrules, judgement
    from funnelcheck.render import files
    from funnelcheck.store import Store

    spent: dict[str, float] = defaultdict(float)
    _time(spent, "facts", Store, "run_folder")
    _time(spent, "event rules", eventrules, "judge")
    _time(spent, "rules", judgement, "apply")
    _time(spent, "pages", files, "write_report")
    _command(folder, memory, "report", *_into(store), *_out(folder))
    return dict(spent)


def _without_pages(folder: Path, memory: str | None, *arguments: str) -> float:
    from funnelcheck.render import files

    spent: dict[str, float] = defaultdict(float)
    _time(spent, "pages", files, "write_report")
    return _command(folder, memory, *arguments) - spent["pages"]


def _time(spent: dict[str, float], part: str, home: Any, name: str) -> None:
    """Add up what a function takes."""
    inner: Callable[..., Any] = getattr(home, name)

    def measured(*given: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return inner(*given, **named)
        finally:
            spent[part] += time.perf_counter() - begun

    setattr(home, name, measured)


def _all(folder: Path) -> tuple[str, ...]:
    return str(folder / "logs"), "--leads", str(folder / "leads")


def _into(store: Path) -> tuple[str, ...]:
    return "--store", str(store)


def _out(folder: Path) -> tuple[str, ...]:
    return "--out", str(folder / "report"), "--as-of", AS_OF


def _command(folder: Path, memory: str | None, *arguments: str) -> float:
    settings = folder / "funnelcheck.toml"
    settings.write_text(f'memory_limit = "{memory}"\n' if memory else "", encoding="utf-8")
    begun = time.perf_counter()
    try:
        main([*arguments, "--config", str(settings), "-q"])
    except SystemExit as ended:
        if ended.code:
            raise
    return time.perf_counter() - begun


if __name__ == "__main__":
    part, folder, store, *memory = sys.argv[1:]
    parts = {"ingest": ingest, "check": check, "run": run, "first": first, "day": day, "again": again}
    measured = parts[part](Path(folder), Path(store), memory[0] if memory else None)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": measured, "megabytes": held}), file=sys.stderr)
