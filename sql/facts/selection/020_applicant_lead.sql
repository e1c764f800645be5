-- applicant_lead: one row a lead that an advertiser's list holds, tests and organic ones among them. What only the
-- creation times of a CRM's history tell of counts as Meta's where its id may be one (15 to 17 digits).
create or replace temp table applicant_lead as
with mine as (
    select advertiser_id, lead_id, min(created_time) as created_time, bool_or(is_test) as is_test
    from list_lead
    group by advertiser_id, lead_id
)
select
    mine.advertiser_id,
    mine.lead_id,
    mine.created_time,
    mine.is_test,
    coalesce(bool_or(lead.is_organic), false) as is_organic,
    bool_or(lead.is_organic) is null as is_unsaid,
    bool_or(source_file.kind = 'leads') or coalesce(regexp_full_match(mine.lead_id, '[1-9][0-9]{14,16}'), false) as is_of_meta,
    bool_or(form_id is not null) as has_form,
    bool_or(form_id is not null and ad_id is not null) as has_form_and_ad,
    min(form_id) as form_id
from mine
join lead
    on lead.lead_id = mine.lead_id
    and coalesce(lead.advertiser_id, mine.advertiser_id) = mine.advertiser_id
left join source_file using (file_id)
where lead.created_time <= $as_of
group by mine.advertiser_id, mine.lead_id, mine.created_time, mine.is_test;
