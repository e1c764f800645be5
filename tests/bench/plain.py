"""The baseline: the same five rules in plain Python, a line at a time, with orjson where it is installed.

`python tests/bench/plain.py FOLDER` prints what floor.py prints.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

try:
    from orjson import loads
except ImportError:
    from json import loads

DAY = 86_400


def run(folder: Path) -> tuple[int, int]:
    """Advertisers, and those that pass all five."""
    first: dict[tuple[str, str, str], int] = {}
    days: dict[str, set[int]] = defaultdict(set)
    stages: dict[str, set[str]] = defaultdict(set)
    horizon: dict[str, int] = defaultdict(int)
    for path in sorted((folder / "logs").glob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                record = loads(line)
                event = record["event"]
                owner, at, name = record["advertiser_id"], event["event_time"], event["event_name"]
                key = (owner, str(event["user_data"]["lead_id"]), name)
                first[key] = min(at, first.get(key, at))
                days[owner].add(at // DAY)
                stages[owner].add(name)
                horizon[owner] = max(at, horizon[owner])
    seen = {key[:2] for key in first}
    eligible: dict[str, int] = defaultdict(int)
    covered: dict[str, int] = defaultdict(int)
    cohort: dict[str, int] = defaultdict(int)
    created: dict[tuple[str, str], int] = {}
    for row in (row for path in sorted((folder / "leads").glob("*.csv")) for row in _rows(path)):
        owner, lead, at = row["advertiser_id"], row["id"], int(row["created_time"])
        end = horizon.get(owner, 0)
        if end - 28 * DAY < at <= end - DAY:
            eligible[owner] += 1
            covered[owner] += (owner, lead) in seen
        if end - 118 * DAY < at <= end - 28 * DAY:
            cohort[owner] += 1
            created[owner, lead] = at
    delays: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (owner, lead, name), at in first.items():
        if name != "Lead" and (owner, lead) in created:
            delays[owner, name].append(at - created[owner, lead])
    good: set[str] = set()
    for (owner, _), several in delays.items():
        several.sort()
        rate = sum(delay <= 28 * DAY for delay in several) / cohort[owner]
        if 0.01 <= rate <= 0.4 and several[-(-9 * len(several) // 10) - 1] <= 28 * DAY:
            good.add(owner)
    passing = [
        owner
        for owner in horizon
        if len(days[owner]) >= 7
        and len(stages[owner]) >= 2
        and eligible[owner]
        and 5 * covered[owner] >= 3 * eligible[owner]
        and owner in good
    ]
    return len(horizon), len(passing)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    print(*run(Path(sys.argv[1])))
