"""Small pieces that every page uses: sections and frames around a template's text, badges, names, links to rules."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, lru_cache
from typing import Any

from markupsafe import escape

from funnelcheck import language, numbers
from funnelcheck.model import Actor, Status
from funnelcheck.render.html.environment import anchor, markup, name, prose
from funnelcheck.render.vocabulary import actors, statuses, verdicts
from funnelcheck.reported import Verdict


def section(key: str, title: str, note: str = "", *, caller: Callable[[], str]) -> str:
    """A section of a page: its heading and a word about it in the rail, its content beside it."""
    head, told = f'<h2 id="{key}-h">{escape(title)}</h2>', f"<p>{prose(note)}</p>" if note else ""
    return (
        f'<section id="{key}" aria-labelledby="{key}-h">\n<div class="rail">{head}{told}</div>\n'
        f'<div class="body">\n{caller()}\n</div>\n</section>\n'
    )


def scroll(label: str, *, caller: Callable[[], str]) -> str:
    """A table too wide for a phone: it scrolls inside its own frame."""
    return f'<div class="scroll" role="region" aria-label="{escape(label)}" tabindex="0">\n{caller()}\n</div>\n'


def full_name(text: str, length: int = 120) -> Any:
    """A name in full even where it is very long: the rest is folded."""
    if len(text) <= length:
        return name(text, length)
    short, whole = (escape(numbers.visible(one)) for one in (numbers.cut(text, length), text))
    signs = numbers.count(len(text), "character")
    return markup(f'<details class="long"><summary><bdi>{short}</bdi></summary><bdi>{whole}</bdi> ({signs})</details>')


def status(key: Status) -> Any:
    """What became of a rule, as a badge."""
    return badge(str(key), statuses()[key])


def verdict(key: Verdict) -> Any:
    """What became of an advertiser, as a badge."""
    return badge(str(key), verdicts()[key])


def who(actor: Actor) -> Any:
    """Who acts."""
    return _who(actor, language.current().key)


def code(key: str, codes: Collection[str]) -> Any:
    """A rule's code, as a link where the catalogue has it; nothing for a step of the guide."""
    return _code(key, key in codes)


@cache
def badge(key: str, words: str) -> Any:
    """Words whose look says the same: `key` is a status or a verdict."""
    return markup(f'<span class="b b-{key}">{escape(words)}</span>')


# One entry serves one language: `key` is that of the present one.
@cache
def _who(actor: Actor, key: str) -> Any:
    return markup(f'<span class="who">{escape(actors()[actor])}</span>')


@lru_cache(maxsize=2_048)
def _code(key: str, is_known: bool) -> Any:
    shown = escape(numbers.visible(key))
    if is_known:
        return markup(f'<a class="code" href="rules.html#{anchor(key)}">{shown}</a>')
    return markup("" if key.startswith("step-") else f'<span class="code">{shown}</span>')
