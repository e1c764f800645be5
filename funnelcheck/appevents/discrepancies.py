"""Meta's attributed installs set beside a measurement partner's: facts of both tables -> figures and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from funnelcheck import rulebook, settings
from funnelcheck.appfigures import Discrepancy, GapAnswer, Installs, InstallSide
from funnelcheck.config import Config
from funnelcheck.language import _
from funnelcheck.phrases import told
from funnelcheck.store import Store

UNNAMED = "(unnamed)"
_RULE = "APP029"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The attributed installs of every advertiser that has any, up to as_of (Unix seconds)."""

    version: str
    guide: str
    as_of: int
    max_gap: float  # the share beyond which a gap is one
    advertisers: Mapping[str, Discrepancy]  # by id, sorted
    nameless: int  # rows that name no advertiser and are compared together


def compare(store: Store, *, as_of: int, config: Config | None = None, guide: str | None = None) -> Comparison:
    """Set both sides of every advertiser in the store beside each other; nothing in the store changes."""
    from funnelcheck import __version__

    config = config or Config()
    book = rulebook.load(config, guide)
    settings.put(store, config, book)
    store.run_folder("facts/app/figures/install", {"as_of": as_of})
    return Comparison(
        version=__version__,
        guide=book.guide.key,
        as_of=as_of,
        max_gap=book.rule(_RULE).thresholds["max_gap"],
        advertisers=read(store),
        nameless=store.value("select count(*) from attributed where advertiser_id = $name", {"name": UNNAMED}),
    )


def read(store: Store) -> dict[str, Discrepancy]:
    """What the facts about attributed installs say of each advertiser, by its id."""
    sides = {(row["advertiser_id"], row["side"]): _side(row) for row in store.rows("from install_side")}
    days, answers, platforms = _days(store), _answers(store), _platforms(store)
    return {
        row["advertiser_id"]: Discrepancy(
            reason=row["reason"],
            why=_why(row),
            lacks=tuple(row["lacks"].split(", ")) if row["lacks"] else (),
            time_zone=row["time_zone"],
            meta=sides.get((row["advertiser_id"], "meta")),
            mmp=sides.get((row["advertiser_id"], "mmp")),
            total=Installs(row["meta"], row["mmp"]),
            platforms=tuple(platforms[row["advertiser_id"]]),
            days=tuple(days[row["advertiser_id"]]),
            first_day=_iso(row["first_day"]),
            last_day=_iso(row["last_day"]),
            answers=tuple(answers[row["advertiser_id"]]),
        )
        for row in store.rows(
            """
            select install_gap.*, coalesce(time_zone, 'UTC') as time_zone
            from install_gap
            left join setting using (advertiser_id)
            order by advertiser_id
            """
        )
    }


def _side(row: Mapping[str, Any]) -> InstallSide:
    return InstallSide(
        click_days=row["click_days"],
        view_days=row["view_days"],
        date_basis=row["date_basis"],
        rows=row["rows"],
        installs=row["installs"],
        other_events=row["other_events"],
        of_others=row["of_others"],
        first_day=_iso(row["first_day"]),
        last_day=_iso(row["last_day"]),
        app_ids=tuple(row["app_ids"] or ()),
        device_known=row["device_known"],
        without_device=row["without_device"],
    )


def _days(store: Store) -> dict[str, list[Installs]]:
    found: dict[str, list[Installs]] = defaultdict(list)
    for row in store.rows("from compared_day order by advertiser_id, day, platform nulls last"):
        day = Installs(row["meta"], row["mmp"], _iso(row["day"]), row["platform"], row["is_compared"])
        found[row["advertiser_id"]].append(day)
    return found


def _platforms(store: Store) -> dict[str, list[Installs]]:
    """The totals of each platform; of nobody where a side tells none."""
    found: dict[str, list[Installs]] = defaultdict(list)
    for row in store.rows(
        """
        select advertiser_id, platform, sum(meta)::bigint as meta, sum(mmp)::bigint as mmp
        from compared_day
        where is_compared
        group by advertiser_id, platform
        qualify bool_or(platform is not null) over (partition by advertiser_id)
        order by advertiser_id, platform nulls last
        """
    ):
        found[row["advertiser_id"]].append(Installs(row["meta"], row["mmp"], platform=row["platform"]))
    return found


def _answers(store: Store) -> dict[str, list[GapAnswer]]:
    found: dict[str, list[GapAnswer]] = defaultdict(list)
    for row in store.rows("from install_answer order by advertiser_id, position"):
        answer = GapAnswer(row["key"], row["state"], told(row["question"]), told(row["answer"]))
        found[row["advertiser_id"]].append(answer)
    return found


def _iso(day: Any) -> str | None:
    return None if day is None else str(day)


def _why(row: Mapping[str, Any]) -> str:
    """Why nothing can be compared, and what to do."""
    if row["reason"] == "no_meta":
        return _("No table of the installs that Meta attributes is loaded: give one with --attributions.")
    if row["reason"] == "no_mmp":
        return _("No export of a measurement partner is loaded: give one with --mmp.")
    if row["reason"] == "unstated":
        return _(
            "The windows and the date of both sides must be stated before their figures can be compared. Write {lacks} "
            "into [advertiser.NAME.attribution] of the configuration; Ads Manager's own are {ads_manager}."
        ).format(lacks=row["lacks"], ads_manager='meta = { click_days = 28, view_days = 1, date = "touch" }')
    if row["reason"] == "undated" and row["undated_side"] == "meta":
        return _("Meta's installs are to go by the day of the click or view, and none of its rows tells one.")
    if row["reason"] == "undated":
        return _(
            "The measurement partner's installs are to go by the day of the click or view, and none of its rows tells "
            "one."
        )
    if row["reason"] == "apart":
        return _("The two tables have no day with an install in common.")
    return ""
