"""Payloads judged before they are sent: by the rules that need no store, each finding with the place to look."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from funnelcheck import rulebook
from funnelcheck.config import Config
from funnelcheck.errors import InputError
from funnelcheck.ingestion import files
from funnelcheck.ingestion.plain import plain
from funnelcheck.payload import Unreadable, Validation
from funnelcheck.validation.documents import is_other, read
from funnelcheck.validation.judging import judge
from funnelcheck.validation.records import Text
from funnelcheck.validation.telling import files_told

__all__ = ["validate", "validate_texts"]
_ARCHIVES = (".har",)  # besides the endings of logs
_NOTHING = ("no file of the folder holds a payload", "name the folder that does")
_TABLE = "a table holds no payload; funnelcheck run judges tables"


def validate(
    sources: Sequence[str],
    *,
    as_of: int | None = None,
    config: Config | None = None,
    guide: str | None = None,
    at_rest: bool = False,
    advertiser: str | None = None,
) -> Validation:
    """Judge the payloads in files, folders, globs or `-`: events, requests, logs of them, form bodies, HAR.

    `as_of` (Unix seconds, default now) is the time of sending of what names none itself; `at_rest` leaves out the
    rules about age. `advertiser` owns what names no owner: its partner_agent is expected. What cannot be read is
    listed in `unreadable`; nothing is raised for it.
    """
    config = config or Config()
    texts, unreadable, hints = _read(sources)
    told = _judged(texts, unreadable, hints, as_of, config, guide, at_rest, advertiser)
    if told.files or told.unreadable:
        return told
    # a gate that has nothing to judge must not pass
    return replace(told, unreadable=tuple(Unreadable(one, None, None, *_NOTHING) for one in dict.fromkeys(sources)))


def validate_texts(
    texts: Mapping[str, str | bytes],
    *,
    as_of: int | None = None,
    config: Config | None = None,
    guide: str | None = None,
    at_rest: bool = False,
    advertiser: str | None = None,
) -> Validation:
    """As `validate`, of texts by name; bytes are UTF-8."""
    named = [
        read(name, text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text)
        for name, text in texts.items()
    ]
    return _judged(named, [], [], as_of, config or Config(), guide, at_rest, advertiser)


def _judged(
    texts: Sequence[Text],
    unreadable: list[Unreadable],
    hints: list[str],
    as_of: int | None,
    config: Config,
    guide: str | None,
    at_rest: bool,
    advertiser: str | None,
) -> Validation:
    from funnelcheck import __version__

    book = rulebook.about_payloads(config, guide)
    moment = int(time.time()) if as_of is None else as_of
    records = [record for text in texts for record in text.records]
    judged = judge(records, book, config, moment, at_rest=at_rest, owner=advertiser)
    told = files_told(
        texts,
        judged,
        lead_id_required=bool(book.rule("EVT006").thresholds["lead_id_required"]),
    )
    files = []
    for text, file in zip(texts, told, strict=True):
        if text.may_be_other and not file.requests and is_other(text):
            hints.append(f"{text.name}: passed over, it holds no payload")
        else:
            files.append(file)
            unreadable.extend(text.unreadable)
        if text.passed_over and text.records:
            hints.append(f"{text.name}: {_lines(text.passed_over)} no payload")
    return Validation(__version__, book.guide.key, moment, tuple(files), tuple(unreadable), tuple(hints))


def _lines(n: int) -> str:
    return "1 line holds" if n == 1 else f"{n:,} lines hold"


def _read(sources: Sequence[str]) -> tuple[list[Text], list[Unreadable], list[str]]:
    """The texts of sources, what could not be read, and hints about what was passed over."""
    texts: dict[str, Text] = {}
    unreadable: list[Unreadable] = []
    hints: list[str] = []
    for pattern in dict.fromkeys(sources):
        try:
            found, passed = files.expand([pattern], also=_ARCHIVES)
        except InputError as error:
            unreadable.append(Unreadable(pattern, None, None, str(error).removeprefix(f"{pattern}: ")))
            continue
        hints.extend(f"{name}: passed over, its ending is not that of a log" for name in passed)
        is_folder = Path(pattern).is_dir()
        for source in found:
            if _name(source) in texts:
                continue
            try:
                text = _text(source)
            except InputError as error:
                told = str(error).removeprefix(f"{source.name}: ")
                if is_folder and told == _TABLE:
                    hints.append(f"{source.name}: passed over, {_TABLE}")
                else:
                    unreadable.append(Unreadable(source.name, None, None, told))
            else:
                text.may_be_other = is_folder and (not text.unreadable or text.holds_nothing)
                texts[text.name] = text
    return list(texts.values()), unreadable, hints


def _text(source: files.Source) -> Text:
    with tempfile.TemporaryDirectory(prefix="funnelcheck-") as workspace:
        content = plain(source, Path(workspace))
        if content.container != "text":
            raise InputError(f"{source.name}: {_TABLE}")
        return read(_name(source), content.path.read_text(encoding="utf-8"))


def _name(source: files.Source) -> str:
    """As the caller called it, with the slashes of an address and relative where it lies below."""
    if source.path is None:
        return source.name
    path = Path(source.name)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()
