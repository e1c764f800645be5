-- Words that the files of this folder about tables and lists share, beside those of macros.sql.

-- A date that people write, as ISO 8601 text; `day_first` says what 1/2/2026 means (null: nothing).
create or replace temp macro written_date(t, day_first) as
    case
        when regexp_full_match(t, '[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}([T ,].*)?') then
            regexp_extract(t, '^([0-9]{4})', 1)
            || '-' || lpad(regexp_extract(t, '^[0-9]{4}[./-]([0-9]{1,2})', 1), 2, '0')
            || '-' || lpad(regexp_extract(t, '^[0-9]{4}[./-][0-9]{1,2}[./-]([0-9]{1,2})', 1), 2, '0')
        when day_first is not null and regexp_full_match(t, '[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}([T ,].*)?') then
            regexp_extract(t, '^[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4})', 1)
            || '-' || lpad(regexp_extract(t, if(day_first, '^[0-9]{1,2}[./-]([0-9]{1,2})', '^([0-9]{1,2})'), 1), 2, '0')
            || '-' || lpad(regexp_extract(t, if(day_first, '^([0-9]{1,2})', '^[0-9]{1,2}[./-]([0-9]{1,2})'), 1), 2, '0')
    end;

-- The time of day behind such a date, as ISO 8601 text with the offset that it names: 7:58 PM, 19:58:04.000+0000.
create or replace temp macro written_clock(t) as
    case
        when not regexp_matches(t, '[0-9][T ,]+[0-9]') then ''
        when regexp_full_match(t, '[0-9./-]+[T ,]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)? ?([AaPp]\.?[Mm]\.?)? ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2})?') then
            ' ' || lpad(
                case
                    when regexp_matches(t, '(?i) 12:[0-9:.,]+ ?a\.?m|[T,]12:[0-9:.,]+ ?a\.?m') then '0'
                    when regexp_matches(t, '(?i)p\.?m') and regexp_extract(t, '[T ,]+([0-9]{1,2}):', 1)::int < 12
                        then (regexp_extract(t, '[T ,]+([0-9]{1,2}):', 1)::int + 12)::varchar
                    else regexp_extract(t, '[T ,]+([0-9]{1,2}):', 1)
                end, 2, '0')
            || ':' || regexp_extract(t, '[T ,]+[0-9]{1,2}:([0-9]{2})', 1)
            || coalesce(nullif(':' || regexp_extract(t, '[T ,]+[0-9]{1,2}:[0-9]{2}:([0-9]{2})', 1), ':'), ':00')
            || replace(regexp_extract(t, '(?:[0-9]|[mM.]) ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2})$', 1), 'UTC', 'Z')
    end;

-- An instant as a table writes it: as above, a written date, or the days since 1900 of a spreadsheet.
create or replace temp macro table_instant(t, zone, day_first) as
    coalesce(
        instant(t, zone),
        instant(written_date(t, day_first) || written_clock(t), zone),
        case when regexp_full_match(t, '[2-7][0-9]{4}(\.[0-9]+)?')
            then floor(epoch(timezone(zone, timestamp '1899-12-30' + to_seconds(round(t::double * 86400)))))::bigint
        end
    );

-- An instant as a table writes it, by a configured format where there is one.
create or replace temp macro table_time(t, zone, day_first, form) as
    case
        when form is null then table_instant(t, zone, day_first)
        when regexp_matches(form, '%[zZ]')
            then coalesce(floor(epoch(try_strptime(t, form)::timestamptz))::bigint, instant(t, zone))
        else coalesce(floor(epoch(timezone(zone, try_strptime(t, form)::timestamp)))::bigint, instant(t, zone))
    end;

-- A name without e-mail addresses in it.
create or replace temp macro nameless(text) as case when has_sign(text) then without_secrets(text) else text end;

-- A CRM may know people by their address, number or digest: that is no id to keep.
create or replace temp macro id_to_keep(id, key) as
    case
        when contains(id, '@') or regexp_full_match(id, '\+[0-9 ()-]{7,}|[0-9a-fA-F]{64}')
            then 'person ' || short_digest(key, lower(id))
        else id
    end;

-- A raw row as the quarantine keeps it.
create or replace temp macro clean_raw(raw) as left(without_secrets(raw), 2000);

-- What damaged a lead id, or what stands in its place, in words; null for digits. `any_id`: a CRM's own id will do.
create or replace temp macro lead_id_fault(id, any_id) as
    case
        when regexp_full_match(id, '[0-9]+') then null
        when regexp_full_match(id, '[0-9]([.,][0-9]*)?[eE]\+?[0-9]{1,2}')
            then 'a spreadsheet or a column of numbers has turned the lead id into ' || id || '; its digits are lost, export it as text'
        when regexp_full_match(id, '[0-9]+[.,]0*')
            then 'a decimal column has turned the lead id into ' || id || '; export it as text'
        when any_id then null
        when starts_with(id, 'f:') then 'the form stands in place of the lead id'
        when starts_with(id, 'ag:') then 'the ad stands in place of the lead id'
        when starts_with(id, 'as:') then 'the ad set stands in place of the lead id'
        when starts_with(id, 'c:') then 'the campaign stands in place of the lead id'
        when starts_with(id, 'p:') then 'a phone number stands in place of the lead id'
        when regexp_full_match(id, '[0-9a-fA-F]{64}') then 'a SHA-256 digest stands in place of the lead id; Meta''s id is sent as it is'
        when regexp_full_match(id, '[0-9a-fA-F]{32}') then 'a digest or a CRM''s own key of 32 hexadecimal digits stands in place of the lead id'
        when regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')
            then 'a CRM''s own key (UUID) stands in place of the lead id: ' || id
        when regexp_full_match(id, '(00Q|003|006|001)[0-9A-Za-z]{12}([0-9A-Za-z]{3})?')
            then 'a Salesforce id stands in place of the lead id: ' || id
        when starts_with(id, '[') then 'a list stands in place of the lead id: ' || left(without_secrets(id), 40)
        else 'this is not a Meta lead id: ' || left(without_secrets(id), 40)
    end;

-- A lead id without the label of a page's download and without a spreadsheet's apostrophe.
create or replace temp macro bare_lead_id(id) as nullif(regexp_replace(regexp_replace(trim(id), '^="(.*)"$', '\1'), '^(l:|'')', ''), '');
