"""What was judged, in every format that was asked for, to standard output, files and the page of a job."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from funnelcheck.render.ci import Judged, rendered, summary
from funnelcheck.writing import replace_file, writing

_JOB_PAGE = "GITHUB_STEP_SUMMARY"  # the file that GitHub shows on the page of a job
_JOB_PAGE_ROOM = 1 << 20


def deliver(outputs: Sequence[tuple[str, Path | None]], judged: Judged) -> None:
    """Each format to its place, in the present language; OutputError (exit code 3) for one that cannot be written."""
    write_texts((_beside(outputs, name, path, rendered(name, judged)), path) for name, path in outputs)
    page = os.environ.get(_JOB_PAGE)
    if page and any(name == "github" for name, _ in outputs):
        _append(Path(page), judged)


def write_texts(texts: Iterable[tuple[str, Path | None]]) -> None:
    """Each text to its file, or to standard output; OutputError (exit code 3) for one that cannot be written."""
    for text, path in texts:
        with writing(path or "standard output"):
            if path is None:
                click.echo(text, nl=False)
            else:
                _write(path, text)


def _beside(outputs: Sequence[tuple[str, Path | None]], name: str, path: Path | None, text: str) -> str:
    """Beside GitHub's commands nothing else on the same screen is one."""
    if path is not None or name == "github" or ("github", None) not in outputs:
        return text
    from funnelcheck.render.ci.github import harmless

    return harmless(text)


def _write(path: Path, text: str) -> None:
    """The whole file or none; what is no file, a pipe or a terminal, is written to."""
    content = text.encode("utf-8", "replace")
    if path.exists() and not path.is_file():
        path.write_bytes(content)
    else:
        replace_file(path, content)


def _append(page: Path, judged: Judged) -> None:
    """The summary behind what others wrote there; GitHub shows nothing of a page that is too long."""
    with writing(page):
        held = page.stat().st_size if page.exists() else 0
        text = summary(judged, _JOB_PAGE_ROOM - held)
        with page.open("ab") as file:
            file.write(text.encode("utf-8", "replace"))
