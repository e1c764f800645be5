"""What each part of funnelcheck takes on a world of files, each in a process of its own, as JSON.

`python tests/bench/phases.py PART FOLDER STORE [MEMORY]`: PART is ingest, check or run. Seconds are of the wall, memory
is the most that the process held, in megabytes. `check` reads a store that `ingest` has filled, tells facts, rules and
the rest apart, and then makes the pages.
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
    return {"ingest": _command(folder, memory, "ingest", _logs(folder), *_rest(folder, store))}


def run(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """The main job, pages and all."""
    out = ("--out", str(folder / "report"), "--as-of", AS_OF)
    return {"run": _command(folder, memory, "run", _logs(folder), *_rest(folder, store), *out)}


def check(folder: Path, store: Path, memory: str | None) -> dict[str, float]:
    """Facts, rules, what is made of them, and pages, by what their functions take."""
    from funnelcheck import eventrules, judgement
    from funnelcheck.render import files
    from funnelcheck.store import Store

    spent: dict[str, float] = defaultdict(float)

    def timed(part: str, home: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(home, name)

        def measured(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*given, **named)
            finally:
                spent[part] += time.perf_counter() - begun

        setattr(home, name, measured)

    timed("facts", Store, "run_folder")
    timed("event rules", eventrules, "judge")
    timed("rules", judgement, "apply")
    timed("pages", files, "write_report")
    _command(folder, memory, "report", "--store", str(store), "--out", str(folder / "report"), "--as-of", AS_OF)
    return dict(spent)


def _logs(folder: Path) -> str:
    return str(folder / "logs")


def _rest(folder: Path, store: Path) -> tuple[str, ...]:
    return "--leads", str(folder / "leads.csv"), "--store", str(store)


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
    parts = {"ingest": ingest, "check": check, "run": run}
    measured = parts[part](Path(folder), Path(store), memory[0] if memory else None)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": measured, "megabytes": held}), file=sys.stderr)
