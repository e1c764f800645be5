-- The lines of a delimited table as rows of cells; a quoted cell may hold line ends, and "" for a quote.
create or replace temp macro is_row(text, mark) as
    not contains(text, '"')
    or regexp_full_match(
        mark || text, '([' || mark || ']("([^"]|"")*"|[^"' || mark || '\n][^' || mark || '\n]*|))+'
    );

create or replace temp macro cells_of(text, mark) as
    case
        when not contains(text, '"') then string_split(text, mark)
        else list_transform(
            regexp_extract_all(
                mark || text, '[' || mark || ']("(?:[^"]|"")*"|[^"' || mark || '\n][^' || mark || '\n]*|)', 1
            ),
            lambda cell: case when starts_with(cell, '"') then replace(cell[2:-2], '""', '"') else cell end
        )
    end;

create or replace temp table table_row as
with quoted as (
    select
        place as record,
        part,
        line,
        text,
        contains(text, '"') and (length(text) - length(replace(text, '"', ''))) % 2 = 1 as is_odd
    from placed_line
), span as (
    -- a line with an odd number of quotes opens a cell that the next such line closes
    select part, record as first_record, lead(record) over (partition by part order by record) as last_record
    from quoted
    where is_odd
    qualify row_number() over (partition by part order by record) % 2 = 1
), placed as (
    select
        quoted.* exclude (is_odd),
        case when quoted.record <= coalesce(span.last_record, quoted.record) then span.first_record end as first_record
    from quoted
    asof left join span on quoted.part = span.part and quoted.record >= span.first_record
    where quoted.part in (select part from span)
    union all
    -- sorting all of a file is dear, and few have cells that hold line ends
    select * exclude (is_odd), null
    from quoted
    where part not in (select part from span)
), joined as (
    select part, first_record as record, min(line) as line, string_agg(coalesce(text, ''), e'\n' order by record) as text
    from placed
    where first_record is not null
    group by part, first_record
), row_text as (
    select record, part, line, text from joined where is_row(text, $delimiter)
    union all
    -- what makes no row together is read line by line
    select record, part, line, text
    from placed
    where first_record is null
        or first_record in (select record from joined where not is_row(text, $delimiter))
), row_cells as (
    select
        record,
        part,
        line,
        case when is_row(text, $delimiter) then cells_of(text, $delimiter) end as cells,
        case when not is_row(text, $delimiter) then text end as broken_text
    from row_text
    -- a row of nothing but delimiters is what a spreadsheet writes below its last one
    where ltrim(text, $delimiter || e'" \t\n') <> ''
)
select *
from row_cells;

-- the first row of a file names the columns
delete from table_row
where record in (select min(record) from table_row group by part);
