"""What a load noticed about the files that a reader of the figures should know: identifiers, times, encodings."""

from __future__ import annotations

from collections import Counter

from funnelcheck.ingestion.batches import Batch
from funnelcheck.ingestion.mapping import INSTALLS
from funnelcheck.ingestion.report import IngestReport
from funnelcheck.numbers import count
from funnelcheck.store import Store

_ENOUGH = 20  # distinct ids from which their last digits tell something (rules.md EVT009's figure)


class Findings:
    """Looks at each batch before it is kept; what concerns many files is told once, at the end."""

    def __init__(self, store: Store, report: IngestReport, time_zone: str) -> None:
        self.store = store
        self.report = report
        self.time_zone = time_zone
        self.counts: Counter[str] = Counter()
        self.naive: Counter[str] = Counter()  # by the zone that was taken

    def look(self, batch: Batch) -> None:
        """Count what is told at the end, and tell at once what concerns these files alone."""
        row = self.store.rows(
            """
            select
                count(*) filter (reason is null and has_naive_time) as naive,
                count(*) filter (has_prefix) as prefixed
            from read_record
            """
        )[0]
        settings = batch.layout.settings
        self.counts["prefixed"] += row["prefixed"]
        self.naive[(settings and settings.time_zone) or self.time_zone] += row["naive"]
        self.counts["windows"] += sum(part.plain.encoding == "cp1252" for part in batch.parts)
        others = f" and {len(batch.parts) - 1} more" if len(batch.parts) > 1 else ""
        name = f"{batch.parts[0].source.name}{others}"
        self.report.hints.extend(f"{name}: {sentence}" for sentence in self._ids(batch.layout.kind))

    def tell(self) -> None:
        """What concerns the whole load."""
        self.report.hints.extend(
            f"{count(rows, 'row')} with a time that names no zone: it was read as {zone} "
            "(time_zone in the configuration, or in a [source.NAME])"
            for zone, rows in sorted(self.naive.items())
            if rows
        )
        if self.counts["prefixed"]:
            self.report.hints.append(f"the label l: was taken off {count(self.counts['prefixed'], 'lead id')}")
        if self.counts["windows"]:
            self.report.hints.append(
                f"{count(self.counts['windows'], 'file')} is no UTF-8 and was read as Windows-1252; "
                "look at the letters with accents"
            )

    def _ids(self, kind: str) -> list[str]:
        if kind in ("counts", "calls", *INSTALLS):
            return []
        table = "read_lead" if kind == "leads" else "read_event"
        row = self.store.rows(
            f"""
            with id as (
                select lead_id, if(regexp_full_match(lead_id, '[0-9]{{15,17}}'), length(lead_id), 0) as digits
                from (select distinct lead_id from {table} where lead_id is not null)
            )
            select
                count(*) filter (digits = 16) as n16,
                count(*) filter (digits = 16 and ends_with(lead_id, '0')) as round16,
                count(*) filter (digits = 17) as n17,
                count(*) filter (digits = 17 and ends_with(lead_id, '00')) as round17,
                count(*) filter (digits = 17 and right(lead_id, 1) in ('0', '2', '4', '6', '8')) as even17,
                count(*) filter (digits = 0) as others,
                count(*) as n,
                min(lead_id) filter (digits = 0) as example
            from id
            """
        )[0]
        told = []
        if row["n16"] >= _ENOUGH and row["round16"] * 2 > row["n16"]:
            told.append(_rounded(row["round16"], row["n16"], "16", "0"))
        if row["n17"] >= _ENOUGH and row["round17"] * 2 > row["n17"]:
            told.append(_rounded(row["round17"], row["n17"], "17", "00"))
        elif row["n17"] >= _ENOUGH and row["even17"] == row["n17"]:
            told.append(
                f"all {row['n17']:,} lead ids of 17 digits are even, as numbers in JavaScript or a float column "
                "become; keep them as text from the first step on"
            )
        if row["others"] and (kind in ("history", "leads") or row["others"] * 2 > row["n"]):
            told.append(
                f"{row['others']:,} of {row['n']:,} lead ids are not Meta's (15 to 17 digits), like "
                f"{row['example'][:4]}… ({len(row['example'])} characters): a CRM's own id will do beside a lead list "
                "with the same ids, but events are sent with Meta's"
            )
        return told


def _rounded(rounded: int, n: int, digits: str, end: str) -> str:
    return (
        f"{rounded:,} of {n:,} lead ids of {digits} digits end in {end}: a spreadsheet has rounded them, and they "
        "belong to nobody; export them anew, as text"
    )
