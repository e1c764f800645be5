"""Waivers: written into the configuration without harm to it, shown while they hold, told when they have ended."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_judgement import AS_OF, DAY, Judge, event, judge, only  # noqa: F401

from funnelcheck import config
from funnelcheck.cli.commands import cli
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.configfile import append
from funnelcheck.errors import ConfigError, FunnelcheckError, OutputError
from funnelcheck.model import Status, Waiver, WaiverState
from funnelcheck.render import html
from funnelcheck.render.json import document
from funnelcheck.reported import Run
from funnelcheck.rulebook import load

TODAY = "1795305600"  # 2026-11-22 00:00 UTC
GIVEN = ("--advertiser", "acme", "--until", "2026-12-31", "--by", "Ada", "--reason", "agreed")
BEFORE = """# who answers: Ada
guide = "2026-05"   # since May

[rule.DAT003]
min_days = 9

[[waiver]] # the first
rule = "COV002"
advertiser = "acme"
until = 2026-11-30
by = "Bo"
reason = "phone leads"
"""


def waive(*arguments: str, code: str = "fun006", today: str = TODAY) -> Result:
    return CliRunner().invoke(cli, ["waive", code, *arguments], env={"SOURCE_DATE_EPOCH": today})


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: str = "funnelcheck.toml") -> list[Waiver]:
    return list(config.load(Path(path)).waivers)


def test_a_waiver_makes_the_file_where_there_is_none() -> None:
    done = waive(*GIVEN)
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    assert written() == [Waiver(rule="FUN006", advertiser_id="acme", until="2026-12-31", by="Ada", reason="agreed")]
    assert waive(*GIVEN, "--config", "other.toml", "--since", "2026-11-01").exit_code == 0
    assert [(w.since, w.until) for w in written("other.toml")] == [("2026-11-01", "2026-12-31")]


@pytest.mark.parametrize("before", [BEFORE, BEFORE.rstrip("\n"), BEFORE.replace("\n", "\r\n"), "# nothing", "\n"])
def test_what_stood_in_the_file_stays_as_it_was(before: str, somewhere: Path) -> None:
    path = somewhere / "funnelcheck.toml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    assert waive(*GIVEN).exit_code == 0
    after = path.read_bytes().decode()
    assert after.startswith(before)
    assert after.count("\r\n") in (0, after.count("\n"))
    was = tomllib.loads(before)
    now = tomllib.loads(after)
    assert now.pop("waiver")[:-1] == was.pop("waiver", [])
    assert now == was
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in somewhere.iterdir()] == ["funnelcheck.toml"]


def test_a_link_stays_a_link(somewhere: Path) -> None:
    (somewhere / "shared.toml").write_text(BEFORE)
    (somewhere / "funnelcheck.toml").symlink_to("shared.toml")
    assert waive(*GIVEN).exit_code == 0
    assert (somewhere / "funnelcheck.toml").is_symlink()
    assert len(written("shared.toml")) == 2


@pytest.mark.parametrize(
    "text",
    [
        'say "no"',
        "back\\slash",
        "two\nlines",
        "[[waiver]]",
        'x"\nrule = "DAT003',
        "tab\there",
        "\x1b[31mred",
        "é 漢 🙂",
        "#",
    ],
)
def test_any_text_comes_back_as_it_was_given(text: str) -> None:
    done = waive("--advertiser", text, "--until", "2026-12-31", "--by", text, "--reason", text)
    assert done.exit_code == 0, done.output
    assert [(w.advertiser_id, w.by, w.reason) for w in written()] == [(text, text, text)]
    assert "\x1b" not in Path("funnelcheck.toml").read_text() + done.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (GIVEN, "FUN06", 'did you mean "FUN006"'),
        (("--advertiser", "acme", "--until", "soon", "--by", "Ada", "--reason", "x"), "FUN006", "--until soon"),
        (("--advertiser", "acme", "--until", "2026-11-21", "--by", "Ada", "--reason", "x"), "FUN006", "--force"),
        (("--advertiser", "acme", "--until", "2026-12-31", "--by", " ", "--reason", "x"), "FUN006", "--by"),
        (("--advertiser", "acme", "--until", "2026-12-31", "--by", "Ada", "--reason", ""), "FUN006", "--reason"),
        ((*GIVEN, "--since", "2027-01-01"), "FUN006", "--since 2027-01-01"),
        ((*GIVEN, "--since", "then"), "FUN006", "--since then"),
    ],
)
def test_what_would_cover_nothing_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], code: str, words: str
) -> None:
    done = waive(*arguments, code=code)
    assert isinstance(done.exception, FunnelcheckError)
    assert done.exception.exit_code == 2
    assert words in str(done.exception)
    assert not Path("funnelcheck.toml").exists()


@pytest.mark.parametrize("option", ["--advertiser", "--until", "--by", "--reason"])
def test_a_waiver_needs_owner_reason_and_end(option: str) -> None:
    place = GIVEN.index(option)
    assert waive(*GIVEN[:place], *GIVEN[place + 2 :]).exit_code == 2


def test_the_last_day_may_be_today_in_the_advertisers_zone_and_an_older_one_is_forced(somewhere: Path) -> None:
    today = ("--advertiser", "acme", "--until", "2026-11-21", "--by", "Ada", "--reason", "x")
    assert waive(*today, "--until", "2026-11-22").exit_code == 0
    assert waive(*today).exit_code == 1
    (somewhere / "funnelcheck.toml").write_text('[advertiser.acme]\ntime_zone = "America/Los_Angeles"\n')
    assert waive(*today).exit_code == 0
    assert waive(*today, "--until", "2020-01-01", "--force").exit_code == 0
    assert [w.until for w in written()] == ["2026-11-21", "2020-01-01"]


@pytest.mark.parametrize("before", ["waiver = []\n", "guide = \n", "[waiver]\nrule = 'FUN006'\n", "time_zon = 'UTC'\n"])
def test_a_file_that_would_mean_nothing_is_left_alone(before: str, somewhere: Path) -> None:
    path = somewhere / "funnelcheck.toml"
    path.write_text(before)
    done = waive(*GIVEN)
    assert isinstance(done.exception, ConfigError)
    assert "funnelcheck.toml" in str(done.exception)
    assert path.read_text() == before
    assert os.listdir(somewhere) == ["funnelcheck.toml"]  # noqa: PTH208


def test_a_file_that_cannot_be_written_is_an_error(somewhere: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        append(somewhere / "none" / "funnelcheck.toml", "")
    (somewhere / "odd.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        append(somewhere / "odd.toml", "")


def waiver(**changes: str) -> Waiver:
    fields = {"rule": "FUN002", "advertiser_id": "a", "until": "2026-11-22", "by": "Ada", "reason": "agreed"}
    return Waiver(**(fields | changes))


def judged(judge: Judge, *waivers: Waiver, **more: AdvertiserConfig) -> Run:  # noqa: F811
    return judge(
        [event(1, "Lead", AS_OF - DAY)], [(1, AS_OF - DAY)], Config(path="x.toml", waivers=waivers, advertisers=more)
    )


def test_an_ended_waiver_fails_again_and_says_so(judge: Judge) -> None:  # noqa: F811
    ended = waiver(until="2026-11-21")
    finding = only(judged(judge, waiver(until="2026-11-01", by="Bo"), ended)).finding("FUN002")
    assert finding.status is Status.FAIL
    assert finding.message.endswith(" A waiver by Ada ended on 2026-11-21.")
    assert (finding.waiver, finding.expired_waiver) == (None, ended)
    finding = only(judged(judge, ended, waiver(until="2026-12-01"))).finding("FUN002")
    assert (finding.status, finding.expired_waiver) == (Status.WAIVED, None)
    assert "ended" not in finding.message
    finding = only(judged(judge, waiver(since="2026-11-23", until="2026-12-01"))).finding("FUN002")
    assert "ended" not in finding.message, "one that is dated after the judgement is left out"


def test_every_waiver_of_an_advertiser_is_listed_with_its_state(judge: Judge) -> None:  # noqa: F811
    run = judged(
        judge,
        waiver(until="2026-11-21"),
        waiver(),
        waiver(rule="fun001"),
        waiver(rule="DAT001", since="2026-11-23"),
        waiver(advertiser_id="b"),
    )
    uses = only(run).waivers
    assert [(use.waiver.rule, use.waiver.until, use.state) for use in uses] == [
        ("fun001", "2026-11-22", WaiverState.IDLE),
        ("FUN002", "2026-11-22", WaiverState.ACTIVE),
        ("FUN002", "2026-11-21", WaiverState.EXPIRED),
    ]
    listed = document(run)["advertisers"][0]["waivers"]
    assert [(one["rule"], one["state"], one["by"], one["reason"], one["until"]) for one in listed] == [
        ("FUN001", "idle", "Ada", "agreed", "2026-11-22"),
        ("FUN002", "active", "Ada", "agreed", "2026-11-22"),
        ("FUN002", "expired", "Ada", "agreed", "2026-11-21"),
    ]
    page = html.pages(run, load(Config()).rules)[html.page_name("a", "crm")]
    section = page[page.index('id="waivers"') : page.index('id="method"')]
    assert section.count("<tr>") == 4
    assert "expired, covers nothing" in section
    assert 'id="waivers"' not in html.pages(judged(judge), load(Config()).rules)[html.page_name("a", "crm")]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (waiver(), None),
        (waiver(rule="FUN001"), "x.toml: the waiver of FUN001 for a covers nothing: the rule neither fails nor warns"),
        (waiver(advertiser_id="A"), "x.toml: the waiver of FUN002 for A covers nothing: the store holds no such"),
        (waiver(advertiser_id="A", until="2026-11-21"), None),  # over, and so are its faults
        (waiver(rule="FUN001", until="2026-11-21"), None),
        (waiver(rule="FUN001", since="2026-11-23", until="2026-12-01"), None),
        (waiver(advertiser_id="\x1b[31mb"), "[31mb covers nothing"),
    ],
)
def test_a_waiver_that_covers_nothing_is_told(given: Waiver, hint: str | None, judge: Judge) -> None:  # noqa: F811
    hints = [told for told in judged(judge, given).hints if "waiver" in told]
    assert len(hints) == (hint is not None)
    assert hint is None or hint in hints[0]
    assert "\x1b" not in "".join(hints)


def test_a_waiver_holds_no_step_and_blocks_nothing_until_it_ends(judge: Judge) -> None:  # noqa: F811
    assert "FUN002" not in only(judged(judge, waiver())).blocked_by
    blocked = only(judged(judge, waiver(until="2026-11-21")))
    assert "FUN002" in blocked.blocked_by
    assert any("A waiver by Ada ended on 2026-11-21." in action.message for action in blocked.actions)
