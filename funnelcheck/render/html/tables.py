"""The way of the leads, by day, form and campaign, as the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from funnelcheck import numbers
from funnelcheck.language import _
from funnelcheck.render.html.cells import figure, muted, named, safe
from funnelcheck.render.html.environment import markup
from funnelcheck.reported import CoverageDay, CoverageForm


def way_rows(leads: Iterable[CoverageDay | CoverageForm], limit: float, has_raw: bool) -> Any:
    """A row a day or form: generated, the raw lead sent, accepted, valid, later stages, any event, without any.

    Of a day besides: leads with events that the list lacks.
    """
    return markup("\n".join(_row(one, limit, has_raw) for one in leads))


def _row(leads: CoverageDay | CoverageForm, limit: float, has_raw: bool) -> str:
    unknown = muted(numbers.unknown())
    raw = [unknown] * 4
    if has_raw:
        raw = [figure(leads.raw_sent), _accepted(leads), figure(leads.raw_covered), figure(leads.later)]
    share = muted(numbers.ratio(leads.covered, leads.eligible, (limit,)))
    cells = [figure(leads.eligible), *raw, figure(leads.covered), share, figure(leads.missing)]
    if isinstance(leads, CoverageDay):
        head = safe(numbers.date(leads.day))
        cells.append(figure(leads.unlisted))
    else:
        head = muted(_("– named in no row")) if leads.name is None else named(leads.name)
    return f'<tr><th scope="row">{head}</th><td>{"</td><td>".join(cells)}</td></tr>'


def _accepted(leads: CoverageDay | CoverageForm) -> str:
    """What Meta's responses say, and of how many raw leads there is none."""
    if leads.raw_unanswered and leads.raw_unanswered == leads.raw_sent:
        return muted(numbers.unknown())
    told = figure(leads.raw_accepted)
    if not leads.raw_unanswered:
        return told
    return f"{told}<small>{_('{n} not known').format(n=figure(leads.raw_unanswered))}</small>"
