"""Guides are data: their difference in lines, and a third one that no line of code knows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_judgement import AS_OF, DAY, Judge, declared, event, judge, only  # noqa: F401

from funnelcheck import resources, rulebook
from funnelcheck.cli.commands import cli
from funnelcheck.config import Config
from funnelcheck.errors import RuleError, UsageError
from funnelcheck.model import Severity, Status
from funnelcheck.render import html
from funnelcheck.render.catalogue import differences
from funnelcheck.render.json import document

GUIDE = """
title = "A guide that nobody wrote"
edition = "of 2031"
learning_days = [3, 5]
step_of = [1, 1, 2, 2, 3, 3]
step = [
    { key = "set-up", title = "Set up", duration = "an hour" },
    { key = "send", title = "Send", duration = "a day" },
    { key = "go", title = "Go", duration = "from then on" },
]

[status]
"nearly there" = 5
"""
SQL = resources.folder("sql")


def diff(*arguments: str) -> list[str]:
    done = CliRunner().invoke(cli, ["rules", "--diff", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_the_difference_of_two_guides_is_one_line_each() -> None:
    lines = diff("six-step", "2026-05")
    assert lines[0].startswith("six-step: ")
    assert "step 1  create-dataset, a quarter of an hour -> connect-crm, 1 to 2 days" in lines
    assert "step 6  run, from then on -> none" in lines
    assert "learning  30 to 60 days -> 14 to 28 days" in lines
    assert "DAT003  required -> informational  (Seven days of data)" in lines
    assert any(line.startswith("EVT006  lead_id_required = 1 -> 0  (") for line in lines)


def test_the_difference_names_every_rule_whose_header_speaks_of_the_guide_and_no_other() -> None:
    """Read from the headers' text alone."""
    sections = {
        path.name[:6].upper(): re.findall(r'^\[guide\."2026-05"\]\n((?:\w+ = .*\n)+)', path.read_text(), re.MULTILINE)
        for path in (SQL / "rules").rglob("*.sql")
    }
    expected = {code: len(found[0].splitlines()) for code, found in sections.items() if found}
    named = [line[:6] for line in diff("six-step", "2026-05") if re.match(r"[A-Z]{3}\d{3}  ", line)]
    assert {code: named.count(code) for code in named} == expected


def test_a_guide_does_not_differ_from_itself_and_is_the_other_way_round_backwards() -> None:
    assert diff("2026-05", "2026-05")[1:] == ["They do not differ."]
    forth, back = diff("six-step", "2026-05"), diff("2026-05", "six-step")
    assert len(forth) == len(back)
    assert "DAT003  informational -> required  (Seven days of data)" in back


def test_what_the_configuration_settles_is_the_same_under_both(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[rule.EVT006]\nlead_id_required = 1\n")
    lines = diff("six-step", "2026-05", "--config", str(tmp_path / "x.toml"))
    assert not [line for line in lines if line.startswith("EVT006  lead_id_required")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("six-step", "2026-5"), "2026-05"), (("six-step", "2026-05", "--guide", "six-step"), "--guide")],
)
def test_an_unknown_guide_or_a_third_one_is_refused(arguments: tuple[str, ...], words: str) -> None:
    done = CliRunner().invoke(cli, ["rules", "--diff", *arguments])
    assert isinstance(done.exception, UsageError)
    assert words in str(done.exception)


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A copy of sql/ with a third guide; the function adds its section to a rule's header."""
    copy = tmp_path / "sql"
    shutil.copytree(SQL, copy)
    (copy / "guides/made-up.toml").write_text(GUIDE)
    rulebook._guide.cache_clear()
    folder = resources.folder
    monkeypatch.setattr(resources, "folder", lambda name: copy if name == "sql" else folder(name))

    def change(code: str, section: str) -> None:
        [path] = (copy / "rules").rglob(f"{code.lower()}_*.sql")
        path.write_text(path.read_text().replace("[[case]]", f'[guide."made-up"]\n{section}\n\n[[case]]', 1))

    return change


def test_a_third_guide_is_a_change_of_data_alone(third: Callable[[str, str], None], judge: Judge) -> None:  # noqa: F811
    third("DAT003", "min_days = 3")
    third("FUN003", 'severity = "required"')
    events = [event(i, name, AS_OF - i * DAY + 60 * k) for i in (1, 2, 3) for k, name in enumerate(("Lead", "Won"))]
    config = declared((2, "Nearly there"))
    run = judge(events, [(i, AS_OF - i * DAY - 60) for i in (1, 2, 3)], config, guide="made-up")
    result = only(run)
    days = result.finding("DAT003")
    assert (days.status, days.value, days.threshold, days.severity) == (Status.PASS, 3, 3, Severity.REQUIRED)
    stages = result.finding("FUN003")
    assert (stages.status, stages.severity) == (Status.FAIL, Severity.REQUIRED)
    assert "FUN003" in result.blocked_by
    # six-step's step 3, 4 or 5 by what fails; step_of says what that is here
    assert (result.step, result.step_name) in ((2, "send"), (3, "go"))
    written = document(run)["advertisers"][0]
    assert (document(run)["guide"], written["step_name"]) == ("made-up", result.step_name)
    pages = html.pages(run, rulebook.load(config, "made-up").rules)
    page = pages[html.page_name("a", "crm")]
    assert "A guide that nobody wrote, of 2031 (made-up)" in page
    assert all(f"<strong>{title}</strong>" in page for title in ("Set up", "Send", "Go"))
    book = rulebook.load(Config(), "made-up")
    assert book.rule("DAT003").threshold_sources["min_days"] == "guide made-up"
    lines = differences(rulebook.load(Config(), "six-step"), book)
    assert "DAT003  min_days = 7 -> 3  (Seven days of data)" in lines
    assert "FUN003  recommended -> required  (Three stages or more)" in lines
    assert 'status  "learning complete": step 6 -> unknown' in lines
    assert 'status  "nearly there": unknown -> step 3' in lines
    assert "learning  30 to 60 days -> 3 to 5 days" in lines
    assert "step 4  configure-funnel, half an hour -> none" in lines
    others = {line[:6] for line in lines if re.match(r"[A-Z]{3}\d{3}  ", line)}
    assert others == {"DAT003", "FUN003"}
    assert "made-up" in rulebook.guide_keys()
    assert only(judge(events, guide="six-step")).finding("DAT003").threshold == 7


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("min_day = 3", "min_days"),
        ('severity = "must"', "required"),
        ('title = "Other"', "title"),
        ('min_days = "3"', "number"),
    ],
)
def test_a_guide_changes_thresholds_and_severities_only(
    section: str, complaint: str, third: Callable[[str, str], None]
) -> None:
    third("DAT003", section)
    with pytest.raises(RuleError, match=complaint):
        rulebook.load(Config(), "made-up")


def test_a_section_of_a_guide_that_there_is_not_is_refused(third: Callable[[str, str], None]) -> None:
    third("DAT003", "min_days = 3")
    (resources.folder("sql") / "guides/made-up.toml").unlink()
    with pytest.raises(RuleError, match="made-up"):
        rulebook.load(Config())
