"""What is supposed for once, as `--what-if` says it: other stages, another coverage, another launch; and in words."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from funnelcheck import numbers
from funnelcheck.config import AdvertiserConfig, Config, nearest
from funnelcheck.errors import UsageError
from funnelcheck.language import _, day
from funnelcheck.store import Store

_KEYS = ("optimise", "stage-map", "coverage", "launch")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed; without anything, nothing is."""

    optimise: str | None = None  # the stage that every advertiser optimises for
    stage_map: Mapping[str, str] = field(default_factory=dict)  # name of a stage -> its new name
    coverage: float | None = None  # share of leads whose events would be sent
    launch: date | None = None

    @property
    def share(self) -> float:
        """The share of leads whose events would be sent; all where nothing is supposed."""
        return 1.0 if self.coverage is None else self.coverage

    def told(self) -> tuple[str, ...]:
        """A clause for each thing that is supposed."""
        told = [
            _("{old} counts as {new}").format(old=numbers.named(old, 80), new=numbers.named(new, 80))
            for old, new in self.stage_map.items()
        ]
        if self.optimise is not None:
            told.append(_("everybody optimises for {stage}").format(stage=numbers.named(self.optimise, 80)))
        if self.coverage is not None:
            share = numbers.threshold(self.coverage, "share")
            told.append(_("events are sent for {share} of leads").format(share=share))
        if self.launch is not None:
            told.append(_("the launch is on {day}").format(day=day(self.launch.isoformat())))
        return tuple(told)


def read_what_if(texts: Iterable[str]) -> Supposed:
    """`optimise=STAGE`, `stage-map=OLD:NEW,OLD:NEW`, `coverage=0.8`, `launch=2027-01-11`, each once but for stage-map.

    UsageError (exit code 2) names what is not understood and what would be.
    """
    supposed = Supposed()
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if key not in _KEYS:
            raise UsageError(f"--what-if {text}: {key!r} cannot be supposed{nearest(key, _KEYS)}")
        if not equals or not value:
            raise UsageError(f"--what-if {text}: says nothing; write {_EXAMPLES[key]}")
        supposed = _READERS[key](supposed, value)
    return supposed


def _optimise(supposed: Supposed, value: str) -> Supposed:
    _once("optimise", value, supposed.optimise)
    return replace(supposed, optimise=value)


def _stage_map(supposed: Supposed, value: str) -> Supposed:
    """A name with a comma stands in quotes; the last colon parts the two names."""
    names = dict(supposed.stage_map)
    known = {old.casefold() for old in names}
    for pair in next(csv.reader([value], skipinitialspace=True)):
        old, colon, new = (part.strip() for part in pair.rpartition(":"))
        if not (old and colon and new):
            raise UsageError(
                f"--what-if stage-map={value}: {pair!r} names no two stages; write {_EXAMPLES['stage-map']}"
            )
        if old.casefold() in known and names.get(old) != new:
            raise UsageError(f"--what-if stage-map={value}: {old!r} gets two names; give it one")
        known.add(old.casefold())
        names[old] = new
    return replace(supposed, stage_map=names)


def _coverage(supposed: Supposed, value: str) -> Supposed:
    _once("coverage", value, supposed.coverage)
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0.0 < share <= 1.0:
        raise UsageError(
            f"--what-if coverage={value}: is no share of leads above 0 and up to 1; write {_EXAMPLES['coverage']}"
        )
    return replace(supposed, coverage=share)


def _launch(supposed: Supposed, value: str) -> Supposed:
    _once("launch", value, supposed.launch)
    return replace(supposed, launch=read_launch(value, f"--what-if launch={value}"))


def read_launch(text: str, where: str) -> date:
    """A day in ISO 8601; UsageError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{where}: is no day; write one like 2027-01-11") from error


def _once(key: str, value: str, known: object) -> None:
    if known is not None:
        raise UsageError(f"--what-if {key}={value}: {key} is supposed twice; suppose one at a time")


_READERS: Mapping[str, Callable[[Supposed, str], Supposed]] = {
    "optimise": _optimise,
    "stage-map": _stage_map,
    "coverage": _coverage,
    "launch": _launch,
}
_EXAMPLES = {
    "optimise": "optimise=Qualified",
    "stage-map": "stage-map=SQL:Qualified",
    "coverage": "coverage=0.8",
    "launch": "launch=2027-01-11",
}


def applied(supposed: Supposed, config: Config, store: Store) -> Config:
    """The configuration as it would be; UsageError for a stage that nobody in the store has."""
    if not supposed.stage_map and supposed.optimise is None:
        return config
    _stages_exist(supposed, store)
    advertisers = {name: _renamed(one, supposed.stage_map) for name, one in config.advertisers.items()}
    if supposed.optimise is not None:
        everybody = dict.fromkeys((*advertisers, *_names(store)))
        advertisers = {
            name: replace(advertisers.get(name, AdvertiserConfig()), optimisation_stage=supposed.optimise)
            for name in everybody
        }
    return replace(config, advertisers=advertisers)


def _stages_exist(supposed: Supposed, store: Store) -> None:
    rows = store.rows("select distinct event_name as name from event where event_name is not null")
    known = {_folded(row["name"]): row["name"] for row in rows}
    for old in supposed.stage_map:
        if _folded(old) not in known:
            raise UsageError(f"--what-if stage-map: nobody has a stage {old!r}{_near(old, known.values())}")
    gone = set(map(_folded, supposed.stage_map))
    left = [name for folded, name in known.items() if folded not in gone] + list(supposed.stage_map.values())
    if supposed.optimise is not None and _folded(supposed.optimise) not in map(_folded, left):
        wanted = supposed.optimise
        raise UsageError(f"--what-if optimise={wanted}: nobody has a stage {wanted!r}{_near(wanted, left)}")


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    return numbers.visible(nearest(name, names)) if names else "; there is no stage at all"


def _folded(name: str) -> str:
    return name.strip().casefold()


def _names(store: Store) -> list[str]:
    rows = store.rows(
        """
        select advertiser_id from request
        union
        select advertiser_id from lead where advertiser_id is not null
        union
        select advertiser_id from lead_count where advertiser_id is not null
        order by advertiser_id
        """
    )
    return [row["advertiser_id"] for row in rows]


def _renamed(one: AdvertiserConfig, stage_map: Mapping[str, str]) -> AdvertiserConfig:
    """What an advertiser configures of its stages, by their new names."""
    names = {_folded(old): new for old, new in stage_map.items()}

    def new_name(name: str) -> str:
        return names.get(_folded(name), name)

    return replace(
        one,
        raw_stage=one.raw_stage and new_name(one.raw_stage),
        optimisation_stage=one.optimisation_stage and new_name(one.optimisation_stage),
        stage_order=tuple(dict.fromkeys(map(new_name, one.stage_order))),
        negative_stages=tuple(dict.fromkeys(map(new_name, one.negative_stages))),
    )
