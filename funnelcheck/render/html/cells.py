"""Text of ours and of others put into HTML by hand, for the long tables of a page, where a template is too slow.

What comes from a log goes through `safe`, or through one of the functions that use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from funnelcheck import language, numbers
from funnelcheck.render.html.environment import name, unbroken

_BETWEEN = "\x1f"  # what no page shows


@lru_cache(maxsize=8_192)
def safe(text: str) -> str:
    """Text escaped, its invisible signs made visible; one in three on a page stands on others too."""
    return escape(numbers.visible(text))


@lru_cache(maxsize=4_096)
def sentence(text: str, length: int = 600) -> str:
    """As `prose` of the templates; most sentences stand on many pages."""
    return unbroken(escape(numbers.visible(numbers.cut(text, length))))


def named(text: str, length: int = 80) -> str:
    """A name from a log, kept from reordering what stands around it."""
    return str(name(text, length))


def figure(n: int) -> str:
    """A count: 3412 -> "3,412"."""
    return str(n) if n < 1_000 else language.figures(f"{n:,}")


def columns(several: Sequence[Sequence[str]]) -> list[list[str]]:
    """Many short texts made safe at once, which is much faster where none of them holds anything odd."""
    flat = [text for texts in several for text in texts]
    joined = _BETWEEN.join(flat)
    if numbers.is_visible(joined.replace(_BETWEEN, "")) and joined.count(_BETWEEN) == len(flat) - 1:
        flat = escape(joined).split(_BETWEEN)
    else:
        flat = [safe(text) for text in flat]
    made, start = [], 0
    for texts in several:
        made.append(flat[start : start + len(texts)])
        start += len(texts)
    return made


@lru_cache(maxsize=8_192)
def muted(words: str) -> str:
    """A figure; what is not there is muted."""
    shown = safe(words)
    return f'<span class="m">{shown}</span>' if words.startswith(numbers.DASH) else shown
