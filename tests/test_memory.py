"""Loading stays under the memory that the configuration allows, however large the file is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import benchmark
import pytest

from funnelcheck import config
from funnelcheck.errors import ConfigError

LIMIT = 200  # MB, of the engine
BESIDES = 150  # MB that Python, its libraries and the engine's own code take


@pytest.mark.parametrize("rows", [20_000, 200_000])
def test_a_file_ten_times_as_large_takes_no_more_than_the_limit(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.jsonl"
    benchmark.write_json_lines(path, rows)
    monkeypatch.setenv("FUNNELCHECK_MEMORY", f"{LIMIT}MB")
    # a process of its own: what it reports is the most memory that any child of it took
    told = subprocess.run(
        [sys.executable, benchmark.__file__, "--load", path, tmp_path], capture_output=True, text=True, check=True
    )
    assert f"{rows:,} loaded" in told.stdout
    assert float(told.stdout.split()[-1]) < LIMIT + BESIDES


def test_a_limit_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "funnelcheck.toml"
    path.write_text('memory_limit = "much"\n')
    with pytest.raises(ConfigError, match='memory_limit must be like "500MB"'):
        config.load(path)
    path.write_text('memory_limit = "2GB"\n')
    assert config.load(path).memory_limit == "2GB"
