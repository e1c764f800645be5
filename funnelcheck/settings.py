"""What configuration, guide and word lists say, as temporary tables that facts and rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funnelcheck import access, customer_data, rulebook
from funnelcheck.config import Config, StatusLine, nearest
from funnelcheck.errors import ConfigError
from funnelcheck.language import _
from funnelcheck.model import Guide
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store


def put(store: Store, config: Config, book: Rulebook) -> None:
    """Make every table of settings; ConfigError for a time zone or a status that means nothing."""
    access.put_settings(store, config)
    advertisers = config.advertisers.items()
    zones = {row["name"] for row in store.rows("select name from pg_timezone_names()")}
    for name, settings in advertisers:
        if settings.time_zone not in zones:
            raise ConfigError(f"{config.path}: advertiser.{name}.time_zone is not known here: {settings.time_zone!r}")
    words = rulebook.words()
    store.put_rows(
        "setting",
        "advertiser_id varchar, time_zone varchar, raw_stage varchar, optimisation_stage varchar, "
        "crm_dataset boolean, partner_agent varchar, event_match_quality double, server_to_server boolean, "
        "auto_logging boolean, anonymous_ids boolean",
        [
            (
                name,
                a.time_zone,
                a.raw_stage,
                a.optimisation_stage,
                a.crm_dataset,
                a.partner_agent or config.partner.partner_agent,
                a.event_match_quality,
                a.server_to_server,
                a.auto_logging,
                a.anonymous_ids,
            )
            for name, a in advertisers
        ],
    )
    _put_attribution(store, config)
    store.put_rows("partner_setting", "partner_agent varchar", [(config.partner.partner_agent,)])
    store.put_rows(
        "stage_setting",
        "advertiser_id varchar, position integer, name varchar",
        [(name, i, stage) for name, a in advertisers for i, stage in enumerate(a.stage_order)],
    )
    store.put_rows(
        "negative_setting",
        "advertiser_id varchar, name varchar",
        [(name, stage) for name, a in advertisers for stage in a.negative_stages],
    )
    store.put_rows(
        "ignored_dataset",
        "advertiser_id varchar, dataset_id varchar",
        [(name, dataset) for name, a in advertisers for dataset in dict.fromkeys(a.ignore_datasets)],
    )
    store.put_rows(
        "status_line",
        "advertiser_id varchar, date bigint, status varchar, step integer, six_step integer",
        [
            (name, line.date, line.status, book.guide.step_of[number - 1], number)
            for name, a in advertisers
            for line in a.status
            for number in [status_step(line, book, config)]
        ],
    )
    store.put_rows(
        "guide_step",
        "six_step integer, step integer, title varchar, limit_days double, learning_low double, "
        "learning_high double, restart_low double, restart_high double",
        _guide_steps(book.guide),
    )
    store.put_rows("raw_stage_hint", "name varchar", [(word,) for word in words["raw_stage"]])
    store.put_rows("unnormalised_value", "field varchar, value varchar, sha256 varchar", customer_data.unnormalised())
    store.put_rows("negative_word", "word varchar", [(word,) for word in words["negative_stage"]])
    put_knowledge_of_meta(store)
    put_app_events(store)


def _put_attribution(store: Store, config: Config) -> None:
    """attribution_setting: one row an advertiser and side; source_setting, app_setting: names, and apps by both ids."""
    stated = [(name, settings.attribution) for name, settings in config.advertisers.items()]
    store.put_rows(
        "attribution_setting",
        "advertiser_id varchar, side varchar, click_days double, view_days double, date_basis varchar",
        [
            (name, side, one.click_days, one.view_days, one.date)
            for name, both in stated
            for side, one in (("meta", both.meta), ("mmp", both.mmp))
        ],
    )
    store.put_rows(
        "source_setting",
        "advertiser_id varchar, name varchar",
        [(name, source) for name, both in stated for source in dict.fromkeys(both.sources)],
    )
    store.put_rows(
        "app_setting",
        "advertiser_id varchar, mmp_app_id varchar, meta_app_id varchar",
        [(name, *pair) for name, both in stated for pair in both.apps.items()],
    )


def put_knowledge_of_meta(store: Store) -> None:
    """What rules look up: known_error (one row an error code and subcode), known_version (one row a version of the
    Graph API) and known_currency (one row a code of ISO 4217).
    """
    kept = ("code", "subcode", "means", "do", "rule", "sure", "throttles", "passes")
    store.put_rows(
        "known_error",
        "code bigint, subcode bigint, meaning varchar, advice varchar, rule varchar, sure varchar, "
        "throttles boolean, passes boolean",
        [tuple(_told(error, name) for name in kept) for error in rulebook.known_errors()],
    )
    store.put_rows(
        "known_version",
        "api_version varchar, released date, expires date",
        [(version["name"], version["released"], version["expires"]) for version in rulebook.api_versions()],
    )
    store.put_rows("known_currency", "code varchar", [(code,) for code in rulebook.currencies()])


def put_app_events(store: Store) -> None:
    """standard_event: one row an App Event that Meta knows by name; standard_parameter: one row a parameter of one."""
    events = rulebook.app_events()
    store.put_rows(
        "standard_event",
        "event_name varchar, parameters varchar[], value_meaning varchar, is_money boolean, is_optional boolean",
        [
            (
                event["name"],
                event["parameters"],
                _(event["value"]) if event["value"] else None,
                event["money"],
                event["optional"],
            )
            for event in events
        ],
    )
    store.put_rows(
        "standard_parameter",
        "event_name varchar, place integer, parameter varchar",
        [(event["name"], place, name) for event in events for place, name in enumerate(event["parameters"])],
    )


def _told(error: Mapping[str, Any], name: str) -> Any:
    """What stands in a column of known_error; its two sentences in the present language."""
    return _(error[name]) if name in ("means", "do") else error[name]


def _guide_steps(guide: Guide) -> list[tuple[Any, ...]]:
    """Each six-step number: the guide's step, its limit, how long learning takes, and starting again to its end."""
    waiting = guide.steps[guide.step_of[2] - 1].estimate_days or (0, 0)
    learning = guide.learning_days
    again = (waiting[0] + learning[0], waiting[1] + learning[1])
    steps = [guide.steps[number - 1] for number in guide.step_of]
    return [
        (six_step, step.number, step.title, step.overdue_days, *learning, *again)
        for six_step, step in enumerate(steps, 1)
    ]


def status_step(line: StatusLine, book: Rulebook, config: Config) -> int:
    """The six-step number of a label of Events Manager; ConfigError for one that the guide does not know."""
    known = book.guide.statuses
    folded = " ".join(line.status.casefold().replace("\u2019", "'").split())
    if folded not in known:
        where = line.where or config.path
        raise ConfigError(f'{where}: "{line.status}" is no status of Events Manager{nearest(folded, known)}')
    return known[folded]
