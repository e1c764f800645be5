"""The weekly schedules, run as they are written: the crontab's line, the unit's commands, the DAG's, the workflow's."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from html_samples import AS_OF
from run_samples import WEEK, call
from store_samples import assert_one_line, look, write_lead_list, write_log

ROOT = Path(__file__).parents[1]
LOGS, LEADS, STORE, OUT = "sent logs", "it's 100% $HOME.csv", 'the "store".duckdb', "report {{ 1 }}"
ARGUMENTS = (LOGS, "--leads", LEADS, "--store", STORE, "--out", OUT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a week's log and a lead list, under names that every language quotes otherwise."""
    place = tmp_path / "50% of $them"
    place.mkdir()
    write_log(place / LOGS / "week1.jsonl", 0, 60)
    write_lead_list(place / LEADS, 0, 60)
    return place


def schedule(scheduler: str, *more: str, cwd: Path) -> str:
    done = call("schedule", scheduler, *ARGUMENTS, *more, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(command: str, *, cwd: Path, week: int = 0, program: str = "/bin/sh", **more: str) -> Any:
    """A command as a scheduler starts it, some weeks after the first; with little in its environment."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONPATH": str(ROOT)} | more
    environment["SOURCE_DATE_EPOCH"] = str(AS_OF + week * WEEK)
    return subprocess.run([program, "-c", command], cwd=cwd, env=environment, capture_output=True, text=True)


def crontab(text: str) -> dict[str, str]:
    """The command of each line by its time, as cron hands it to the shell."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            when, command = re.fullmatch(r"(@\w+|(?:\S+ ){4}\S+) (.*)", line).groups()  # type: ignore[union-attr]
            assert not re.search(r"(?<!\\)%", command), "cron ends the line at a bare %"
            found[when] = command.replace(r"\%", "%")
    return found


def test_the_crontab_runs_catches_up_after_a_missed_week_and_compares_with_the_last_run(folder: Path) -> None:
    lines = crontab(schedule("cron", "--at", "Tue 7:05", cwd=folder))
    assert list(lines) == ["5 7 * * 2", "@reboot"]
    done = shell(lines["5 7 * * 2"], cwd=Path("/"))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "so nothing can be compared yet" in done.stdout
    results = folder / OUT / "results.json"
    done = shell(lines["@reboot"], cwd=Path("/"), week=1)  # the report is new, so there is nothing to catch up with
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # The second week is missed; logs go on.
    write_log(folder / LOGS / "week2.jsonl", 60, 40)
    write_log(folder / LOGS / "week3.jsonl", 100, 20)
    long_ago = time.time() - 8 * 86_400
    os.utime(results, (long_ago, long_ago))
    done = shell(lines["@reboot"], cwd=Path("/"), week=2)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "since the run of 2026-11-22, 14 days before" in done.stdout
    told = json.loads(results.read_text())
    assert (told["since"]["days"], told["inputs"]["files"], told["inputs"]["rows"]) == (14, 4, 180)
    assert look(folder / STORE, "select count(*) from run") == [(2,)]
    assert (folder / OUT / "digest.html").is_file()


def unit(text: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, strict=False, comment_prefixes=("#",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(text)
    return parsed


def words(line: str) -> list[str]:
    """A command line of a unit as systemd takes it apart: quotes, then specifiers and variables."""
    found = shlex.split(line)
    assert not any(re.search(r"(?<![%$])(?:%%|\$\$)*[%$](?![%$])", word) for word in found), line
    return [word.replace("%%", "%").replace("$$", "$") for word in found]


def test_the_units_run_and_the_timer_is_persistent(folder: Path) -> None:
    done = call("schedule", "systemd", *ARGUMENTS, "--write", "units", cwd=folder)
    assert done.returncode == 0, done.stderr
    service, timer = (unit((folder / "units" / f"funnelcheck.{kind}").read_text()) for kind in ("service", "timer"))
    assert (timer["Timer"]["OnCalendar"], timer["Timer"]["Persistent"]) == ("Mon *-*-* 06:00:00", "true")
    assert service["Service"]["Type"] == "oneshot"  # systemd starts no second one beside it
    place = Path(service["Service"]["WorkingDirectory"].replace("%%", "%"))
    assert place == folder
    for key in ("ExecStart", "ExecStopPost"):
        environment = {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": str(AS_OF)}
        command = words(service["Service"][key])
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert (folder / OUT / "digest.html").is_file()


def test_the_dag_compiles_and_its_command_tells_of_a_missing_input_and_reports_the_others(folder: Path) -> None:
    text = schedule("airflow", "--history", "missing.csv", cwd=folder)
    made: dict[str, Any] = {}
    dags = types.SimpleNamespace(DAG=lambda **given: made.update(given) or open(os.devnull))  # noqa: SIM115, PTH123
    tasks = types.SimpleNamespace(BashOperator=lambda **given: made.update(given))
    modules = {"airflow.sdk": dags, "airflow.providers.standard.operators.bash": tasks}
    names = ("airflow", "airflow.providers", "airflow.providers.standard", "airflow.providers.standard.operators")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setitem(sys.modules, name, types.ModuleType(name))
        for name, module in modules.items():
            patch.setitem(sys.modules, name, module)  # type: ignore[arg-type]
        exec(compile(text, "funnelcheck_weekly.py", "exec"), {})  # noqa: S102
    assert (made["schedule"], made["catchup"], made["max_active_runs"]) == ("0 6 * * 1", False, 1)
    command, place = (jinja2.Template(made[key]).render() for key in ("bash_command", "cwd"))
    done = shell(command, cwd=Path(place), program="/bin/bash")
    assert done.returncode == 3
    assert "missing.csv: there is no such file" in done.stderr
    assert (folder / OUT / "digest.html").is_file()


GH = """#!/bin/sh
# Stands in for GitHub's own program: artifacts are files in $KEPT.
case "$1" in
api) [ "$2" = "repos/us/ours/actions/artifacts?name=funnelcheck-store&per_page=1" ] || exit 1
     [ ! -f "$KEPT/store" ] || echo 41 ;;
run) [ "$2 $3 $4 $5 $6" = "download 41 --name funnelcheck-store --dir" ] && cp "$KEPT/store" "$7/$NAME" ;;
esac
"""


def test_the_steps_of_the_workflow_run_and_find_the_store_of_the_last_run(folder: Path, tmp_path: Path) -> None:
    workflow = yaml.safe_load(schedule("github", "--at", "Sun 23:59", cwd=folder))
    assert workflow[True]["schedule"] == [{"cron": "59 23 * * 0"}]  # YAML 1.1 reads `on` as true
    assert workflow["concurrency"] == {"group": "funnelcheck", "cancel-in-progress": False}
    steps = workflow["jobs"]["report"]["steps"]
    uploads = {step["with"]["name"]: step["with"]["path"] for step in steps if "upload" in step.get("uses", "")}
    assert uploads == {"funnelcheck-report": OUT, "funnelcheck-store": STORE}
    kept, programs = tmp_path / "kept", tmp_path / "bin"
    kept.mkdir()
    programs.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin",
        "KEPT": str(kept),
        "NAME": STORE,
        "GITHUB_REPOSITORY": "us/ours",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    for week in (0, 1):
        for step in steps:
            if "run" in step and (week == 0 or step["name"] != "Install"):
                done = shell(
                    f"set -eo pipefail\n{step['run']}", cwd=folder, week=week, program="/bin/bash", **environment
                )
                assert done.returncode == 0, (step["name"], done.stderr)
                assert week or step["name"] != "Fetch the store of the last run" or "first run" in done.stdout
        (folder / STORE).rename(kept / "store")
    assert "since the run of 2026-11-22, 7 days before" in (tmp_path / "summary.md").read_text()
    assert look(kept / "store", "select count(*) from run") == [(2,)]


@pytest.mark.parametrize("scheduler", ["cron", "systemd", "airflow", "github"])
def test_what_a_scheduler_must_know_stands_inside(scheduler: str, tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text("keep_runs = 7")
    told = " ".join(schedule(scheduler, "--fail-on", "required", cwd=tmp_path).replace("#", " ").split())
    for part in (
        "Overlap",
        "Missed weeks",
        "newest 7 runs",
        "Exit codes",
        "0 done",
        "3 an input",
        "--fail-on required",
    ):
        assert part in told.replace('"', "").replace("'", "") or part in told, part
    assert "1 findings at or above it" in told
    assert "1 findings" not in schedule(scheduler, cwd=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cron",), ("SOURCE",)),
        (("cron", "logs", "--at", "Monday"), ("--at Monday", "Mon 06:00")),
        (("cron", "logs", "--at", "Mon 24:00"), ("24:00",)),
        (("cron", "logs\nrm -rf"), ("line end",)),
        (("github", "${{ secrets.X }}"), ("${{",)),
        (("at", "logs"), ("cron", "systemd", "airflow", "github")),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    assert_one_line(call("schedule", *arguments, cwd=tmp_path), 2, *words)
