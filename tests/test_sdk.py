"""Requests made by Meta's own SDK: right ones raise nothing, wrong ones exactly the rules that they break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.app_data import AppData
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.adobjects.serverside.event_request_async import EventRequestAsync
from facebook_business.adobjects.serverside.gender import Gender
from facebook_business.adobjects.serverside.user_data import UserData

from funnelcheck.config import Config, PartnerConfig
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Finding, Status
from funnelcheck.reported import Run
from funnelcheck.store import open_store

SENT = 1_790_000_000
LEAD = "4820103573628105"
CRM = {"event_source": "crm", "lead_event_source": "Salesforce"}
DIGEST = "0b9c2625dc21ef05f6ad4ddf47c5f203837aa32c7b2ff1d1b1e5f4f2ed2b7b3c"


def crm_event(user: dict[str, Any] | None = None, custom: dict[str, Any] | None = None, **changes: Any) -> Event:
    """A faultless event, sent ten minutes after it happened; `user` and `custom` replace what it says."""
    given: dict[str, Any] = {
        "event_name": "Qualified",
        "event_time": SENT - 600,
        "action_source": ActionSource.SYSTEM_GENERATED,
        "user_data": UserData(**({"lead_id": LEAD} if user is None else user)),
        "custom_data": CustomData(custom_properties=CRM if custom is None else custom),
    }
    return Event(**(given | changes))


# What is sent, what the request says of it, and the rules that it breaks; EVT017 sums up those that it counts.
CASES: dict[str, tuple[list[Event], dict[str, str], str]] = {
    "a lead_id as text": ([crm_event()], {}, ""),
    "a lead_id as a number, and the partner's agent": (
        [crm_event({"lead_id": int(LEAD)})],
        {"partner_agent": "datapartner"},
        "",
    ),
    "three stages in one batch": (
        [crm_event(event_name=name, event_time=SENT - 600 + i) for i, name in enumerate(["Lead", "MQL", "Sale"])],
        {},
        "",
    ),
    "a lead_id with everything that the SDK hashes itself": (
        [
            crm_event(
                {
                    "lead_id": LEAD,
                    "email": " Jeanne@Exemple.FR",
                    "phone": "+33 6 12 34 56 78",
                    "first_name": "Jeanne",
                    "last_name": "Lefèvre",
                    "gender": Gender.FEMALE,
                    "date_of_birth": "19800229",
                    "city": "Saint-Étienne",
                    "state": "ara",
                    "zip_code": "42000",
                    "country_code": "FR",
                }
            )
        ],
        {},
        "",
    ),
    "names in other alphabets, and upload tags": (
        [crm_event(event_name="Étape 2 – Contacté"), crm_event(event_name="已签约 🎉", event_time=SENT - 500)],
        {"upload_id": "nightly-7", "upload_tag": "nightly", "upload_source": "sync"},
        "",
    ),
    "a sale with its value": (
        [
            crm_event(
                event_name="Purchase",
                event_id="crm:7:purchase",
                custom_data=CustomData(value=1200.5, currency="EUR", order_id="7", custom_properties=CRM),
            )
        ],
        {},
        "",
    ),
    "a click id as the browser has it": (
        [crm_event({"lead_id": LEAD, "fbc": "fb.1.1789990000000.IwAR7x"})],
        {},
        "",
    ),
    "a test code": ([crm_event()], {"test_event_code": "TEST4711"}, "EVT015"),
    "no lead_id, but contact data": ([crm_event({"email": DIGEST, "phone": DIGEST})], {}, "EVT006 EVT017"),
    "an id that the SDK takes unseen": ([crm_event({"lead_id": "lead-id-7"})], {}, "EVT007 EVT017"),
    "an id in a list, as the SDK's own sample has it": ([crm_event({"lead_id": [LEAD]})], {}, "EVT007 EVT017"),
    "an id that went through a decimal column": ([crm_event({"lead_id": f"{LEAD}.0"})], {}, "EVT007 EVT009 EVT017"),
    "milliseconds": ([crm_event(event_time=(SENT - 600) * 1000)], {}, "EVT005 EVT017"),
    "no custom_data": ([crm_event(custom_data=None)], {}, "EVT002 EVT003 EVT017"),
    "crm in capitals": ([crm_event(custom=CRM | {"event_source": "CRM"})], {}, "EVT002 EVT017"),
    "an MD5 digest, which the SDK lets pass": (
        [crm_event({"lead_id": LEAD, "email": DIGEST[:32]})],
        {},
        "EVT010 EVT017",
    ),
    "a click id that is none": ([crm_event({"lead_id": LEAD, "fbc": "IwAR7x"})], {}, "EVT011"),
    "an agent of 23 characters": ([crm_event()], {"partner_agent": "datapartner-integration"}, "EVT013 EVT014"),
    "somebody else's agent": ([crm_event()], {"partner_agent": "otherpartner"}, "EVT013"),
    "a web event": (
        [
            crm_event(
                {"client_ip_address": "203.0.113.7", "client_user_agent": "Mozilla/5.0", "fbp": "fb.1.1789990000000.1"},
                event_name="Lead",
                event_id="web-7",
                event_source_url="https://example.com/thanks",
                action_source=ActionSource.WEBSITE,
                custom_data=None,
            )
        ],
        {},
        "EVT001 EVT002 EVT003 EVT006 EVT012 EVT017",
    ),
    "an app event that says that it is a CRM's": (
        [crm_event(app_data=AppData(advertiser_tracking_enabled=True))],
        {},
        "EVT012",
    ),
    "an offline event with a lead_id": (
        [crm_event(action_source=ActionSource.PHYSICAL_STORE, custom={"store": "7"})],
        {},
        "EVT001 EVT002 EVT003 EVT012 EVT017",
    ),
    "an address in custom_data": ([crm_event(custom=CRM | {"note": "ask jeanne@exemple.fr"})], {}, "EVT016"),
}
WITH_AGENT = [name for name, (_, request, _) in CASES.items() if "partner_agent" in request]


def logged(shape: str, advertiser: str, events: list[Event], request: dict[str, str]) -> dict[str, Any]:
    """One request as a log of the wire has it, in one of the shapes that the SDK's code paths give."""
    if shape == "asynchronous":
        body: Any = urlencode(EventRequestAsync("1", events=events, **request).get_params())
    else:
        params = EventRequest("1", events=events, **request).get_params()
        body = params if shape == "own client" else urlencode(params | {"data": json.dumps(params["data"])})
    return {
        "advertiser_id": advertiser,
        "sent_at": SENT,
        "url": "https://graph.facebook.com/v26.0/900000000000007/events",
        "request": {"body": body} if isinstance(body, str) else body,
        "response": {"status": 200, "body": {"events_received": len(events), "messages": []}},
    }


@pytest.fixture(scope="module", params=["form", "own client", "asynchronous"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All cases judged, each an advertiser of its own."""
    log: Path = tmp_path_factory.mktemp("sdk") / "log.jsonl"
    records = [logged(request.param, name, events, given) for name, (events, given, _) in CASES.items()]
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    with open_store() as store:
        assert ingest(store, [str(log)], []).quarantined == 0
        without = check(store, as_of=SENT + 86_400)
        config = Config(partner=PartnerConfig(partner_agent="datapartner"))
        with_agent = check(store, as_of=SENT + 86_400, config=config)
    # only senders that name an agent are held to the partner's
    kept = [r for r in with_agent.advertisers if r.advertiser_id in WITH_AGENT]
    kept += [r for r in without.advertisers if r.advertiser_id not in WITH_AGENT]
    return Run(**{name: getattr(without, name) for name in Run.__slots__} | {"advertisers": tuple(kept)})


def raised(finding: Finding) -> bool:
    """Whether a finding says that something is wrong; one for information passes and counts what it tells of."""
    told = finding.affected or finding.warned or 0
    return finding.status in (Status.FAIL, Status.WARN) or (finding.code == "EVT016" and told > 0)


@pytest.mark.parametrize("name", CASES)
def test_a_request_of_the_sdk_raises_what_is_wrong_with_it_and_no_more(name: str, run: Run) -> None:
    (result,) = [one for one in run.advertisers if one.advertiser_id == name]
    findings = [finding for finding in result.findings if finding.area == "EVT"]
    assert " ".join(finding.code for finding in findings if raised(finding)) == CASES[name][2]
    assert all(finding.status is not Status.UNDECIDED for finding in findings)


@pytest.mark.parametrize(
    ("name", "code", "cause"),
    [
        ("a web event", "EVT012", "a web event (action_source website)"),
        ("an offline event with a lead_id", "EVT012", "an offline event (action_source physical_store)"),
        ("an app event that says that it is a CRM's", "EVT012", "app_data of an app event"),
        ("an id in a list, as the SDK's own sample has it", "EVT007", "wrapped in a list"),
        ("an id that went through a decimal column", "EVT007", "a decimal point, from a column of numbers"),
        ("milliseconds", "EVT005", "milliseconds"),
        ("crm in capitals", "EVT002", "capitals or blanks in “CRM”"),
        ("an MD5 digest, which the SDK lets pass", "EVT010", "em as MD5"),
        ("no lead_id, but contact data", "EVT006", "contact data without a lead_id"),
        ("somebody else's agent", "EVT013", "“otherpartner”"),
        ("an agent of 23 characters", "EVT014", "23 characters"),
    ],
)
def test_what_went_wrong_is_named(name: str, code: str, cause: str, run: Run) -> None:
    (result,) = [one for one in run.advertisers if one.advertiser_id == name]
    assert f"Cause: {cause} (1)." in result.finding(code).message


def test_the_fix_of_a_wrong_recipe_names_the_five_fields(run: Run) -> None:
    (result,) = [one for one in run.advertisers if one.advertiser_id == "a web event"]
    fix = result.finding("EVT012").fix
    fields = ["action_source", "custom_data.event_source", "custom_data.lead_event_source", "user_data.lead_id"]
    assert [field for field in [*fields, "event_name"] if field not in fix] == []
