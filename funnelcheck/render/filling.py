"""Files that other programs read, filled with paths and commands: each quoted for the language that it stands in."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from funnelcheck.errors import UsageError
from funnelcheck.resources import folder

if TYPE_CHECKING:
    from jinja2 import Environment

# Of these YAML takes some for line ends and refuses others, and none can be seen in a crontab.
_UNFIT = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def refuse_unfit(words: Iterable[str]) -> None:
    """UsageError for a word that no such file can hold."""
    for word in words:
        if _UNFIT.search(word):
            raise UsageError(f"{word!r}: a path with a line end or a control character cannot be put into such a file")


def templates(name: str) -> Environment:
    """The templates of a folder of reports/, with << >> and <% %> since these files have braces of their own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - no markup: each filter quotes for its own language
        loader=FileSystemLoader(folder("reports") / name, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters |= {"sh": shlex.join, "workflow": _workflow, "yaml": _yaml}
    return environment


def placed(source: str) -> str:
    """A file that would be taken for an option is named from its folder; `-` is standard input."""
    return f"./{source}" if source.startswith("-") and source != "-" else source


def _workflow(words: Sequence[str]) -> str:
    """For the script of a workflow's step, which GitHub fills before the shell sees it."""
    if any("${{" in word for word in words):
        raise UsageError("a path with ${{ cannot be put into a workflow")
    return shlex.join(words)


def _yaml(text: str) -> str:
    """A value of YAML, whatever signs are in it."""
    return json.dumps(text, ensure_ascii=False)
