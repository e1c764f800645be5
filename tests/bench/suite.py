"""The benchmark suite: `make bench`, or `python tests/bench/suite.py [LEADS ...] [--memory 1GB] [--out FILE]`.

For each size of a world (tests/bench/world.py; default one million leads) it measures the floor, plain Python and
funnelcheck in processes of their own, and prints seconds, events a second, peak memory and the ratio to the floor.
Figures of a shared machine differ from run to run: only ratios of one run mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import world

HERE = Path(__file__).parent
PLAIN_MOST = 3_000_000  # leads; beyond, plain Python needs more memory than most machines have


@dataclass(frozen=True)
class Measure:
    """What one part took: seconds of the wall and of the processors, megabytes at most."""

    part: str
    seconds: float
    cpu: float
    megabytes: float


def machine() -> str:
    """Where the figures come from, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def measured(part: str, *arguments: str, cwd: Path | None = None) -> Measure:
    """A Python process from its beginning to its end."""
    command, begun = [sys.executable, *arguments], time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{part}: {said}")
    seconds = time.perf_counter() - begun
    return Measure(part, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def phases(part: str, folder: Path, store: Path, memory: str | None) -> list[Measure]:
    """One part of funnelcheck, and the parts that it is made of."""
    command = [sys.executable, str(HERE / "phases.py"), part, str(folder), str(store), *([memory] if memory else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{part}: {done.stderr}")
    told = json.loads(done.stderr.strip().splitlines()[-1])
    return [Measure(name, wall, told["cpu"][name], told["megabytes"]) for name, wall in told["seconds"].items()]


def table(leads: int, memory: str | None) -> list[Measure]:
    """Every part on a world of so many leads."""
    with tempfile.TemporaryDirectory(prefix="funnelcheck-bench-") as place:
        folder = Path(place)
        world.write(folder, leads)
        limit = [memory] if memory else []
        found = [measured("floor", str(HERE / "floor.py"), place, str(folder / "floor.duckdb"), *limit)]
        if leads <= PLAIN_MOST:
            found.append(measured("plain Python", str(HERE / "plain.py"), place))
        found += phases("ingest", folder, folder / "parts.duckdb", memory)
        found += phases("check", folder, folder / "parts.duckdb", memory)
        found += phases("run", folder, folder / "run.duckdb", memory)
        for part in ("first", "day", "again"):
            found += phases(part, folder, folder / "growing.duckdb", memory)
    return found


def told(leads: int, found: list[Measure]) -> list[str]:
    """The rows of a table in Markdown."""
    events, floor = round(leads * 1.55), found[0].seconds
    rows = [f"| {leads:,} leads | seconds | events a second | peak MB | times the floor |", "|---|--:|--:|--:|--:|"]
    for one in found:
        rows.append(
            f"| {one.part} | {one.seconds:.2f} | {events / one.seconds:,.0f} | {one.megabytes:,.0f} "
            f"| {one.seconds / floor:.2f} |"
        )
    first, *later = found[-3:]
    shares = [f"{one.part} takes {one.seconds / first.seconds:.1%}" for one in later]
    rows += ["", f"Of {first.part} {', '.join(shares)}."]
    return rows


def figures(leads: int, memory: str | None, found: list[Measure]) -> dict[str, object]:
    """A line of figures.jsonl: ratios to the floor, and what it took itself."""
    floor = found[0]
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "leads": leads,
        "memory": memory,
        "seconds of the floor": round(floor.seconds, 3),
        "times the floor": {one.part: round(one.seconds / floor.seconds, 3) for one in found},
        "times the floor, CPU": {one.part: round(one.cpu / floor.cpu, 3) for one in found},
        "peak MB": {one.part: round(one.megabytes) for one in found},
    }


def main() -> None:
    """Print the tables, and append the figures to a file as JSON Lines where one is named."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("leads", nargs="*", type=int, default=[1_000_000])
    asked.add_argument("--memory", help="the engine's limit, like 1GB")
    asked.add_argument("--out", type=Path, help="figures are appended here, a line a size")
    given = asked.parse_args()
    print(machine() + (f", engine limited to {given.memory}" if given.memory else ""))
    for leads in given.leads:
        found = table(leads, given.memory)
        print("", *told(leads, found), sep="\n", flush=True)
        if given.out:
            with given.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(figures(leads, given.memory, found)) + "\n")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
