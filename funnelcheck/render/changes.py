"""What changed between two runs, in words: sentences, and the groups of the Monday page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from funnelcheck import numbers
from funnelcheck.language import _, ngettext
from funnelcheck.model import Key, Severity
from funnelcheck.reported import Change, ChangeKind, KeptRun, SettingChange, Since, Verdict

NAME, _TITLE, _CODES, _SETTINGS, _RULES = 48, 60, 6, 6, 1
_ACTORS = ("advertiser", "partner", "meta")


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of rules by code, and of steps by key."""

    rules: Mapping[str, str]
    steps: Mapping[str, str]

    def rule(self, code: str | None) -> str:
        """Code and title, as short as a line needs it."""
        title = self.rules.get(code or "", "")
        return f"{code} {numbers.cut(title, _TITLE)}".rstrip()


class Line(NamedTuple):
    """One advertiser in a group, and what is said of it."""

    advertiser_id: str
    channel: str
    name: str
    told: str
    changes: tuple[Change, ...]


class Group(NamedTuple):
    """Advertisers of which the same is to be said, the most urgent first; all of them."""

    key: str
    title: str
    lines: tuple[Line, ...]


class Total(NamedTuple):
    """A figure of the whole portfolio, and by how much it changed ("" where it did not)."""

    key: str
    label: str
    figure: int
    change: str


def row_name(key: Key, length: int) -> str:
    """An advertiser's name inside a line, with the channel where that is not what it sent."""
    advertiser_id, channel = key
    name = numbers.named(advertiser_id, length)
    told = {"history": _("{name} (CRM history)"), "app": _("{name} (App Events)")}
    return told.get(channel, "{name}").format(name=name)


def verdict_word(key: str | None, n: float = 1) -> str:
    """A verdict inside a sentence, as it is said of `n` advertisers."""
    words = {
        "not_ready": ngettext("not ready", "not ready", n),
        "undecided": ngettext("undecided", "undecided", n),
        "ready": ngettext("ready", "ready", n),
    }
    return words.get(key or "", key or "")


def verdicts_told(key: str, n: int) -> str:
    """How many advertisers have a verdict."""
    told = {
        "not_ready": ngettext("{n} not ready", "{n} not ready", n),
        "undecided": ngettext("{n} undecided", "{n} undecided", n),
        "ready": ngettext("{n} ready", "{n} ready", n),
    }
    return told[key].format(n=numbers.count(n))


def status_word(key: str | None) -> str:
    """What a rule does, inside a sentence."""
    words = {
        "fail": _("fails"),
        "undecided": _("undecided"),
        "not_evaluable": _("cannot be judged"),
        "warn": _("warns"),
        "waived": _("waived"),
        "pass": _("passes"),
    }
    return words.get(key or "", key or "")


def kind_word(kind: ChangeKind) -> str:
    """What became of it, as a heading or a badge says it."""
    return {
        ChangeKind.NEWLY_BROKEN: _("Newly broken"),
        ChangeKind.NEWLY_READY: _("Newly ready"),
        ChangeKind.RESOLVED: _("Resolved"),
        ChangeKind.NEW_FAILURE: _("New failure"),
        ChangeKind.STUCK: _("Stuck too long"),
        ChangeKind.WORSE: _("Worse"),
        ChangeKind.BETTER: _("Better"),
        ChangeKind.APPEARED: _("New here"),
        ChangeKind.DISAPPEARED: _("No longer here"),
    }[kind]


def actor_word(key: str) -> str:
    """For whom an advertiser waits."""
    words = {"advertiser": _("the advertiser"), "partner": _("the partner"), "meta": _("Meta")}
    return words.get(key, key)


def figure_was(change: Change) -> str:
    """What the rule found in the earlier run; nothing without a figure."""
    return _figure(change, change.value_was, change.n_was)


def figure_now(change: Change) -> str:
    """What the rule found in the later run; nothing without a figure."""
    return _figure(change, change.value_now, change.n_now)


def _figure(change: Change, value: float | None, n: int) -> str:
    return "" if value is None else numbers.measured(value, change.unit, n, change.threshold)


def told(change: Change, titles: Titles) -> str:
    """One change in one short sentence, without the advertiser's name."""
    if change.kind is ChangeKind.STUCK:
        step = titles.steps.get(change.now or "", change.now or "")
        return _("{days} at the step “{step}”").format(days=numbers.days(change.days), step=step)
    if change.kind is ChangeKind.APPEARED:
        return _("new here and {verdict}").format(verdict=verdict_word(change.now))
    if change.kind is ChangeKind.DISAPPEARED:
        return _("no longer here; was {verdict}").format(verdict=verdict_word(change.was))
    if change.code is None:
        return _("{now}, was {was}").format(now=verdict_word(change.now), was=verdict_word(change.was))
    return _told_of_rule(change, titles.rule(change.code))


def _told_of_rule(change: Change, rule: str) -> str:
    before, after = figure_was(change), figure_now(change)
    was, now = status_word(change.was), status_word(change.now)
    if change.was is None:
        return _("{rule}: {now}, not judged before").format(rule=rule, now=now)
    if change.was == change.now:
        return _("{rule}: {after}, was {before}").format(rule=rule, after=after, before=before)
    if before and after and before != after:
        sentence = _("{rule}: {now} ({after}); before: {was} ({before})")
        return sentence.format(rule=rule, now=now, was=was, after=after, before=before)
    return _("{rule}: {now}; before: {was}").format(rule=rule, now=now, was=was)


def settings_told(since: Since) -> list[str]:
    """What the runs were judged by, where it differs, and what is therefore not comparable."""
    sentences = [_setting_told(one) for one in since.settings if one.kind in ("guide", "version", "rule", "waiver")]
    alike: dict[tuple[str | None, ...], list[SettingChange]] = defaultdict(list)
    for one in since.settings:
        if one.kind in ("threshold", "severity"):
            alike[one.kind, one.name, one.was, one.now].append(one)
    sentences += [_rules_told(several) for several in alike.values()]
    more = len(sentences) - _SETTINGS
    if more > 0:
        told_more = ngettext("{n} more change of settings.", "{n} more changes of settings.", more)
        sentences = [*sentences[:_SETTINGS], told_more.format(n=numbers.count(more))]
    return sentences


def _setting_told(change: SettingChange) -> str:
    places = {"was": change.was, "now": change.now, "code": change.code}
    if change.kind == "guide":
        sentence = _("Judged by guide {now}, before by {was}: verdicts and steps are not comparable.")
    elif change.kind == "version":
        sentence = _("Made with funnelcheck {now}, before with {was}: figures may not be comparable.")
    elif change.kind == "waiver":
        sentence = _("Waivers that came: {now}; that went: {was}.")
    elif change.was is None:
        sentence = _("{code} is judged now and was not before.")
    else:
        sentence = _("{code} was judged before and is not now.")
    return sentence.format(**places)


def _rules_told(several: Sequence[SettingChange]) -> str:
    """The same change of a threshold, or a severity, in one rule or more."""
    one = several[0]
    codes = ", ".join(str(each.code) for each in several[:_CODES])
    if len(several) > _CODES:
        codes += f" + {numbers.count(len(several) - _CODES)}"
    places = {
        "codes": codes,
        "was": one.was or numbers.nothing(),
        "now": one.now or numbers.nothing(),
        "name": one.name,
    }
    if one.kind == "severity":
        return _("{codes}: the severity is {now} and was {was}, so verdicts are not comparable.").format(**places)
    return _("{codes}: {name} is {now} and was {was}, so what it says is not comparable.").format(**places)


def since_told(since: Since) -> str:
    """From when the earlier run is, and how old that makes it."""
    day = numbers.date_of(since.was.as_of)
    if since.days < 0:
        return _("compared with the later run of {day}").format(day=day)
    return _("since the run of {day}, {age} before").format(day=day, age=_age(since.days))


def _age(days: float) -> str:
    """How long a run is past: in whole days, unless it is less than one."""
    return numbers.days(float(round(days)) if days >= 1 else days)


def totals(since: Since) -> list[Total]:
    """Advertisers by verdict, for whom those that are not ready wait, and how many take too long."""
    was, now = since.was, since.now
    found = []
    has_apps = bool(now.app_verdicts or was.app_verdicts)
    if now.verdicts or was.verdicts or not has_apps:
        found += _totals_of_leads(now, was)
    if has_apps:
        found += [
            _total(
                f"app_{key}",
                label,
                {f"app_{key}": now.app_verdicts.get(key, 0)},
                {f"app_{key}": was.app_verdicts.get(key, 0)},
            )
            for key, label in (("ready", _("App Events ready")), ("not_ready", _("App Events not ready")))
        ]
    return found


def _totals_of_leads(now: KeptRun, was: KeptRun) -> list[Total]:
    """Of CRM events and histories."""
    found = [
        _total(key, verdict_word(key, now.verdicts.get(key, 0)), now.verdicts, was.verdicts)
        for key in ("ready", "undecided", "not_ready")
    ]
    found += [
        _total(key, _("waiting for {actor}").format(actor=actor_word(key)), now.waiting, was.waiting)
        for key in _ACTORS
        if now.waiting.get(key) or was.waiting.get(key)
    ]
    return [*found, _total("overdue", _("overdue"), {"overdue": now.overdue}, {"overdue": was.overdue})]


def _total(key: str, label: str, now: Mapping[str, int], was: Mapping[str, int]) -> Total:
    figure = now.get(key, 0)
    more = figure - was.get(key, 0)
    return Total(key, label, figure, f"{'+' if more > 0 else '−'}{numbers.count(abs(more))}" if more else "")


def changed(since: Since) -> int:
    """How many advertisers have a change of any kind, in whatever channel."""
    return len({change.advertiser_id for change in since.changes})


def groups(since: Since, titles: Titles) -> list[Group]:
    """The Monday page: each advertiser once a group, what its verdict says not said again; no empty group."""
    by_key: dict[Key, list[Change]] = defaultdict(list)
    for change in since.changes:
        by_key[change.advertiser_id, change.channel].append(change)
    found = [
        Group(key, title, tuple(_line(of_key, changes, titles) for of_key, changes in _ordered(key, picked)))
        for key, title, pick in _picks()
        for picked in [{of_key: pick(changes) for of_key, changes in by_key.items() if pick(changes)}]
    ]
    return [group for group in found if group.lines]


def shared_out(lengths: Sequence[int], total: int, most: int) -> list[int]:
    """How many lines of each group are shown: in turn one each, up to `total` in all and `most` of one."""
    shown = [0] * len(lengths)
    while sum(shown) < total:
        open_ = [i for i, length in enumerate(lengths) if shown[i] < min(length, most)]
        if not open_:
            break
        for i in open_[: total - sum(shown)]:
            shown[i] += 1
    return shown


def _picks() -> list[tuple[str, str, Callable[[Sequence[Change]], list[Change]]]]:
    """Each group, and which changes of an advertiser it speaks of."""
    kind = ChangeKind

    def led(leader: ChangeKind, *followers: ChangeKind) -> Callable[[Sequence[Change]], list[Change]]:
        def pick(changes: Sequence[Change]) -> list[Change]:
            return _of(changes, leader, *followers) if _of(changes, leader) else []

        return pick

    def unless(leaders: Iterable[ChangeKind], *kinds: ChangeKind) -> Callable[[Sequence[Change]], list[Change]]:
        def pick(changes: Sequence[Change]) -> list[Change]:
            return [] if _of(changes, *leaders) else _of(changes, *kinds)

        return pick

    resolved = led(kind.RESOLVED, kind.BETTER)
    return [
        ("newly_broken", _("Newly broken"), led(kind.NEWLY_BROKEN, kind.NEW_FAILURE, kind.WORSE)),
        ("newly_ready", _("Newly ready"), led(kind.NEWLY_READY, kind.RESOLVED, kind.BETTER)),
        ("resolved", _("Resolved"), lambda c: [] if _of(c, kind.NEWLY_READY) else resolved(c)),
        ("stuck", _("Stuck too long"), unless((), kind.STUCK)),
        ("worse", _("Worse"), unless((kind.NEWLY_BROKEN,), kind.NEW_FAILURE, kind.WORSE)),
        ("better", _("Better"), unless((kind.NEWLY_READY, kind.RESOLVED), kind.BETTER)),
        ("moved", _("New here, or no longer"), unless((), kind.APPEARED, kind.DISAPPEARED)),
    ]


def _of(changes: Sequence[Change], *kinds: ChangeKind) -> list[Change]:
    return [change for change in changes if change.kind in kinds]


def _ordered(key: str, picked: Mapping[Key, list[Change]]) -> list[tuple[Key, list[Change]]]:
    """The most urgent first: the longest stuck, the deepest fall, a new failure, a required rule."""
    kinds, weight = list(ChangeKind), list(Severity)

    def urgency(entry: tuple[Key, list[Change]]) -> tuple[float, float, Key]:
        of_key, changes = entry
        first = changes[0]
        if key == "stuck":
            return -(first.days or 0.0), 0, of_key
        if key == "newly_broken":
            return first.was != Verdict.READY, first.now != Verdict.NOT_READY, of_key
        return kinds.index(first.kind), weight.index(first.severity) if first.severity else -1, of_key

    return sorted(picked.items(), key=urgency)


def _short(change: Change, titles: Titles) -> str:
    """As `told`, for a line that has room for one rule."""
    if change.code is None or change.was is None or change.was == change.now:
        return told(change, titles)
    after = figure_now(change)
    sentence = _("{rule}: {now} ({after})") if after else _("{rule}: {now}")
    return sentence.format(rule=titles.rule(change.code), now=status_word(change.now), after=after)


def _line(key: Key, changes: Sequence[Change], titles: Titles) -> Line:
    """The first changes in words, and how many more there are."""
    shown = changes[: _RULES if changes[0].code else _RULES + 1]
    sentences = [_short(change, titles) for change in shown]
    more = len(changes) - len(shown)
    if more:
        sentences.append(_("{n} more").format(n=numbers.count(more)))
    return Line(*key, row_name(key, NAME), numbers.series(sentences), tuple(changes))
