-- form_use: one row an advertiser with a list: its leads, tests left out, and how many of them came from an ad with an
-- instant form, which an organic lead does not show.
create or replace temp table form_use as
select
    advertiser_id,
    count(*) as leads,
    count(*) filter (has_form) as with_form,
    count(*) filter (has_form_and_ad and not is_organic) as form_leads,
    count(distinct form_id) as forms
from applicant_lead
where not is_test
group by advertiser_id;
