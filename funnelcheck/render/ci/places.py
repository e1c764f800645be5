"""Where a file stands in its repository: the paths that code hosts know it by."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Root:
    """The top folder of a repository, and the folder that relative paths start from."""

    top: Path
    here: Path

    @classmethod
    def around(cls, here: Path) -> Root:
        """The repository that a folder is in; the folder itself where it is in none."""
        whole = here.resolve()
        return cls(next((one for one in (whole, *whole.parents) if (one / ".git").exists()), whole), whole)

    def path(self, path: str) -> str:
        """A path from the top, with /; that of a file outside stays whole."""
        try:
            return Path(os.path.normpath(self.here / path)).relative_to(self.top).as_posix()
        except ValueError:
            return Path(path).as_posix()


def uri(path: str) -> str:
    """A path as a relative reference, or as a file's URI where it is whole; every other sign percent-encoded."""
    told = quote(path.encode("utf-8", "surrogateescape" if _is_escaped(path) else "surrogatepass"), safe="/-._~")
    if path.startswith("/"):
        return f"file://{told}"
    if path[1:3] == ":/":  # a drive
        return f"file:///{told.replace('%3A', ':', 1)}"
    return told


def _is_escaped(path: str) -> bool:
    """Whether the signs that are no text are bytes of a name, as Python reads them from a system."""
    return all("\udc80" <= sign <= "\udcff" for sign in path if "\ud800" <= sign <= "\udfff")
