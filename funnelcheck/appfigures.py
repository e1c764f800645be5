"""What a report shows of an advertiser's App Events beside the findings: frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppFigures:
    """App Events of one advertiser up to as_of, over the whole log; times in Unix seconds."""

    app_ids: tuple[str, ...]  # most requests first
    requests: int
    installs: int
    conversions: int
    first_sent: int | None
    last_sent: int | None
