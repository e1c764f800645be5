-- Every line that is not blank is a record.
create or replace temp view record_text as
select rowid + 1 as record, rowid + 1 as line, text
from line
where not is_blank(text);
