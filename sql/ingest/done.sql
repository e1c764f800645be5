-- What loading one file needed and nobody else does.
drop view if exists new_record;
drop view if exists record_text;
drop table if exists read_record;
drop table if exists read_lead;
drop table if exists lead_row;
drop table if exists table_row;
drop table if exists unfolded;
drop table if exists line;
