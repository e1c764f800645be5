"""One whole run at a time on a store: a second one waits a little, and is told who is at work."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcheck.errors import StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

WAIT = 30.0  # seconds to wait for another run before giving up
_PATIENCE = 1.0  # seconds to wait without a word


@contextmanager
def whole_run(store: str | Path, tell: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """Nobody else's run on this store meanwhile; StoreError (exit code 3) when another one takes longer than WAIT.

    The operating system holds the lock, on STORE.lock, and lets go of it however the process ends. STORE.lock.holder
    only says who has it. `tell` hears of waiting.
    """
    import filelock

    if str(store) == ":memory:":  # nobody else's
        yield
        return
    path = Path(store)
    lock, holder = filelock.FileLock(f"{path}.lock"), Path(f"{path}.lock.holder")
    try:
        _acquire(lock, path, holder, tell)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"{path}.lock: cannot be written ({why}); name another place with --store") from error
    try:
        with suppress(OSError):  # without it a second one does not know whom it waits for, and waits all the same
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: BaseFileLock, path: Path, holder: Path, tell: Callable[[str], None]) -> None:
    import filelock

    try:
        lock.acquire(timeout=min(_PATIENCE, WAIT))
    except filelock.Timeout:
        tell(f"another run is at work on {path} ({_who(holder)}); waiting up to {WAIT:.0f} seconds for it")
    else:
        return
    try:
        lock.acquire(timeout=max(0.0, WAIT - _PATIENCE))
    except filelock.Timeout as error:
        raise StoreError(
            f"{path}: another run is at work on this store ({_who(holder)}), and was for {WAIT:.0f} seconds; "
            "nothing was done here: what it leaves is loaded by the next run"
        ) from error


def _who(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")[:200] or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"
