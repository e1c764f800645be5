-- crm_lead: one row a lead of an advertiser's CRM history, tests left out: the first time it is known of, and what its
-- id is: Meta's (null), or what stands in its place.
create or replace temp table crm_lead as
with known as (
    select advertiser_id, lead_id, min(least(event_time, lead_created)) as first_time
    from sent_event
    where channel = 'history' and lead_id is not null and not is_test_lead
    group by advertiser_id, lead_id
), thing as (
    select distinct advertiser_id, unnest([form_id, ad_id, adset_id, campaign_id, page_id]) as lead_id
    from lead
    where created_time <= $as_of
), formed as (
    select
        *,
        regexp_full_match(lead_id, '[1-9][0-9]{14,16}') as has_form,
        length(lead_id) = 16 as has_16,
        length(lead_id) = 17 as has_17
    from known
), cut as (
    -- a spreadsheet keeps 15 digits: of ids of Meta's one in ten, one in a hundred ends so
    select
        advertiser_id,
        count(*) filter (has_form and has_16) >= 20
            and 2 * count(*) filter (has_form and has_16 and ends_with(lead_id, '0')) > count(*) filter (has_form and has_16) as is_cut_16,
        count(*) filter (has_form and has_17) >= 20
            and 2 * count(*) filter (has_form and has_17 and ends_with(lead_id, '00')) > count(*) filter (has_form and has_17) as is_cut_17
    from formed
    group by advertiser_id
)
select
    advertiser_id,
    formed.lead_id,
    first_time,
    case
        when has_form and has_16 and is_cut_16 and ends_with(formed.lead_id, '0') then 'rounded'
        when has_form and has_17 and is_cut_17 and ends_with(formed.lead_id, '00') then 'rounded'
        when thing.lead_id is not null then 'other-object'
        when has_form then null
        when starts_with(formed.lead_id, 'person ') then 'person'
        when is_decimal(formed.lead_id) or is_exponent(formed.lead_id) then 'rounded'
        when regexp_full_match(formed.lead_id, '[0-9]{1,14}') then 'short-number'
        when regexp_full_match(formed.lead_id, '[0-9]+') then 'long-number'
        when regexp_full_match(formed.lead_id, '(00Q|003|006|001)[0-9A-Za-z]{12}([0-9A-Za-z]{3})?') then 'salesforce'
        when regexp_full_match(formed.lead_id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') then 'uuid'
        when regexp_full_match(formed.lead_id, '[0-9a-fA-F]{32}') then 'digest'
        when regexp_full_match(formed.lead_id, '(f|ag|as|c|p|z):.*') then 'other-object'
        else 'other'
    end as stand_in
from formed
join cut using (advertiser_id)
left join thing using (advertiser_id, lead_id);

-- nameless_row: one row a file of a history: its rows that name no lead, and whose they are, which only a file of one
-- advertiser shows (else null). They are in the quarantine, and hold no time.
create or replace temp table nameless_row as
with owner as (
    select file_id, if(count(distinct advertiser_id) = 1, any_value(advertiser_id), null) as advertiser_id
    from request
    where channel = 'history'
    group by file_id
)
select file_id, any_value(advertiser_id) as advertiser_id, count(*) as rows
from quarantine
join source_file using (file_id)
left join owner using (file_id)
where kind = 'history' and reason = 'the row names no lead'
group by file_id;

-- nameless_lead: one row an advertiser with such rows: how many leads they are about, if each has as many rows as one
-- that is named.
create or replace temp table nameless_lead as
with named as (
    select advertiser_id, count(*) as rows, count(distinct lead_id) as leads
    from sent_event
    where channel = 'history' and lead_id is not null and not is_test_lead
    group by advertiser_id
)
select advertiser_id, sum(nameless_row.rows)::bigint as rows, ceil(sum(nameless_row.rows) * any_value(leads / named.rows))::bigint as leads
from nameless_row
join named using (advertiser_id)
group by advertiser_id;

-- crm_stand_in: one row an advertiser and what stands in the place of Meta's id: for how many leads, and it in words.
create or replace temp table crm_stand_in as
select
    advertiser_id,
    stand_in,
    count(*) as leads,
    case stand_in
        when 'rounded' then phrase('an id that a spreadsheet has rounded')
        when 'other-object' then phrase('the id of a form, an ad, a campaign or a page')
        when 'person' then phrase('an e-mail address, a phone number or a digest of one')
        when 'short-number' then phrase('a number of fewer than 15 digits, as a CRM counts its own records')
        when 'long-number' then phrase('a number that is not of 15 to 17 digits')
        when 'salesforce' then phrase('Salesforce''s own id of the record')
        when 'uuid' then phrase('a key of the CRM (UUID)')
        when 'digest' then phrase('a digest or key of 32 hexadecimal digits')
        else phrase('another key of the CRM')
    end as told
from crm_lead
where stand_in is not null
group by advertiser_id, stand_in
union all
select
    advertiser_id,
    'nothing',
    leads,
    plural(rows, 'nothing, on {n:count} row without any lead', 'nothing, on {n:count} rows without any lead')
from nameless_lead;

-- crm_id: one row an advertiser with a lead in its CRM's history: leads, about as many of them as rows without a lead
-- stand for, those with Meta's id, those with another, and what stands in its place.
create or replace temp table crm_id as
with counted as (
    select
        advertiser_id,
        count(*) as leads,
        count(*) filter (stand_in is null) as meta_leads,
        count(*) filter (stand_in is not null and first_time < $as_of - $retention_days * 86400) as lost,
        min(first_time) filter (stand_in is not null) as oldest,
        min(first_time) filter (stand_in is not null and first_time >= $as_of - $retention_days * 86400)
            + $retention_days * 86400 as next_lost
    from crm_lead
    group by advertiser_id
), told as (
    select
        advertiser_id,
        list(
            if(
                stand_in = 'nothing',
                phrase('{what:told} (about {leads:count})', {'what': told, 'leads': leads}),
                phrase('{what:told} ({leads:count})', {'what': told, 'leads': leads})
            )
            order by leads desc, stand_in
        ) as stand_ins
    from crm_stand_in
    group by advertiser_id
)
select
    counted.* replace (counted.leads + coalesce(nameless_lead.leads, 0) as leads),
    counted.leads - meta_leads as other_leads,
    coalesce(nameless_lead.rows, 0) as nameless_rows,
    coalesce(nameless_lead.leads, 0) as nameless_leads,
    joined(stand_ins, ', ') as stand_ins
from counted
left join told using (advertiser_id)
left join nameless_lead using (advertiser_id);
