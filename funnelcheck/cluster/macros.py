"""The macros of sql/ as trees, put into a statement in the place of their calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlglot import exp, parse_one, tokenize

from funnelcheck import resources, sqlfile

_MACRO = re.compile(r"^create or replace temp macro (\w+)\s*(.*?);$", re.MULTILINE | re.DOTALL)
_LEN = re.compile(r"\blen\(")
Node = Any  # of a tree of sqlglot
Macro = tuple[list[str], Node]


def parsed(sql: str) -> Node:
    """One statement of ours as a tree; len is of lists and length of texts, which a tree does not tell apart."""
    return parse_one(_LEN.sub("array_length(", sql), dialect="duckdb")


def expanded(tree: Node) -> Node:
    """The tree with the body of each macro in the place of its calls."""
    return tree.transform(_expanded)


def names() -> set[str]:
    """What macros there are."""
    return set(_macros())


def _expanded(node: Node) -> Node:
    if not isinstance(node, exp.Anonymous) or str(node.this).lower() not in _macros():
        return node
    given = [expanded(one.copy()) for one in node.expressions]
    names, body = _macros()[str(node.this).lower()][len(given)]
    values = dict(zip(names, given, strict=True))

    def put(part: Node) -> Node:
        if isinstance(part, exp.Column) and not part.table and part.name in values:
            return _enclosed(values[part.name].copy())
        return part

    return _enclosed(expanded(body.transform(put)))


def _enclosed(node: Node) -> Node:
    return exp.paren(node, copy=False) if isinstance(node, exp.Binary | exp.Not | exp.Neg | exp.Between) else node


@cache
def _macros() -> dict[str, dict[int, Macro]]:
    """By name and number of parameters."""
    found: dict[str, dict[int, Macro]] = {}
    for file in ("macros.sql", "statistics.sql"):
        sql = sqlfile.read(resources.folder("sql") / file).sql
        for name, text in _MACRO.findall(re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)):
            for parameters, body in _forms(text):
                found.setdefault(name, {})[len(parameters)] = parameters, parsed(body)
    return found


def _forms(text: str) -> Iterator[tuple[list[str], str]]:
    """The parameters and the body of each form: `(a) as …, (a, b) as …`."""
    tokens = tokenize(text, dialect="duckdb")
    depth = i = 0
    while i < len(tokens):
        parameters: list[str] = []
        i += 1  # the parenthesis that opens
        while tokens[i].text != ")":
            if tokens[i].text != ",":
                parameters.append(tokens[i].text)
            i += 1
        i += 2  # it closes, as
        start = i
        while i < len(tokens) and not (depth == 0 and tokens[i].text == "," and tokens[i].token_type.name == "COMMA"):
            kind = tokens[i].token_type.name
            depth += kind in ("L_PAREN", "L_BRACKET", "L_BRACE")
            depth -= kind in ("R_PAREN", "R_BRACKET", "R_BRACE")
            i += 1
        yield parameters, text[tokens[start].start : tokens[i - 1].end + 1]
        i += 1
