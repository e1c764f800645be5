"""The page of one advertiser's App Events: what its template is filled with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from funnelcheck import numbers
from funnelcheck.appfigures import AppFigures, ExpectedParameter, Installs, NamedEvents, Tally
from funnelcheck.language import _
from funnelcheck.render import charts
from funnelcheck.render.html import findings_table, pieces
from funnelcheck.render.html.advertiser import areas, todo
from funnelcheck.render.html.cells import figure, muted, named, safe
from funnelcheck.render.html.environment import markup
from funnelcheck.reported import AdvertiserResult

MOST_NAMES, MOST_PARAMETERS = 1_000, 25  # the guide's, where no rule says otherwise
_PLATFORMS = ("android", "ios", "unknown")
_FLAGS = ("advertiser_tracking", "application_tracking")
_IDENTIFIERS = ("advertiser_id", "attribution", "anon_id")
APPS_SHOWN, GAP_DAYS = 5, 120


class Answers(NamedTuple):
    """A question about the requests, and how many of them answer it how."""

    question: str
    told: str


def context(result: AdvertiserResult, app: AppFigures) -> dict[str, Any]:
    """What the template of an app's page reads."""
    actions = todo(result)
    return {
        "result": result,
        "app": app,
        "is_history": False,
        "log": "log",
        "todo": actions,
        "next_action": actions[0] if actions else None,
        "areas": areas(result.findings),
        "counts": Counter(str(finding.status) for finding in result.findings),
        "area_rows": findings_table.area_rows,
        "days_svg": markup(charts.app_days(app.days)) if app.days else "",
        "standard_rows": _rows(map(_standard_row, app.standard)),
        "own_rows": _rows(map(_own_row, app.own)),
        "own_cut": numbers.of(len(app.own), app.own_count),
        "apps_shown": APPS_SHOWN,
        "most_names": _most_names(result),
        "most_parameters": MOST_PARAMETERS,
        "flag_rows": _rows(_flag_rows(app)),
        "identifier_rows": _rows(_identifier_rows(app)),
        "people_rows": _rows(_people_rows(app)),
        "unknown_people": _listed(_of(app, "unknown"), {}),
        "answers": _answers(app),
        "recent_requests": sum(tally.requests for tally in _of(app, "platform")),
        "platforms": _listed(_of(app, "platform"), _platform_names()),
        **_gap(app),
    }


def _most_names(result: AdvertiserResult) -> int:
    """How many names Meta keeps of an app, as the rule about it has it."""
    asked = next((finding.threshold for finding in result.findings if finding.code == "APP011"), None)
    return int(asked) if isinstance(asked, int | float) and asked > 0 else MOST_NAMES


def _rows(rows: Iterable[str]) -> Any:
    return markup("\n".join(rows))


def _row(head: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _of(app: AppFigures, about: str) -> list[Tally]:
    return [tally for tally in app.tallies if tally.about == about]


def _share(part: int, whole: int) -> str:
    """A count, and under it the share that it is; what is not there is muted."""
    if not part:
        return muted(numbers.nothing())
    return f"{figure(part)}<small>{safe(numbers.percent(part / whole))}</small>"


# Events by name


def _standard_row(one: NamedEvents) -> str:
    return _row(named(one.name), [*_often(one), _lacking(one), _value(one)])


def _value(one: NamedEvents) -> str:
    """How many recent events have a value, and what it stands for; a dash where the guide expects none."""
    if one.value_meaning is None:
        return muted(numbers.DASH)
    told = numbers.ratio(one.with_value, one.recent_events) if one.recent_events else numbers.unknown()
    meaning = _("{meaning}, if there is one") if one.is_value_optional else "{meaning}"
    return f"{muted(told)}<small>{safe(meaning.format(meaning=one.value_meaning))}</small>"


def _own_row(one: NamedEvents) -> str:
    return _row(named(one.name), [*_often(one), figure(one.parameters)])


def _often(one: NamedEvents) -> list[str]:
    first, last = (
        safe(numbers.date_of(at)) if at else muted(numbers.unknown()) for at in (one.first_sent, one.last_sent)
    )
    return [
        figure(one.events),
        figure(one.recent_events) if one.recent_events else muted(numbers.nothing()),
        first,
        last,
    ]


def _lacking(one: NamedEvents) -> str:
    """The expected parameters that recent events lack, the most often lacking first."""
    if not one.expected:
        return muted(_("– none expected") if one.recent_events else numbers.unknown())
    lacking = sorted((p for p in one.expected if p.missing), key=lambda p: (-p.missing, p.parameter))
    if not lacking:
        return safe(_("all there"))
    return "<br>".join(_missing(parameter, one.recent_events) for parameter in lacking)


def _missing(one: ExpectedParameter, events: int) -> str:
    return _("{parameter} missing in {share}").format(
        parameter=f"<code>{safe(one.parameter)}</code>", share=safe(numbers.ratio(one.missing, events))
    )


# Flags and identifiers, by platform


def _platform_names() -> Mapping[str, str]:
    return {"android": "Android", "ios": "iOS", "unknown": _("platform not known")}


def _by_platform(app: AppFigures, about: str) -> dict[str, list[Tally]]:
    found = {platform: [t for t in _of(app, about) if t.part == platform] for platform in _PLATFORMS}
    return {platform: tallies for platform, tallies in found.items() if tallies}


def _flag_rows(app: AppFigures) -> Iterable[str]:
    """Each flag on each platform: 1, 0, in words, anything else, missing."""
    for flag in _FLAGS:
        for platform, tallies in _by_platform(app, flag).items():
            counted = {tally.answer: tally.requests for tally in tallies}
            whole = sum(counted.values())
            in_words = counted.get("true", 0) + counted.get("false", 0)
            parts = [
                counted.get("1", 0),
                counted.get("0", 0),
                in_words,
                counted.get("other", 0),
                counted.get("missing", 0),
            ]
            head = f"<code>{flag}_enabled</code><small>{safe(_platform_names()[platform])}</small>"
            yield _row(head, [figure(whole), *(_share(part, whole) for part in parts)])


def _identifier_rows(app: AppFigures) -> Iterable[str]:
    """Each identifier on each platform: how many requests have it, and in which form."""
    forms = _forms()
    for about, label in (
        *((one, f"<code>{one}</code>") for one in _IDENTIFIERS),
        ("any", safe(_("any of them, or ud"))),
    ):
        for platform, tallies in _by_platform(app, about).items():
            there = [tally for tally in tallies if tally.answer != "missing"]
            whole, with_it = (sum(t.requests for t in some) for some in (tallies, there))
            told = _listed([t for t in there if t.answer != "sent"], forms)
            head = f"{label}<small>{safe(_platform_names()[platform])}</small>"
            yield _row(head, [figure(whole), _share(with_it, whole), safe(told) if told else ""])


def _forms() -> Mapping[str, str]:
    return {
        "lower": _("in small letters"),
        "upper": _("in capitals"),
        "mixed": _("in letters of both kinds"),
        "digits": _("in digits alone"),
        "zeros": _("all zeros"),
        "cookie": _("22 letters and digits"),
        "uuid": _("a UUID"),
        "other": _("in another form"),
    }


def _people_rows(app: AppFigures) -> Iterable[str]:
    """Each parameter of ud: how many requests have it, hashed or not."""
    forms = {
        "upper": _("SHA-256 in capitals"),
        "md5": "MD5",
        "sha1": "SHA-1",
        "plain": _("not hashed"),
        "empty": _("empty"),
        "nothing": _("nothing, or a hash of nothing"),
    }
    for parameter in dict.fromkeys(tally.part for tally in _of(app, "ud")):
        tallies = [tally for tally in _of(app, "ud") if tally.part == parameter]
        whole = sum(tally.requests for tally in tallies)
        hashed = sum(tally.requests for tally in tallies if tally.answer == "sha256")
        others = _listed([tally for tally in tallies if tally.answer != "sha256"], forms)
        yield _row(
            f"<code>{safe(parameter)}</code>", [figure(whole), _share(hashed, whole), safe(others or numbers.nothing())]
        )


# What a measurement partner counts


def _gap(app: AppFigures) -> dict[str, Any]:
    """What the section about a measurement partner reads; nothing where neither side is loaded."""
    found = app.discrepancy
    if found is None:
        return {"discrepancy": None}
    names = _platform_names()
    total = _gap_row(safe(_("all")), found.total)
    platforms = [_gap_row(safe(names.get(one.platform or "unknown", "")), one) for one in found.platforms]
    days = [
        _gap_row(f"{safe(numbers.date(one.day))}<small>{safe(names.get(one.platform or 'unknown', ''))}</small>", one)
        for one in found.days[-GAP_DAYS:]
    ]
    return {
        "discrepancy": found,
        "gap_rows": _rows([*platforms, total]),
        "gap_days": _rows(days),
        "gap_count": len(found.days),
        "gap_cut": numbers.of(GAP_DAYS, len(found.days)),
        "answer_badge": _answer_badge,
    }


def _gap_row(head: str, installs: Installs) -> str:
    """Meta's installs, the measurement partner's, and the difference on days that both sides reach."""
    apart = muted(_("– not compared"))
    if installs.is_compared:
        sign = "+" if installs.difference > 0 else "−" if installs.difference < 0 else ""
        share = "" if installs.share is None else f"<small>{sign}{safe(numbers.percent(abs(installs.share)))}</small>"
        apart = f"{sign}{figure(abs(installs.difference))}{share}"
    return _row(head, [figure(installs.meta), figure(installs.mmp), apart])


def _answer_badge(state: str) -> Any:
    """Whether the rows show a cause, rule it out, or leave it to a person."""
    words = {"cause": ("warn", _("Likely")), "clear": ("pass", _("Ruled out"))}
    return pieces.badge(*words.get(state, ("not_evaluable", _("To be asked"))))


# How requests came


def _answers(app: AppFigures) -> list[Answers]:
    """How parameters came, what had to be forgiven, what Meta answered, from which addresses."""
    forms: dict[str, tuple[str, Mapping[str, str]]] = {
        "transport": (
            _("Parameters came"),
            {
                "query": _("in the address"),
                "form": _("as a form"),
                "multipart": _("as a form in parts"),
                "json": _("as JSON"),
            },
        ),
        "leniency": (
            _("Read leniently"),
            _lenient_words(),
        ),
        "answer": (
            _("Meta's answer"),
            {"accepted": _("accepted"), "refused": _("refused"), "missing": _("not in the log")},
        ),
        "forwarded": (
            "X-Forwarded-For",
            {
                "ipv4": "IPv4",
                "ipv6": "IPv6",
                "private": _("an address of an inner network"),
                "other": _("no address"),
                "missing": _("missing"),
            },
        ),
        "version": (_("Version of the API"), {"missing": _("not named")}),
    }
    found = []
    for about, (question, words) in forms.items():
        tallies = _of(app, about)
        if tallies:
            found.append(Answers(question, _listed([_spaced(tally, words) for tally in tallies], {})))
        elif about == "leniency" and app.requests:
            found.append(Answers(question, _("nothing: every custom_events is JSON as it stands")))
    return found


def _lenient_words() -> Mapping[str, str]:
    """What had to be forgiven in custom_events, by the words of the reading."""
    return {
        "trailing_comma": _("a comma too many"),
        "missing_comma": _("a comma missing"),
        "missing_value": _("a key without a value"),
        "decimal_comma": _("a comma in a number"),
        "open_quotes": _("quotes inside a text"),
        "single_quotes": _("single quotes"),
        "bare_words": _("words without quotes"),
        "characters": _("line ends or broken characters in a text"),
        "escapes": _("escaped once too often"),
        "no_list": _("no brackets around the list"),
        "surplus": _("brackets too many at the end"),
        "cut_off": _("cut off before its end"),
        "unreadable": _("nobody can read it"),
    }


def _spaced(tally: Tally, words: Mapping[str, str]) -> Tally:
    """An answer of several words, each in the reader's language."""
    parts = [words.get(word, word.replace("_", " ")) for word in tally.answer.split(" ")]
    return Tally(tally.about, tally.part, numbers.listed(parts), tally.requests, tally.several)


def _listed(tallies: Sequence[Tally], words: Mapping[str, str], most: int = 10) -> str:
    """Answers with their counts, the most frequent first, and how many of how many where the list is cut."""
    shown = sorted(tallies, key=lambda one: -one.requests)[:most]
    parts = [
        f"{numbers.cut(numbers.visible(words.get(one.answer, one.answer)), 60)} {numbers.count(one.requests)}"
        for one in shown
    ]
    told = ", ".join(parts)
    cut = numbers.of(len(shown), max([one.several for one in tallies], default=0)) if len(shown) == most else ""
    return f"{told} ({cut})" if cut else told
