"""What the findings about events say besides a status: the cause of each fault, and what was seen by the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from funnelcheck.config import AdvertiserConfig, Config, PartnerConfig, load
from funnelcheck.errors import ConfigError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Status
from funnelcheck.reported import AdvertiserResult
from funnelcheck.store import open_store

TIME = 1_790_000_000  # 20 seconds past the minute
HOUR, DAY = 3600, 86_400
LEAD = 4820103573628105
DIGEST = hashlib.sha256(b"someone@example.com").hexdigest()


def event(**changes: Any) -> dict[str, Any]:
    """A faultless event; a change to None leaves the key out."""
    whole = {
        "event_name": "Qualified",
        "event_time": TIME,
        "action_source": "system_generated",
        "user_data": {"lead_id": LEAD},
        "custom_data": {"event_source": "crm", "lead_event_source": "HubSpot"},
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


@dataclass(frozen=True)
class Sent:
    """What one advertiser sent, when (seconds after TIME), and the leads that it knows with their creation."""

    events: list[dict[str, Any]]
    after: int = 60
    leads: Sequence[tuple[int, int]] = ()


def judge(
    folder: Path, sent: Sequence[Sent], config: Config | None = None, guide: str | None = None
) -> list[AdvertiserResult]:
    """All of them in one run, each an advertiser named by its place."""
    records = [
        {"advertiser_id": f"{i:03}", "dataset_id": "1", "upload_time": TIME + one.after, "event": event}
        for i, one in enumerate(sent)
        for event in one.events
    ]
    rows = [f"{lead},{created},{i:03}" for i, one in enumerate(sent) for lead, created in one.leads]
    (folder / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (folder / "leads.csv").write_text("\n".join(["id,created_time,advertiser_id", *rows]))
    with open_store() as store:
        report = ingest(store, [str(folder / "log.jsonl")], [str(folder / "leads.csv")])
        assert (report.problems, report.quarantined) == ([], 0)
        found = check(store, as_of=TIME + 400 * DAY, config=config, guide=guide).advertisers
    assert [one.advertiser_id for one in found] == [f"{i:03}" for i in range(len(sent))]
    return list(found)


def lead(value: Any) -> dict[str, Any]:
    return event(user_data={"lead_id": value})


CAUSES = [
    ("EVT001", event(action_source=None), "no action_source"),
    ("EVT001", event(action_source=" System_Generated"), "capitals or blanks in “ System_Generated”"),
    ("EVT001", event(action_source="website"), "a web event (website)"),
    ("EVT001", event(action_source="app"), "an app event (app)"),
    ("EVT001", event(action_source="physical_store"), "an offline event (physical_store)"),
    ("EVT001", event(action_source="business_messaging"), "a messaging event (business_messaging)"),
    ("EVT001", event(action_source="chat"), "a messaging event (chat)"),
    ("EVT001", event(action_source="email"), "an e-mail (email)"),
    ("EVT001", event(action_source="Phone_Call"), "a phone call (phone_call)"),
    ("EVT001", event(action_source="other"), "an event of another kind (other)"),
    ("EVT001", event(action_source="crm"), "“crm”, which Meta does not know"),
    ("EVT002", event(custom_data={"event_source": "CRM "}), "capitals or blanks in “CRM ”"),
    ("EVT002", event(custom_data={"event_source": "HubSpot"}), "“HubSpot” in its place"),
    ("EVT002", event(custom_data=None) | {"custom_data:": {"event_source": "crm"}}, "the key custom_data: is misspelt"),
    ("EVT002", event(custom_data=None) | {"event_source": "crm"}, "event_source stands at the top level"),
    ("EVT002", event(custom_data={"lead_event_source": "crm"}), "crm stands in lead_event_source"),
    ("EVT002", event(custom_data=None), "no event_source"),
    (
        "EVT003",
        event(custom_data=None) | {"custom_data:": {"lead_event_source": "x"}},
        "the key custom_data: is misspelt",
    ),
    ("EVT003", event(custom_data=None) | {"lead_event_source": "x"}, "lead_event_source stands at the top level"),
    ("EVT003", event(custom_data={"event_source": "HubSpot"}), "“HubSpot” stands in event_source"),
    ("EVT003", event(custom_data={"event_source": "crm"}), "no lead_event_source, or no text"),
    ("EVT004", event(event_name="  "), "nothing but blanks"),
    ("EVT004", event(event_name=7), "no event_name, or no text"),
    ("EVT005", event(event_time=TIME * 1000), "milliseconds"),
    ("EVT005", event(event_time=TIME * 1_000_000), "microseconds"),
    ("EVT005", event(event_time=TIME * 1_000_000_000), "nanoseconds"),
    ("EVT005", event(event_time=44292.5), "a spreadsheet's date (days since 1900)"),
    ("EVT005", event(event_time="2026-09-21T14:13:20Z"), "a date in text (ISO 8601 or other)"),
    ("EVT005", event(event_time=None), "no event_time"),
    ("EVT005", event(event_time=999_999_999), "a time before September 2001"),
    ("EVT005", event(event_time=str(TIME)), "digits in quotes"),
    ("EVT005", event(event_time=TIME + 0.5), "a fraction of a second"),
    ("EVT006", event(user_data={}), "user_data is missing or holds nothing that says who it is"),
    ("EVT006", event(user_data={"em": [DIGEST]}), "contact data without a lead_id"),
    ("EVT006", event(user_data={"fbp": "fb.1.2.3"}), "a browser's data alone (fbp, address, user agent)"),
    ("EVT006", event(user_data={"external_id": "7"}), "other customer information without a lead_id"),
    ("EVT007", lead(f"l:{LEAD}"), "the label l: of a download left on"),
    ("EVT007", lead("ag:120000001"), "the ad in its place (ag:)"),
    ("EVT007", lead("4.8201E+15"), "an exponent, as a spreadsheet writes it; the digits are lost"),
    ("EVT007", lead("4,82E+15"), "an exponent, as a spreadsheet writes it; the digits are lost"),
    ("EVT007", lead(f"{LEAD}.0"), "a decimal point, from a column of numbers"),
    ("EVT007", lead(hashlib.sha256(str(LEAD).encode()).hexdigest()), "hashed: a SHA-256 digest in its place"),
    ("EVT007", lead("12345678901234"), "too few digits: the CRM's own id"),
    ("EVT007", lead("123456789012345678"), "too many digits: 18, where 15 to 16 are usual"),
    ("EVT007", lead("0482010357362810"), "a leading zero"),
    ("EVT007", lead(f"'{LEAD}"), "an apostrophe, quotes or blanks around it"),
    ("EVT007", lead(f" {LEAD} "), "an apostrophe, quotes or blanks around it"),
    ("EVT007", lead("4,820,103,573,628,105"), "thousand separators in it"),
    ("EVT007", lead("4 820 103 573 628 105"), "thousand separators in it"),
    ("EVT007", lead([str(LEAD)]), "wrapped in a list"),
    ("EVT007", lead("00Q5e00000AbCdEEAV"), "a Salesforce id"),
    ("EVT007", lead("8d7f6a1e-30c2-4f7e-9d2b-0123456789ab"), "a UUID, the CRM's own key"),
    ("EVT007", lead("someone@example.com"), "an e-mail address"),
    ("EVT007", lead("null"), "a word for nothing"),
    ("EVT007", lead("lead-7"), "letters or signs in it"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": "someone@example.com"}), "em not hashed"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": ["x"], "ph": ["1"]}), "em, ph not hashed"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": DIGEST[:32]}), "em as MD5"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": DIGEST[:40]}), "em as SHA-1"),
    ("EVT010", event(user_data={"lead_id": LEAD, "ph": [hashlib.sha256(b"").hexdigest()]}), "ph a digest of nothing"),
    ("EVT010", event(user_data={"lead_id": LEAD, "ph": [DIGEST, None]}), "ph with an empty value in the list"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": DIGEST.upper()}), "em in capitals"),
    ("EVT010", event(user_data={"lead_id": LEAD, "em": DIGEST[:32], "fn": "Jane"}), "fn not hashed; em as MD5"),
    ("EVT013", event(partner_agent="other"), "“other”"),
    ("EVT013", event(partner_agent="DataPartner"), "“DataPartner”, with other capitals"),
    ("EVT013", event(), "no partner_agent"),
    ("EVT014", event(partner_agent="12345"), "fewer than two letters"),
    (
        "EVT016",
        event(event_name="Won", custom_data={"value": 0}),
        "a value that is not above 0 and a value without a currency at the stage “Won”",
    ),
]


LATE = [
    (7 * DAY + 1, "up to a day too late"),
    (8 * DAY, "up to a day too late"),
    (8 * DAY + 1, "up to 30 days old"),
    (30 * DAY + 1, "up to a year old"),
    (365 * DAY + 1, "more than a year old"),
]
BEFORE = [
    (59, TIME - 20, "minutes truncated by the CRM"),
    (60, TIME - 20, "less than half an hour before the lead"),
    (59, TIME, "less than half an hour before the lead"),
    (HOUR, TIME, "about 1 hour before the lead"),
    (5 * HOUR + 1800, TIME, "about 6 hours before the lead"),
    (15 * HOUR, TIME, "up to two days before the lead"),
    (12 * HOUR, TIME - TIME % DAY, "a date without a time of day"),
    (3 * DAY, TIME, "more than two days before the lead"),
]
AHEAD = [
    (1, "a clock that is up to five minutes fast"),
    (300, "a clock that is up to five minutes fast"),
    (301, "less than half an hour ahead of the sending"),
    (2 * HOUR, "about 2 hours ahead of the sending"),
]
FAULTS: list[tuple[str, Sent, str]] = [
    *((code, Sent([sent]), cause) for code, sent, cause in CAUSES),
    *(("TIM001", Sent([event()], after=age), f"{cause} (1).") for age, cause in LATE),
    *(
        ("TIM002", Sent([event(event_time=time)], leads=[(LEAD, time + before)]), f"{cause} (1).")
        for before, time, cause in BEFORE
    ),
    *(("TIM003", Sent([event()], after=-ahead), f"{cause} (1).") for ahead, cause in AHEAD),
]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> list[AdvertiserResult]:
    """The advertisers of FAULTS."""
    config = Config(partner=PartnerConfig(partner_agent="datapartner"))
    return judge(tmp_path_factory.mktemp("faulty"), [sent for _, sent, _ in FAULTS], config)


@pytest.mark.parametrize("place", range(len(FAULTS)), ids=lambda i: f"{FAULTS[i][0]} {FAULTS[i][2]}")
def test_a_fault_names_its_cause(place: int, faulty: list[AdvertiserResult]) -> None:
    code, _, cause = FAULTS[place]
    finding = faulty[place].finding(code)
    assert f"Cause: {cause}" in finding.message
    assert [found["events"] for found in finding.evidence["causes"]] == [1]


# What was seen by the way: a sentence behind the message, and no other status.


def crm(name: str) -> dict[str, Any]:
    return event(custom_data={"event_source": "crm", "lead_event_source": name})


def of(number: int, **user: Any) -> dict[str, Any]:
    return event(user_data={"lead_id": LEAD + number, **user})


def midnights(at: int, besides: int) -> list[dict[str, Any]]:
    """Events at midnight UTC, and others a second later."""
    start = TIME // DAY * DAY
    return [event(event_time=start) for _ in range(at)] + [event(event_time=start + 1) for _ in range(besides)]


SEEN = [
    ("EVT003", [crm("HubSpot"), crm("hubspot "), crm("HubSpot")], "One CRM is spelt in 2 ways: “HubSpot”, “hubspot ”"),
    ("EVT003", [crm("HubSpot"), crm("SAP")], "2 CRMs are named (“HubSpot”, “SAP”)"),
    ("EVT003", [crm("CRM")], "1 event names the CRM “crm”"),
    ("EVT004", [event(event_name="Won ")], "Blanks stand before or behind the name in “Won ”."),
    ("EVT004", [event(event_name="W\u0007on")], "Control characters stand in the name"),
    ("EVT004", [event(event_name="{{stage}}"), event(event_name="None")], "in place of a stage: “None”, “{{stage}}”."),
    ("EVT004", [event(event_name="Sales Lead"), event(event_name="sales_lead")], "“Sales Lead”, “sales_lead” look"),
    ("EVT005", midnights(10, 10), "10 of 20 events lie exactly at midnight"),
    ("EVT007", [lead(10623693599458477)], "1 id has 17 digits; this guide speaks of 15 or 16"),
    ("EVT007", [lead(str(LEAD))], None),
    ("EVT010", [of(i, em=[DIGEST]) for i in range(6)], "The same e-mail address (em) stands in the events of 6 leads"),
    ("EVT010", [of(0, ge=hashlib.sha256(b"F").hexdigest())], "ge is hashed before it is normalised: “F” in 1 event."),
    ("EVT010", [of(0, country=[hashlib.sha256(b"FRANCE").hexdigest()])], "country is hashed before it is norm"),
    ("EVT010", [of(0, st=[hashlib.sha256(b"CA").hexdigest()])], "st is hashed before it is normalised: “CA”"),
]


NOT_SEEN = [
    ("EVT005", midnights(9, 0)),
    ("EVT005", midnights(10, 11)),
    ("EVT003", [crm("HubSpot"), crm("HubSpot")]),
    ("EVT004", [event(event_name="Won"), event(event_name="Nonesuch"), event(event_name="Won again")]),
    ("EVT007", [lead(LEAD)]),
    ("EVT010", [of(i, em=[DIGEST]) for i in range(5)] + [of(9)]),
    # six of six hundred leads are one in a hundred, which is not more
    ("EVT010", [of(i, em=[DIGEST]) for i in range(6)] + [of(i) for i in range(6, 600)]),
    ("EVT010", [of(i, ge=hashlib.sha256(b"f").hexdigest()) for i in range(20)]),
    ("EVT010", [of(0, country=[hashlib.sha256(b"fr").hexdigest()], ct=[hashlib.sha256(b"CA").hexdigest()])]),
]


WINDOW = [(6 * DAY, None), (6 * DAY + 1, "1 event was"), (7 * DAY, "1 event was"), (7 * DAY + 1, None)]
BY_THE_WAY: list[tuple[str, Sent, str | None]] = [
    *((code, Sent(sent), sentence) for code, sent, sentence in SEEN),
    *((code, Sent(sent), None) for code, sent in NOT_SEEN),
    *(("TIM001", Sent([event()], after=age), told) for age, told in WINDOW),
]


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> list[AdvertiserResult]:
    """The advertisers of BY_THE_WAY."""
    return judge(tmp_path_factory.mktemp("observed"), [sent for _, sent, _ in BY_THE_WAY])


@pytest.mark.parametrize("place", range(len(BY_THE_WAY)), ids=lambda i: f"{BY_THE_WAY[i][0]} {BY_THE_WAY[i][2]}")
def test_what_is_seen_by_the_way_is_told_and_changes_no_status(place: int, observed: list[AdvertiserResult]) -> None:
    code, sent, sentence = BY_THE_WAY[place]
    finding = observed[place].finding(code)
    assert finding.status is (Status.FAIL if sent.after > 7 * DAY else Status.PASS)
    if sentence is None:
        assert finding.notes == ()
    else:
        assert sentence in finding.notes[0]


def test_seventeen_digits_are_usual_since_may_2026(tmp_path: Path) -> None:
    sent = [Sent([lead(10623693599458477)]), Sent([lead(123456789012345678)])]
    usual, too_long = judge(tmp_path, sent, guide="2026-05")
    assert usual.finding("EVT007").notes == ()
    assert "18, where 15 to 17 are usual" in too_long.finding("EVT007").message


# The agent that the configuration expects


@pytest.mark.parametrize(
    ("partner", "advertisers", "statuses"),
    [
        (None, {}, "pass pass pass"),
        ("datapartner", {}, "pass pass pass"),
        ("other", {"000": None, "001": "datapartner"}, "fail pass fail"),
        (None, {"000": None, "001": "other", "elsewhere": "other"}, "pass fail pass"),
    ],
)
def test_the_advertiser_s_agent_goes_before_the_partner_s(
    partner: str | None, advertisers: dict[str, str | None], statuses: str, tmp_path: Path
) -> None:
    config = Config(
        partner=PartnerConfig(partner_agent=partner),
        advertisers={name: AdvertiserConfig(partner_agent=agent) for name, agent in advertisers.items()},
    )
    found = judge(tmp_path, [Sent([event(partner_agent="datapartner")])] * 3, config)
    assert " ".join(one.finding("EVT013").status for one in found) == statuses


def test_the_agent_is_read_from_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "funnelcheck.toml"
    path.write_text(
        '[partner]\npartner_agent = " datapartner "\n[advertiser.a]\npartner_agent = "dp"\n[advertiser.b]\n'
    )
    config = load(path)
    assert config.partner == PartnerConfig(partner_agent="datapartner")
    assert [config.advertisers[name].partner_agent for name in "ab"] == ["dp", None]


@pytest.mark.parametrize("text", ['[partner]\npartner_agnt = "x"', "[partner]\npartner_agent = 7", 'partner = "x"'])
def test_a_wrong_partner_table_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text(text)
    with pytest.raises(ConfigError, match="partner"):
        load(tmp_path / "funnelcheck.toml")
