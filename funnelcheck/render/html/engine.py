"""Jinja without what our templates do not need, which would be paid for a thousand times on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from markupsafe import Markup, escape

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.resources import folder

_CONSTANT = re.compile(r'\{\{ _\("([^"\\{]*)"\) \}\}')  # {{ _("A text without places") }}


def told(value: Any) -> str:
    """On every way out of a template: text made visible and escaped, markup of ours left alone."""
    if type(value) is str:
        return _told(value)
    if type(value) is Markup:
        return value
    return escape(value if hasattr(value, "__html__") else numbers.visible(str(value)))


@lru_cache(maxsize=8_192)
def _told(text: str) -> str:
    return escape(numbers.visible(text))


class Plain(CodeGenerator):
    """Attributes and calls are Python's own: no template of ours looks into a mapping by a dot or needs its context.

    What a template tells goes through `told` alone, not through an escape of Jinja's as well.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if node.dyn_args or node.dyn_kwargs:
            self.fail("arguments are given one by one", node.lineno)
        self.visit(node.node, frame)
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.finalize(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")


class Spoken(Extension):
    """A text without places is put into the present language once, not on every page."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _CONSTANT.sub(_spoken, source)


def _spoken(found: re.Match[str]) -> str:
    """A text of a template in the present language, as it stands in a page; nothing in it opens a tag of templates."""
    said = str(escape(_(found[1])))
    return said if "{" not in said else found[0]


def environment() -> Environment:
    """Jinja for our templates, in the present language; undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(folder("reports"), encoding="utf-8"),
        autoescape=True,
        finalize=told,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.code_generator_class = Plain
    made.add_extension("jinja2.ext.i18n")
    made.add_extension(Spoken)
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals.update(_=_gettext(), gettext=_gettext())
    return made


def _gettext() -> Callable[..., Markup]:
    """`_` and `{% trans %}` of templates in the present language: what is put into a sentence's places is escaped."""

    @cache
    def constant(text: str) -> Markup:
        return _filled(_(text), {})

    def gettext(text: str, **places: Any) -> Markup:
        return _filled(_(text), places) if places else constant(text)

    return gettext


def _filled(sentence: str, places: dict[str, Any]) -> Markup:
    return Markup(sentence % {name: escape(value) for name, value in places.items()})
