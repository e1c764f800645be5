"""How far a load is, in bytes."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, int, str], None]  # bytes done, bytes in all, what is being done
_LOOK = 0.2  # of the work on a byte is to look at it, the rest to load it


class Meter:
    """Adds up bytes: some of the work on one is to look at it, more to load it."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._read = 0
        self._loaded = 0.0
        self._progress = progress

    def read(self, size: int) -> None:
        """So many bytes more were looked at."""
        self._read += size
        self._tell("")

    def loaded(self, size: float) -> None:
        """So many bytes more are in the store, or need not be."""
        self._loaded += size
        self._tell("")

    def say(self, what: str) -> None:
        """What is being done now."""
        self._tell(what)

    def _tell(self, what: str) -> None:
        self._total = max(self._total, self._read)  # standard input has no size
        self._progress(_LOOK * self._read + (1 - _LOOK) * self._loaded, self._total, what)
