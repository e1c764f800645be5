"""The partner's access: what is attested of it, as tables for the rules, and how many calls its app has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funnelcheck.config import Config
from funnelcheck.reported import AccessMeter
from funnelcheck.rulebook import Rulebook
from funnelcheck.store import Store

_ABOUT_CALLS = ("ACC001", "ACC002", "ACC003")


def put_settings(store: Store, config: Config) -> None:
    """partner_access: a row where [partner] attests anything; advertiser_access: one an [advertiser.NAME]."""
    partner = config.partner
    attested = (
        None if partner.permissions is None else list(partner.permissions),
        partner.ads_management_standard_access,
        partner.authentication,
        partner.manage_business_extension,
        partner.mbe_channel,
        partner.mbe_webhook,
        partner.mbe_approved,
        partner.mbe_token_exchanged,
    )
    store.put_rows(
        "partner_access",
        "permissions varchar[], standard_access boolean, authentication varchar, manage_business_extension boolean, "
        "mbe_channel varchar, mbe_webhook boolean, mbe_approved boolean, mbe_token_exchanged boolean",
        [attested] if any(value is not None for value in attested) else [],
    )
    store.put_rows(
        "advertiser_access",
        "advertiser_id varchar, dataset_id varchar, business_id varchar, external_business_id varchar, "
        "system_user_token_made boolean, identifiers_shared boolean",
        [
            (name, a.dataset_id, a.business_id, a.external_business_id, a.system_user_token_made, a.identifiers_shared)
            for name, a in config.advertisers.items()
        ],
    )


def measure(store: Store, book: Rulebook, parameters: Mapping[str, Any]) -> AccessMeter | None:
    """Make the table access, which the rules about calls read, and give it as a meter; None where no call is known."""
    asked = {name: value for code in _ABOUT_CALLS for name, value in book.rule(code).thresholds.items()}
    store.run_file("facts/access.sql", dict(parameters) | asked)
    for row in store.rows("from access"):
        latest = asked["window_calls"] > 0
        calls, errors = (row["latest_calls"], row["latest_errors"]) if latest else (row["calls"], row["errors"])
        return AccessMeter(
            from_log=row["from_log"],
            successes=row["successes"],
            errors=row["errors"],
            min_calls=asked["min_calls"],
            error_calls=calls,
            error_share=errors / calls if calls else None,
            max_error_share=asked["max_error_share"],
            window_calls=int(asked["window_calls"]),
            pace=row["pace"],
            reached_at=row["reached_at"],
            expected_at=row["expected_at"],
            limit_errors=row["limit_errors"],
            repeated_calls=row["repeated_calls"],
            pause_seconds=asked["pause_seconds"],
            first_call=row["first_call"],
            last_call=row["last_call"],
        )
    return None
