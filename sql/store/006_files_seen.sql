-- Files as they lay when they were read: one that is unchanged is not read again to find that it is known.
create table seen_file (
    location varchar not null,
    offered varchar not null,
    file_id integer not null,
    reading varchar not null,
    size bigint not null,
    changed bigint not null,
    ends varchar not null
);
comment on table seen_file is 'One place and way of reading what lies there: what a file looked like when it was read.';
comment on column seen_file.offered is 'Digest of what says how a file is read before anybody has looked into it.';
comment on column seen_file.file_id is 'The row of source_file that holds the same bytes.';
comment on column seen_file.reading is 'source_file.reading at that time: while it is another, the file is to be read again.';
comment on column seen_file.changed is 'Time of change, in nanoseconds.';
comment on column seen_file.ends is 'Digest of the first and the last 4,096 bytes.';

update funnelcheck_store set version = 6;
