"""How long a command line takes to start, as ratios to `python -c pass`: run it on an idle machine.

`python tests/benchmark_start.py [RUNS]` prints the least seconds of each, and what they are in starts of Python.
Modules are compiled by the first run, as pip compiles them when it installs a package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ingest_samples import event

PYTHON = [sys.executable]
COMMANDS = {
    "python -c pass": [*PYTHON, "-c", "pass"],
    "funnelcheck --version": [*PYTHON, "-m", "funnelcheck", "--version"],
    "python -c 'import duckdb'": [*PYTHON, "-c", "import duckdb"],
    "funnelcheck validate, a right payload": [*PYTHON, "-m", "funnelcheck", "validate", "right.json", "--at-rest"],
    "funnelcheck validate, a wrong payload": [*PYTHON, "-m", "funnelcheck", "validate", "wrong.json", "--at-rest"],
}


def seconds(command: list[str], folder: str, runs: int) -> float:
    """The least of several runs."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
        found.append(time.perf_counter() - begun)
    return min(found)


if __name__ == "__main__":
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "right.json").write_text(json.dumps({"data": [event()]}), encoding="utf-8")
        Path(folder, "wrong.json").write_text(json.dumps({"data": [event(action_source="x")]}), encoding="utf-8")
        least = {name: seconds(command, folder, runs) for name, command in COMMANDS.items()}
    floor = least["python -c pass"]
    for name, value in least.items():
        print(f"{name:40} {value:6.3f} s  {value / floor:5.1f}")
