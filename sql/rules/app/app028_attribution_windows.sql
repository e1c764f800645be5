/*---
title = "Windows and dates of a comparison are stated"
severity = "informational"
source = "App Events guide, attribution: Ads Manager counts 28 days after a click and 1 day after a view, by the time of the click or view"
why = "Two tools that attribute within other windows, or put an install on another day, differ without anything being wrong."
fix = "Write the windows and the date of both sides into [advertiser.NAME.attribution] of the configuration: meta.click_days = 28, meta.view_days = 1 and meta.date = \"touch\" where the report is one of Ads Manager, and the same of mmp with what the measurement partner's settings show."
wait = "Load Meta's attributed installs (--attributions) and the measurement partner's export (--mmp), and state the windows and the date of both in [advertiser.NAME.attribution]."
acts = "partner"
channel = ["app"]
unit = "differences"

[message]
pass = "Meta and the measurement partner count alike: {meta_click:days} after a click and {meta_view:days} after a view, by {meta_basis:told}."
warn = "Meta counts {meta_click:days} after a click and {meta_view:days} after a view, by {meta_basis:told}; the measurement partner {mmp_click:days} and {mmp_view:days}, by {mmp_basis:told}. A gap is to be expected where they differ."
not_evaluable = "Neither installs that Meta attributes nor an export of a measurement partner are loaded: there is nothing to compare."
"not_evaluable.no_meta" = "An export of a measurement partner is loaded, but no table of the installs that Meta attributes."
"not_evaluable.no_mmp" = "Installs that Meta attributes are loaded, but no export of a measurement partner."
"not_evaluable.unstated" = "The comparison with the measurement partner needs the windows and the date of both sides; not stated are {lacks:told}."

[[case]]
name = "windows and dates that are the same"
given.install_gap = [{ days = 1 }]
given.install_side = [
    { side = "meta", click_days = 28, view_days = 1, date_basis = "touch" },
    { side = "mmp", click_days = 28, view_days = 1, date_basis = "touch" },
]
status = "pass"
value = 0

[[case]]
name = "a narrower window and another date are told"
given.install_gap = [{ days = 1 }]
given.install_side = [
    { side = "meta", click_days = 28, view_days = 1, date_basis = "touch" },
    { side = "mmp", click_days = 7, view_days = 1, date_basis = "install" },
]
status = "pass"
value = 2

[[case]]
name = "nothing is stated of the measurement partner"
given.install_gap = [{ reason = "unstated", lacks = "mmp.click_days, mmp.view_days, mmp.date" }]
given.install_side = [
    { side = "meta", click_days = 28, view_days = 1, date_basis = "touch" },
    { side = "mmp" },
]
status = "not_evaluable"

[[case]]
name = "one side alone"
given.install_gap = [{ reason = "no_mmp", lacks = "mmp.date" }]
given.install_side = [{ side = "meta", click_days = 28, view_days = 1, date_basis = "touch" }]
status = "not_evaluable"

[[case]]
name = "no rows of either side"
given = {}
status = "not_evaluable"
---*/
with stated as (
    select
        app_advertiser.advertiser_id,
        install_gap.advertiser_id is not null and coalesce(reason not in ('no_meta', 'no_mmp', 'unstated'), true) as is_stated,
        reason,
        lacks,
        m.click_days as meta_click,
        m.view_days as meta_view,
        m.date_basis as meta_date,
        p.click_days as mmp_click,
        p.view_days as mmp_view,
        p.date_basis as mmp_date,
        (m.click_days <> p.click_days)::integer + (m.view_days <> p.view_days)::integer
            + (m.date_basis <> p.date_basis)::integer as differences
    from app_advertiser
    left join install_gap using (advertiser_id)
    left join install_side as m on m.advertiser_id = app_advertiser.advertiser_id and m.side = 'meta'
    left join install_side as p on p.advertiser_id = app_advertiser.advertiser_id and p.side = 'mmp'
)
select
    advertiser_id,
    'app' as channel,
    if(is_stated, if(differences = 0, 0, 1), null) as level,
    differences as value,
    if(is_stated, 1, 0) as n,
    if(is_stated, null, reason) as reason,
    lacks,
    meta_click,
    meta_view,
    basis_of(meta_date) as meta_basis,
    mmp_click,
    mmp_view,
    basis_of(mmp_date) as mmp_basis
from stated
