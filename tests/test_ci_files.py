"""The action, the hook and the printed pipelines, run as a CI runs them: each script as it is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from funnelcheck import __version__
from funnelcheck.cli import run as command_line
from funnelcheck.cli.commands import cli
from funnelcheck.errors import UsageError
from funnelcheck.render import pipelines

ROOT = Path(__file__).parents[1]
EVENT: dict[str, Any] = {
    "event_name": "Qualified",
    "event_time": 1_790_000_000,
    "action_source": "system_generated",
    "user_data": {"lead_id": 4820103573628105},
    "custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"},
}
RIGHT, WRONG = "payloads/it's right.json", "payloads/50% wrong.json"
LINE = 11  # of the wrong file, at which "CRM" stands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a right payload and a wrong one, under names that shells quote."""
    place = tmp_path / "a repository"
    wrong = EVENT | {"custom_data": EVENT["custom_data"] | {"event_source": "CRM"}}
    for name, event in ((RIGHT, EVENT), (WRONG, wrong)):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps({"data": [event]}, indent=1))
    (place / "package.json").write_text("{}")
    subprocess.run(["git", "init", "-q", place], check=True)
    return place


def test_the_wrong_payload_is_wrong_at_its_line(folder: Path) -> None:
    assert '"CRM"' in (folder / WRONG).read_text().splitlines()[LINE - 1]


# --- what installs them ---


@pytest.fixture(scope="module")
def installing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which pip builds the tool as it stands, and finds what it needs where the tests find it."""
    here = tmp_path_factory.mktemp("installed")
    for name in ("duckdb", "hatchling", "click"):
        place = Path(find_spec(name).origin).parents[1]  # type: ignore[arg-type, union-attr]
        for part in place.iterdir():
            link = here / part.name
            ours = "funnelcheck" in part.name or part.suffix == ".pth"
            if not ours and not part.name.startswith(("__pycache__", "pip", "setuptools")) and not link.exists():
                link.symlink_to(part)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "PYTHON", "GIT_"))}
    return kept | {
        "PYTHONPATH": str(here),
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of what it negates
        "PIP_NO_COMPILE": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, installing: dict[str, str]) -> Path:
    """The tool's own repository, in a state that is committed."""
    place = tmp_path_factory.mktemp("source") / "funnelcheck repository"
    place.mkdir()
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("funnelcheck", "sql", "reports"):
        shutil.copytree(ROOT / name, place / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "action.yml", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, place / name)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *words], cwd=place, env=installing, check=True)
    return place


# --- the action ---


def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return read


def filled(text: str, values: dict[str, str]) -> str:
    """Expressions replaced as GitHub does; KeyError for one that names nothing."""
    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda found: values[found[1]], text)


class Job:
    """A job of GitHub's that uses the action."""

    def __init__(self, source: Path, environment: dict[str, str], temp: Path) -> None:
        self.source, self.environment, self.temp = source, environment, temp

    def step(self, name: str, folder: Path, given: dict[str, str]) -> tuple[int, str, dict[str, str], str]:
        """Exit code, log, outputs and page of one step of the action."""
        described = action()
        (step,) = [one for one in described["runs"]["steps"] if one.get("id", one["name"]) == name]
        assert set(given) <= set(described["inputs"])
        values = {f"inputs.{key}": given.get(key, one["default"]) for key, one in described["inputs"].items()}
        values["steps.python.outputs.python-path"] = sys.executable
        output, page, script = (self.temp / name for name in ("output", "page", "script.sh"))
        output.write_text("")
        page.write_text("# Before\n")
        script.write_text(step["run"])
        environment = self.environment | {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.source),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(page),
            "RUNNER_TEMP": str(self.temp),
        }
        environment |= {key: filled(text, values) for key, text in step["env"].items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        told = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, told, page.read_text()


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, source: Path, installing: dict[str, str]) -> Job:
    """A job in which the action has installed the tool."""
    job = Job(source, installing, tmp_path_factory.mktemp("runner temp"))
    code, log, _, _ = job.step("Install funnelcheck", source, {})
    assert code == 0, log
    return job


def schema_says(kind: str, file: Path) -> str:
    """What the published schema says of a file; nothing when it fits."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", kind, file]
    done = subprocess.run(words, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_action_is_one_as_github_publishes_them() -> None:
    assert schema_says("vendor.github-actions", ROOT / "action.yml") == ""
    described = action()
    assert described["runs"]["using"] == "composite"
    assert all(one["description"] and isinstance(one["default"], str) for one in described["inputs"].values())
    for step in described["runs"]["steps"]:
        if "run" in step:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "what a workflow gives is put into a script only as a variable"
        else:
            assert step["uses"].startswith("actions/")
            assert step["with"]["update-environment"] is False, "the job's own Python is no longer what it was"
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(described["inputs"])


def test_the_action_passes_right_payloads(job: Job, folder: Path) -> None:
    code, log, outputs, page = job.step("judge", folder, {"paths": f"{RIGHT}\n"})
    assert (code, outputs) == (0, {"exit-code": "0"}), log
    assert "::error" not in log
    assert page.startswith("# Before\n"), "others' words on the page stay"


def test_the_action_fails_on_wrong_ones_and_says_where(job: Job, folder: Path) -> None:
    given = {"paths": f"  \n{RIGHT}\r\npayloads/*wrong.json", "sarif": "all my.sarif", "junit": "junit.xml"}
    code, log, outputs, page = job.step("judge", folder, given | {"json": "found.json"})
    assert (code, outputs) == (1, {"exit-code": "1"}), log
    assert f"::error file={WRONG.replace('%', '%25')},line={LINE},col=" in log
    assert "title=EVT002" in log
    assert "EVT002" in page
    assert json.loads((folder / "all my.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "EVT002"
    assert ElementTree.parse(folder / "junit.xml").getroot().get("failures") == "1"  # noqa: S314 - our own
    assert [file["path"] for file in json.loads((folder / "found.json").read_text())["files"]] == [RIGHT, WRONG]


def test_what_counts_and_when_is_given_to_the_tool(job: Job, folder: Path) -> None:
    given = {"paths": "payloads", "ignore": "EVT002"}
    assert job.step("judge", folder, given)[0] == 0
    assert job.step("judge", folder, {"paths": "payloads", "fail-on": "never"})[0] == 0
    given |= {"at-rest": "false", "as-of": "2026-11-22T00:00:00Z"}
    code, log, _, _ = job.step("judge", folder, given)
    assert (code, "TIM001" in log) == (1, True), log


@pytest.mark.parametrize("name", ["paths", "fail-on", "ignore", "as-of", "command", "sarif"])
def test_no_input_is_run(name: str, job: Job, folder: Path) -> None:
    hostile = ("$(touch pwned)", '`touch pwned`"; touch pwned; "', "'; touch pwned; '", "-h")
    for value in ("\n".join(hostile), hostile[0]):
        code, log, _, _ = job.step("judge", folder, {"paths": WRONG, name: value})
        assert code in (1, 2, 3), log
        assert not list(folder.rglob("pwned")), value


def test_what_the_action_cannot_do_is_a_usage_error(job: Job, folder: Path) -> None:
    for given, told in (
        ({"command": "report", "paths": "payloads"}, "the input command is validate, run or check"),
        ({"paths": " \n"}, "the input paths is empty"),
        ({"command": "check", "paths": "payloads"}, "check judges a store and takes no paths"),
    ):
        code, log, outputs, _ = job.step("judge", folder, given)
        assert (code, outputs) == (2, {"exit-code": "2"})
        assert f"::error title=funnelcheck::{told}" in log


def test_the_action_judges_logs_too(job: Job, folder: Path) -> None:
    log = folder / "sent logs" / "week.jsonl"
    log.parent.mkdir()
    log.write_text(json.dumps({"advertiser_id": "acme", "sent_at": 1_790_000_060, "request": {"data": [EVENT]}}))
    leads = folder / "my leads.csv"
    leads.write_text("id,created_time\nl:4820103573628105,2026-09-01T00:00:00+00:00\n")
    given = {"command": "run", "paths": "sent logs", "leads": "my leads.csv", "store": "a store.duckdb"}
    code, told, _, page = job.step("judge", folder, given | {"out": "my report", "as-of": "2026-11-22T00:00:00Z"})
    assert code == 0, told
    results = json.loads((folder / "my report" / "results.json").read_text())
    assert (results["inputs"]["events"], results["inputs"]["leads"]) == (1, 1)
    assert "acme" in page
    given = {"command": "check", "store": "a store.duckdb", "as-of": "2026-11-22T00:00:00Z"}
    code, told, _, _ = job.step("judge", folder, given)
    assert code == 1, "an advertiser with one event is not ready"
    assert "::error" in told


# --- what is installed ---


def test_an_installed_tool_gives_pytest_its_fixture(job: Job, tmp_path: Path) -> None:
    test = "import requests\n\n\ndef test_it(capi):\n"
    test += '    requests.post("https://graph.facebook.com/v25.0/1/events", json={"data": [{}]}, timeout=5)\n'
    test += "    assert capi.events == [{}]\n"
    (tmp_path / "test_it.py").write_text(test)
    for more, code in (("-q", 0), ("-pno:funnelcheck", 1)):
        done = shell(f"python -m pytest -p no:xdist -W error {more}", tmp_path, job)
        assert done.returncode == code, done.stdout + done.stderr


# --- pre-commit ---


def pre_commit(folder: Path, environment: dict[str, str], home: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=folder,
        env=environment | {"PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_hook_of_pre_commit(folder: Path, source: Path, installing: dict[str, str], tmp_path: Path) -> None:
    def git(*words: str, at: Path = folder) -> str:
        return subprocess.run(
            ["git", *words], cwd=at, env=installing, check=True, capture_output=True, text=True
        ).stdout.strip()

    def check(*words: str) -> tuple[int, str]:
        return pre_commit(folder, installing, tmp_path / "home", *words)

    code, told = check("validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    assert code == 0, told
    chosen = {
        "repo": str(source),
        "rev": git("rev-parse", "HEAD", at=source),
        "hooks": [{"id": "funnelcheck-validate"}],
    }
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [chosen]}))
    git("add", RIGHT, "package.json", ".pre-commit-config.yaml")
    code, told = check("run", "--color", "never")
    assert code == 0, told
    assert "Passed" in told.splitlines()[-1], "other JSON than payloads is left alone"
    git("add", WRONG)
    code, told = check("run", "--color", "never")
    assert code == 1
    assert f"{WRONG}:{LINE}:" in told
    assert RIGHT not in [line.split(":")[0] for line in told.splitlines() if "EVT" in line]


# --- the printed pipelines ---


def printed(where: str, *words: str) -> str:
    done = CliRunner().invoke(cli, ["ci", where, *words], standalone_mode=False)
    assert done.exception is None, done.output
    return done.output


def shell(command: str, folder: Path, job: Job, program: str = "sh") -> subprocess.CompletedProcess[str]:
    """A line of a script, where the tool is on the path."""
    path = f"{job.temp / 'funnelcheck-venv/bin'}:{os.environ['PATH']}"
    words = [program, "-ec", command]
    return subprocess.run(words, cwd=folder, env=job.environment | {"PATH": path}, capture_output=True, text=True)


def test_the_job_of_gitlab_has_findings_in_both_of_its_reports(job: Job, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(printed("gitlab", RIGHT, "payloads/50%*.json"))
    assert schema_says("vendor.gitlab-ci", file) == ""
    described = yaml.safe_load(file.read_text())["funnelcheck"]
    install, judge = described["script"]
    assert install.endswith(f'"funnelcheck=={__version__}"')
    done = shell(judge, folder, job)
    assert done.returncode == 1, done.stderr
    assert f"{WRONG}:{LINE}:" in done.stdout
    reports = described["artifacts"]["reports"]
    assert described["artifacts"]["when"] == "always", "reports of a job that fails are the ones that are wanted"
    assert ElementTree.parse(folder / reports["junit"]).getroot().get("failures") == "1"  # noqa: S314 - our own
    (finding,) = json.loads((folder / reports["codequality"]).read_text())
    assert (finding["location"]["path"], finding["location"]["lines"]["begin"]) == (WRONG, LINE)


def test_the_workflow_of_github_annotates(job: Job, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "workflow.yml"
    file.write_text(printed("github", "payloads", "--fail-on", "recommended"))
    assert schema_says("vendor.github-workflows", file) == ""
    steps = yaml.safe_load(file.read_text())["jobs"]["payloads"]["steps"]
    done = shell(steps[-1]["run"], folder, job, "bash")
    assert (done.returncode, "::error file=" in done.stdout) == (1, True), done.stderr


def test_the_hook_that_is_printed_is_one(job: Job, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(printed("pre-commit", RIGHT))
    assert pre_commit(folder, job.environment, tmp_path / "home", "validate-config", str(file)) == (0, "")
    (hook,) = yaml.safe_load(file.read_text())["repos"][0]["hooks"]
    assert hook["additional_dependencies"] == [f"funnelcheck=={__version__}"]
    assert shell(hook["entry"], folder, job).returncode == 0


def test_options_of_a_printed_pipeline_are_in_its_command() -> None:
    told = printed(
        "gitlab", "--config", "my own.toml", "--guide", "2026-05", "--baseline", "known.json", "--", "-x.json"
    )
    command = yaml.safe_load(told)["funnelcheck"]["script"][1]
    assert "--config 'my own.toml' --guide 2026-05 --baseline known.json --fail-on-new" in command
    assert command.endswith(" ./-x.json")


@pytest.mark.parametrize("where", pipelines.FILES)
@pytest.mark.parametrize("sign", ["\n", "\x1b", "\u2028", "\udcff"])
def test_a_pipeline_holds_no_control_character(where: str, sign: str) -> None:
    with pytest.raises(UsageError, match="control character"):
        pipelines.file(where, pipelines.Payloads([f"a{sign}b"]))


def test_a_pipeline_has_no_standard_input_and_github_fills_no_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["ci", "gitlab", "-"]) == 2
    assert "standard input" in capsys.readouterr().err
    assert command_line(["ci", "github", "${{ secrets.X }}"]) == 2
    assert "${{" in capsys.readouterr().err
