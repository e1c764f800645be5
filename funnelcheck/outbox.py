"""A folder of requests that somebody is to post: private, whole or not at all, and never in place of foreign files."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnelcheck import tables
from funnelcheck.errors import UsageError
from funnelcheck.masking import hidden, masked
from funnelcheck.numbers import visible
from funnelcheck.writing import writing

MARK = "README.txt"
BODIES = "bodies"
_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Outbox:
    """One kind of such a folder: what it is called, the first line of its README.txt, its lists besides the bodies."""

    what: str
    first: str
    lists: tuple[str, ...]

    def require_ours(self, out: Path, sources: Sequence[str] = ()) -> None:
        """UsageError when the folder holds anything but an earlier one, or would be read as a log itself."""
        for source in sources:
            if Path(source).is_dir() and out.resolve().is_relative_to(Path(source).resolve()):
                raise UsageError(
                    f"{out}: lies in {source}, where it would be read as a log; name another folder with --out"
                )
        ours = re.compile(
            rf"{re.escape(MARK)}|(?:{'|'.join(self.lists)})\.(?:csv|jsonl)|{BODIES}|{BODIES}/[0-9]{{4,}}-[0-9A-Za-z_-]+\.json"
        )
        with writing(out):
            is_empty = not out.exists() or (out.is_dir() and not any(out.iterdir()))
            if not is_empty and not self._is_ours(out / MARK):
                raise UsageError(
                    f"{out}: holds something that is no {self.what} of ours; name another folder with --out"
                )
            for file in [] if is_empty else sorted(out.rglob("*")):
                if not ours.fullmatch(file.relative_to(out).as_posix()):
                    raise UsageError(
                        f"{file}: is no part of a {self.what} and would be deleted; move it, or name another --out"
                    )

    def _is_ours(self, mark: Path) -> bool:
        return mark.is_file() and mark.read_text(encoding="utf-8", errors="replace").startswith(self.first)

    def write(
        self,
        out: Path,
        bodies: Mapping[str, str],
        lists: Mapping[str, tuple[Iterable[Mapping[str, Any]], Sequence[str]]],
        told: Iterable[str],
    ) -> None:
        """Write everything anew, whole or not at all, for the owner of the folder alone; OutputError if it cannot.

        `bodies` by name, `lists` by name with their columns, `told`: the lines of README.txt after the first. An
        earlier folder is replaced, so that nobody posts its bodies.
        """
        with writing(out):
            place = out.resolve()
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh, aside = (
                Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))  # 0700
                for _ in range(2)
            )
            try:
                (fresh / BODIES).mkdir(mode=0o700)
                for name, text in bodies.items():
                    _put(fresh / BODIES / name, text)
                for name, (rows, columns) in lists.items():
                    held = list(rows)
                    for ending in (".csv", ".jsonl"):
                        tables.write(held, columns, fresh / f"{name}{ending}")
                        (fresh / f"{name}{ending}").chmod(0o600)
                _put(fresh / MARK, "\n".join([self.first, "", *told]) + "\n")
                if place.exists():  # aside first: deleted where it stands, it could be left half there
                    place.rename(aside / place.name)
                fresh.rename(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                shutil.rmtree(aside, ignore_errors=True)


def _put(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8", newline="\n")


def request(events: Iterable[Mapping[str, Any]], beside: Mapping[str, str]) -> str:
    """What is to be posted: JSON in ASCII, one event a line, with what stands beside them."""
    told = ",\n".join(json.dumps(event, default=float) for event in events)
    more = "".join(f",\n{json.dumps(name)}: {json.dumps(value)}" for name, value in beside.items())
    return f'{{"data": [\n{told}\n]{more}}}\n'


def file_name(number: int, owner: str | None, unknown: str, mark: str = "") -> str:
    """Of the `number`-th body: whose it is, and a mark where it needs a look before."""
    told = re.sub(r"[^0-9A-Za-z-]+", "_", owner or "")[:40] or unknown
    return f"{number:04}-{told}{mark}.json"


def haste(left: int) -> int:
    """0 for what can be sent for less than an hour, 1 for less than a day, 2 for longer."""
    return 0 if left < _HOUR else 1 if left < _DAY else 2


def salt(digests: Iterable[str], as_of: int) -> str:
    """What ids are masked with: the same for the same logs and instant, of no use to who has not got the logs."""
    return hashlib.sha256("\0".join([str(as_of), *sorted(digests)]).encode()).hexdigest()


def shown(value: str | None, salt: str | None) -> str | None:
    """Text from a log as a list shows it: its ids masked, unless there is no salt."""
    if value is None:
        return None
    value = visible(value)
    return value if salt is None else hidden(value, salt)


def shown_id(value: str | None, salt: str | None) -> str | None:
    """An id as a list shows it."""
    return value if salt is None else masked(value, salt)
