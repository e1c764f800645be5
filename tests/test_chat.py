"""The message for a chat: short, harmless, and posted to a real server or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import delivery_samples
import html_samples as samples
import pytest

from funnelcheck.delivery import chat, web
from funnelcheck.errors import ConfigError, OutputError
from funnelcheck.reported import AdvertiserResult, JourneyStep, Run, Wait

EVIL = "<!channel> <https://a.example|b> <@U123> @here `x` *b* _i_ ~s~ [t](https://a.example) {{DATE(2026)}} & \n\r"


def slack_text(run: Run) -> str:
    document = json.loads(chat.slack(run))
    (block,) = document["blocks"]
    assert block["text"]["type"] == "mrkdwn"
    assert block["text"]["verbatim"] is True
    text: str = block["text"]["text"]
    return text


def teams_lines(run: Run) -> list[str]:
    (card,) = json.loads(chat.teams(run))["attachments"]
    body: list[dict[str, Any]] = card["content"]["body"]
    assert {block["type"] for block in body} == {"RichTextBlock"}  # a TextBlock would read Markdown
    return ["".join(one["text"] for one in block["inlines"]) for block in body]


def crowd(n: int, last: str = "z") -> Run:
    """A portfolio of n blocked advertisers; the last one by name is called `last`."""
    base = samples.blocked()
    return samples.run(
        *(replace(base, advertiser_id=f"adv-{i:04}") for i in range(n - 1)), replace(base, advertiser_id=last)
    )


def test_it_counts_all_and_names_those_who_need_somebody() -> None:
    run = samples.run(samples.ready("fine"), samples.blocked("stuck"), samples.undecided("open"))
    for lines in (slack_text(run).replace("*", "").split("\n"), teams_lines(run)):
        assert lines == [
            "2026-11-22: 1 of 3 ready for conversion-lead optimisation",
            "1 not ready, 1 undecided, 1 ready",
            "2 advertisers need somebody today:",
            "stuck step 3: Divide milliseconds by 1,000 before sending (Partner)",
            "open step 3: Download the leads of the last 90 days and load them (Advertiser)",
        ]


def test_what_time_alone_settles_needs_nobody_and_what_is_overdue_comes_first() -> None:
    waiting = samples.blocked("waiting")
    alone = replace(waiting.actions[1], code="DAT003")
    clock = (Wait("DAT003", 5, 7, "days", "2026-11-24", None, None, "5 of 7"),)
    waiting = replace(waiting, actions=(alone,), clock=clock)
    late = replace(samples.blocked("late"), journey=(JourneyStep(samples.STEPS[2], "now", overdue=True),))
    text = slack_text(samples.run(waiting, samples.blocked("a"), late))
    assert "waiting" not in text
    assert text.index("*late* step 3, overdue:") < text.index("*a* step 3:")


def test_nobody_is_needed_and_nobody_is_there() -> None:
    assert slack_text(samples.run(samples.ready())).endswith("1 ready\n*Nobody is needed today.*")
    assert teams_lines(samples.run()) == ["2026-11-22: no advertiser to judge"]


@pytest.mark.parametrize("shown", [slack_text, lambda run: "\n".join(teams_lines(run))], ids=["slack", "teams"])
def test_three_thousand_characters_fit_and_one_more_does_not(shown: Any) -> None:
    n = next(i for i in range(1, 100) if len(shown(crowd(i))) > 3_000 - 48)
    missing = 3_000 - len(shown(crowd(n)))
    if missing < 0:
        n, missing = n - 1, 3_000 - len(shown(crowd(n - 1)))
    # fill it up to the last character, one name or several growing
    run = crowd(n)
    grown = list(run.advertisers)
    for i, one in enumerate(grown):
        take = min(missing, 48 - len(one.advertiser_id))
        grown[i] = replace(one, advertiser_id=one.advertiser_id + "x" * take)
        missing -= take
    full = replace(run, advertisers=tuple(grown))
    assert len(shown(full)) == 3_000
    assert "more in the report" not in shown(full)
    short = next(i for i, one in enumerate(grown) if len(one.advertiser_id) < 48)
    grown[short] = replace(grown[short], advertiser_id=grown[short].advertiser_id + "x")
    over = shown(replace(run, advertisers=tuple(grown)))
    assert len(over) <= 3_000
    assert re.search(r"and [12] more in the report$", over)


def test_two_thousand_advertisers_fit_too_and_those_left_out_are_counted() -> None:
    text = slack_text(crowd(2_000))
    assert len(text) <= chat.LONGEST
    named = text.count(" step ")
    assert text.endswith(f"and {2_000 - named:,} more in the report")


def hostile() -> AdvertiserResult:
    base = samples.blocked(EVIL)
    return replace(base, actions=tuple(replace(one, what=EVIL, title=EVIL) for one in base.actions))


def test_slack_shows_hostile_text_as_it_is() -> None:
    text = slack_text(samples.run(hostile()))
    line = text.split("\n")[-1]
    bare = line.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set("<>&`~@") & set(bare)
    assert line.count("*") == 2  # ours, around the name
    assert not re.search(r"(?<!\w)_|_(?!\w)", bare)
    assert "://" not in text
    assert text.count("\n") == 3
    assert "acme_gmbh" in slack_text(samples.run(samples.blocked("acme_gmbh")))


def test_teams_reads_no_markdown_link_or_call_in_hostile_text() -> None:
    text = "\n".join(teams_lines(samples.run(hostile())))
    assert "@" not in text
    assert "://" not in text
    assert "{{" not in text
    document = json.loads(chat.teams(samples.run(hostile())))
    content = document["attachments"][0]["content"]
    assert (document["type"], content["type"], content["version"]) == ("message", "AdaptiveCard", "1.4")
    assert "entities" not in content["msteams"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return delivery_samples.fill(tmp_path_factory.mktemp("chat"))


def test_it_is_printed_and_posted_only_when_asked_for(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.toml").write_text('[webhook]\nurl_env = "HOOK"\n')
    with delivery_samples.serving() as server:
        monkeypatch.setenv("HOOK", server.url)
        asked = ("notify", "--config", tmp_path / "f.toml")
        assert delivery_samples.funnelcheck(store, *asked) == 0
        printed = capsys.readouterr().out
        assert server.got == []
        assert delivery_samples.funnelcheck(store, *asked, "--send", "--to", "teams") == 0
        told = capsys.readouterr()
        ((path, kind, body),) = server.got
    assert "blocks" in json.loads(printed)
    assert "attachments" in json.loads(body)
    assert (path, kind) == ("/services/T0/secret", "application/json; charset=utf-8")
    assert (told.out, told.err) == ("", "posted to the webhook of HOOK\n")
    assert [canary for canary in delivery_samples.CANARIES if canary in printed + body.decode()] == []


def test_an_answer_that_is_no_yes_is_exit_code_3(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.toml").write_text('[webhook]\nurl_env = "HOOK"\n')
    with delivery_samples.serving() as server:
        server.status, server.answer = 404, b"no_team\x1b[31m\n"
        monkeypatch.setenv("HOOK", server.url)
        assert delivery_samples.funnelcheck(store, "notify", "--send", "--config", tmp_path / "f.toml") == 3
    assert capsys.readouterr().err == "funnelcheck: the webhook of HOOK answered 404 (no_team[31m)\n"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 500])
def test_no_redirect_is_followed_and_the_address_is_never_told(status: int) -> None:
    with delivery_samples.serving() as elsewhere, delivery_samples.serving() as server:
        server.status, server.answer, server.location = status, b"", elsewhere.url
        with pytest.raises(OutputError) as caught:
            web.post(server.url, "{}", "HOOK")
        assert elsewhere.got == []
    assert str(caught.value) == f"the webhook of HOOK answered {status}"


def test_nobody_there_is_said_without_the_address() -> None:
    with delivery_samples.serving() as server:
        url = server.url
    with pytest.raises(OutputError) as caught:
        web.post(url, "{}", "HOOK")
    assert str(caught.value) == "the webhook of HOOK cannot be reached (Connection refused)"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "names HOOK, which the environment does not set"),
        ("http://hooks.example.com/secret", "HOOK: a webhook's address begins with https://"),
        ("http://127.0.0.1.example.com/secret", "begins with https://"),
        ("http://user@localhost@example.com/secret", "begins with https://"),
        ("file:///etc/secret", "begins with https://"),
        ("secret", "begins with https://"),
        ("https:///secret", "HOOK: holds no address of a webhook"),
        ("https://example.com:x/secret", "holds no address of a webhook"),
        ("https://example.com/secret\r\nX: y", "holds no address of a webhook"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(url: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        web.address("HOOK", "f.toml", {"HOOK": url})
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/s", "http://localhost:1/s", "http://[::1]/s", "http://127.9.9.9/s"]
)
def test_https_and_this_machine_are_let_through(url: str) -> None:
    assert web.address("HOOK", "f.toml", {"HOOK": f" {url}\n"}) == url


def test_without_a_variable_nothing_is_sent() -> None:
    with pytest.raises(ConfigError, match=r"--send needs url_env under \[webhook\]"):
        web.address(None, "f.toml", {})
