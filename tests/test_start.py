"""How the command line starts: every command is listed, and none loads what another needs."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from ingest_samples import event, write

import funnelcheck
from funnelcheck.cli.commands import COMMANDS, cli

HEAVY = {"duckdb", "polars", "jinja2", "rich", "babel", "sqlglot", "python_calamine"}


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that one command line has imported."""
    code = f"import sys; from funnelcheck.cli import run; run({list(arguments)!r}); print('\\n', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_every_command_of_every_module_is_one_of_the_command_line() -> None:
    found = set()
    for path in (Path(funnelcheck.__file__).parent / "cli").glob("*_commands.py"):
        module = importlib.import_module(f"funnelcheck.cli.{path.stem}")
        own = [one for one in vars(module).values() if isinstance(one, click.Command)]
        inner = {id(one) for group in own if isinstance(group, click.Group) for one in group.commands.values()}
        found |= {str(one.name) for one in own if id(one) not in inner}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_is_what_its_name_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name


def test_the_version_is_told_without_anything_heavy(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--version")
    assert modules & HEAVY == set()
    assert {name for name in modules if name.startswith("funnelcheck.")} <= {
        "funnelcheck.cli",
        "funnelcheck.cli.commands",
        "funnelcheck.errors",
    }


def test_validate_loads_the_engine_and_nothing_else_that_is_heavy(tmp_path: Path) -> None:
    write(tmp_path / "payload.json", json.dumps(event()))
    modules = loaded(tmp_path, "validate", "payload.json", "--at-rest")
    assert modules & HEAVY == {"duckdb"}
    assert "funnelcheck.reported" not in modules  # what a run is made of takes long to make


@pytest.mark.parametrize("command", ["rules", "schedule cron logs", "ci github payloads"])
def test_what_needs_no_store_loads_no_engine(command: str, tmp_path: Path) -> None:
    assert "duckdb" not in loaded(tmp_path, *command.split())
