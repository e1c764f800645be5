"""Each story of the sample comes out as it is told, and every advertiser gets every rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from funnelcheck import config, demo, rulebook
from funnelcheck.ingestion import IngestReport, ingest
from funnelcheck.judgement import check
from funnelcheck.model import Severity, Status
from funnelcheck.render.json import render
from funnelcheck.reported import AdvertiserResult, Run
from funnelcheck.store import Store, open_store

AS_OF = 1_795_305_600  # 2026-11-22 00:00 UTC


def loaded(store: Store, folder: Path) -> IngestReport:
    return ingest(store, [str(folder / "logs")], [str(folder / "leads")])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    demo.write(folder, as_of=AS_OF)
    return folder


@pytest.fixture(scope="module")
def judged(sample: Path) -> Iterator[tuple[Run, IngestReport]]:
    with open_store() as store:
        report = loaded(store, sample)
        yield check(store, as_of=AS_OF, config=config.load(sample / "funnelcheck.toml")), report


@pytest.fixture(scope="module")
def results(judged: tuple[Run, IngestReport]) -> dict[str, AdvertiserResult]:
    return {result.advertiser_id: result for result in judged[0].advertisers if result.channel == "crm"}


@pytest.fixture(scope="module")
def apps(judged: tuple[Run, IngestReport]) -> dict[str, AdvertiserResult]:
    return {result.advertiser_id: result for result in judged[0].advertisers if result.channel == "app"}


@pytest.mark.parametrize("story", demo.APP_STORIES, ids=lambda story: story.advertiser_id)
def test_a_story_of_an_app_comes_out_as_it_is_told(story: demo.AppStory, apps: dict[str, AdvertiserResult]) -> None:
    result = apps[story.advertiser_id]
    assert (result.verdict, sorted(result.blocked_by)) == (story.verdict, sorted(story.blocked_by)), result.summary
    assert result.app is not None
    assert result.app.installs <= story.users
    assert {one.name for one in result.app.own} == {f"Workout {n} finished" for n in range(1, story.own_names + 1)}


def test_apps_stand_beside_stories_of_leads(
    results: dict[str, AdvertiserResult], apps: dict[str, AdvertiserResult]
) -> None:
    assert apps.keys() == {story.advertiser_id for story in demo.APP_STORIES} <= results.keys()


@pytest.mark.parametrize("story", demo.STORIES, ids=lambda story: story.advertiser_id)
def test_a_story_comes_out_as_it_is_told(story: demo.Story, results: dict[str, AdvertiserResult]) -> None:
    result = results[story.advertiser_id]
    assert (result.verdict, result.step) == (story.verdict, story.step), result.summary
    assert sorted(result.blocked_by) == sorted(held_by(result)) or story.verdict == "ready"
    unsatisfied = {
        f.code
        for f in result.findings
        if f.severity is Severity.REQUIRED and f.status in (Status.FAIL, Status.UNDECIDED) and f.code != "FUN004"
    }
    assert unsatisfied == set(story.blocked_by)


def held_by(result: AdvertiserResult) -> set[str]:
    """The rules that hold the verdict: failing ones, or where none fails those that cannot tell."""
    required = [f for f in result.findings if f.severity is Severity.REQUIRED]
    failing = {f.code for f in required if f.status is Status.FAIL}
    decisive = {"DAT003", "DAT012", "FUN002", "COV001", "FUN006", "FUN007"} | {f"EVT00{i}" for i in range(1, 8)}
    silent = {
        f.code
        for f in required
        if f.code in decisive
        and (f.status is Status.NOT_EVALUABLE or (f.status is Status.UNDECIDED and not f.code.startswith("EVT")))
    }
    return failing or silent


def test_there_are_twelve_stories_and_all_six_steps_and_three_verdicts(results: dict[str, AdvertiserResult]) -> None:
    assert len(demo.STORIES) >= 12
    assert {result.step for result in results.values()} == {1, 2, 3, 4, 5, 6}
    assert {str(result.verdict) for result in results.values()} == {"ready", "not_ready", "undecided"}


def test_every_rule_appears_once_for_every_advertiser(
    results: dict[str, AdvertiserResult], apps: dict[str, AdvertiserResult]
) -> None:
    rules = rulebook.load(config.Config()).rules
    for result in (*results.values(), *apps.values()):
        codes = [rule.code for rule in rules if rule.is_app == (result.channel == "app")]
        assert [finding.code for finding in result.findings] == codes


def test_every_message_is_a_whole_sentence(judged: tuple[Run, IngestReport]) -> None:
    for result in judged[0].advertisers:
        for finding in result.findings:
            assert finding.message.rstrip().endswith((".", ").")), finding.message
            assert "None" not in finding.message.replace("None of", "")
            assert "{" not in finding.message


def test_nothing_is_lost_and_the_malformed_lines_are_in_quarantine(judged: tuple[Run, IngestReport]) -> None:
    report = judged[1]
    assert report.problems == []
    assert report.quarantined == len(demo.MALFORMED)
    assert report.rows == report.loaded + report.duplicates + report.quarantined


def test_a_negative_stage_is_never_proposed(results: dict[str, AdvertiserResult]) -> None:
    result = results["willow-care"]
    refused = {stage.name: stage.reason for stage in result.stages}
    assert refused["Disqualified"] == "negative"
    assert result.optimisation_stage == "Qualified"


def test_the_same_day_gives_the_same_bytes(tmp_path: Path, sample: Path, judged: tuple[Run, IngestReport]) -> None:
    demo.write(tmp_path, as_of=AS_OF)
    files = sorted(file.relative_to(sample) for file in sample.rglob("*") if file.is_file())
    assert [(sample / file).read_bytes() for file in files] == [(tmp_path / file).read_bytes() for file in files]
    with open_store() as store:
        loaded(store, tmp_path)
        again = check(store, as_of=AS_OF, config=config.load(tmp_path / "funnelcheck.toml"))
    assert render(again) == render(judged[0])


def test_reading_the_same_log_twice_changes_nothing(sample: Path, judged: tuple[Run, IngestReport]) -> None:
    with open_store() as store:
        loaded(store, sample)
        again = loaded(store, sample)
        run = check(store, as_of=AS_OF, config=config.load(sample / "funnelcheck.toml"))
    assert (again.rows, len(again.known)) == (0, len(judged[0].inputs.sources))
    assert render(run) == render(judged[0])
