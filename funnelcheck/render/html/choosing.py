"""Every page of a selection under its file name: the league table, the advertisers, the partner, the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from funnelcheck import language
from funnelcheck.model import Rule
from funnelcheck.render.html import applicant, environment, league, partner, rules, site
from funnelcheck.selection.outcome import Selection
from funnelcheck.selection.prerequisites import Prerequisites

PARTNER = "partner.html"


def selection_names(selection: Selection) -> dict[str, str]:
    """The page of each advertiser."""
    names = site.file_names((one.advertiser_id, "") for one in selection.advertisers)
    return {advertiser_id: name for (advertiser_id, _), name in names.items()}


def selection_pages(
    selection: Selection, partner_has: Prerequisites, chosen_by: tuple[Rule, ...], briefs: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """File name and text of every page; `chosen_by` are the rules of the selection, `briefs` name each one's brief."""
    templates = site.templates(language.current().key)
    catalogue = (*chosen_by, *partner_has.rules)
    names = selection_names(selection)
    common: dict[str, Any] = {
        "run": selection,
        "is_selection": True,
        "codes": {rule.code for rule in catalogue},
        "partner_page": PARTNER,
    }
    common["inputs"] = environment.markup(templates.get_template("partials/inputs.html.j2").render(common))
    table = templates.get_template("league.html.j2")
    yield "index.html", table.render({**common, **league.context(selection, names)})
    page = templates.get_template("applicant.html.j2")
    for one in selection.advertisers:
        told = {"brief": briefs.get(one.advertiser_id, "")}
        yield names[one.advertiser_id], page.render({**common, **applicant.context(selection, one), **told})
    checklist = templates.get_template("partner.html.j2")
    yield PARTNER, checklist.render({**common, **partner.context(partner_has, names)})
    yield "rules.html", templates.get_template("rules.html.j2").render({**common, **rules.context(catalogue)})
