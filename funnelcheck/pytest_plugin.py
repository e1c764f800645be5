"""pytest's fixture `capi`: what the code under test posts to Meta is caught, answered, and judged when asked for.

def test_a_won_deal_is_told_to_meta(capi):
    sync(deal)
    capi.assert_ready()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from funnelcheck.capturing import Capture


@pytest.fixture
def capi(request: pytest.FixtureRequest) -> Iterator[Capture]:
    """Requests to Meta's Conversions API, kept off the network: .requests, .events, .findings, .assert_ready().

    A funnelcheck.toml in pytest's root folder says who sends and which findings count.
    """
    from funnelcheck.capturing import capture  # here, so that a run of tests without the fixture pays nothing

    config = request.config.rootpath / "funnelcheck.toml"
    with capture(config if config.is_file() else None) as caught:
        yield caught
