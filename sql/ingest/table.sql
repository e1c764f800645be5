-- The lines of a delimited table as rows of cells; a quoted cell may hold line ends, and "" for a quote.
create or replace temp macro is_row(text, mark) as
    not contains(text, '"')
    or regexp_full_match(
        mark || text, '([' || mark || ']("([^"]|"")*"|[^"' || mark || '\n][^' || mark || '\n]*|))+'
    );

create or replace temp macro cells_of(text, mark) as
    case
        when not contains(text, '"') then string_split(text, mark)
        else regexp_extract_all(
            mark || text, '[' || mark || ']("(?:[^"]|"")*"|[^"' || mark || '\n][^' || mark || '\n]*|)', 1
        )
    end;

create or replace temp macro cell(text) as
    case when text like '"%' then replace(text[2:-2], '""', '"') else text end;

create or replace temp table table_row as
with quoted as (
    select
        rowid + 1 as line,
        text,
        contains(text, '"') and (length(text) - length(replace(text, '"', ''))) % 2 = 1 as is_odd
    from line
), span as (
    -- a line with an odd number of quotes opens a cell that the next such line closes
    select line as first_line, lead(line) over (order by line) as last_line
    from quoted
    where is_odd
    qualify row_number() over (order by line) % 2 = 1
), placed as (
    select
        quoted.line,
        quoted.text,
        case when quoted.line <= coalesce(span.last_line, quoted.line) then span.first_line end as first_line
    from quoted
    asof left join span on quoted.line >= span.first_line
), joined as (
    select first_line, string_agg(text, e'\n' order by line) as text
    from placed
    where first_line is not null
    group by first_line
), record as (
    select first_line as line, text from joined where is_row(text, $delimiter)
    union all
    -- what makes no row together is read line by line
    select line, text
    from placed
    where first_line is null
        or first_line in (select first_line from joined where not is_row(text, $delimiter))
)
select
    line,
    contains(text, '<test lead:') as is_test,
    case when is_row(text, $delimiter) then cells_of(text, $delimiter) end as cells
from record
where contains(text, $delimiter) or not is_blank(text);
