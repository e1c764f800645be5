"""The to-do says what each item unlocks: held against deciding again on findings in which that one item passes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.model import Finding, Rule, Status
from funnelcheck.reported import Verdict
from funnelcheck.verdict import Decision, Journey, decide

BOOK = rulebook.load(Config())
REQUIRED = [rule.code for rule in BOOK.rules if rule.severity == "required" and rule.area != "LIF"]
NOT_DECLARED = Journey(funnel_declared=False, declared_step=None)


def finding(rule: Rule, status: Status, reason: str | None = None) -> Finding:
    return Finding(
        code=rule.code,
        name=rule.slug,
        title=rule.title,
        advertiser_id="a",
        channel="crm",
        severity=rule.severity,
        status=status,
        value=None,
        threshold=None,
        unit=rule.unit,
        n=0,
        affected=0,
        message=f"{rule.title}.",
        fingerprint="",
        acts=rule.acts,
        fix=rule.fix,
        evidence={"reason": reason} if reason else {},
    )


def judged(statuses: Mapping[str, Status], valid_events: int = 10, journey: Journey = NOT_DECLARED) -> Decision:
    findings = [finding(rule, statuses.get(rule.code, Status.PASS)) for rule in BOOK.rules if rule.area != "LIF"]
    return decide(findings, journey, BOOK.guide, None, valid_events)


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(action.code, action.unlocks) for action in decision.actions if action.blocks]


def test_the_only_thing_that_blocks_makes_ready() -> None:
    assert told(judged({"COV001": Status.FAIL})) == [("COV001", "This alone makes you ready.")]


def test_two_things_that_block_make_ready_together() -> None:
    decision = judged({"COV001": Status.FAIL, "DAT004": Status.FAIL})
    assert told(decision) == [
        ("DAT004", "Alone it changes neither verdict nor step."),
        ("COV001", "With the one above, this makes you ready."),
    ]


def test_what_leads_to_a_later_step_comes_before_what_changes_nothing() -> None:
    decision = judged({"FUN006": Status.FAIL, "FUN007": Status.FAIL, "COV001": Status.FAIL})
    assert told(decision) == [
        ("COV001", "This alone moves you to step 4."),
        ("FUN006", "Alone it changes neither verdict nor step."),
        ("FUN007", "With the two above, this makes you ready."),
    ]


def test_what_ends_all_failures_says_that_something_is_still_undecided() -> None:
    decision = judged({"EVT001": Status.FAIL, "FUN006": Status.UNDECIDED})
    assert told(decision) == [
        ("EVT001", "This alone ends all failures and moves you to step 4; what is still undecided remains.")
    ]


def test_a_consequence_stands_after_its_cause_and_promises_nothing_alone() -> None:
    """Nothing is valid because of two faults: mending "nothing is valid" is no work of its own."""
    decision = judged({"EVT001": Status.FAIL, "EVT002": Status.FAIL, "DAT002": Status.FAIL}, valid_events=0)
    assert told(decision) == [
        ("EVT001", "Alone it changes neither verdict nor step."),
        ("EVT002", "Alone it changes neither verdict nor step."),
        ("DAT002", "With the two above, this makes you ready."),
    ]


def test_what_only_followed_is_open_and_not_promised() -> None:
    """Without a valid event all figures fail; with the first one nobody knows them yet."""
    following = ("DAT003", "COV001", "FUN001", "FUN002", "FUN006", "FUN007")
    decision = judged({"DAT002": Status.FAIL} | dict.fromkeys(following, Status.FAIL), valid_events=0)
    (action,) = [action for action in decision.actions if action.blocks]
    assert action.code == "DAT002"
    assert action.unlocks == "This alone ends all failures and moves you to step 3; what is still undecided remains."


def test_an_advertiser_that_is_ready_has_nothing_to_unlock() -> None:
    assert told(judged({})) == []


@pytest.mark.parametrize("seed", range(60))
def test_every_promise_holds_when_the_item_alone_passes(seed: int) -> None:
    chance = random.Random(seed)
    # causes that make others follow are left out: what follows from them is told in the cases above
    codes = [code for code in REQUIRED if code not in ("DAT001", "DAT002", "EVT017", "FUN001", "FUN002")]
    open_ones = [Status.FAIL, Status.UNDECIDED]
    statuses = {code: chance.choice(open_ones) for code in chance.sample(codes, chance.randint(1, 5))}
    now = judged(statuses)
    order = {Verdict.READY: 0, Verdict.UNDECIDED: 1, Verdict.NOT_READY: 2}
    ranks = []
    for code, words in told(now):
        then = judged({key: status for key, status in statuses.items() if key != code})
        assert (words == "This alone makes you ready.") == (then.verdict is Verdict.READY != now.verdict)
        assert words.startswith("This alone") == (then.verdict is not now.verdict or then.step > now.step)
        ranks.append(order[then.verdict] if then.verdict is not now.verdict else (2 if then.step > now.step else 3))
    if not {"FUN006", "FUN007"} <= set(statuses):
        assert ranks == sorted(ranks)


def test_a_guide_of_four_steps_counts_its_own() -> None:
    new = rulebook.load(Config(), "2026-05")
    findings = [finding(rule, Status.PASS) for rule in new.rules if rule.area != "LIF"]
    findings = [
        replace(one, status=Status.FAIL) if one.code in ("COV001", "FUN006", "FUN007") else one for one in findings
    ]
    decision = decide(findings, NOT_DECLARED, new.guide, None, 10)
    assert told(decision)[0] == ("COV001", "This alone moves you to step 2.")
