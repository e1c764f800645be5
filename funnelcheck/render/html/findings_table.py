"""The rules of an area as rows of a table, each with the rows at fault behind it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, Protocol

from funnelcheck import language, numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Finding, Status
from funnelcheck.render import charts
from funnelcheck.render.html import pieces
from funnelcheck.render.html.cells import columns, figure, muted, named, safe, sentence
from funnelcheck.render.html.environment import markup
from funnelcheck.render.vocabulary import severities, statuses
from funnelcheck.reported import FaultRows

_INSTANTS = ("_time", "_at", "_sent", "_accepted", "_activity", "_upload", "_created")
_EPOCH = date(1970, 1, 1).toordinal()
_SIXTY = [f"{n:02d}" for n in range(60)]
_HOURS = [f"{hour:02d}:{minute}" for hour in range(24) for minute in _SIXTY]
_LATEST = 253_402_300_799  # the end of the year 9999
_LONGEST_CELL, _LONGEST_NAME = 60, 80
_CONTENT = {Status.PASS, Status.WAIVED}  # nothing is asked for


class Owner(Protocol):
    """Whose findings they are, and the rows at fault behind them."""

    @property
    def advertiser_id(self) -> str: ...
    @property
    def extracts(self) -> Mapping[str, FaultRows]: ...


def area_rows(findings: Sequence[Finding], result: Owner, codes: set[str]) -> Any:
    """The findings of an area, worst first, as the rows of its table."""
    words = _words(language.current().key)
    return markup("\n".join(_row(finding, result, codes, words) for finding in findings))


def settling(finding: Finding) -> str:
    """What would settle an undecided rate, and how sure a passing one is."""
    if finding.leads_to_settle is not None:
        return _("About {leads} with {period} behind them would settle it.").format(
            leads=numbers.count(finding.leads_to_settle, "more lead"),
            period=numbers.threshold(charts.FOLLOW_UP, "days"),
        )
    if finding.certain is False:
        return _("Not certain: the 95 % interval reaches beyond a limit.")
    return _("Certain: the whole 95 % interval is in range.") if finding.certain else ""


class Words:
    """What every row says, in the present language."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.statuses, self.severities = statuses(), severities()
        self.own = _("your own rule")
        self.waived = _("Waived by {name} until {day}: {reason}")
        self.warn = _("{n} more warn")


@cache
def _words(key: str) -> Words:
    return Words(key)


def _row(finding: Finding, result: Owner, codes: set[str], words: Words) -> str:
    status = str(finding.status)
    parts = [
        f"<tr><td>{pieces.badge(status, words.statuses[status])}"
        f"<small>{words.severities[str(finding.severity)]}</small></td>\n"
        f'<th scope="row"><p>{_title(finding.title, finding.code, finding.code in codes)}'
    ]
    if finding.rule_file:
        parts.append(f' <span class="flag">{words.own}</span>')
    if finding.subject:
        parts.append(f' <span class="flag">{named(finding.subject, 40)}</span>')
    parts.append(f"</p>\n<p>{sentence(finding.message)}</p>")
    parts += [f'<p class="m">{sentence(note)}</p>' for note in finding.notes]
    settled = settling(finding)
    if settled:
        parts.append(f'<p class="m">{sentence(settled)}</p>')
    if finding.waiver:
        told = words.waived.format(
            name=named(finding.waiver.by),
            day=named(numbers.date(finding.waiver.until), 30),
            reason=sentence(finding.waiver.reason, 300),
        )
        parts.append(f'<p class="waiver">{told}</p>')
    if finding.fix and finding.status not in _CONTENT:
        parts.append(f'<p class="fix">{sentence(finding.fix)} {pieces.who(finding.acts)}</p>')
    warned = f"<small>{words.warn.format(n=numbers.count(finding.warned))}</small>" if finding.warned else ""
    parts.append(
        f"</th>\n<td>{muted(numbers.value(finding))}</td>"
        f"<td>{_limit(finding.threshold, finding.unit, words.key)}</td>"
        f"<td>{figure(finding.n)}</td><td>{figure(finding.affected)}{warned}</td></tr>"
    )
    rows = result.extracts.get(finding.code)
    if rows is not None:
        parts.append(f'\n<tr class="rows"><td colspan="6">{_rows(rows, finding.code, result.advertiser_id)}</td></tr>')
    return "".join(parts)


@lru_cache(maxsize=2_048)
def _title(title: str, code: str, is_known: bool) -> str:
    return f"<strong>{safe(title)}</strong> {pieces.code(code, [code] if is_known else [])}"


@lru_cache(maxsize=2_048)
def _limit(threshold: Any, unit: str, key: str) -> str:
    return safe(numbers.threshold(threshold, unit))


def _rows(rows: FaultRows, code: str, advertiser_id: str) -> str:
    """The rows at fault, folded: what all of them share in a line, the rest as a table, and how to list them all."""
    names, texts = [], []
    alike: list[tuple[str, str]] = []
    for name, values in zip(rows.columns, zip(*rows.rows, strict=True), strict=True):
        first = values[0]
        if values.count(first) < len(values):
            names.append(name)
            texts.append(_texts(name, values))
        elif first is not None:
            alike.append((name, _texts(name, [first])[0]))
    shown = len(rows.rows)
    if shown < rows.total:
        told = _("{n} rows at fault").format(n=numbers.of(shown, rows.total))
    else:
        told = ngettext("{n} row at fault", "{n} rows at fault", shown).format(n=figure(shown))
    label = f"{told}, {code}"
    parts = [f'<details class="data"><summary>{safe(told)}<span class="vh">, {safe(code)}</span></summary>']
    if alike:
        shared = ", ".join(f"{safe(name)} {named(text)}" for name, text in alike)
        head = f"{_('In each of them:')} " if shown > 1 else ""
        parts.append(f'<p class="small m">{head}{shared}</p>')
    if names:
        lines = zip(*columns(texts), strict=True)
        body = "\n".join([f"<tr><td>{'<td>'.join(line)}" for line in lines])
        heads = "".join([f"<th>{safe(name)}" for name in names])
        parts.append(
            f'<div class="scroll" role="region" aria-label="{safe(label)}" tabindex="0">\n'
            f"<table><thead><tr>{heads}<tbody>\n{body}</table></div>"
        )
    command = f"funnelcheck rows {code} --advertiser {_typed(advertiser_id)}"
    parts.append(f'<p class="small m">{_times()} <code>{safe(command)}</code></p></details>')
    return "".join(parts)


def _times() -> str:
    return _("Times are UTC. All of them, as they were loaded:")


def _typed(name: str) -> str:
    """A name as it is typed into a shell; NAME where that cannot be shown."""
    return shlex.quote(name) if name.isprintable() and len(name) <= _LONGEST_NAME else "NAME"


def _texts(name: str, values: Sequence[Any]) -> list[str]:
    """The cells of a column: instants, spans of time, figures or cut text."""
    if name == "arrived" or name.endswith(_INSTANTS):
        return [_instant(v) if isinstance(v, int) and v > 10**8 else _text(v) for v in values]
    if name.endswith("_seconds"):
        return [numbers.days(v / numbers.DAY) if isinstance(v, int) else _text(v) for v in values]
    return [v if type(v) is str and len(v) <= _LONGEST_CELL else _text(v) for v in values]


def _text(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if value is None:
        return ""
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return numbers.date(value.isoformat())
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return numbers.cut(str(value), _LONGEST_CELL)


def _instant(seconds: int) -> str:
    """An instant to the second: what is a row of a log is told as exactly as the log tells it."""
    if seconds > _LATEST:
        return str(seconds)
    day, rest = divmod(seconds, numbers.DAY)
    return f"{_day(day)} {_HOURS[rest // 60]}:{_SIXTY[rest % 60]}"


@lru_cache(maxsize=4_096)
def _day(day: int) -> str:
    """A day by its number since 1970, in ISO 8601."""
    return date.fromordinal(_EPOCH + day).isoformat()
