"""Write an invented sample: logs, lead lists and configuration, one story for each advertiser."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from funnelcheck.demo import app
from funnelcheck.demo.formats import LISTS, SHAPES, Rows, iso, json_text
from funnelcheck.demo.history import events_of, leads_of, requests_of
from funnelcheck.demo.stories import APP_STORIES, DAY, STORIES, AppStory, Story

__all__ = ["APP_STORIES", "MALFORMED", "STORIES", "AppStory", "Story", "write"]
MALFORMED = (
    '{"advertiser_id": "atlas-solar", "event": {"event_name": "Qual',
    "-- upload finished, log rotated --",
)


def write(folder: Path, *, as_of: int, seed: int = 7, stories: Sequence[Story] = STORIES) -> None:
    """Write `logs/`, `leads/` and `funnelcheck.toml`; the same arguments give the same bytes.

    `as_of` is in Unix seconds; nothing is dated after it. What a story writes does not depend on the others;
    two malformed lines end the first log.
    """
    logs: defaultdict[str, list[str]] = defaultdict(list)
    lists: defaultdict[str, Rows] = defaultdict(list)
    for story in stories:
        random = Random(f"{seed}/{story.advertiser_id}")
        leads = sorted(leads_of(story, as_of, random), key=lambda lead: lead.created)
        path, shape = SHAPES[story.shape]
        for request in requests_of(story, events_of(story, leads, as_of, random)):
            logs[path.format(story.advertiser_id)] += map(json_text, shape(story.advertiser_id, request))
        lists[LISTS[story.lead_list][0].format(story.advertiser_id)] += ((story, lead) for lead in leads)
    for lines in list(logs.values())[:1]:
        lines.extend(MALFORMED)
    told = {story.advertiser_id for story in stories}
    for beside in APP_STORIES:
        if beside.advertiser_id in told:
            random = Random(f"{seed}/{beside.advertiser_id}/app")
            logs["activities.jsonl.gz"] += map(json_text, app.requests_of(beside, as_of, random))
    for path, lines in logs.items():
        text = "".join(line + "\n" for line in lines).encode()
        _save(folder / "logs" / path, gzip.compress(text, 6, mtime=0) if path.endswith(".gz") else text)
    for path, rows in lists.items():
        _save(folder / "leads" / path, LISTS[rows[0][0].lead_list][1](rows))
    _save(folder / "funnelcheck.toml", "\n".join(_configuration(stories, as_of)).encode())


def _configuration(stories: Iterable[Story], as_of: int) -> Iterator[str]:
    yield "# What the sample's advertisers say about themselves."
    for story in stories:
        if story.settings or story.statuses:
            yield f"\n[advertiser.{story.advertiser_id}]"
        yield from (f"{key} = {json_text(value)}" for key, value in story.settings.items())
        for days_ago, status in story.statuses:
            yield f"[[advertiser.{story.advertiser_id}.status]]"
            yield f"date = {iso(as_of - days_ago * DAY)[:10]}\nstatus = {json_text(status)}"
    yield ""


def _save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
