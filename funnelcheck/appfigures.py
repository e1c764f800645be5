"""What a report shows of an advertiser's App Events beside the findings: frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExpectedParameter:
    """A parameter that the guide's table lists for a standard event, and how many of its events lack it."""

    parameter: str
    missing: int


@dataclass(frozen=True, slots=True)
class NamedEvents:
    """The App Events of one name over the whole log; those of the latest four weeks of sending are the recent ones."""

    name: str
    is_standard: bool
    events: int
    recent_events: int
    first_sent: int | None
    last_sent: int | None
    parameters: int  # names of parameters over all its events
    value_meaning: str | None  # what its value stands for, in the guide's table
    is_value_optional: bool
    with_value: int  # of the recent ones
    expected: tuple[ExpectedParameter, ...]  # of the recent ones


@dataclass(frozen=True, slots=True)
class NamesOfApp:
    """How many names of App Events an app has used over the whole log."""

    app_id: str | None
    names: int


@dataclass(frozen=True, slots=True)
class NameFamily:
    """Names that differ in nothing but digits, # in their place."""

    family: str
    names: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests of the latest four weeks of sending give an answer to a question about them."""

    about: str  # platform, application_tracking, advertiser_tracking, advertiser_id, …
    part: str  # a platform, or a parameter of ud; nothing where the question has no parts
    answer: str
    requests: int
    several: int  # answers of the question, of which the most frequent are there


@dataclass(frozen=True, slots=True)
class EventIds:
    """The event_id of the events of the latest four weeks of sending."""

    events: int = 0
    with_id: int = 0
    repeated: int = 0  # ids that more than one event of a name has
    surplus: int = 0  # events beyond the first of such an id
    contradicting: int = 0  # of such ids those whose events do not say the same


@dataclass(frozen=True, slots=True)
class AppDay:
    """What was sent on one day of the advertiser's zone."""

    day: str
    installs: int
    conversions: int


@dataclass(frozen=True, slots=True)
class AppFigures:
    """App Events of one advertiser up to as_of, over the whole log; times in Unix seconds."""

    app_ids: tuple[str, ...]  # most requests first
    requests: int
    installs: int
    conversions: int
    first_sent: int | None
    last_sent: int | None
    recent_since: int | None = None  # what was sent after it is recent
    standard: tuple[NamedEvents, ...] = ()  # most events first
    own: tuple[NamedEvents, ...] = ()  # the same, cut
    own_count: int = 0
    names: tuple[NamesOfApp, ...] = ()  # most names first
    families: tuple[NameFamily, ...] = ()  # most names first, cut
    family_count: int = 0
    tallies: tuple[Tally, ...] = ()
    ids: EventIds = EventIds()
    days: tuple[AppDay, ...] = ()
    discrepancy: Discrepancy | None = None  # None: no attributed installs of either side are loaded


@dataclass(frozen=True, slots=True)
class Installs:
    """Installs that Meta attributes to itself, and that a measurement partner attributes to Meta."""

    meta: int
    mmp: int
    day: str | None = None  # ISO 8601, in the advertiser's time zone; None: of all days that are compared
    platform: str | None = None  # android or ios; None: of all, or not told
    is_compared: bool = True  # the tables of both sides reach this day

    @property
    def difference(self) -> int:
        """How many more Meta has."""
        return self.meta - self.mmp

    @property
    def share(self) -> float | None:
        """The same as a share of the measurement partner's; None where it has none."""
        return self.difference / self.mmp if self.mmp else None


@dataclass(frozen=True, slots=True)
class InstallSide:
    """What the table of one side holds and what is stated about it."""

    click_days: float | None  # None: not stated in the configuration
    view_days: float | None
    date_basis: str | None  # install or touch: the day of the click or view
    rows: int
    installs: int  # of Meta's, on all days
    other_events: int
    of_others: int  # installs that another source brought
    first_day: str | None
    last_day: str | None
    app_ids: tuple[str, ...]
    device_known: int  # installs whose rows have a column of advertising ids
    without_device: int


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """A question to ask of a gap, with what the rows answer."""

    key: str
    state: str  # cause: the rows show it; clear: they rule it out; person: only a person can answer
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Meta's attributed installs beside a measurement partner's, up to as_of."""

    reason: str | None  # why nothing can be compared; None: it can
    why: str  # the same as a sentence; empty where it can
    lacks: tuple[str, ...]  # keys of [advertiser.NAME.attribution] that are not stated
    time_zone: str
    meta: InstallSide | None  # None: it has no rows
    mmp: InstallSide | None
    total: Installs  # of the days that the tables of both reach
    platforms: tuple[Installs, ...]  # likewise, of each; empty where one side tells none
    days: tuple[Installs, ...]  # every day and platform with an install on either side, in their order
    first_day: str | None  # of those that are compared
    last_day: str | None
    answers: tuple[GapAnswer, ...]
