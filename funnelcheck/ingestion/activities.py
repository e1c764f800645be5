"""Logged App Events requests (/activities) read into temporary tables; what is hardly JSON is read leniently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funnelcheck.ingestion import lenient
from funnelcheck.store import Store


def read(store: Store, parameters: Mapping[str, Any]) -> None:
    """Make read_activity and read_app_event of the App Events among judged_record; nothing where there is none."""
    if not store.value("select count(*) > 0 from judged_record where activity is not null"):
        return
    store.run_file("ingest/activity_fields.sql")
    doubtful = store.rows("select record, events_text from activity_field where is_doubtful")
    read = [(row["record"], lenient.read(row["events_text"])) for row in doubtful]
    store.put_rows(
        "lenient_events",
        "record bigint, text varchar, repairs varchar",
        [(record, found.text, " ".join(found.repairs) or None) for record, found in read],
    )
    store.run_file("ingest/activities.sql", parameters)
