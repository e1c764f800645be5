"""What can be asked of an advertiser before launch: the questions, and answers as people write them."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from funnelcheck import resources

Answer = bool | float
_YES = frozenset("yes y true t 1 x ok oui o vrai ja si sí sim".split())
_NO = frozenset("no n false f 0 non faux nein nao não".split())
_SILENT = frozenset(("", "-", "–", "?", "n/a", "na", "unknown", "inconnu", "tbd", "null", "none"))
_FIGURE = re.compile(r"[0-9]+([ .,\u00a0\u202f'’][0-9]{3})*([.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its key in configurations and questionnaires, what an answer is, and the rule that asks it."""

    key: str
    kind: str  # flag or number
    rule: str
    also: tuple[str, ...]  # other words for it

    def read(self, text: str) -> Answer | None:
        """The answer that a text is; None for one that leaves the question open, ValueError for one that is none."""
        word = _folded(text).strip(" .!")
        if word in _SILENT:
            return None
        return _flag(word) if self.kind == "flag" else _number(word)


@cache
def questions() -> Mapping[str, Question]:
    """All questions by their keys."""
    path = resources.folder("sql") / "questions.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: Question(key, one["kind"], one["rule"], tuple(one["also"])) for key, one in found.items()}


def named(text: str) -> Question | None:
    """The question that a heading or a cell names: by its key, its rule's code or other words, in any case."""
    return _by_name().get(_name(text))


@cache
def _by_name() -> Mapping[str, Question]:
    return {_name(word): one for one in questions().values() for word in (one.key, one.rule, *one.also)}


def _name(text: str) -> str:
    """Words alone: what tells spellings of one name apart is left out."""
    return " ".join(re.findall(r"[^\W_]+", _folded(text)))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _flag(word: str) -> bool:
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("is neither yes nor no")


def _number(word: str) -> float:
    """A figure as English or French write it: 1,200 or 1 200, 2.5 or 2,5."""
    if not _FIGURE.fullmatch(word):
        raise ValueError("is no number")
    bare = re.sub(r"[ .,\u00a0\u202f'’](?=[0-9]{3}(?:\D|$))", "", word).replace(",", ".")
    number = float(bare)
    if not math.isfinite(number) or number >= 1e12:
        raise ValueError("is no number that makes sense")
    return number
