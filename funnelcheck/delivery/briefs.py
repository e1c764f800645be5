"""The onboarding briefs of a selection as files, each in the language of its advertiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from funnelcheck import language
from funnelcheck.config import Config
from funnelcheck.render import brief
from funnelcheck.rulebook import load_guide
from funnelcheck.selection.outcome import Selection


def briefs(selection: Selection, config: Config, pages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """File name and text of every brief, HTML and Markdown; `pages` names each advertiser's page.

    In the advertiser's own language, else in the present one.
    """
    for one in selection.advertisers:
        own = config.advertisers.get(one.advertiser_id)
        with language.use((own.language if own else None) or language.current().key):
            told = brief.brief(selection, one, load_guide(selection.guide.key))
            page = pages[one.advertiser_id]
            yield brief.name_of(page, "html"), brief.html(told)
            yield brief.name_of(page, "md"), brief.markdown(told)
