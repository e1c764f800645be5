"""The public API does without the shell what the shell does, as README shows it."""

from __future__ import annotations

from pathlib import Path

import funnelcheck
from funnelcheck import demo

AS_OF = 1_795_305_600


def test_the_snippet_of_the_readme_works(tmp_path: Path) -> None:
    wanted = ("brightside-dental", "verde-kitchens")
    demo.write(tmp_path, as_of=AS_OF, stories=tuple(s for s in demo.STORIES if s.advertiser_id in wanted))
    with funnelcheck.open_store(tmp_path / "leads.duckdb") as store:
        report = funnelcheck.ingest(store, [str(tmp_path / "logs")], [str(tmp_path / "leads")])
        run = funnelcheck.check(store, as_of=AS_OF)
    assert report.rows == report.loaded + report.quarantined
    assert [(r.advertiser_id, r.verdict) for r in run.advertisers] == [
        ("brightside-dental", funnelcheck.Verdict.READY),
        ("verde-kitchens", funnelcheck.Verdict.NOT_READY),
    ]
    table = run.to_polars()
    failing = table.filter((table["status"] == "fail") & (table["severity"] == "required"))
    assert failing["code"].to_list() == ["COV001"]
    assert table.height == sum(len(result.findings) for result in run.advertisers)


def test_a_report_can_be_written_from_python(tmp_path: Path) -> None:
    with funnelcheck.open_store() as store:
        run = funnelcheck.check(store, as_of=AS_OF)
    index = funnelcheck.write_report(run, funnelcheck.load_rulebook(funnelcheck.Config()).rules, tmp_path / "out")
    assert "No advertiser" in index.read_text()


def test_every_public_name_is_there() -> None:
    assert all(getattr(funnelcheck, name) is not None for name in funnelcheck.__all__)
    assert set(funnelcheck.__all__) == set(funnelcheck._HOMES)
