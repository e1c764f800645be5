"""How templates are filled: hostile text escaped and made visible on every way out, styles allowed by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from funnelcheck import language, numbers
from funnelcheck.language import _
from funnelcheck.resources import folder

if TYPE_CHECKING:
    from jinja2 import Environment


# A day or an instant, and a figure with its per cent sign.
_WHOLE = re.compile(r"(\d(?:\d{3}-\d\d-\d\d(?: \d\d:\d\d UTC)?|[\d.,\u00a0\u202f]*[ \u00a0]%))")
LABEL = re.compile(r'content: "([A-Z][^"]*)"')  # what the style sheet says in words


def prose(text: str, length: int = 600) -> Any:
    """A sentence, cut where it is endless, whose days stay whole and whose figures keep their per cent sign."""
    return Markup(unbroken(str(text))) if hasattr(text, "__html__") else _prose(text, length)


@lru_cache(maxsize=4_096)
def _prose(text: str, length: int) -> Any:
    return Markup(unbroken(str(escape(numbers.visible(numbers.cut(text, length))))))


def unbroken(safe: str) -> str:
    """Escaped text whose days stay whole and whose figures keep their per cent sign, wherever a line ends."""
    parts = _WHOLE.split(safe)
    parts[1::2] = [f'<span class="nb">{whole}</span>' for whole in parts[1::2]]
    return "".join(parts)


def name(text: str, length: int = 80) -> Any:
    """A name from a log, kept from reordering what stands around it; one without any sign is said to be so."""
    return _name(text, length, language.current().key)


@lru_cache(maxsize=4_096)
def _name(text: str, length: int, key: str) -> Any:
    """One entry serves one language: `key` is that of the present one."""
    shown = numbers.visible(numbers.cut(text, length))
    if not shown.strip():
        return Markup(f'<span class="m">{escape(_("(nothing but blanks)"))}</span>')
    return Markup(f"<bdi>{escape(shown)}</bdi>")


def figure(words: str) -> Any:
    """A figure; what is not there is muted."""
    return markup(f'<span class="m">{words}</span>') if words.startswith(numbers.DASH) else words


def payload(text: str) -> Any:
    """Text with lines, line by line, for a <pre>."""
    lines = text.expandtabs(2).splitlines()
    return Markup("\n").join(escape(numbers.visible(line)) for line in lines)


def anchor(code: str) -> str:
    """A code as the name of a place in a page."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", code)[:40]


def markup(svg: str) -> Any:
    """Text of ours that is markup already."""
    return Markup(svg)


def _style() -> str:
    """The style sheet without comments and indentation, its labels of tables on a phone in the present language."""
    text = (folder("reports") / "assets" / "style.css").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    spoken = LABEL.sub(lambda found: f'content: "{_css(_(found[1]))}"', bare)
    lines = "".join(line.strip() for line in spoken.splitlines())
    # blanks that mean nothing, outside quotes; a blank before a colon would be a descendant's pseudo-class
    parts = re.split(r'("[^"]*")', lines)
    parts[::2] = [re.sub(r" ?([{},;>]) ?|(:) ", r"\1\2", part).replace(";}", "}") for part in parts[::2]]
    return "".join(parts)


def _css(text: str) -> str:
    """A text between the quotes of a style sheet, whatever signs its language has."""
    return re.sub(r'["\\<\n{};]', lambda sign: f"\\{ord(sign[0]):06x}", text)


def _script(file: str) -> str:
    """A script of ours without comments and indentation."""
    text = (folder("reports") / "assets" / file).read_text(encoding="utf-8")
    return "\n".join(line.strip() for line in text.splitlines() if not line.lstrip().startswith("//"))


def _digest(text: str) -> str:
    """What a Content-Security-Policy names an inlined text by."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def environment() -> Environment:
    """Our templates, with what every page uses."""
    from funnelcheck.render.html import engine

    made = engine.environment()
    style, script = _style(), _script("portfolio.js")
    made.globals.update(style=markup(style), style_hash=_digest(style))
    made.globals.update(script=markup(script), script_hash=_digest(script))
    made.globals.update(numbers=numbers, name=name, figure=figure, payload=payload, language=language.current)
    made.filters.update(anchor=anchor, cut=numbers.cut, count=numbers.count, prose=prose)
    return made
