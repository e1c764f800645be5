"""Reports as files: written to a temporary folder and moved into place, so that nothing is half written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from funnelcheck.errors import OutputError
from funnelcheck.model import Rule, Run
from funnelcheck.render import html, json

_MARK = "results.json"  # a folder without it is not ours to clear


def write_report(
    run: Run,
    catalogue: Sequence[Rule],
    folder: Path,
    beside: Callable[[Mapping[str, str]], Iterable[tuple[str, bytes]]] | None = None,
) -> Path:
    """Write index.html, a page an advertiser, rules.html and results.json; returns index.html.

    `beside` makes more files of the pages, like a PDF of each.
    An earlier report in `folder` is replaced whole. OutputError (exit code 3) when the folder holds
    something else or cannot be written; the earlier report is then as it was.
    """
    pages = html.pages(run, catalogue)
    made = () if beside is None else beside(pages)
    try:
        _replace(folder, dict(pages) | {_MARK: json.render(run)}, made)
    except OSError as error:
        why = error.strerror or error
        raise OutputError(f"{folder}: the report cannot be written ({why}); name another folder with --out") from error
    return folder / "index.html"


def _replace(folder: Path, pages: Mapping[str, str], beside: Iterable[tuple[str, bytes]]) -> None:
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARK).is_file())):
        raise OutputError(f"{folder}: holds something that is no report of ours; name another folder with --out")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in pages.items():
            (fresh / name).write_text(text, encoding="utf-8", errors="replace", newline="\n")
        for name, content in beside:
            (fresh / name).write_bytes(content)
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
    folder.rename(old / "report")
    try:
        fresh.rename(folder)
    except OSError:
        (old / "report").rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
