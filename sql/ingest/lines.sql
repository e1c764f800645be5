-- Every line that is not blank is a record.
create or replace temp view record_text as
select place as record, part, line, text
from placed_line
where not is_blank(text);
