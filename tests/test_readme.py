"""README tells the truth: its generated parts are fresh and its commands are ones that there are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import generated
import pytest
from ingest_samples import event

from funnelcheck import config, demo

TEXT = (generated.ROOT / "README.md").read_text(encoding="utf-8")
AS_OF = 1_795_305_600
FOUR_USES = re.findall(r"^\| [^|]+ \| `(funnelcheck [^`]+)`", TEXT, flags=re.MULTILINE)


def test_the_generated_parts_are_fresh() -> None:
    assert generated.readme() == TEXT, "run `make generated`"


def test_the_picture_is_there() -> None:
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT):
        assert (generated.ROOT / path).read_bytes().startswith(b"\x89PNG")


def test_four_uses_are_shown() -> None:
    assert len(FOUR_USES) == 4


@pytest.mark.parametrize("command", FOUR_USES)
def test_the_command_of_a_use_works_as_it_is_written(command: str, tmp_path: Path) -> None:
    wanted = ("brightside-dental", "lumen-energy")
    demo.write(tmp_path, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id in wanted))
    script = command.replace("funnelcheck ", f"{sys.executable} -m funnelcheck ")
    environment = {"SOURCE_DATE_EPOCH": str(AS_OF), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_about_rules_work_as_they_are_written(tmp_path: Path) -> None:
    (block,) = (block for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL) if "funnelcheck rows" in block)
    sample = [sys.executable, "-m", "funnelcheck", "demo", "-q", "--out", "sample"]
    environment = {"SOURCE_DATE_EPOCH": str(AS_OF), "PATH": "/usr/bin:/bin"}
    subprocess.run(sample, cwd=tmp_path, env=environment, capture_output=True, check=True)
    for line in block.splitlines():
        script = line.replace("funnelcheck ", f"{sys.executable} -m funnelcheck ", 1)
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=tmp_path / "sample",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "No row is at fault" not in done.stdout


def test_the_commands_of_a_pipeline_work_as_they_are_written(tmp_path: Path) -> None:
    (block,) = (
        block for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL) if "funnelcheck schema" in block
    )
    (tmp_path / "tests/payloads").mkdir(parents=True)
    payload = event(event_time=1_795_300_000)
    (tmp_path / "tests/payloads/qualified.json").write_text(json.dumps({"data": [payload]}, indent=2))
    for line in block.splitlines():
        script = line.replace("funnelcheck ", f"{sys.executable} -m funnelcheck ", 1)
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
    assert {path.name for path in tmp_path.glob("*.*")} == {"junit.xml", "out.sarif", "funnelcheck-baseline.json"}


def test_the_commands_before_launch_work_as_they_are_written(tmp_path: Path) -> None:
    (block,) = (block for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL) if "--not-connected" in block)
    wanted = ("brightside-dental", "lumen-energy")
    demo.write(tmp_path, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id in wanted))
    environment = {"SOURCE_DATE_EPOCH": str(AS_OF), "PATH": "/usr/bin:/bin"}
    for line in block.splitlines():
        script = line.replace("funnelcheck ", f"{sys.executable} -m funnelcheck ", 1)
        done = subprocess.run(
            ["/bin/sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
    assert {"index.html", "partner.html", "selection.json"} <= {
        path.name for path in (tmp_path / "selection").iterdir()
    }


def test_the_commands_about_app_events_work_as_they_are_written(tmp_path: Path) -> None:
    (block,) = (block for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL) if "compare-mmp" in block)
    demo.write(tmp_path, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id == "nordic-fitness"))
    (tmp_path / "meta.csv").write_text("app_id,install_time,platform\n1,2026-11-20T10:00:00Z,ios\n")
    (tmp_path / "partner.csv").write_text(
        "app_id,install_time,platform,media_source\n1,2026-11-20T10:00:00Z,ios,Facebook Ads\n"
    )
    for line in block.splitlines():
        script = line.replace("funnelcheck ", f"{sys.executable} -m funnelcheck ", 1)
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=tmp_path,
            env={"SOURCE_DATE_EPOCH": str(AS_OF), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        # the sample's app lacks a currency, which is what a gate is for
        assert done.returncode == (1 if "--fail-on" in line else 0), (line, done.stderr)
    assert (tmp_path / "migration/names.csv").exists()


def test_the_finding_of_the_readme_is_what_validate_says(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```\n(tests/payloads/won\.json.*?)```", TEXT, flags=re.DOTALL)
    (tmp_path / "tests/payloads").mkdir(parents=True)
    payload = event(action_source="website")
    (tmp_path / "tests/payloads/won.json").write_text(json.dumps({"data": [payload]}, indent=2))
    done = subprocess.run(
        [sys.executable, "-m", "funnelcheck", "validate", "tests/payloads", "--at-rest"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown in done.stdout


def test_the_rule_of_the_readme_judges(tmp_path: Path) -> None:
    (rule,) = re.findall(r"```sql\n(.*?)```", TEXT, flags=re.DOTALL)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/own001_a_hundred_leads.sql").write_text(rule)
    stories = tuple(story for story in demo.STORIES if story.advertiser_id == "brightside-dental")
    demo.write(tmp_path, as_of=AS_OF, stories=stories)
    command = ["run", "logs", "--leads", "leads", "--rules", "own", "--format", "json", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "funnelcheck", *command],
        cwd=tmp_path,
        env={"SOURCE_DATE_EPOCH": str(AS_OF)},
        capture_output=True,
        text=True,
        check=True,
    )
    (result,) = json.loads(done.stdout)["advertisers"]
    (own,) = (rule for rule in result["rules"] if rule["code"] == "OWN001")
    assert own["status"] in ("pass", "warn")
    assert own["message"].endswith("leads are in the list; 100 are asked for.")


def test_the_configuration_of_the_readme_is_one_that_loads(tmp_path: Path) -> None:
    sources, settings = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    block = settings + sources
    assert tomllib.loads(block)
    (tmp_path / "funnelcheck.toml").write_text(block)
    loaded = config.load(tmp_path / "funnelcheck.toml")
    assert loaded.advertisers["acme"].optimisation_stage == "Qualified"
    assert loaded.waivers[0].rule == "COV002"
    assert loaded.sources["crm"].join is not None
    assert loaded.sources["wide"].stages["Closed won"] == "Won"


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (generated.ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)", TEXT)) - {"demo", "test"} | {"demo", "test"}:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
