"""Captured requests -> what funnelcheck says of them, and the message of a test that fails for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from funnelcheck.capturing.request import CapturedRequest
from funnelcheck.config import Config, load
from funnelcheck.gate import Policy, refuse_empty, selection
from funnelcheck.model import FailOn
from funnelcheck.payload import PayloadFinding, Validation
from funnelcheck.rulebook import about_app_payloads, about_payloads
from funnelcheck.validation import validate_texts
from funnelcheck.validation.documents import read

Words = Iterable[str] | str
_SHOWN = 20  # kinds of findings in a message; a fault of a mapping comes once for every event


def settings(config: Config | Path | str | None, partner_agent: str | None = None) -> Config:
    """The configuration as it is given, or read; ConfigError for one that cannot be."""
    read = config if isinstance(config, Config) else load(None if config is None else Path(config))
    if partner_agent is None:
        return read
    return replace(read, partner=replace(read.partner, partner_agent=partner_agent))


def validation(
    requests: Sequence[CapturedRequest], config: Config, as_of: float | None, guide: str | None
) -> Validation:
    """Each request is a file, named by its number from 1; without `as_of` judged for when it was sent."""
    moments = [int(request.sent_at if as_of is None else as_of) for request in requests]
    records = [request.record(moment) for request, moment in zip(requests, moments, strict=True)]
    latest = max(moments, default=int(time.time() if as_of is None else as_of))
    texts: dict[str, str | bytes] = {f"request {i}": record for i, record in enumerate(records, 1)}
    return validate_texts(texts, as_of=latest, config=config, guide=guide)


def policy(config: Config, fail_on: FailOn | str | None, select: Words, ignore: Words, guide: str | None) -> Policy:
    """What counts: what is given, else the configuration's [gate]; UsageError for a rule that there is not."""
    level = FailOn(fail_on or config.gate.fail_on or FailOn.REQUIRED)
    given = {"select": _words(select) or config.gate.select, "ignore": _words(ignore) or config.gate.ignore}
    if not any(given.values()):
        return Policy(level)
    books = (about_payloads(config, guide), about_app_payloads(config, guide))
    codes = sorted({rule.code for book in books for rule in book.rules})
    chosen = {name: selection(words, codes, name) for name, words in given.items()}
    made = Policy(level, select=chosen["select"], ignore=chosen["ignore"])
    refuse_empty(made, codes)
    return made


def complaint(judged: Validation, counting: Policy) -> str:
    """What is wrong as far as it counts; empty when nothing is."""
    found = [one for one in judged.findings if counting.concerns(one.code, one.severity, one.status)]
    blocks = troubles(judged)
    alike: dict[tuple[str, str], list[PayloadFinding]] = {}
    for finding in found:
        alike.setdefault((finding.code, finding.message), []).append(finding)
    blocks += [_told(ones[0], len(ones) - 1) for ones in list(alike.values())[:_SHOWN]]
    if not blocks:
        return ""
    if len(alike) > _SHOWN:
        blocks.append(f"... and {len(alike) - _SHOWN} kinds of findings more")
    many = "finding" if len(found) == 1 else "findings"
    return "\n\n".join([f"{len(found)} {many} in what was sent to Meta (guide {judged.guide}):", *blocks])


def troubles(judged: Validation) -> list[str]:
    """What could not be judged, and what was probably meant."""
    return [f"{place.path} cannot be judged: {place.why}" for place in judged.unreadable]


def slips(requests: Sequence[CapturedRequest]) -> list[str]:
    """Why bodies that look like JSON are none."""
    texts = [read(f"request {i}", one.body) for i, one in enumerate(requests, 1) if one.is_json and not one.fields]
    return [place.told for text in texts for place in text.unreadable]


def _told(finding: PayloadFinding, more: int) -> str:
    named = "" if finding.event_name is None else f' "{finding.event_name}"'
    where = finding.path if finding.event is None else f"event {finding.event}{named} of {finding.path}"
    pointer = finding.pointer.removeprefix("/request").removeprefix("/body")
    lines = [
        f"{finding.code} {finding.severity}: {pointer} in {where}" + (f", and {more} more like it" if more else ""),
        f"    {finding.message}",
        f"    {finding.fix}" if finding.fix else "",
        f"    {'for example' if finding.example_is_general else 'right'}: {finding.example}" if finding.example else "",
    ]
    return "\n".join(line for line in lines if line)


def _words(words: Words) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
