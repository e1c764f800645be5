"""Reports as files: written to a temporary folder and moved into place, so that nothing is half written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from funnelcheck.errors import OutputError
from funnelcheck.model import Rule
from funnelcheck.render import html, json
from funnelcheck.reported import Run
from funnelcheck.writing import replace_folder

_MARK = "results.json"
MARKS = (_MARK, "index.html", "rules.html")  # a folder without all of them is not ours to clear
_SELECTION = "selection.json"
_PAGE = re.compile(r"advertiser-[a-z0-9-]+\.html|briefs/[a-z0-9-]+\.(html|md)")
# A selection never takes the place of a report, nor a report that of a selection.
SELECTION_MARKS = (_SELECTION, "index.html", "partner.html", "rules.html")


def write_report(
    run: Run,
    catalogue: Sequence[Rule],
    folder: Path,
    beside: Callable[[str, str], tuple[str, bytes] | None] | None = None,
) -> Path:
    """Write index.html, a page an advertiser, rules.html and results.json; returns index.html.

    `beside` makes a file more of a page's name and text, like its PDF, or none.
    An earlier report in `folder` is replaced whole. OutputError (exit code 3) when the folder holds
    something else or cannot be written; the earlier report is then as it was.
    """
    return _write(folder, _files(run, catalogue, beside), _is_report, "report")


def write_selection(pages: Iterable[tuple[str, str]], document: str, folder: Path) -> Path:
    """Write the pages of a selection and selection.json; returns index.html.

    An earlier selection in `folder` is replaced whole. OutputError (exit code 3) as for a report.
    """
    files = ((name, text.encode("utf-8", "replace")) for name, text in (*pages, (_SELECTION, document)))
    return _write(folder, files, _is_selection, "selection")


def _write(folder: Path, files: Iterable[tuple[str, bytes]], is_ours: Callable[[Path], bool], what: str) -> Path:
    try:
        _replace(folder, files, is_ours, what)
    except OSError as error:
        why = error.strerror or error
        raise OutputError(f"{folder}: the {what} cannot be written ({why}); name another folder with --out") from error
    return folder / "index.html"


def _files(
    run: Run, catalogue: Sequence[Rule], beside: Callable[[str, str], tuple[str, bytes] | None] | None
) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a report."""
    for name, text in html.each_page(run, catalogue):
        yield name, text.encode("utf-8", "replace")
        more = None if beside is None else beside(name, text)
        if more is not None:
            yield more
    yield _MARK, json.render(run).encode("utf-8", "replace")


def _replace(folder: Path, files: Iterable[tuple[str, bytes]], is_ours: Callable[[Path], bool], what: str) -> None:
    if folder.exists() and not _may_go(folder, is_ours):
        raise OutputError(f"{folder}: holds something that is no {what} of ours; name another folder with --out")
    with replace_folder(folder) as fresh:
        for name, content in files:
            file = fresh / name
            if "/" in name:
                file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)


def _may_go(folder: Path, is_ours: Callable[[Path], bool]) -> bool:
    """True for an empty folder, and for one that holds what is to be replaced."""
    return folder.is_dir() and (not any(folder.iterdir()) or is_ours(folder))


def _is_report(folder: Path) -> bool:
    return all((folder / name).is_file() for name in MARKS)


def _is_selection(folder: Path) -> bool:
    """All of its marks are there, and nothing that no selection writes."""
    if not all((folder / name).is_file() for name in SELECTION_MARKS):
        return False
    held = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()]
    return all(name in SELECTION_MARKS or _PAGE.fullmatch(name) for name in held)
