-- Words that the files of this folder about tables and lists share, beside those of macros.sql.

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
