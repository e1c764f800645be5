"""The published schemas say what the rules say, and what we write is as its schema says."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import random_logs
from jsonschema import Draft202012Validator
from random_logs import dumps
from random_payloads import OTHERS, TIME, random_event, right_event
from test_oracle import judged

import funnelcheck
from funnelcheck import demo, rulebook, ruleheader
from funnelcheck.config import Config
from funnelcheck.contracts import KINDS, schema
from funnelcheck.errors import RuleError, UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.model import Actor, Severity, Status
from funnelcheck.payload import PayloadFile, PayloadFinding, Unreadable, Validation
from funnelcheck.render import json as results_json
from funnelcheck.render import payload_json
from funnelcheck.runs import keep
from funnelcheck.store import open_store
from funnelcheck.validation import validate_texts

AS_OF = 1_795_305_600
WEEK = 7 * 86_400
EVENTS = 2_500
GUIDES = rulebook.guide_keys()
# Keys that stand there only where there is something to tell.
SOMETIMES = {"warned", "subject", "notes", "waiver", "expired_waiver", "rule_file"}
RECONCILED = {"unlisted_leads", "unlisted_events", "days", "forms", "form_count", "campaigns", "campaign_count"}


def code_of(validator: Draft202012Validator, place: int) -> str:
    return str(validator.schema["allOf"][place]["$ref"].rpartition("/")[2])


def refused(validator: Draft202012Validator, event: Any) -> set[str]:
    """The codes of the rules whose part of the schema is not kept."""
    errors = list(validator.iter_errors(event))
    named = {code_of(validator, error.schema_path[1]) for error in errors}
    assert {error.schema["$comment"].split()[-1] for error in errors} == named  # each error's own schema says it too
    return named


def faulty(folder: Path, requests: list[Any], config: Config, guide: str) -> list[set[str]]:
    """The codes of the rules that find each event at fault, all of them judged at once."""
    (folder / "log.jsonl").write_text("\n".join(dumps(request) for request in requests))
    with open_store() as store:
        report = ingest(store, [str(folder / "log.jsonl")])
        assert (report.problems, report.quarantined) == ([], 0)
        check(store, as_of=AS_OF, config=config, guide=guide)
        rows = store.rows(
            """
            select list(code) filter ((faulty >> bit) & 1 = 1) as codes
            from event_judged
            cross join event_rule
            join request using (request_id)
            group by line, position
            order by line, position
            """
        )
    return [set(row["codes"] or []) for row in rows]


def in_requests(events: list[Any]) -> list[Any]:
    return [{"advertiser_id": "a", "dataset_id": "1", "data": events[i : i + 500]} for i in range(0, len(events), 500)]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_schema_of_an_event_and_the_rules_refuse_the_same(guide: str, tmp_path: Path) -> None:
    rng = random.Random(f"payloads {guide}")
    events = [random_event(rng) for _ in range(EVENTS)]
    found = faulty(tmp_path, in_requests(events), Config(), guide)
    required = {rule.code for rule in rulebook.load(Config(), guide).rules if rule.severity is Severity.REQUIRED}
    validator = Draft202012Validator(schema("event", guide=guide))
    said = {code_of(validator, place) for place in range(len(validator.schema["allOf"]))}
    for event, codes in zip(events, found, strict=True):
        sent = json.loads(dumps(event))
        assert refused(validator, sent) == codes & said, dumps(event)
        assert validator.is_valid(sent) == (not codes & required), dumps(event)
    for code in said:
        assert 50 < sum(code in codes for codes in found) < EVENTS / 2, code


def test_thresholds_of_the_configuration_go_into_the_schema(tmp_path: Path) -> None:
    config = Config(rules={"EVT005": {"min_seconds": 1_700_000_000}, "EVT006": {"lead_id_required": 0}})
    events = [right_event() | {"event_time": 1_700_000_000 + more} for more in (-1, 0, 1)]
    events += [right_event() | {"user_data": {name: "x"}} for name in OTHERS]
    validator = Draft202012Validator(schema("event", config))
    found = faulty(tmp_path, in_requests(events), config, "six-step")
    assert [refused(validator, event) for event in events] == [codes - {"EVT011"} for codes in found]
    assert found[0] == {"EVT005"}
    assert not validator.is_valid(right_event() | {"user_data": {}})


def test_the_schema_of_a_request_and_the_rules_refuse_the_same(tmp_path: Path) -> None:
    rng = random.Random("requests")
    config = Config(rules={"REQ001": {"max_events": 3}})
    made = (right_event, right_event, lambda: random_event(rng))
    bodies = [{"data": [rng.choice(made)() for _ in range(rng.choice((1, 2, 3, 3, 4, 5)))]} for _ in range(200)]
    requests = [{"advertiser_id": f"{i:03}", "dataset_id": "1"} | body for i, body in enumerate(bodies)]
    found = iter(faulty(tmp_path, requests, config, "six-step"))
    required = {rule.code for rule in rulebook.load(config).rules if rule.severity is Severity.REQUIRED}
    of_each = [[next(found) & required for _ in body["data"]] for body in bodies]
    with open_store() as store:
        ingest(store, [str(tmp_path / "log.jsonl")])
        of_size = [one.finding("REQ001").affected == 0 for one in check(store, as_of=AS_OF, config=config).advertisers]
    validator = Draft202012Validator(schema("request", config))
    told = [validator.is_valid(json.loads(dumps(body))) for body in bodies]
    assert told == [fits and not any(codes) for fits, codes in zip(of_size, of_each, strict=True)]
    assert 20 < sum(told) < 150
    assert 20 < sum(of_size) < 180


def test_a_request_may_be_empty_and_holds_a_thousand_events_at_most() -> None:
    validator = Draft202012Validator(schema("request"))
    assert validator.is_valid({"data": []})  # REQ001 only warns
    assert validator.is_valid({"data": [right_event()] * 1_000, "partner_agent": "p", "test_event_code": "T"})
    assert not validator.is_valid({"data": [right_event()] * 1_001})
    assert not validator.is_valid({"partner_agent": "p"})
    assert not validator.is_valid(right_event())


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_by_the_words_of_its_dialect(kind: str, guide: str) -> None:
    made = schema(kind, guide=guide)
    Draft202012Validator.check_schema(made)
    assert made["$id"].startswith(f"urn:funnelcheck:schema:{kind}:")
    for example in made.get("examples", []):
        assert Draft202012Validator(made).is_valid(example)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_description_of_an_event_names_the_rules_that_the_schema_leaves_out(guide: str) -> None:
    made = schema("event", guide=guide)
    required = [rule for rule in rulebook.load(Config(), guide).rules if rule.severity is Severity.REQUIRED]
    for rule in required:
        if rule.about_events:
            assert (rule.code in made["$defs"]) != (rule.code in made["description"]), rule.code


def results(folder: Path) -> dict[str, Any]:
    """What the demo's run writes, with a run a week before it."""
    demo.write(folder, as_of=AS_OF)
    config = funnelcheck.load_config(folder / "funnelcheck.toml")
    with open_store(folder / "store.duckdb") as store:
        ingest(store, [str(folder / "logs")], [str(folder / "leads")], config=config)
        keep(store, check(store, as_of=AS_OF - WEEK, config=config))
        run = check(store, as_of=AS_OF, config=config)
    return json.loads(json.dumps(results_json.document(run)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return results(tmp_path_factory.mktemp("demo"))


RESULTS = Draft202012Validator(schema("results"))
VALIDATE = Draft202012Validator(schema("validate"))


def closed(made: Any) -> Any:
    """A schema that lets nothing pass that it does not name."""
    if isinstance(made, list):
        return [closed(one) for one in made]
    if not isinstance(made, dict):
        return made
    inner = {key: closed(value) for key, value in made.items()}
    return {"additionalProperties": False} | inner if "properties" in made and "type" in made else inner


def test_the_results_of_the_demo_are_as_their_schema_says_and_nothing_else(told: dict[str, Any]) -> None:
    assert told["since"] is not None
    for validator in (RESULTS, Draft202012Validator(closed(RESULTS.schema))):
        assert [(list(error.absolute_path), error.message) for error in validator.iter_errors(told)] == []


@pytest.mark.parametrize("seed", range(4))
def test_the_results_of_random_logs_are_as_their_schema_says(seed: int, tmp_path: Path) -> None:
    written = judged(random_logs.write_logs(tmp_path, seed))
    assert [(list(error.absolute_path), error.message) for error in RESULTS.iter_errors(written)] == []


def test_the_results_of_an_empty_store_are_as_their_schema_says() -> None:
    with open_store() as store:
        written = results_json.document(check(store, as_of=AS_OF))
    assert RESULTS.is_valid(json.loads(json.dumps(written)))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all keys of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*path, i))


def of_each_kind(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The path of each key once, the place in lists left aside; not the names that data give."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in places(document):
        if not {"verdicts", "app_verdicts", "waiting", "shows", "recipes", "missing"} & set(path[:-1]):
            found.setdefault(tuple(part for part in path if not isinstance(part, int)), path)
    return list(found.values())


def broken(document: dict[str, Any], path: tuple[Any, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document without a key, and with something else there."""
    for how in ("removed", "mistyped"):
        copied = copy.deepcopy(document)
        holder = copied
        for part in path[:-1]:
            holder = holder[part]
        if how == "removed":
            del holder[path[-1]]
        else:
            holder[path[-1]] = 7 if isinstance(holder[path[-1]], str | list | dict | bool) else {"x": [7]}
        yield how, copied


def kinds(value: Any) -> set[tuple[Any, ...]]:
    return {tuple(part for part in path if not isinstance(part, int)) for path in places(value)}


def small(value: Any) -> Any:
    """The document with those members of each list alone that have a key of their own."""
    if isinstance(value, dict):
        return {key: small(inner) for key, inner in value.items()}
    if not isinstance(value, list) or not any(isinstance(inner, dict) for inner in value):
        return value
    kept: list[Any] = []
    for inner in value:
        if not kinds(inner) <= kinds(kept):
            kept.append(small(inner))
    return kept


def test_a_result_that_lacks_a_key_or_has_another_type_is_refused(told: dict[str, Any]) -> None:
    document = small(told)
    paths = of_each_kind(document)
    assert len(paths) > 200
    for path in paths:
        for how, wrong in broken(document, path):
            may_lack = how == "removed" and (
                (path[-1] in SOMETIMES and path[-3] == "rules") or (path[-1] in RECONCILED and path[-2] == "coverage")
            )
            assert RESULTS.is_valid(wrong) == may_lack, (how, path)


def validation() -> dict[str, Any]:
    """A validation with one of each: at fault, about the request, not to be read."""
    finding = PayloadFinding(
        code="EVT002",
        severity=Severity.REQUIRED,
        status=Status.FAIL,
        title="Event source is crm",
        message="No event_source.",
        fix="Send it.",
        acts=Actor.PARTNER,
        path="a.json",
        pointer="/data/0/custom_data/a~1b",
        line=7,
        column=3,
        fingerprint="0123456789abcdef",
        subject="/data/0/custom_data",
        event=0,
        event_name="Lead",
        example='{"event_source": "crm"}',
    )
    about_request = replace(finding, pointer="", event=None, event_name=None)
    file = PayloadFile("a.json", 1, 1, (finding, about_request), {"CRM": 1})
    unreadable = (
        Unreadable("b.json", 3, 9, "it ends too early", "close it"),
        Unreadable("c.json", None, None, "empty"),
    )
    done = Validation("0.1.0", "six-step", AS_OF, (file,), unreadable, ("Hint.",))
    return json.loads(json.dumps(payload_json.document(done)))


def test_a_validation_is_as_its_schema_says_and_nothing_else_is() -> None:
    document = validation()
    for validator in (VALIDATE, Draft202012Validator(closed(VALIDATE.schema))):
        assert list(validator.iter_errors(document)) == []
    for path in of_each_kind(document):
        for how, wrong in broken(document, path):
            assert not VALIDATE.is_valid(wrong), (how, path)


def test_what_validate_says_is_as_its_schema_says_and_the_schema_of_an_event_agrees() -> None:
    rng = random.Random("validate")
    events = [random_event(rng) for _ in range(300)]
    done = validate_texts({"a.json": dumps({"data": events}), "b.json": "{"}, as_of=TIME + 60)
    told = json.loads(json.dumps(payload_json.document(done)))
    assert list(VALIDATE.iter_errors(told)) == []
    assert told["unreadable"]
    validator = Draft202012Validator(schema("event"))
    failed: list[set[str]] = [set() for _ in events]
    for finding in told["files"][0]["findings"]:
        if finding["status"] == "fail" and finding["event"] is not None:
            failed[finding["event"]].add(finding["code"])
    for event, codes in zip(events, failed, strict=True):
        assert refused(validator, json.loads(dumps(event))) == codes & set(validator.schema["$defs"]), dumps(event)


def test_a_headers_schema_reads_its_own_thresholds() -> None:
    given = {"properties": {"n": {"maximum": "$most", "enum": ["$most = 3", "$most = 4", "most"]}}}
    filled = ruleheader.filled(given, {"most": 3}, Path("rule.sql"))
    assert filled == {"properties": {"n": {"maximum": 3, "enum": [True, False, "most"]}}}
    with pytest.raises(RuleError, match=r"rule\.sql: the header's schema reads \$mots; did you mean \"most\"\?"):
        ruleheader.filled({"maximum": "$mots"}, {"most": 3}, Path("rule.sql"))


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("schema = 7", "the header's schema must be a table"), ("schema.type = 'object'", "only a rule of ours")],
)
def test_a_schema_in_a_rule_of_the_users_own_is_refused(written: str, complaint: str, tmp_path: Path) -> None:
    keys = " ".join(f'{key} = "x"\n' for key in ("title", "source", "why", "fix", "unit", "message"))
    header = f'/*---\n{keys}severity = "required"\nacts = "partner"\n{written}\n---*/\n'
    (tmp_path / "our001_x.sql").write_text(f"{header}select advertiser_id, channel, 0 as level from advertiser_window")
    with pytest.raises(RuleError, match=complaint):
        rulebook.load(Config(rules_folder=tmp_path))


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "funnelcheck", "schema", *arguments]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_command_prints_a_schema_or_writes_it(tmp_path: Path) -> None:
    (tmp_path / "funnelcheck.toml").write_text("[rule.REQ001]\nmax_events = 500\n")
    printed = command("request", "--guide", "2026-05", cwd=tmp_path)
    assert (printed.returncode, printed.stderr) == (0, "")
    made = json.loads(printed.stdout)
    assert made == schema("request", Config(rules={"REQ001": {"max_events": 500}}), "2026-05")
    assert made["$id"] == "urn:funnelcheck:schema:request:2026-05:1"
    written = command("request", "--guide", "2026-05", "--out", "request.json", cwd=tmp_path)
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "request.json").read_text() == printed.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("evnt",), 2, 'evnt: no such schema; did you mean "event"?'),
        (("event", "--guide", "six"), 2, "six: no such guide"),
        (("event", "--out", "none/x.json"), 3, "none/x.json: cannot be written"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_python_has_the_schemas_too() -> None:
    assert funnelcheck.schema("event") == schema("event")
    with pytest.raises(UsageError):
        funnelcheck.schema("nothing")
