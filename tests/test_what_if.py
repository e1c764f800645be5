"""What is supposed of advertisers before launch, against the same thing done to their files and settings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import selection_samples as samples
from test_ranking import YES, one_of, steady

from funnelcheck.cli import run as run_cli
from funnelcheck.config import AdvertiserConfig, Config
from funnelcheck.errors import UsageError
from funnelcheck.ingestion import ingest
from funnelcheck.judgement import check
from funnelcheck.language import use
from funnelcheck.model import Status
from funnelcheck.render import selection_csv, selection_json, selection_text
from funnelcheck.render.json import render as results_json
from funnelcheck.rulebook import load as load_rulebook
from funnelcheck.selection import Selection, Suitability, Supposed, read_what_if, select
from funnelcheck.selection.launching import barred
from funnelcheck.selection.supposing import applied
from funnelcheck.store import Store, open_store

AS_OF, DAY = samples.AS_OF, samples.DAY


def three_stages(name: str, number: int, a_day: int, share: int) -> samples.Invented:
    """As `steady`; some of who is qualified is so by another name, and half of them buy."""
    one = steady(name, number, a_day, share)
    qualified = [row for row in one.stages if row[1] == "Qualified"]
    one.stages = [row for row in one.stages if row[1] != "Qualified"]
    one.stages += [(lead, "SQL" if i % 3 else "Qualified", time) for i, (lead, _, time) in enumerate(qualified)]
    one.stages += [(lead, "Sold", time + DAY) for lead, _, time in qualified[::2] if time + DAY <= AS_OF]
    return one


ADVERTISERS = [three_stages("a", 1, 20, 5), three_stages("b", 2, 9, 3), steady("c", 3, 20, 60)]
CONFIG = Config(advertisers={one.name: AdvertiserConfig(answers=YES) for one in ADVERTISERS})


def load(store: Store, folder: Path, names: dict[str, str]) -> None:
    """The three advertisers, with stages renamed in their CRM's export."""
    changed = [
        replace(one, stages=[(lead, names.get(stage, stage), time) for lead, stage, time in one.stages])
        for one in ADVERTISERS
    ]
    leads, history = samples.write(folder, changed)
    assert ingest(store, [], [str(leads)], history_sources=[str(history)]).problems == []


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store() as opened:
        load(opened, tmp_path_factory.mktemp("plain"), {})
        yield opened


@pytest.fixture(scope="module")
def plain(store: Store) -> Selection:
    return select(store, as_of=AS_OF, config=CONFIG)


@pytest.fixture(scope="module")
def merged(store: Store) -> Selection:
    return supposed(store, "stage-map=SQL:Qualified,Sold:Bought")


def supposed(store: Store, *texts: str, **more: Any) -> Selection:
    return select(store, as_of=AS_OF, config=CONFIG, what_if=read_what_if(texts), **more)


# --- against the same thing done ------------------------------------------------------------------------------------


def test_without_anything_supposed_everything_is_as_it_is(store: Store, plain: Selection) -> None:
    assert read_what_if(()) == Supposed()
    assert supposed(store) == plain
    assert (plain.what_if, plain.before) == ((), None)


def test_what_is_true_already_changes_nothing(store: Store, plain: Selection) -> None:
    found = supposed(store, "coverage=1", "stage-map=SQL:SQL", "launch=2026-11-23")
    assert found.advertisers == plain.advertisers
    assert found.before == plain
    assert "was" not in selection_text.render(found).split()


def test_a_renamed_stage_is_as_if_the_crm_had_named_it_so(merged: Selection, plain: Selection, tmp_path: Path) -> None:
    with open_store() as other:
        load(other, tmp_path, {"SQL": "Qualified", "Sold": "Bought"})
        done = select(other, as_of=AS_OF, config=CONFIG)
    assert merged.advertisers == done.advertisers
    assert merged.advertisers != plain.advertisers


def test_a_stage_to_optimise_for_is_as_if_it_were_configured(store: Store, changed: Selection) -> None:
    configured = {name: replace(one, optimisation_stage="Sold") for name, one in CONFIG.advertisers.items()}
    done = select(store, as_of=AS_OF, config=replace(CONFIG, advertisers=configured), launch=date(2027, 1, 11))
    assert changed.advertisers == done.advertisers
    assert one_of(done, "a").optimisation_stage == "Sold"
    assert one_of(done, "c").finding("SEL004").status is Status.FAIL  # it records none such


def test_who_configures_nothing_optimises_for_it_as_well(store: Store) -> None:
    found = applied(read_what_if(["optimise=sold"]), Config(), store)
    assert {name: one.optimisation_stage for name, one in found.advertisers.items()} == dict.fromkeys("abc", "sold")


def test_a_rename_reaches_what_is_configured(store: Store) -> None:
    own = AdvertiserConfig(optimisation_stage="sql", stage_order=("Lead", "SQL"), negative_stages=("Sold",))
    supposition = read_what_if(["stage-map=SQL:Meeting, Sold:Bought"])
    found = applied(supposition, Config(advertisers={"a": own}), store).advertisers["a"]
    assert (found.optimisation_stage, found.stage_order, found.negative_stages) == (
        "Meeting",
        ("Lead", "Meeting"),
        ("Bought",),
    )


def test_several_things_are_supposed_together(store: Store, merged: Selection) -> None:
    texts = ("stage-map=SQL:Qualified,Sold:Bought", "optimise=Qualified", "coverage=0.8", "launch=2027-01-11")
    found = supposed(store, *texts)
    one, other = one_of(found, "a"), one_of(merged, "a")
    assert one.plan is not None
    assert other.plan is not None
    assert one.plan.launch == "2027-01-11"
    assert one.finding("SEL004").value == pytest.approx(0.8 * (other.finding("SEL004").value or 0))
    assert one.plan.events_a_week == pytest.approx(0.8 * (other.plan.events_a_week or 0))
    assert found.what_if == (
        "SQL counts as Qualified",
        "Sold counts as Bought",
        "everybody optimises for Qualified",
        "events are sent for 80 % of leads",
        "the launch is on 2027-01-11",
    )


def test_nothing_that_was_supposed_stays(store: Store) -> None:
    before = results_json(check(store, as_of=AS_OF, config=CONFIG))
    supposed(store, "stage-map=SQL:Qualified", "coverage=0.5")
    assert results_json(check(store, as_of=AS_OF, config=CONFIG)) == before


# --- coverage -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def partial(store: Store) -> Selection:
    return supposed(store, "coverage=0.6")


def test_below_what_the_guide_asks_for_nobody_is_let_in(store: Store, partial: Selection) -> None:
    one, other = one_of(partial, "a"), one_of(supposed(store, "coverage=0.599999"), "a")
    assert (one.suitability, "COV001" in [task.code for task in one.work]) == (Suitability.READY, False)
    assert (other.suitability, other.work[0].code) == (Suitability.NOT_SUITABLE, "COV001")
    assert (one.plan is not None, other.plan is not None) == (True, False)
    assert "60 %" in other.summary


def test_the_limit_is_the_one_that_is_configured() -> None:
    rule = load_rulebook(Config(rules={"COV001": {"min_coverage": 0.9}})).rule("COV001")
    assert barred(0.9, rule) is None
    task = barred(0.8999, rule)
    assert task is not None
    assert "89.99 % of leads; below 90 %" in task.message


def test_a_rate_is_seen_lower_and_may_fall_out_of_range(plain: Selection, partial: Selection) -> None:
    full, part = one_of(plain, "c"), one_of(partial, "c")
    assert full.finding("SEL004").value == pytest.approx(1 / 60, rel=0.05)
    assert part.finding("SEL004").value == pytest.approx(0.6 * (full.finding("SEL004").value or 0))
    assert part.finding("SEL004").evidence["rate_low"] == pytest.approx(
        0.6 * full.finding("SEL004").evidence["rate_low"]
    )
    assert (full.probability or 0) > 0.7 > (part.probability or 0)
    assert part.stages == full.stages  # what the CRM shows is as it was


# --- how it is shown ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def changed(store: Store) -> Selection:
    return supposed(store, "optimise=Sold", "launch=2027-01-11")


def test_the_text_marks_what_has_changed(changed: Selection) -> None:
    text = selection_text.render(changed)
    assert "Supposed: everybody optimises for Sold; the launch is on 2027-01-11." in text
    assert "Sold (was " in text
    assert "(was Ready to launch)" in text


def test_json_has_what_was_before(changed: Selection, plain: Selection) -> None:
    document = json.loads(selection_json.render(changed))
    assert document["what_if"] == list(changed.what_if)
    for one in document["advertisers"]:
        before = one_of(plain, one["advertiser_id"])
        assert one["before"]["rank"] == before.rank
        assert one["before"]["suitability"] == before.suitability
        assert one["before"]["probability"] == pytest.approx(before.probability, abs=1e-6)
        assert one["before"]["optimisation_stage"] == before.optimisation_stage


def test_csv_has_columns_of_before(changed: Selection, plain: Selection) -> None:
    rows = list(csv.DictReader(io.StringIO(selection_csv.render(changed))))
    assert [int(row["rank_before"]) for row in rows] == [one_of(plain, row["advertiser_id"]).rank for row in rows]
    assert {row["optimisation_stage"] for row in rows} == {"Sold"}
    assert "Sold" not in {row["optimisation_stage_before"] for row in rows}


def test_what_is_supposed_is_told_in_the_language_that_is_asked_for(store: Store) -> None:
    with use("fr"):
        found = supposed(store, "stage-map=SQL:Qualified", "optimise=Qualified", "coverage=0.5", "launch=2027-01-11")
        told = " ".join((*found.what_if, *(one.explanation for one in found.advertisers)))
    assert "50\u00a0% des prospects" in told
    assert "11 janv. 2027" in told.replace("\u00a0", " ")
    assert "leads" not in told


# --- what is not understood -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["optimize=Sold"], r"'optimize' cannot be supposed; did you mean \"optimise\"\?"),
        (["colour=red"], r"cannot be supposed \(known: coverage, launch, optimise, stage-map\)"),
        (["optimise"], "says nothing; write optimise=Qualified"),
        (["stage-map=SQL"], "'SQL' names no two stages; write stage-map=SQL:Qualified"),
        (["stage-map=SQL:"], "names no two stages"),
        (["stage-map=SQL:A,sql:B"], "'sql' gets two names"),
        (["coverage=80 %"], "no share of leads above 0 and up to 1; write coverage=0.8"),
        (["coverage=0"], "no share"),
        (["coverage=nan"], "no share"),
        (["coverage=1.01"], "no share"),
        (["launch=11/01/2027"], "is no day; write one like 2027-01-11"),
        (["launch=2027-02-30"], "is no day"),
        (["optimise=A", "optimise=B"], "optimise is supposed twice"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_hint(texts: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_what_if(texts)


def test_names_with_commas_and_colons_can_be_mapped() -> None:
    found = read_what_if(['stage-map="Won, paid":Sold,Step 2: call:Called', "stage-map=SQL:Sold"])
    assert found.stage_map == {"Won, paid": "Sold", "Step 2: call": "Called", "SQL": "Sold"}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["optimise=Sould"], r"nobody has a stage 'Sould'; did you mean \"Sold\"\?"),
        (["stage-map=SQLs:Qualified"], r"nobody has a stage 'SQLs'; did you mean \"SQL\"\?"),
        (["stage-map=SQL:Meeting", "optimise=SQL"], "nobody has a stage 'SQL'"),
        (["launch=2026-11-01"], "lies before the day of judgement"),
    ],
)
def test_a_stage_that_nobody_has_is_refused(texts: list[str], told: str, store: Store) -> None:
    with pytest.raises(UsageError, match=told):
        supposed(store, *texts)


def test_a_renamed_stage_can_be_optimised_for(store: Store) -> None:
    found = applied(read_what_if(["stage-map=SQL:Meeting", "optimise=Meeting"]), CONFIG, store)
    assert found.advertisers["a"].optimisation_stage == "Meeting"


def test_the_command_supposes_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leads, history = samples.write(tmp_path, ADVERTISERS[:1])
    sources = ["--leads", str(leads), "--history", str(history), "--as-of", "2026-11-22T13:30:00Z", "-q"]
    assert run_cli(["select", *sources, "--what-if", "coverage=0.5", "--launch", "2027-01-11", "--not-connected"]) == 0
    assert "Supposed: events are sent for 50 % of leads." in capsys.readouterr().out
    assert run_cli(["select", *sources, "--what-if", "stages=2"]) == 2
    assert run_cli(["select", *sources, "--launch", "tomorrow"]) == 2
    assert "--launch tomorrow: is no day" in capsys.readouterr().err


def test_a_day_of_launch_is_read_once() -> None:
    assert read_what_if(["launch=2027-01-11"]).launch == date(2027, 1, 11)
