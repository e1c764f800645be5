-- event_standing: one row an event that a log tells of: what became of it, and where it stands. `standing`: later (sent
-- after as_of), test (of a test lead), right (accepted, valid, not cut), else wanting.
create or replace temp table event_standing as
with answering as (
    -- whether a log writes answers down is asked of each file: a newer one that does must not turn older events into
    -- unanswered ones
    select advertiser_id, file_id, bool_or(accepted is not null) as has_answers
    from request
    where channel = 'crm'
    group by advertiser_id, file_id
), explained as (
    select request_id, bool_or(faulty & $validity <> 0) as has_fault
    from event_judged
    group by request_id
), answered as (
    select
        event_judged.* exclude (accepted, partner_agent, is_faulty),
        path,
        line,
        shape,
        request.partner_agent as request_agent,
        events_received,
        coalesce(event_judged.accepted, not has_answers) as is_accepted,
        -- nothing came back, or nothing was written down where other requests of the file have an answer
        coalesce(not event_judged.accepted, has_answers)
            and http_status is null and events_received is null and error_code is null and error_title is null
            as is_unanswered,
        events_received < event_count as is_cut,
        not event_judged.accepted and error_code = 100 and coalesce(error_subcode, 0) <> 33 and not has_fault
            as is_unexplained,
        faulty & $validity <> 0 as is_faulty
    from event_judged
    join request using (request_id)
    join source_file using (file_id)
    left join explained using (request_id)
    left join answering
        on answering.advertiser_id = event_judged.advertiser_id and answering.file_id = request.file_id
    where event_judged.channel = 'crm'
)
select
    request_id,
    position,
    path,
    line,
    shape,
    advertiser_id,
    dataset_id,
    upload_time,
    lead_id,
    event_name,
    event_time,
    request_agent,
    test_traffic as is_test_traffic,
    coalesce(is_unanswered, false) as is_unanswered,
    coalesce(is_unexplained, false) as is_unexplained,
    coalesce(is_cut, false) as is_cut,
    coalesce(is_cut and events_received > 0, false) as is_cut_in_part,
    is_accepted,
    case
        when coalesce(upload_time, if(evt005 = 2, null, event_time), $as_of) > $as_of then 'later'
        when is_test_lead then 'test'
        when is_accepted and not is_faulty and not test_traffic and not coalesce(is_cut, false) then 'right'
        else 'wanting'
    end as standing
from answered
