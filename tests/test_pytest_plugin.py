"""The fixture `capi` as an integrator uses it: tests of an integration pass or fail, and say why."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx  # what inner runs use is loaded here, for what they load themselves they drop again
import pytest
import requests
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.api import FacebookAdsApi
from test_sdk import CASES, SENT

import funnelcheck
from funnelcheck.capturing import Capture, capture, judging
from funnelcheck.gate import Policy
from funnelcheck.payload import PayloadFinding

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[1]
TOKEN = "EAAB-the-token"  # noqa: S105 - nobody's
LOADED = (httpx, requests, judging)
INTEGRATION = f'''
import json, time, requests, httpx

URL = "https://graph.facebook.com/v25.0/1202835294530000/events?access_token={TOKEN}"

def event(**changes):
    return {{
        "event_name": "Qualified", "event_time": int(time.time()) - 60, "action_source": "system_generated",
        "user_data": {{"lead_id": 4820103573628105}},
        "custom_data": {{"event_source": "crm", "lead_event_source": "Salesforce"}},
    }} | changes

def sync(*events):
    answer = requests.post(URL, json={{"data": events, "access_token": "{TOKEN}"}}, timeout=5)
    answer.raise_for_status()
    return answer.json()["events_received"]
'''


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with an integration, and pytest without plugins that happen to be installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(integration=INTEGRATION)
    pytester.syspathinsert()
    return pytester


def outcome(inner: pytest.Pytester, test: str, *arguments: str) -> tuple[dict[str, int], str]:
    """What came of a file of tests, and all that was said."""
    inner.makepyfile(test_it="from integration import *\nimport pytest\n" + test)
    done = inner.runpytest_inprocess("-p", "funnelcheck.pytest_plugin", "-p", "no:cacheprovider", *arguments)
    return done.parseoutcomes(), done.stdout.str() + done.stderr.str()


def test_right_events_pass(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
def test_a_stage_is_sent(capi):
    assert sync(event(), event(event_name="Sale")) == 2
    capi.assert_ready(fail_on="recommended")
    assert [one["event_name"] for one in capi.events] == ["Qualified", "Sale"]
    assert [one.dataset_id for one in capi.requests] == ["1202835294530000"]
    assert capi.findings == ()
""",
    )
    assert counts == {"passed": 1}, told


def test_a_wrong_event_fails_with_code_place_and_what_is_right(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
def test_a_stage_is_sent(capi):
    sync(event(), event(custom_data={"event_source": "CRM", "lead_event_source": "Salesforce"}))
    capi.assert_ready()
""",
    )
    assert counts == {"failed": 1}
    assert ">       capi.assert_ready()" in told or ">   capi.assert_ready()" in told
    assert "1 finding in what was sent to Meta (guide six-step):" in told
    assert 'EVT002 required: /data/1/custom_data/event_source in event 1 "Qualified" of request 1' in told
    assert "capitals or blanks in “CRM”" in told
    assert '"event_source": "crm"' in told.split("right:")[1]
    assert "judging.py" not in told, "frames of the plugin are of no help"
    assert TOKEN not in told


def test_no_request_and_refused_calls_fail(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
def test_nothing_is_sent(capi):
    capi.assert_ready()

def test_a_lead_is_read(capi):
    requests.get("https://graph.facebook.com/v25.0/4820103573628105", timeout=5)

def test_a_read_that_fails_silently_is_told_too(capi):
    sync(event())
    try:
        httpx.get("https://graph.facebook.com/v25.0/me")
    except Exception:
        pass
    capi.assert_ready()
""",
    )
    assert counts == {"failed": 3}
    assert "Nothing was posted to https://graph.facebook.com/VERSION/DATASET_ID/events." in told
    assert "GET https://graph.facebook.com/v25.0/4820103573628105: only POST to" in told
    assert "refused:\nE       GET https://graph.facebook.com/v25.0/me" in told


def test_what_counts_can_be_said_where_it_is_asked(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
CUSTOM = {"event_source": "crm"}

def test_the_level(capi):
    sync(event(), event(user_data={"lead_id": 4820103573628105, "fbc": "IwAR7x"}))
    capi.assert_ready()
    with pytest.raises(AssertionError, match="EVT011 recommended"):
        capi.assert_ready(fail_on="recommended")

def test_the_rules(capi):
    sync(event(custom_data=CUSTOM))
    capi.assert_ready(ignore=["EVT003"])
    capi.assert_ready(ignore="evt003")
    capi.assert_ready(select="TIM,EVT001")
    with pytest.raises(AssertionError, match="EVT003"):
        capi.assert_ready()
    with pytest.raises(Exception, match="no such rule"):
        capi.assert_ready(ignore=["EVT999"])

def test_the_time(capi):
    sync(event(event_time=1_790_000_000))
    capi.assert_ready(as_of="2026-09-21T14:30:00Z")
    capi.assert_ready(as_of=1_790_000_000 + 604_800)
    with pytest.raises(AssertionError, match="TIM001"):
        capi.assert_ready(as_of=1_790_000_000 + 604_801)
    with pytest.raises(AssertionError, match="TIM003"):
        capi.assert_ready(as_of="2026-09-20")

def test_who_sends(capi):
    sync(event(partner_agent="datapartner"))
    capi.assert_ready(partner_agent="datapartner")
    with pytest.raises(AssertionError, match="EVT013"):
        capi.assert_ready(partner_agent="another")

def test_the_guide(capi):
    sync(event(user_data={"em": ["0b9c2625dc21ef05f6ad4ddf47c5f203837aa32c7b2ff1d1b1e5f4f2ed2b7b3c"]}))
    capi.assert_ready(guide="2026-05")
    with pytest.raises(AssertionError, match="EVT006"):
        capi.assert_ready()
""",
    )
    assert counts == {"passed": 5}, told


def test_the_configuration_of_the_project_says_what_counts(inner: pytest.Pytester) -> None:
    inner.makefile(
        ".toml",
        funnelcheck='[partner]\npartner_agent = "datapartner"\n[gate]\nignore = ["EVT003"]\nfail_on = "recommended"\n',
    )
    counts, told = outcome(
        inner,
        """
def test_it(capi, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    sync(event(custom_data={"event_source": "crm"}, partner_agent="datapartner"))
    capi.assert_ready()
    sync(event(partner_agent="another"))
    with pytest.raises(AssertionError, match="EVT013"):
        capi.assert_ready()
""",
    )
    assert counts == {"passed": 1}, told


def test_an_integration_s_own_errors_can_be_tested(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
def test_a_lost_token(capi):
    capi.answer_error(190)
    with pytest.raises(requests.HTTPError):
        sync(event())

def test_a_dead_line(capi):
    capi.answer(error=ConnectionResetError(), times=1)
    with pytest.raises(requests.ConnectionError):
        sync(event())
    assert sync(event()) == 1
    capi.assert_ready()
""",
    )
    assert counts == {"passed": 2}, told


def test_a_body_that_is_no_payload_says_so(inner: pytest.Pytester) -> None:
    counts, told = outcome(
        inner,
        """
def test_it(capi):
    sync(event())
    requests.post(URL, data="{'data': []}", timeout=5)
    capi.assert_ready()
""",
    )
    assert counts == {"failed": 1}
    assert "request 2 cannot be judged" in told


@pytest.mark.parametrize("name", CASES)
def test_a_request_of_the_sdk_is_judged_as_a_log_of_it_is(name: str) -> None:
    events, given, codes = CASES[name]
    agent = "datapartner" if "partner_agent" in given else None
    FacebookAdsApi.init(access_token=TOKEN, crash_log=False)
    with capture() as capi:
        EventRequest(pixel_id="900000000000007", events=events, **given).execute()
    expected = set(codes.split()) - {"EVT009", "EVT017"}  # those two judge all events together
    found = capi.validation(as_of=SENT, partner_agent=agent).findings
    assert {finding.code for finding in found} == expected
    assert {finding.event_name for finding in found} <= {None, *(event.event_name for event in events)}


def test_many_alike_are_told_once() -> None:
    with capture() as capi:
        body = {"data": [{"event_name": "Lead", "event_time": SENT, "user_data": {}} for _ in range(300)]}
        requests.post("https://graph.facebook.com/v25.0/1/events", json=body, timeout=5)
    with pytest.raises(AssertionError, match="and 299 more like it") as told:
        capi.assert_ready(as_of=SENT)
    assert len(str(told.value)) < 3000


def test_a_message_has_room_for_twenty_kinds() -> None:
    with capture() as capi:
        requests.post("https://graph.facebook.com/v25.0/1/events", json={"data": [{"event_name": "x"}]}, timeout=5)
    judged = capi.validation(as_of=SENT)
    (file,) = judged.files

    def kind(i: int) -> PayloadFinding:
        one = file.findings[0]
        return PayloadFinding(**{name: getattr(one, name) for name in one.__slots__} | {"message": str(i)})

    many: Any = type(judged)(
        judged.version, judged.guide, judged.as_of, (type(file)("r", 1, 1, tuple(map(kind, range(23)))),)
    )
    assert judging.complaint(many, Policy()).endswith("... and 3 kinds of findings more")


def test_each_request_is_judged_at_the_time_at_which_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    event = {
        "event_name": "Qualified",
        "action_source": "system_generated",
        "user_data": {"lead_id": 4820103573628105},
        "custom_data": {"event_source": "crm", "lead_event_source": "Salesforce"},
    }
    with capture() as capi:
        for moment in (SENT, SENT + 30 * 86_400):
            monkeypatch.setattr("time.time", lambda moment=moment: float(moment))
            body = {"data": [event | {"event_time": moment - 60}]}
            requests.post("https://graph.facebook.com/v25.0/1/events", json=body, timeout=5)
    capi.assert_ready(fail_on="recommended")


def test_the_address_is_judged_too() -> None:
    with capture() as capi:
        requests.post("https://graph.facebook.com/v3.0/1/events", json={"data": [{"event_name": "x"}]}, timeout=5)
    with pytest.raises(AssertionError, match="REQ007 recommended: /url in request 1"):
        capi.assert_ready(fail_on="recommended", select="REQ")


def test_the_plugin_costs_nothing_before_it_is_used() -> None:
    heavy = "click duckdb polars jinja2 requests httpx aiohttp urllib3 funnelcheck.config funnelcheck.capturing".split()
    script = "import pytest, sys; before = set(sys.modules); import funnelcheck.pytest_plugin; "
    script += f"print(sorted(set({heavy}) & (set(sys.modules) - before)), len(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    found, modules = told.rsplit(" ", 1)
    assert (found, int(modules) < 10) == ("[]", True), told


def test_the_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"funnelcheck": "funnelcheck.pytest_plugin"}
    assert hasattr(import_module("funnelcheck.pytest_plugin"), "capi")
    assert funnelcheck.Capture is Capture
