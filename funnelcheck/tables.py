"""Rows as a file that a spreadsheet or a program reads: CSV or JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], path: Path) -> None:
    """JSON Lines for a name in .jsonl, else CSV whose cells no spreadsheet takes for formulas; OSError as it comes."""
    if path.suffix == ".jsonl":
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows), encoding="utf-8"
        )
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns)
        writer.writerow({name: _harmless(name) for name in columns})
        writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)


def _harmless(value: object) -> object:
    """Text that begins like a formula gets the apostrophe that makes it text."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
