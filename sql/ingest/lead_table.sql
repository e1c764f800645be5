-- Rows of a table (table_row) below its header as leads; $width columns, of which these hold what a lead needs.
create or replace temp table lead_row as
select
    line,
    cell(cells[$lead_id]) as lead_id,
    cell(cells[$created]) as created,
    cell(cells[$advertiser]) as advertiser,
    cell(cells[$form_id]) as form_id,
    cell(cells[$page_id]) as page_id,
    cell(cells[$campaign_id]) as campaign_id,
    cell(cells[$is_organic]) as is_organic,
    is_test,
    array_to_string(cells, chr(31)) as content,
    case
        when cells is null then 'a row with broken quotes'
        when len(list_filter(cells[$width + 1:], lambda surplus: trim(surplus) <> '')) > 0
            then 'the row has ' || len(cells) || ' cells, the header ' || $width
    end as broken
from table_row
where line > (select min(line) from table_row);
