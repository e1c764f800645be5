"""A questionnaire: what advertisers answer before launch, as a table with a row an answer or a row an advertiser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from funnelcheck.config import nearest
from funnelcheck.errors import ConfigError
from funnelcheck.questions import Answer, Question, named, questions

_MOST = 10_000_000  # bytes; a questionnaire is small
_ADVERTISER = frozenset(("advertiser", "advertiser_id", "advertiser id", "annonceur", "annonceur·se", "client"))
_QUESTION = frozenset(("question", "key", "rule"))
_ANSWER = frozenset(("answer", "response", "value", "réponse", "reponse"))

Answers = Mapping[str, Mapping[str, Answer]]


def read_questionnaire(path: Path) -> Answers:
    """Advertiser -> question -> answer, of a CSV file (comma, semicolon or tab; UTF-8 or UTF-16).

    Its columns are advertiser, question, answer; or advertiser and a column for each question. An empty cell leaves
    a question open. ConfigError (exit code 2) names file, line and what is known, for a question that is none, an
    answer that is none, and two answers that differ.
    """
    text = _text(path)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return _collected(path, rows)
    except csv.Error as error:
        raise ConfigError(f"{path}:{rows.line_num}: is no row of a table ({error})") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: the questionnaire cannot be read ({error.strerror})") from error
    if len(content) > _MOST:
        raise ConfigError(f"{path}: is larger than {_MOST // 1_000_000} MB, which no questionnaire is")
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: the questionnaire cannot be read (it is not UTF-8); save it as CSV UTF-8"
        ) from error


def _delimiter(text: str) -> str:
    head = text.lstrip().partition("\n")[0]
    return next((sign for sign in "\t;" if sign in head), ",")


def _collected(path: Path, rows: Iterator[list[str]]) -> Answers:
    found: dict[str, dict[str, Answer]] = {}
    for line, advertiser, asked, text in _cells(path, rows):
        where = f"{path}:{line}"
        question = named(asked)
        if question is None:
            raise ConfigError(f"{where}: {asked!r} is no question{nearest(asked.strip().casefold(), questions())}")
        answer = _answer(question, text, where)
        if answer is None:
            continue
        known = found.setdefault(advertiser, {}).setdefault(question.key, answer)
        if known != answer:
            raise ConfigError(
                f"{where}: {advertiser!r} has another answer to {question.key} further up; keep one of them"
            )
    return found


def _answer(question: Question, text: str, where: str) -> Answer | None:
    try:
        return question.read(text)
    except ValueError as error:
        wanted = "yes or no" if question.kind == "flag" else "a number like 250"
        raise ConfigError(f"{where}: the answer to {question.key} {error}: {text[:60]!r}; write {wanted}") from error


def _cells(path: Path, rows: Iterator[list[str]]) -> Iterator[tuple[int, str, str, str]]:
    """Line, advertiser, question and answer of every answer, in either form of the table."""
    head = [cell.strip() for cell in next(rows, [])]
    folded = [cell.casefold() for cell in head]
    owner = next((i for i, cell in enumerate(folded) if cell in _ADVERTISER), None)
    if owner is None:
        raise ConfigError(
            f"{path}:1: lacks the column advertiser; beside it stand question and answer, or a column a question"
        )
    question = next((i for i, cell in enumerate(folded) if cell in _QUESTION), None)
    answer = next((i for i, cell in enumerate(folded) if cell in _ANSWER), None)
    if (question is None) != (answer is None):
        lacking = "answer" if answer is None else "question"
        raise ConfigError(f"{path}:1: lacks the column {lacking}; the columns are advertiser, question, answer")
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        cells = [cell.strip() for cell in cells] + [""] * (len(head) - len(cells))
        if not cells[owner]:
            raise ConfigError(f"{path}:{number}: the row names no advertiser")
        if question is not None and answer is not None:
            yield number, cells[owner], cells[question], cells[answer]
        else:
            yield from ((number, cells[owner], head[i], cells[i]) for i in range(len(head)) if i != owner and head[i])
