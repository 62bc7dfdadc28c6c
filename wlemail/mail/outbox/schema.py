"""The tables of the outbox."""

from __future__ import annotations

#: "WLOB", in the file's header: `file outbox.db` can tell what it is
APPLICATION_ID = 0x574C4F42
#: a file of a later version is left alone
VERSION = 1

#: Contents of up to this many bytes lie in a row, larger ones in spool files. A file of its own costs two syncs more
#: (the file's and the directory's), which doubles the price of a small message; a large blob is written twice, through
#: the log, and costs SQLite several times its size in memory (and nothing above 1 GiB fits). On an ext4 disk that syncs
#: in 0.2 ms the two are equally dear between 128 and 256 KiB.
LARGEST_ROW = 64 * 1024

# message.id is AUTOINCREMENT: the number of a message that was purged must never come to mean another.
# state: see values.State. waiting: the recipients to be tried, NULL for all. results: what became of others.
# crc: CRC-32 of the content, for a mail with a hole must not be sent. boot and ticks: see clock.py. next_try 0: due
# whatever the clock says. marked: of a message that is to be sent next, the start of the machine in which that was
# noted; empty once its final octets may have left. That is written without a sync: it outlives the process, and is not
# believed where the machine was started anew. content is apart from message, so that changing a state does not write
# the content again and reading the journal does not read it.
SCHEMA = """
CREATE TABLE account (
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL, security TEXT NOT NULL,
    secret TEXT NOT NULL, login INTEGER NOT NULL, options TEXT NOT NULL, problem TEXT, UNIQUE (user, host, port)
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,
    sender TEXT NOT NULL, recipients TEXT NOT NULL, options TEXT NOT NULL, message_id TEXT NOT NULL,
    subject TEXT NOT NULL, files TEXT NOT NULL, size INTEGER NOT NULL, spool TEXT NOT NULL,
    crc INTEGER NOT NULL, clean INTEGER NOT NULL,
    queued_at REAL NOT NULL, boot TEXT NOT NULL, ticks REAL NOT NULL, seconds REAL NOT NULL,
    next_try REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, uncertain INTEGER NOT NULL DEFAULT 0,
    waiting TEXT, results TEXT, reply TEXT, problem TEXT, ended_at REAL NOT NULL DEFAULT 0,
    marked TEXT NOT NULL DEFAULT ''
);
CREATE TABLE content (message INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE event (message INTEGER NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX message_due ON message (account, next_try) WHERE state = 0;
CREATE INDEX message_sending ON message (account) WHERE state = 1;
CREATE INDEX event_of ON event (message);
"""

#: the spool files that are needed
SPOOLED = "SELECT spool FROM message WHERE spool <> '' AND state NOT IN (2, 4)"
