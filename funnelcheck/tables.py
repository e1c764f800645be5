"""Rows as a file that a spreadsheet or a program reads: CSV or JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from funnelcheck.numbers import harmless_json

# What a spreadsheet takes for a formula: also in full width, and behind signs that nobody sees.
_FORMULA = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], path: Path) -> None:
    """JSON Lines for a name in .jsonl, else CSV whose cells no spreadsheet takes for formulas; OSError as it comes."""
    if path.suffix == ".jsonl":
        path.write_text(
            "".join(harmless_json(json.dumps(row, ensure_ascii=False, default=str)) + "\n" for row in rows),
            encoding="utf-8",
        )
        return
    path.write_text(text(rows, columns), encoding="utf-8", newline="")


def text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """CSV whose cells no spreadsheet takes for formulas; what a row has beside `columns` is left out."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writerow({name: _harmless(name) for name in columns})
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _harmless(value: object) -> object:
    """Text that begins like a formula gets the apostrophe that makes it text."""
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value
