"""Events put right: what is certain is, the rest is told, and the rules themselves agree on both."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_samples import DIGEST, LEAD, TIME, event, lines

from funnelcheck import eventrules, rulebook
from funnelcheck import settings as configured
from funnelcheck.config import Config, PartnerConfig
from funnelcheck.customer_data import sha256
from funnelcheck.ingestion import ingest
from funnelcheck.mending import Mended, mend
from funnelcheck.store import open_store

CRM = {"event_source": "crm", "lead_event_source": "My CRM"}
FORM = {"EVT001", "EVT002", "EVT003", "EVT004", "EVT005", "EVT006", "EVT007", "EVT010", "EVT011", "EVT012", "EVT013"}


def judged(events: list[dict[str, Any]], folder: Path, config: Config | None = None) -> list[set[str]]:
    """What the rules about one event say of each: the codes that it breaks or only just keeps."""
    config = config or Config()
    folder.joinpath("log.jsonl").write_text(lines(*({"event": one} for one in events)), encoding="utf-8")
    book = rulebook.load(config)
    with open_store() as store:
        assert ingest(store, [str(folder / "log.jsonl")], config=config).loaded == len(events)
        configured.put(store, config, book)
        parameters = eventrules.own_thresholds(book) | dict(book.thresholds) | {"as_of": TIME, "validity": 0}
        store.run_folder("facts/input", parameters)
        eventrules.judge(store, book, parameters)
        rows = store.rows(
            "select line, faulty | warned as bits from event_judged join request using (request_id) order by line"
        )
    codes = [rule.code for rule in eventrules.about_events(book)]
    return [{code for bit, code in enumerate(codes) if row["bits"] >> bit & 1} for row in rows]


def with_user(**user: Any) -> dict[str, Any]:
    return event(user_data={"lead_id": int(LEAD)} | user)


def with_custom(**custom: Any) -> dict[str, Any]:
    return event(custom_data=CRM | custom)


# What was sent, and what of it should have been sent: the fields that differ from the faultless event.
CERTAIN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an action source in capitals": (event(action_source=" System_Generated"), event(), "EVT001"),
    "no action source": (event(action_source=None), event(), "EVT001"),
    "one that Meta does not know": (event(action_source="CRM"), event(), "EVT001"),
    "a slip of the action source": (event(action_source="website"), event(), "EVT001"),
    "a phone call about a lead": (
        event(action_source="phone_call", custom_data={"lead_event_source": "My CRM"}),
        event(custom_data={"lead_event_source": "My CRM", "event_source": "crm"}),
        "EVT002 EVT001",
    ),
    "crm in capitals": (with_custom(event_source="CRM"), event(), "EVT002"),
    "event source at the top": (
        event(event_source="crm", custom_data={"lead_event_source": "My CRM"}),
        event(),
        "EVT002",
    ),
    "both sources at the top": (event(custom_data=None) | CRM, event(), "EVT002 EVT003"),
    "a colon in the key": (event(custom_data=None) | {"custom_data:": CRM}, event(), "EVT002"),
    "custom_data as text": (event(custom_data=json.dumps(CRM)), event(), "EVT002"),
    "the sources swapped": (
        with_custom(event_source="My CRM", lead_event_source="crm"),
        event(),
        "EVT003 EVT002",
    ),
    "blanks around the name": (event(event_name="\u00a0Qualified \n"), event(), "EVT004"),
    "a number for a name": (event(event_name=7), event(event_name="7"), "EVT004"),
    "digits in quotes": (event(event_time=f" {TIME}"), event(), "EVT005"),
    "a fraction": (event(event_time=TIME + 0.9), event(), "EVT005"),
    "a fraction in quotes": (event(event_time=f"{TIME}.0"), event(), "EVT005"),
    "milliseconds": (event(event_time=TIME * 1000 + 999), event(), "EVT005"),
    "milliseconds in quotes": (event(event_time=str(TIME * 1000)), event(), "EVT005"),
    "microseconds": (event(event_time=TIME * 1_000_000), event(), "EVT005"),
    "a date in UTC": (event(event_time="2026-09-21T14:13:20Z"), event(), "EVT005"),
    "a date with an offset": (event(event_time="2026-09-21 19:43:20.500+0530"), event(), "EVT005"),
    "a date that says UTC": (event(event_time="2026-09-21 14:13:20 UTC"), event(), "EVT005"),
    "the label of a download": (with_user(lead_id=f"l:{LEAD}"), with_user(lead_id=LEAD), "EVT007"),
    "an apostrophe and blanks": (with_user(lead_id=f" '{LEAD}\t"), with_user(lead_id=LEAD), "EVT007"),
    "a spreadsheet's quotes": (with_user(lead_id=f'="{LEAD}"'), with_user(lead_id=LEAD), "EVT007"),
    "a list of one": (with_user(lead_id=[int(LEAD)]), event(), "EVT007"),
    "a list of one text": (with_user(lead_id=[LEAD]), with_user(lead_id=LEAD), "EVT007"),
    "thousand separators": (with_user(lead_id="1,234,567,890,123,456"), with_user(lead_id=LEAD), "EVT007"),
    "a decimal point in text": (with_user(lead_id=f"{LEAD}.0"), with_user(lead_id=LEAD), "EVT007"),
    "a decimal point": (with_user(lead_id=float(LEAD)), event(), "EVT007"),
    "a lead id at the top": (event(user_data=None, lead_id=LEAD), with_user(lead_id=LEAD), "EVT006"),
    "user_data as text": (event(user_data=json.dumps({"lead_id": int(LEAD)})), event(), "EVT006"),
    "capitals in a digest": (with_user(em=DIGEST.upper()), with_user(em=DIGEST), "EVT010"),
    "a plain address": (
        with_user(em=["  John_Smith@gmail.com "]),
        with_user(em=["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"]),
        "EVT010",
    ),
    "a plain phone number": (
        with_user(ph="+1 (650) 555-1212"),
        with_user(ph="e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        "EVT010",
    ),
    "the SDK's names": (
        with_user(email=DIGEST, first_name="Mary", phone="+1 (650) 555-1212", ph=[DIGEST]),
        with_user(em=DIGEST, fn="6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", ph=[DIGEST]),
        "EVT010 EVT010 EVT010 EVT010",
    ),
    "one without a country code": (with_user(ph=["650 555 1212", DIGEST]), with_user(ph=[DIGEST]), "EVT010"),
    "a plain name": (
        with_user(fn="Mary"),
        with_user(fn="6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        "EVT010",
    ),
    "a plain date of birth": (
        with_user(db=19970216),
        with_user(db="01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        "EVT010",
    ),
    "a plain country": (
        with_user(country="UK"),
        with_user(country=sha256("gb")),
        "EVT010",
    ),
    "an accent of its own": (
        with_user(fn="Vale\u0301ry"),
        with_user(fn="08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        "EVT010",
    ),
    "the labels of a download": (
        with_user(ph="p:+16505551212", zp="z:94025"),
        with_user(ph="e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176", zp=sha256("94025")),
        "EVT010 EVT010",
    ),
    "MD5": (with_user(em=[DIGEST[:32]]), event(), "EVT010"),
    "the digest of nothing": (
        with_user(ph="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        event(),
        "EVT010",
    ),
    "a hole in a list": (with_user(em=[DIGEST, None, ""]), with_user(em=[DIGEST]), "EVT010 EVT010"),
    "what a log has hidden": (with_user(fn="J***"), event(), "EVT010"),
    "a click id that is none": (with_user(fbc="IwAR2F4"), event(), "EVT011"),
    "a browser's data alone": (with_user(fbp="fb.1.1.1"), event(), "EVT012"),
    "the field of a web event": (event(event_source_url="https://example.com"), event(), "EVT012"),
    "the field of an app event": (event(app_data={"a": 1}), event(), "EVT012"),
    "an address in custom_data": (with_custom(note={"by": "jane@example.com"}), event(), "EVT016"),
}
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "no name": (event(event_name=" "), "EVT004"),
    "no time": (event(event_time=None), "EVT005"),
    "a date without a zone": (event(event_time="2026-09-21T14:13:20"), "EVT005"),
    "a date without a time": (event(event_time="2026-09-21"), "EVT005"),
    "a spreadsheet's date": (event(event_time=46286.6), "EVT005"),
    "a date in digits": (event(event_time=20260921141320), "EVT005"),
    "an exponent for a time": (event(event_time=Decimal("1.79E+9")), "EVT005"),
    "an exponent": (with_user(lead_id="1.23457E+15"), "EVT007"),
    "an exponent as a number": (with_user(lead_id=Decimal("1.234567E+15")), "EVT007"),
    "a rounded decimal": (with_user(lead_id="1234567890123000.0"), "EVT007"),
    "a decimal beyond 2^53": (with_user(lead_id="10623693599458476.0"), "EVT007"),
    "a spreadsheet's thousands": (with_user(lead_id="12.345.678.901.234.500"), "EVT007"),
    "a hash": (with_user(lead_id=DIGEST), "EVT007"),
    "a CRM's key": (with_user(lead_id="00Q5e00000AbCdE"), "EVT007"),
    "the form": (with_user(lead_id=f"f:{LEAD}"), "EVT007"),
    "14 digits": (with_user(lead_id=12345678901234), "EVT007"),
    "18 digits": (with_user(lead_id="123456789012345678"), "EVT007"),
    "two ids": (with_user(lead_id=[LEAD, int(LEAD)]), "EVT007"),
    "no lead": (event(user_data={"em": DIGEST}), "EVT006"),
    "no user_data": (event(user_data=None), "EVT006"),
    "no object": (event(user_data=7), "EVT006"),
    "no CRM": (event(custom_data={"event_source": "crm"}), "EVT003"),
    "a list for custom_data": (event(custom_data=["crm"]), "EVT002"),
    "a web event": (
        event(action_source="website", event_source_url="https://example.com", custom_data=None),
        "EVT012",
    ),
}


@pytest.mark.parametrize("name", CERTAIN)
def test_what_is_certain_is_put_right(name: str) -> None:
    sent, right, codes = CERTAIN[name]
    before = copy.deepcopy(sent)
    mended = mend(sent)
    assert (mended.event, mended.losses) == (right, ())
    assert " ".join(change.code for change in mended.changes) == codes
    assert sent == before


@pytest.mark.parametrize("name", LOST)
def test_what_is_not_certain_is_told(name: str) -> None:
    sent, code = LOST[name]
    assert [loss.code for loss in mend(sent).losses] == [code]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ph", "+44 (0)20 7946 0958"),
        ("ph", "+49 30 1234567 / +49 30 7654321"),
        ("ph", "+49 30 1234567 030 7654321"),
        ("ph", "0011 61 2 9374 4000"),
        ("country", "xx"),
        ("country", "côt"),
        ("em", "mailto:ann@example.com"),
        ("em", "<ann@example.com>"),
        ("em", "'ann@example.com'"),
        ("em", "ann@example.com,"),
        ("em", "ann@example.com\u200b"),
        ("db", "1997-02-30"),
        ("db", "\u0661\u0669\u0669\u06670216"),
        ("fn", "N/A"),
        ("fn", "{{lead.first_name}}"),
        ("fn", "<test lead: dummy data for first_name>"),
    ],
)
def test_a_value_that_may_be_read_otherwise_is_not_hashed(field: str, value: str) -> None:
    mended = mend(with_user(**{field: value}))
    assert (mended.event, mended.losses) == (with_user(), ())


def test_a_faultless_event_comes_back_as_it_is() -> None:
    full = with_user(em=[DIGEST], fbc="fb.1.1554763741205.IwAR2F4", client_ip_address="203.0.113.7", external_id="7")
    for sent in (event(), full, with_user(lead_id=LEAD), with_custom(value=12.5, currency="EUR")):
        assert mend(sent) == Mended(sent)


def test_both_ends_of_what_a_time_may_be() -> None:
    def times(*given: int) -> list[Any]:
        return [mend(event(event_time=one)).event["event_time"] for one in given]

    assert times(1_000_000_000, 99_999_999_999) == [1_000_000_000, 99_999_999_999]
    assert [len(mend(event(event_time=one)).losses) for one in (999_999_999, 100_000_000_000)] == [1, 1]
    assert times(1_000_000_000_000, 4_102_444_799_999) == [1_000_000_000, 4_102_444_799]
    assert len(mend(event(event_time=4_102_444_800_000)).losses) == 1


def test_both_ends_of_what_an_id_may_be() -> None:
    def losses(lead_id: Any) -> int:
        return len(mend(with_user(lead_id=lead_id)).losses)

    assert [losses(10**14), losses(10**14 - 1), losses(10**17 - 1), losses(10**17)] == [0, 1, 0, 1]
    assert [losses(f"{2**53 - 1}.0"), losses(f"{2**53}.0"), losses(float(2**53))] == [0, 1, 1]


def test_a_date_without_an_offset_needs_a_zone() -> None:
    sent = event(event_time="2026-09-21T16:13:20")
    assert mend(sent, zone=ZoneInfo("Europe/Paris")).event == event()
    assert mend(event(event_time="2026-09-21T14:13:20"), zone=UTC).event == event()
    for twice_or_never in ("2026-10-25T02:30:00", "2026-03-29T02:30:00"):
        (loss,) = mend(event(event_time=twice_or_never), zone=ZoneInfo("Europe/Paris")).losses
        assert loss.why.startswith("the clocks were changed")


def test_the_caller_knows_the_crm_the_agent_and_the_guide() -> None:
    assert mend(event(custom_data=None), crm="My CRM").event == event(
        custom_data={"lead_event_source": "My CRM", "event_source": "crm"}
    )
    assert mend(event(), partner_agent="mine").event == event(partner_agent="mine")
    assert mend(event(partner_agent="other"), partner_agent="mine").event == event(partner_agent="mine")
    assert not mend(event(), partner_agent="mine", request_agent="mine").changes
    assert [loss.code for loss in mend(event(partner_agent="a"), request_agent="b").losses] == ["EVT013"]
    contact = event(user_data={"em": DIGEST})
    assert mend(contact, lead_id_required=False) == Mended(contact)
    mended = mend(event(user_data={"em": DIGEST, "lead_id": "7"}), lead_id_required=False)
    assert (mended.event, mended.losses) == (contact, ())


def test_an_event_of_another_recipe_needs_somebody_who_knows_that_the_crm_sent_it() -> None:
    web = event(
        action_source="website", event_source_url="https://example.com", custom_data={"lead_event_source": "My CRM"}
    )
    assert [loss.code for loss in mend(web).losses] == ["EVT012"]
    mended = mend(web, from_crm=True)
    assert (mended.event, mended.losses) == (
        event(custom_data={"lead_event_source": "My CRM", "event_source": "crm"}),
        (),
    )
    assert mend(web | {"user_data": {"fbp": "fb.1.1.1"}}, from_crm=True).losses


def test_a_test_code_goes_only_for_production() -> None:
    sent = event(test_event_code="TEST1")
    assert mend(sent).event == sent
    assert mend(sent, for_production=True).event == event()


def test_no_reason_tells_a_value() -> None:
    told = json.dumps([[c.why for c in (*m.changes, *m.losses)] for m in map(mend, every_sample())])
    assert not any(mark in told for mark in ("@", LEAD, "650", DIGEST, "Mary"))


def every_sample() -> list[dict[str, Any]]:
    return [sent for sent, _, _ in CERTAIN.values()] + [sent for sent, _ in LOST.values()]


Damage = Callable[[dict[str, Any]], None]
PLAIN = ("Jane.Doe@Example.com", "+33 6 12 34 56 78", "0612345678", "Jane", "1980-02-29", DIGEST, DIGEST.upper(), None)
NAMES = ("em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country")
TOP = {
    "action_source": ("website", "SYSTEM_GENERATED", "CRM", None, 7, "app"),
    "event_name": (" Won", "", None, "Won", 12),
    "event_time": (str(TIME), TIME * 1000, TIME + 0.5, "2026-09-21T14:13:20+02:00", "2026-09-21", None, 46286.5, True),
    "event_source": ("crm", "CRM"),
    "lead_event_source": ("My CRM",),
    "lead_id": (LEAD,),
    "event_source_url": ("https://example.com",),
    "custom_data": (
        None,
        [],
        "x",
        {"event_source": "crm"},
        {"lead_event_source": "crm"},
        CRM | {"note": "+33612345678"},
    ),
    "custom_data:": (CRM,),
    "user_data": (None, {}, [], "x", {"em": "a@b.example"}, {"fbp": "fb.1.1.1"}),
    "app_data": ({"x": 1}, {}),
    "partner_agent": ("me", "", 7),
}
USER = {
    "lead_id": (
        LEAD,
        f"l:{LEAD}",
        [LEAD],
        f"{LEAD}.0",
        "1.2E+15",
        DIGEST,
        "7",
        float(LEAD),
        None,
        "",
        "'" + LEAD,
        True,
    ),
    "fbc": ("x", "fb.1.1554763741205.x"),
    "fbp": ("fb.1.1.1",),
    "external_id": ("7",),
} | {name: (*PLAIN, [DIGEST, "x"], [None], DIGEST[:40], 94035) for name in NAMES}


def damaged(rng: random.Random) -> dict[str, Any]:
    """An event with up to four fields replaced."""
    sent = event(user_data={"lead_id": int(LEAD)}, custom_data=dict(CRM))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 4))):
        if rng.random() < 0.5 and isinstance(sent.get("user_data"), dict):
            name = rng.choice(list(USER))
            sent["user_data"] = sent["user_data"] | {name: rng.choice(USER[name])}
        else:
            name = rng.choice(list(TOP))
            sent[name] = rng.choice(TOP[name])
    return sent


def test_the_rules_agree_in_both_directions(tmp_path: Path) -> None:
    """Mended events keep every rule of form, losses are faults that stayed, and what was right stays untouched."""
    rng = random.Random(7)
    sent = [damaged(rng) for _ in range(3_000)]
    mended = [mend(one, partner_agent="me") for one in sent]
    config = Config(partner=PartnerConfig(partner_agent="me"))
    before = judged(sent, tmp_path, config)
    after = judged([one.event for one in mended], tmp_path, config)
    for one, m, was, now in zip(sent, mended, before, after, strict=True):
        if not m.losses:
            assert not now & FORM, (one, m, now)
        assert {loss.code for loss in m.losses} <= now, (one, m, now)
        if not was & FORM:
            assert m.losses == (), (one, m)
            assert {c.code for c in m.changes} <= {"EVT003", "EVT004", "EVT016"}, (one, m)
        # blanks around a name, swapped sources and personal data break no rule about one event's form; a browser's
        # data may only be alone once the rest was left out
        own = {c.code for c in m.changes} - {"EVT003", "EVT004", "EVT016"}
        assert own - ({"EVT012"} if "EVT010" in was or "EVT011" in was else set()) <= was, (one, m, was)
    assert sum(not one.losses for one in mended) > 1_000 < sum(bool(one.changes) for one in mended)


def test_every_sample_is_as_the_rules_say(tmp_path: Path) -> None:
    right = [mend(sent).event for sent, _, _ in CERTAIN.values()]
    assert [codes & FORM for codes in judged(right, tmp_path)] == [set()] * len(right)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.decimals(allow_nan=False)
    | st.sampled_from(PLAIN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*USER, *CRM, "email", "phone", "token"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(list(TOP)) | st.text(), JSON_VALUES, max_size=8), st.booleans())
def test_any_object_can_be_looked_at_and_once_is_enough(sent: dict[str, Any], required: bool) -> None:
    before = repr(sent)
    first = mend(sent, lead_id_required=required, partner_agent="me", crm="My CRM")
    again = mend(first.event, lead_id_required=required, partner_agent="me", crm="My CRM")
    assert repr(sent) == before
    assert (again.changes, again.losses) == ((), first.losses)


def test_hostile_values_cost_little() -> None:
    long = 200_000
    for value in ("+" * long, "a" * long, "l:" * long, "1" * long, "1,111" * long, "[" * long, "{" * long, 10**5_000):
        mend(
            event(
                event_time=value,
                user_data={"lead_id": value, "em": value, "fbc": value},
                custom_data=CRM | {"x": value},
            )
        )
        mend(event(user_data=value, custom_data=value))
