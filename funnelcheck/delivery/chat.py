"""A message for a chat: how many advertisers stand where, and who is needed today; for Slack or Teams."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Status
from funnelcheck.render.vocabulary import actors
from funnelcheck.reported import AdvertiserResult, Run, Verdict

LONGEST = 3_000  # characters that Slack takes in one text
_NAME, _WHAT = 48, 90
_FULL_WIDTH = str.maketrans({"`": "ʼ", "*": "∗", "~": "∼", "@": "＠"})  # alike, and no mark-up


class Line(NamedTuple):
    """A line of a message: what of it is bold, and the rest."""

    bold: str
    rest: str = ""


def slack(run: Run) -> str:
    """The JSON that an incoming webhook of Slack takes."""
    text = "\n".join(_slack_line(line) for line in _fitting(run, _slack_line))
    # verbatim: no name, address or channel in the text becomes a link or a call
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    fallback = _slack(_head(run).bold)
    return _json({"text": fallback, "blocks": [section], "unfurl_links": False, "unfurl_media": False})


def teams(run: Run) -> str:
    """The JSON that a workflow or an incoming webhook of Teams takes: an adaptive card.

    Its lines are runs of text, which, unlike blocks of text, know no Markdown.
    """
    lines = _fitting(run, lambda line: _teams(line.bold) + _teams(line.rest))
    body = [{"type": "RichTextBlock", "inlines": _runs(line)} for line in lines]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return _json({"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]})


MESSAGES: dict[str, Callable[[Run], str]] = {"slack": slack, "teams": teams}


def _fitting(run: Run, shown: Callable[[Line], str]) -> list[Line]:
    """Head, the advertisers that fit, and how many more there are."""
    needed = sorted((one for one in run.advertisers if _needs_somebody(one)), key=_urgency)
    head = _opening(run, len({one.advertiser_id for one in needed}))
    lines = [_line(one) for one in needed]
    room = LONGEST + 1 - sum(len(shown(line)) + 1 for line in head)
    ends = list(accumulate(len(shown(line)) + 1 for line in lines))
    if not ends or ends[-1] <= room:
        return [*head, *lines]
    room -= len(shown(_rest(len(lines)))) + 1
    kept = sum(end <= room for end in ends)
    return [*head, *lines[:kept], _rest(len(lines) - kept)]


def _opening(run: Run, needed: int) -> list[Line]:
    if not run.advertisers:
        return [_head(run)]
    if not needed:
        return [_head(run), *_totals(run), Line(_("Nobody is needed today."))]
    told = ngettext("{n} advertiser needs somebody today:", "{n} advertisers need somebody today:", needed)
    return [_head(run), *_totals(run), Line(told.format(n=numbers.count(needed)))]


def _head(run: Run) -> Line:
    """How many are ready for conversion leads; where nobody is judged for them, for App Events."""
    day = numbers.date_of(run.as_of)
    if not run.advertisers:
        return Line(_("{day}: no advertiser to judge").format(day=day))
    apps, others = _apart(run)
    told = (
        _("{day}: {n} of {all} ready for conversion-lead optimisation")
        if others
        else _("{day}: App Events of {n} of {all} sent as the guide asks")
    )
    judged = others or apps
    ready = sum(result.verdict is Verdict.READY for result in judged)
    return Line(told.format(day=day, n=numbers.count(ready), all=numbers.count(len(judged))))


def _totals(run: Run) -> list[Line]:
    apps, others = _apart(run)
    lines = [Line("", _counted(others or apps))]
    return [*lines, Line("", numbers.labelled(_("App Events"), _counted(apps)))] if apps and others else lines


def _apart(run: Run) -> tuple[list[AdvertiserResult], list[AdvertiserResult]]:
    """Results of App Events, and all others."""
    apps = [result for result in run.advertisers if result.channel == "app"]
    return apps, [result for result in run.advertisers if result.channel != "app"]


def _counted(results: Sequence[AdvertiserResult]) -> str:
    def counted(verdict: Verdict) -> str:
        return numbers.count(sum(result.verdict is verdict for result in results))

    told = _("{not_ready} not ready, {undecided} undecided, {ready} ready")
    return told.format(
        not_ready=counted(Verdict.NOT_READY), undecided=counted(Verdict.UNDECIDED), ready=counted(Verdict.READY)
    )


def _rest(hidden: int) -> Line:
    told = ngettext("and {n} more in the report", "and {n} more in the report", hidden)
    return Line("", told.format(n=numbers.count(hidden)))


def _needs_somebody(result: AdvertiserResult) -> bool:
    """True where something blocks that somebody can mend; what time alone settles needs nobody."""
    first = next((action for action in result.actions if action.blocks), None)
    if first is None:
        return False
    finding = next((one for one in result.findings if one.code == first.code), None)
    return first.code not in {wait.code for wait in result.clock} and (
        finding is None or finding.status is not Status.UNDECIDED
    )


def _urgency(result: AdvertiserResult) -> tuple[bool, int, bool, int, str, str]:
    """Overdue first, then what is furthest from ready; what has no steps after what has."""
    verdict = list(Verdict).index(result.verdict)
    return not _overdue(result), verdict, result.step is None, result.step or 0, *result.key


def _overdue(result: AdvertiserResult) -> bool:
    return any(entry.state == "now" and entry.overdue for entry in result.journey)


def _line(result: AdvertiserResult) -> Line:
    action = next(one for one in result.actions if one.blocks)
    what = numbers.cut(numbers.first_clause(action.what or action.title), _WHAT)
    if result.step is None:
        told = _("App Events: {what} ({who})")
    else:
        told = _("step {step}, overdue: {what} ({who})") if _overdue(result) else _("step {step}: {what} ({who})")
    return Line(
        numbers.named(result.advertiser_id, _NAME),
        f" {told.format(step=result.step, what=what, who=actors()[action.acts])}",
    )


def _slack_line(line: Line) -> str:
    bold, rest = _slack(line.bold), _slack(line.rest)
    return f"*{bold}*{rest}" if bold.strip() else rest


def _slack(text: str) -> str:
    """Text that Slack shows as it is: no call, link, code or emphasis."""
    plain = numbers.visible(text).translate(_FULL_WIDTH).replace("://", ":∕∕")
    plain = re.sub(r"(?<![^\W_])_|_(?![^\W_])", "＿", plain)  # within a word it means nothing
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _runs(line: Line) -> list[dict[str, Any]]:
    parts = ((_teams(line.bold), "Bolder"), (_teams(line.rest), "Default"))
    return [{"type": "TextRun", "text": text, "weight": weight} for text, weight in parts if text]


def _teams(text: str) -> str:
    """Text without what a card would fill in ({{DATE(…)}}), call or link."""
    return re.sub(r"\{(?=\{)", "{ ", numbers.visible(text)).replace("@", "＠").replace("://", ":∕∕")


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
