"""A file by its size, its time of change and its ends: while these are the same its bytes need not be read again."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_END = 4096  # bytes of each end


@dataclass(frozen=True, slots=True)
class Glance:
    """What tells one version of a file from the next without reading all of it."""

    size: int  # bytes
    changed: int  # nanoseconds, as the file system tells them
    ends: str  # digest of the first and the last bytes


def glance(path: Path | None) -> Glance | None:
    """A file at one glance; None for what is no file, or cannot be read."""
    if path is None:
        return None
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            return None
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            return Glance(status.st_size, status.st_mtime_ns, _ends(file, status.st_size))
    except OSError:
        return None


def _ends(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256(file.read(_END))
    file.seek(max(_END, size - _END))
    digest.update(file.read(_END))
    return digest.hexdigest()
