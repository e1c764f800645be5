"""A weekly run for a scheduler, ready to be put in: cron, systemd, Airflow, GitHub Actions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from funnelcheck import __version__
from funnelcheck.errors import UsageError
from funnelcheck.render.filling import placed, refuse_unfit, templates

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
# Scheduler -> the files that it needs.
FILES = {
    "cron": ("funnelcheck.cron",),
    "systemd": ("funnelcheck.service", "funnelcheck.timer"),
    "airflow": ("funnelcheck_weekly.py",),
    "github": ("funnelcheck.yml",),
}
KINDS = tuple(FILES)


@dataclass(frozen=True, slots=True)
class Weekly:
    """What is to be run when: paths as they are given, relative ones from `place`."""

    sources: Sequence[str]
    place: str
    program: Sequence[str] = ("funnelcheck",)
    leads: Sequence[str] = ()
    histories: Sequence[str] = ()
    calls: Sequence[str] = ()
    attributions: Sequence[str] = ()
    mmp: Sequence[str] = ()
    store: str = "funnelcheck.duckdb"
    out: str = "funnelcheck-report"
    config: str | None = None
    guide: str | None = None
    at: str = "Mon 06:00"
    keep_runs: int = 60
    fail_on: str = "never"
    clock: tuple[int, int, int] = field(init=False)  # day of the week (0: Sunday), hour, minute

    def __post_init__(self) -> None:
        object.__setattr__(self, "clock", _clock(self.at))

    @property
    def run(self) -> list[str]:
        """The words of the weekly `run`."""
        words = [*self.program, "run", *map(placed, self.sources)]
        for option, values in (
            ("--leads", self.leads),
            ("--history", self.histories),
            ("--calls", self.calls),
            ("--attributions", self.attributions),
            ("--mmp", self.mmp),
        ):
            words += [word for value in values for word in (option, value)]
        words += ["--store", self.store, "--out", self.out]
        words += ["--config", self.config] if self.config else []
        words += ["--guide", self.guide] if self.guide else []
        return [*words, "--fail-on", self.fail_on, "-q"]

    @property
    def digest(self) -> list[str]:
        """The words of the `digest` after it."""
        words = [*self.program, "digest", "--store", self.store, "--out", str(Path(self.out) / "digest.html")]
        return [*words, *(["--config", self.config] if self.config else []), "-q"]


def files(scheduler: str, weekly: Weekly) -> dict[str, str]:
    """The files of one scheduler by name; UsageError for a path that its language cannot hold."""
    refuse_unfit((*weekly.run, *weekly.digest, weekly.place))
    environment = templates("schedule")
    environment.filters |= {"cron": _cron, "unit": _unit, "python": _python}
    day, hour, minute = weekly.clock
    given: dict[str, object] = {
        "weekly": weekly,
        "day": DAYS[day],
        "number": day,
        "hour": hour,
        "minute": minute,
        "version": __version__,
    }
    given["store_folder"] = str(Path(weekly.store).parent)
    return {name: environment.get_template(f"{name}.j2").render(given) for name in FILES[scheduler]}


def _clock(at: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"([A-Za-z]{3})[a-z]* ([01]?[0-9]|2[0-3]):([0-5][0-9])", at.strip())
    if found is None or found[1].title() not in DAYS:
        raise UsageError(f'--at {at}: not a time of the week like "Mon 06:00"')
    return DAYS.index(found[1].title()), int(found[2]), int(found[3])


def _cron(words: Sequence[str]) -> str:
    """For a line of a crontab: cron takes a bare % for a line end."""
    return shlex.join(words).replace("%", r"\%")


def _unit(words: Sequence[str]) -> str:
    """For a line of a unit: systemd has its own quotes, and expands % and $."""
    return " ".join('"' + _escaped(word).replace("$", "$$") + '"' for word in words)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def _python(text: str) -> str:
    """A literal of Python that Airflow, which fills templates, leaves as it is."""
    for sign in ("{{", "{%", "{#"):
        text = text.replace(sign, "{{ '" + sign + "' }}")
    return repr(text)
