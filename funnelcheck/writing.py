"""Files of ours on their way to the disk: whole or not at all, and an error that says which could not be written."""

from __future__ import annotations

import os
import shutil
import tempfile
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


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill; what is in it then takes the place of the other folder, if there is one, as a whole.

    OSError as it comes, and nothing is replaced where the filling fails.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / folder.name)
    try:
        fresh.rename(folder)
    except OSError:
        (old / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
