"""Files of ours on their way to the disk: whole or not at all, and an error that says which could not be written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from funnelcheck.errors import OutputError


@contextmanager
def writing(place: Path | str) -> Iterator[None]:
    """OutputError (exit code 3) for what the system says while something is written there.

    A reader that has gone (BrokenPipeError) is no fault of the place.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{place}: cannot be written ({error.strerror or error})") from error


def replace_file(path: Path, content: bytes) -> None:
    """Put a content in place of a file's, which keeps its mode, or make the file; a link stays one.

    OSError as it comes; the file is then as it was.
    """
    place = path.resolve()
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            shutil.copymode(place, fresh)
        fresh.replace(place)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
