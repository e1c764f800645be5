"""Many advertisers, one with everything, many names of stages: how each grows when there is twice as much of it.

`python tests/bench/many.py [--scale 1] [--case WORD] [--part PART]` measures every case at half and at whole size
(scale 1: 20,000 advertisers, 5,000 names) in processes of their own and prints seconds of the processors and what they
grow by: 2 is linear. What a command takes on next to nothing is measured too and left out of it.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import suite
import world

AS_OF = "2026-11-22T00:00:00Z"
PARTS = ("ingest", "check", "report")


@dataclass(frozen=True)
class Case:
    """A world at whole size."""

    leads: int
    advertisers: int
    names: int = 1  # of each of the four stages


CASES = {
    "20,000 advertisers with five leads each": Case(100_000, 20_000),
    "one advertiser with everything": Case(200_000, 1),
    "5,000 names of stages": Case(100_000, 1, 1_250),
}
NOTHING = Case(100, 1)


def seconds(case: Case, size: float, parts: tuple[str, ...] = PARTS) -> dict[str, float]:
    """Seconds of the processors that each part takes, of a world of this share of the case."""
    with tempfile.TemporaryDirectory(prefix="funnelcheck-many-") as place:
        folder = Path(place)
        grown = (max(1, round(number * size)) for number in (case.leads, case.advertisers, case.names))
        leads, advertisers, names = grown
        world.write(folder, leads, advertisers, skew=1, names=names)
        commands = {
            "ingest": ("ingest", "logs", "--leads", "leads"),
            "check": ("check", "--fail-on", "never", "--as-of", AS_OF),
            "report": ("report", "--as-of", AS_OF),
        }
        told = (
            suite.measured(part, "-m", "funnelcheck", *commands[part], cwd=folder) for part in PARTS if part in parts
        )
        return {one.part: one.cpu for one in told}


def growth(case: Case, scale: float, parts: tuple[str, ...] = PARTS) -> dict[str, tuple[float, float, float]]:
    """Of each part the seconds at half and at whole size, and what they grow by; nan where half is next to nothing."""
    least, half, whole = seconds(NOTHING, 1, parts), seconds(case, scale / 2, parts), seconds(case, scale, parts)
    grown = {
        part: (whole[part] - least[part]) / (half[part] - least[part]) if half[part] > 1.25 * least[part] else math.nan
        for part in whole
    }
    return {part: (half[part], whole[part], grown[part]) for part in whole}


def main() -> None:
    """Every case and part, or those that were named; to judge, something has to be loaded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--case", default="")
    parser.add_argument("--part", choices=PARTS)
    given = parser.parse_args()
    parts = PARTS if given.part is None else tuple(part for part in PARTS if part in ("ingest", given.part))
    for name, case in CASES.items():
        if given.case in name:
            print(f"\n{name}, at {given.scale:g} of it:", flush=True)
            for part, (half, whole, grows) in growth(case, given.scale, parts).items():
                print(f"  {part:8} {half:8.2f} s {whole:8.2f} s   grows by {grows:.2f}", flush=True)


if __name__ == "__main__":
    main()
