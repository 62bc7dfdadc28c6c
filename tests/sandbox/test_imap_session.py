# ruff: noqa: E501 - rows of tables
"""The sandbox's IMAP session: every command, every extension, every limit; whole, byte by byte, and in groups."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.sandbox.accounts import Layout
from wlemail.sandbox.authentication import Credentials
from wlemail.sandbox.imap.offer import ImapOffer
from wlemail.sandbox.imap.session import MAX_ERRORS, MAX_LINE, MAX_LITERALS, MAX_OUTPUT, IMAPSession
from wlemail.sandbox.lines import MAX_SKIPPED
from wlemail.sandbox.mailbox import Mailbox

from .sessions import byte_by_byte
from .test_pop3_session import put

ONE = b"From: Marie <m@d.example>\r\nSubject: one\r\nMessage-ID: <1@x>\r\n\r\nfirst\r\n"
TWO = b"Subject: =?utf-8?q?=C3=A9t=C3=A9?=\r\nFrom: x@d.example\r\n\r\nno end"
THREE = b"\r\n".join(
    [
        b"Subject: parts",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"",
        "déjà vu".encode(),
        b"--b",
        b"Content-Type: message/rfc822",
        b"",
        b"Subject: inner",
        b"",
        b"inside",
        b"--b--",
        b"",
    ]
)


def filled(**layout: Any) -> Mailbox:
    mailbox = Mailbox(layout=Layout(**layout))
    put(mailbox, ONE, "marie@d.example")
    put(mailbox, b"", "other@d.example")
    put(mailbox, TWO, "x@d.example", "Marie@e.example")
    put(mailbox, THREE, "marie")
    return mailbox


class Dialogue:
    """One session with a mailbox behind it."""

    def __init__(self, *, mailbox: Mailbox | None = None, users: Any = None, tls: str = "", **offer: Any) -> None:
        self.mailbox = mailbox or filled()
        self.notes: list[str] = []
        self.session = IMAPSession(
            ImapOffer(**offer), self.mailbox, Credentials(users), tls=tls, note=self.notes.append
        )
        self.greeting = self.session.greet()

    def say(self, *pieces: bytes) -> bytes:
        said = b""
        for piece in pieces:
            said += self.session.receive(piece)
            while self.session.pending:
                said += self.session.receive(b"")
        return said

    def lines(self, *pieces: bytes) -> list[str]:
        """The lines of the answer, without the numbers that each run has of its own."""
        said = self.say(*pieces).decode("utf-8", "replace")
        return re.sub(r"(UIDVALIDITY|APPENDUID|COPYUID) \d{10}", r"\1 V", said).split("\r\n")[:-1]

    def login(self, user: str = "marie") -> Dialogue:
        assert self.say(b"l LOGIN %s secret\r\n" % user.encode()).startswith(b"l OK")
        return self

    def select(self, folder: str = "INBOX", user: str = "marie") -> Dialogue:
        self.login(user)
        assert b"s OK" in self.say(b's SELECT "%s"\r\n' % folder.encode())
        return self


#: name, offer, what a client says once it is logged in and has selected INBOX, the beginning of each line of the answer
ROWS: list[tuple[str, dict[str, Any], bytes, list[str]]] = [
    ("NOOP", {}, b"a NOOP\r\nb noop\r\n", ["a OK", "b OK"]),
    ("CHECK", {}, b"a CHECK\r\n", ["a OK"]),
    ("SELECT", {}, b"a SELECT inbox\r\n", [
        r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
        r"* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)]",
        "* 3 EXISTS", "* 0 RECENT", "* OK [UNSEEN 1]", "* OK [UIDVALIDITY V]", "* OK [UIDNEXT 4]",
        "* OK [HIGHESTMODSEQ 4]", "a OK [READ-WRITE]",
    ]),
    ("EXAMINE", {}, b"a EXAMINE Sent\r\nb STORE 1 FLAGS ()\r\nc EXPUNGE\r\n", [
        "* FLAGS", "* OK [PERMANENTFLAGS ()]", "* 0 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY V]", "* OK [UIDNEXT 1]",
        "* OK [HIGHESTMODSEQ", "a OK [READ-ONLY]", "b BAD", "c NO [READ-ONLY]",
    ]),
    ("SELECT of what is not there leaves nothing selected", {}, b"a SELECT Nope\r\nb CHECK\r\n",
     ["a NO [NONEXISTENT]", "b BAD"]),
    ("CLOSE", {}, b"a STORE 1 +FLAGS.SILENT (\\Deleted)\r\nb CLOSE\r\nc STATUS INBOX (MESSAGES UIDNEXT)\r\n",
     ["a OK", "b OK", "* STATUS \"INBOX\" (MESSAGES 2 UIDNEXT 4)", "c OK"]),
    ("UNSELECT expunges nothing", {},
     b"a STORE 1 +FLAGS.SILENT (\\Deleted)\r\nb UNSELECT\r\nc STATUS INBOX (MESSAGES DELETED)\r\n",
     ["a OK", "b OK", "* STATUS \"INBOX\" (MESSAGES 3 DELETED 1)", "c OK"]),
    ("FETCH of facts", {}, b"a FETCH 1,3 (UID RFC822.SIZE FLAGS)\r\n", [
        rf"* 1 FETCH (UID 1 RFC822.SIZE {len(ONE)} FLAGS (\Recent))",
        rf"* 3 FETCH (UID 3 RFC822.SIZE {len(THREE)} FLAGS (\Recent))", "a OK",
    ]),
    ("FETCH of a macro", {}, b"a FETCH 2 FAST\r\n",
     [r"* 2 FETCH (FLAGS (\Recent) INTERNALDATE ", "a OK"]),
    ("UID FETCH tells the UID", {}, b"a UID FETCH 2 RFC822.SIZE\r\nb UID FETCH 7:9 FLAGS\r\n",
     [f"* 2 FETCH (UID 2 RFC822.SIZE {len(TWO)})", "a OK", "b OK"]),
    ("UID FETCH of the last", {}, b"a UID FETCH 99:* UID\r\n", ["* 3 FETCH (UID 3)", "a OK"]),
    ("FETCH beyond the end", {}, b"a FETCH 4 FLAGS\r\nb FETCH 2:9 FLAGS\r\nc FETCH 0 FLAGS\r\n",
     ["a BAD", "b BAD", "c BAD"]),
    ("ENVELOPE", {}, b"a FETCH 1 ENVELOPE\r\n", [
        '* 1 FETCH (ENVELOPE (NIL "one" (("Marie" NIL "m" "d.example")) (("Marie" NIL "m" "d.example"))'
        ' (("Marie" NIL "m" "d.example")) NIL NIL NIL NIL "<1@x>"))', "a OK",
    ]),
    ("BODYSTRUCTURE", {}, b"a FETCH 3 (BODYSTRUCTURE)\r\n", [
        '* 3 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 9 0 NIL NIL NIL NIL)'
        '("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 24 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)'
        ' ("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 6 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)'
        ' "MIXED" ("BOUNDARY" "b") NIL NIL NIL))', "a OK",
    ]),
    ("BODY is BODYSTRUCTURE without the rest", {}, b"a FETCH 1 BODY\r\n",
     ['* 1 FETCH (BODY ("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 7 1))', "a OK"]),
    ("BODY[] marks as seen", {}, b"a FETCH 2 BODY[]\r\nb FETCH 2 (FLAGS)\r\n", [
        f"* 2 FETCH (BODY[] {{{len(TWO)}}}", "Subject: =?utf-8?q?=C3=A9t=C3=A9?=", "From: x@d.example", "",
        r"no end FLAGS (\Seen \Recent))", "a OK", r"* 2 FETCH (FLAGS (\Seen \Recent))", "b OK",
    ]),
    ("BODY.PEEK[] does not", {}, b"a FETCH 1 (BODY.PEEK[TEXT])\r\nb FETCH 1 FLAGS\r\n",
     ["* 1 FETCH (BODY[TEXT] {7}", "first", ")", "a OK", r"* 1 FETCH (FLAGS (\Recent))", "b OK"]),
    ("partial octets", {}, b"a FETCH 1 (BODY.PEEK[]<6.5> BODY.PEEK[TEXT]<2.900>)\r\nb FETCH 1 BODY.PEEK[]<999.1>\r\n",
     ["* 1 FETCH (BODY[]<6> {5}", "Marie BODY[TEXT]<2> {5}", "rst", ")", "a OK", "* 1 FETCH (BODY[]<999> {0}", ")",
      "b OK"]),
    ("header fields", {}, b"a FETCH 1 (BODY.PEEK[HEADER.FIELDS (subject X-None)])\r\n", [
        "* 1 FETCH (BODY[HEADER.FIELDS (subject X-None)] {16}", "Subject: one", "", ")", "a OK"]),
    ("other header fields", {}, b'a FETCH 1 (BODY.PEEK[HEADER.FIELDS.NOT ("Subject" From)])\r\n', [
        "* 1 FETCH (BODY[HEADER.FIELDS.NOT (Subject From)] {21}", "Message-ID: <1@x>", "", ")", "a OK"]),
    ("parts", {}, b"a FETCH 3 (BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER] BODY.PEEK[2.1] BODY.PEEK[2.TEXT])\r\n", [
        "* 3 FETCH (BODY[1.MIME] {76}", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
        "", " BODY[2.HEADER] {18}", "Subject: inner", "", " BODY[2.1] {6}", "inside BODY[2.TEXT] {6}", "inside)", "a OK",
    ]),
    ("parts that are not there", {}, b"a FETCH 3 (BODY.PEEK[3] BODY.PEEK[1.1] BODY.PEEK[1.HEADER])\r\n",
     ["* 3 FETCH (BODY[3] NIL BODY[1.1] NIL BODY[1.HEADER] NIL)", "a OK"]),
    ("the one part of a message without parts", {}, b"a FETCH 1 (BODY.PEEK[1]<0.4> BODY.PEEK[1.1])\r\n",
     ["* 1 FETCH (BODY[1]<0> {4}", "firs BODY[1.1] NIL)", "a OK"]),
    ("the old names", {}, b"a FETCH 1 (RFC822.HEADER)\r\nb FETCH 1 RFC822.TEXT\r\n", [
        f"* 1 FETCH (RFC822.HEADER {{{len(ONE) - 7}}}", "From: Marie", "Subject: one", "Message-ID", "", ")", "a OK",
        "* 1 FETCH (RFC822.TEXT {7}", "first", r" FLAGS (\Seen \Recent))", "b OK",
    ]),
    ("STORE", {}, b"a STORE 1:2 FLAGS (\\seen $Work)\r\nb STORE 1 -FLAGS $WORK\r\nc STORE 2 +FLAGS.SILENT \\Draft\r\n"
                  b"d FETCH 1:2 FLAGS\r\n", [
        r"* 1 FETCH (FLAGS ($Work \Seen \Recent))", r"* 2 FETCH (FLAGS ($Work \Seen \Recent))", "a OK",
        r"* 1 FETCH (FLAGS (\Seen \Recent))", "b OK", "c OK", r"* 1 FETCH (FLAGS (\Seen \Recent))",
        r"* 2 FETCH (FLAGS ($Work \Draft \Seen \Recent))", "d OK",
    ]),
    ("STORE of what is no flag", {}, b"a STORE 1 FLAGS (\\Recent)\r\nb STORE 1 FLAGS (\\Nope)\r\n", ["a BAD", "b NO [CANNOT]"]),
    ("STORE UNCHANGEDSINCE", {}, b"a UID STORE 2 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)\r\n", ["a OK [MODIFIED 2]"]),
    ("CONDSTORE", {}, b"a FETCH 1 (MODSEQ)\r\nb STORE 1 +FLAGS.SILENT (\\Seen)\r\nc FETCH 1:3 FLAGS (CHANGEDSINCE 4)\r\n", [
        "* 1 FETCH (MODSEQ (2))", "a OK", "* 1 FETCH (MODSEQ (5))", "b OK",
        r"* 1 FETCH (FLAGS (\Seen \Recent) MODSEQ (5))", "c OK",
    ]),
    ("EXPUNGE", {}, b"a STORE 1,3 +FLAGS.SILENT (\\Deleted)\r\nb EXPUNGE\r\nc FETCH 1 UID\r\n",
     ["a OK", "* 3 EXPUNGE", "* 1 EXPUNGE", "b OK", "* 1 FETCH (UID 2)", "c OK"]),
    ("UID EXPUNGE", {}, b"a STORE 1:3 +FLAGS.SILENT (\\Deleted)\r\nb UID EXPUNGE 2:9\r\n",
     ["a OK", "* 3 EXPUNGE", "* 2 EXPUNGE", "b OK"]),
    ("COPY", {}, b"a COPY 1,3 Sent\r\nb UID COPY 2 Nope\r\nc UID COPY 9 Sent\r\n",
     ["a OK [COPYUID V 1,3 1:2]", "b NO [TRYCREATE]", "c OK"]),
    ("COPY to where it is", {}, b"a COPY 2 INBOX\r\nb FETCH 4 UID\r\n",
     ["* 4 EXISTS", "* 4 RECENT", "a OK [COPYUID V 2 4]", "* 4 FETCH (UID 4)", "b OK"]),
    ("MOVE", {}, b"a UID MOVE 1:2 Trash\r\nb STATUS Trash (MESSAGES)\r\n",
     ["* OK [COPYUID V 1:2 1:2]", "* 2 EXPUNGE", "* 1 EXPUNGE", "a OK", '* STATUS "Trash" (MESSAGES 2)', "b OK"]),
    ("without UIDPLUS and MOVE", {"lacks": ("UIDPLUS", "MOVE")}, b"a COPY 1 Sent\r\nb UID EXPUNGE 1\r\nc MOVE 1 Sent\r\n",
     ["a OK copied", "b BAD", "c BAD"]),
    ("SEARCH", {}, b"a SEARCH ALL\r\nb UID SEARCH SUBJECT one\r\nc SEARCH NOT 1:2\r\nd SEARCH SUBJECT nothing\r\n",
     ["* SEARCH 1 2 3", "a OK", "* SEARCH 1", "b OK", "* SEARCH 3", "c OK", "* SEARCH", "d OK"]),
    ("SEARCH for what is encoded", {},
     "a SEARCH CHARSET utf-8 SUBJECT {5+}\r\nÉTÉ\r\nb SEARCH CHARSET UTF-8 BODY {9+}\r\nDÉJÀ VU\r\n".encode().replace(
         b"{9+}", b"{%d+}" % len("DÉJÀ VU".encode())),
     ["* SEARCH 2", "a OK", "* SEARCH 3", "b OK"]),
    ("SEARCH in quotes for what is not ASCII", {},
     'a SEARCH CHARSET utf8 SUBJECT "été"\r\nb SEARCH SUBJECT "été"\r\nc LIST "" "é"\r\n'.encode(),
     ["* SEARCH 2", "a OK", "b BAD", "c BAD"]),
    ("SEARCH with an unknown charset", {}, b"a SEARCH CHARSET KLINGON SUBJECT x\r\n", ["a NO [BADCHARSET (US-ASCII UTF-8"]),
    ("SEARCH of all kinds", {}, b"a SEARCH OR FROM marie TEXT inside LARGER 10 (SMALLER 9999 UNSEEN)\r\n"
                                b"b SEARCH HEADER Message-ID 1@ SINCE 1-Jan-2020\r\nc SEARCH HEADER Message-ID {0}\r\n",
     ["* SEARCH 1 3", "a OK", "* SEARCH 1", "b OK", "+"]),
    ("SEARCH by flags", {}, b"a STORE 2 +FLAGS.SILENT (\\Flagged $X)\r\nb SEARCH FLAGGED KEYWORD $x\r\nc SEARCH UNKEYWORD $X\r\n"
                            b"d SEARCH NEW DELETED\r\n",
     ["a OK", "* SEARCH 2", "b OK", "* SEARCH 1 3", "c OK", "* SEARCH", "d OK"]),
    ("ESEARCH", {}, b"a UID SEARCH RETURN (MIN MAX COUNT ALL) UID 1,3\r\nb SEARCH RETURN () DELETED\r\n", [
        '* ESEARCH (TAG "a") UID MIN 1 MAX 3 ALL 1,3 COUNT 2', "a OK", '* ESEARCH (TAG "b")', "b OK"]),
    ("SEARCH of nonsense", {}, b"a SEARCH\r\nb SEARCH NOPE\r\nc SEARCH SUBJECT\r\nd SEARCH SINCE 31-Feb-2020\r\ne SEARCH 9\r\n",
     ["a BAD", "b BAD", "c BAD", "d BAD", "e BAD"]),
    ("LIST", {}, b'a LIST "" *\r\nb LIST "" ""\r\nc LIST "" "S%"\r\nd LIST S ent\r\n', [
        r'* LIST (\HasNoChildren) "/" "INBOX"', r'* LIST (\HasNoChildren \Archive) "/" "Archive"',
        r'* LIST (\HasNoChildren \Drafts) "/" "Drafts"', r'* LIST (\HasNoChildren \Junk) "/" "Junk"',
        r'* LIST (\HasNoChildren \Sent) "/" "Sent"', r'* LIST (\HasNoChildren \Trash) "/" "Trash"', "a OK",
        r'* LIST (\Noselect) "/" ""', "b OK", r'* LIST (\HasNoChildren \Sent) "/" "Sent"', "c OK",
        r'* LIST (\HasNoChildren \Sent) "/" "Sent"', "d OK",
    ]),
    ("CREATE with those above", {}, b"a CREATE Work/2026/May/\r\nb LIST Work/ %\r\nc CREATE work\r\nd CREATE Work\r\n"
                                    b"e CREATE a//b\r\nf CREATE \"a*\"\r\ng CREATE inbox\r\n", [
        "a OK", r'* LIST (\HasChildren) "/" "Work/2026"', "b OK", "c OK", "d NO [ALREADYEXISTS]", "e NO [CANNOT]",
        "f NO [CANNOT]", "g NO [ALREADYEXISTS]",
    ]),
    ("CREATE-SPECIAL-USE", {}, b"a CREATE Everything (USE (\\all))\r\nb LIST (SPECIAL-USE) \"\" E*\r\nc CREATE X (USE (\\Sent))\r\n",
     ["a OK", r'* LIST (\HasNoChildren \All) "/" "Everything"', "b OK", "c NO [USEATTR]"]),
    ("DELETE", {}, b"a CREATE A/B\r\nb DELETE A\r\nc SELECT A\r\nd DELETE A\r\ne DELETE A/B\r\nf DELETE INBOX\r\ng DELETE A/B\r\n",
     ["a OK", "b OK", "c NO", "d NO [HASCHILDREN]", "e OK", "f NO [CANNOT]", "g NO [NONEXISTENT]"]),
    ("RENAME", {}, b"a CREATE A/B\r\nb RENAME A C/D\r\nc LIST \"\" C*\r\nd RENAME Nope X\r\ne RENAME C C/E\r\nf RENAME C Sent\r\n", [
        "a OK", "b OK", r'* LIST (\HasChildren) "/" "C"', r'* LIST (\HasChildren) "/" "C/D"',
        r'* LIST (\HasNoChildren) "/" "C/D/B"', "c OK", "d NO [NONEXISTENT]", "e NO", "f NO [ALREADYEXISTS]",
    ]),
    ("RENAME of INBOX", {}, b"a RENAME INBOX Old\r\nb STATUS Old (MESSAGES)\r\n",
     ["* 3 EXPUNGE", "* 2 EXPUNGE", "* 1 EXPUNGE", "a OK", '* STATUS "Old" (MESSAGES 3)', "b OK"]),
    ("subscriptions", {}, b"a CREATE A/B\r\nb SUBSCRIBE A/B\r\nc LSUB \"\" A*\r\nd LSUB \"\" %\r\ne UNSUBSCRIBE A/B\r\n"
                          b"f LSUB \"\" A*\r\ng SUBSCRIBE Nope\r\n", [
        "a OK", "b OK", '* LSUB () "/" "A/B"', '* LSUB () "/" "Archive"', "c OK", '* LSUB () "/" "INBOX"',
        r'* LSUB (\Noselect) "/" "A"', "* LSUB", "* LSUB", "* LSUB", "* LSUB", "* LSUB", "d OK", "e OK",
        '* LSUB () "/" "Archive"', "f OK", "g NO [NONEXISTENT]",
    ]),
    ("LIST-EXTENDED", {}, b'a CREATE S/T\r\nb SUBSCRIBE S/T\r\nc LIST (SUBSCRIBED RECURSIVEMATCH) "" ("S" "Sent") RETURN (CHILDREN)\r\n'
                          b'd LIST (RECURSIVEMATCH) "" *\r\n', [
        "a OK", "b OK", r'* LIST (\HasChildren) "/" "S" ("CHILDINFO" ("SUBSCRIBED"))',
        r'* LIST (\HasNoChildren \Subscribed \Sent) "/" "Sent"', "c OK", "d BAD",
    ]),
    ("LIST-STATUS", {}, b'a LIST "" (INBOX Sent) RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))\r\n', [
        r'* LIST (\HasNoChildren) "/" "INBOX"', '* STATUS "INBOX" (MESSAGES 3 UNSEEN 3)',
        r'* LIST (\HasNoChildren \Sent) "/" "Sent"', '* STATUS "Sent" (MESSAGES 0 UNSEEN 0)', "a OK",
    ]),
    ("names beyond ASCII", {}, b'a CREATE "&AMk-t&AOk-/R&-D [1]"\r\nb LIST "" &AMk-*\r\nc ENABLE UTF8=ACCEPT\r\n'
                               + 'd STATUS "Été/R&D [1]" (MESSAGES)\r\n'.encode(), [
        "a OK", r'* LIST (\HasChildren) "/" "&AMk-t&AOk-"', r'* LIST (\HasNoChildren) "/" "&AMk-t&AOk-/R&-D [1]"', "b OK",
        "* ENABLED UTF8=ACCEPT", "c OK", '* STATUS "Été/R&D [1]" (MESSAGES 0)', "d OK",
    ]),
    ("APPEND", {}, b'a APPEND Drafts (\\Draft $X) " 1-Feb-2026 10:20:30 +0100" {9+}\r\nSubject: \r\nb SELECT Drafts\r\n'
                   b"c FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)\r\n", [
        "a OK [APPENDUID V 1]", r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $X)", "* OK", "* 1 EXISTS",
        "* 1 RECENT", "* OK [UNSEEN 1]", "* OK", "* OK", "* OK", "b OK",
        r'* 1 FETCH (FLAGS ($X \Draft \Recent) INTERNALDATE " 1-Feb-2026 10:20:30 +0100" RFC822.SIZE 9)', "c OK",
    ]),
    ("APPEND waits for consent", {}, b"a APPEND INBOX {3}\r\nabc\r\n", ["+", "* 4 EXISTS", "* 4 RECENT", "a OK"]),
    ("APPEND of several messages", {}, b"a APPEND Sent {1+}\r\na (\\Seen) {2+}\r\nbc {0+}\r\n\r\nb STATUS Sent (MESSAGES UNSEEN SIZE)\r\n",
     ["a OK [APPENDUID V 1:3]", '* STATUS "Sent" (MESSAGES 3 UNSEEN 2 SIZE 3)', "b OK"]),
    ("APPEND with the folder as a literal", {}, b"a APPEND {4+}\r\nSent {1+}\r\nx\r\n", ["a OK [APPENDUID V 1]"]),
    ("APPEND to a folder in quotes", {}, b'a CREATE "x \\"y\\" z"\r\nb APPEND "x \\"y\\" z" {1+}\r\nx\r\n', ["a OK", "b OK [APPENDUID V 1]"]),
    ("APPEND to nowhere is refused before the message comes", {}, b"a APPEND Nope {3}\r\nb NOOP\r\n", ["a NO [TRYCREATE]", "b OK"]),
    ("APPEND to nowhere swallows what comes unasked", {}, b"a APPEND Nope {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n", ["a NO [TRYCREATE]", "c OK"]),
    ("APPEND of too much", {"max_size": 4}, b"a APPEND Sent {5}\r\n", ["a NO [TOOBIG]"]),
    ("APPEND that does not end", {}, b"a APPEND Sent {1+}\r\nx y\r\nb STATUS Sent (MESSAGES)\r\n", ["a BAD", '* STATUS "Sent" (MESSAGES 0)', "b OK"]),
    ("APPEND without a message", {}, b"a APPEND Sent x\r\nb APPEND\r\n", ["a BAD", "b BAD"]),
    ("NAMESPACE", {}, b"a NAMESPACE\r\n", ['* NAMESPACE (("" "/")) NIL NIL', "a OK"]),
    ("no quota", {}, b"a GETQUOTAROOT INBOX\r\nb GETQUOTA X\r\n", ['* QUOTAROOT "INBOX"', "a OK", "b NO"]),
    ("ID", {}, b'a ID ("name" "x" "version" NIL)\r\nb ID NIL\r\n', ['* ID ("name" "wlemail sandbox"', "a OK", "* ID", "b OK"]),
    ("IDLE", {}, b"a IDLE\r\nDONE\r\nb IDLE\r\nNOOP\r\n", ["+ idling", "a OK", "+ idling", "b BAD"]),
    ("what it lacks is not known", {"lacks": ("IDLE", "NAMESPACE", "ID")}, b"a IDLE\r\nb NAMESPACE\r\nc ID NIL\r\n", ["a BAD", "b BAD", "c BAD"]),
    ("LOGOUT", {}, b"a LOGOUT\r\nb NOOP\r\n", ["* BYE", "a OK"]),
    ("not a command", {}, b"a\r\nhello world\r\na  NOOP\r\n(x NOOP\r\n\r\n", ["* BAD", "hello BAD", "* BAD", "* BAD", "* BAD"]),
    ("line ends", {}, b"a NOOP\nb NO\rOP\r\n", ["a BAD", "* BAD"]),
    ("a word too many", {}, b"a NOOP x\r\nb SELECT INBOX x\r\nc FETCH 1 FLAGS \r\n", ["a BAD", "b BAD", "c BAD"]),
    ("IMAP4rev2, enabled", {"revisions": ("IMAP4rev1", "IMAP4rev2")},
     'a ENABLE IMAP4rev2\r\nb SELECT INBOX\r\nc SEARCH SUBJECT "été"\r\nd CREATE "Été"\r\ne FETCH 1 FLAGS\r\n'.encode(), [
        "* ENABLED IMAP4REV2", "a OK", "* OK [CLOSED]", "* FLAGS", "* OK [PERM", "* 3 EXISTS", '* LIST () "/" "INBOX"',
        "* OK [UIDVALIDITY", "* OK [UIDNEXT", "* OK [HIGHESTMODSEQ", "b OK", '* ESEARCH (TAG "c") ALL 2', "c OK", "d OK",
        "* 1 FETCH (FLAGS ())", "e OK",
    ]),
    ("IMAP4rev2 alone", {"revisions": ("IMAP4rev2",)}, b"a CAPABILITY\r\nb UID SEARCH ALL\r\n",
     ["* CAPABILITY IMAP4rev2 LITERAL+", "a OK", '* ESEARCH (TAG "b") UID ALL 1:3', "b OK"]),
    ("STARTTLS behind the login", {}, b"a STARTTLS\r\n", ["a BAD"]),
]  # fmt: skip


def beginnings(found: list[str], expected: list[str]) -> list[str]:
    return [line[: len(start)] for line, start in zip(found, expected, strict=False)] + found[len(expected) :]


@pytest.mark.parametrize("divided", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(("offer", "said", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_rows(offer: dict[str, Any], said: bytes, expected: list[str], divided: bool) -> None:
    dialogue = Dialogue(**offer).select()
    # The beginning of a line must not stand for all of it where nothing follows.
    found = dialogue.lines(*(byte_by_byte(said) if divided else [said]))
    assert beginnings(found, expected) == expected


#: name, offer and users, what a client says first of all, the beginning of each line of the answer
LOGIN_ROWS: list[tuple[str, dict[str, Any], bytes, list[str]]] = [
    ("LOGIN", {}, b'a LOGIN marie "p\\"w"\r\nb LOGIN x y\r\n', ["a OK [CAPABILITY IMAP4rev1", "b BAD"]),
    ("LOGIN with literals", {}, "a LOGIN {5+}\r\nmarie {3+}\r\né1\r\n".encode(), ["a OK"]),
    ("a wrong password", {"users": {"marie": "right"}}, b"a LOGIN marie wrong\r\nb LOGIN marie right\r\n",
     ["a NO [AUTHENTICATIONFAILED]", "b OK"]),
    ("refused by name", {}, b"a LOGIN refused x\r\nb LOGIN tempfail x\r\nc LOGIN inuse x\r\n",
     ["a NO [AUTHENTICATIONFAILED]", "b NO [UNAVAILABLE]", "c NO [INUSE]"]),
    ("AUTHENTICATE", {}, b"a AUTHENTICATE PLAIN\r\n" + base64.b64encode(b"\0marie\0x") + b"\r\n", ["+ ", "a OK"]),
    ("AUTHENTICATE with SASL-IR", {}, b"a authenticate plain " + base64.b64encode(b"\0marie\0x") + b"\r\n", ["a OK"]),
    ("AUTHENTICATE without SASL-IR", {"lacks": ("SASL-IR",)}, b"a AUTHENTICATE PLAIN AG0AeA==\r\n", ["a BAD"]),
    ("AUTHENTICATE LOGIN", {}, b"a AUTHENTICATE LOGIN\r\nbWFyaWU=\r\neA==\r\n", ["+ VXNlcm5hbWU6", "+ UGFzc3dvcmQ6", "a OK"]),
    ("AUTHENTICATE given up", {}, b"a AUTHENTICATE PLAIN\r\n*\r\nb NOOP\r\n", ["+ ", "a BAD", "b OK"]),
    ("AUTHENTICATE of nonsense", {}, b"a AUTHENTICATE KLINGON\r\nb AUTHENTICATE PLAIN\r\n###\r\nc AUTHENTICATE PLAIN eA==\r\n",
     ["a NO", "+ ", "b BAD", "c BAD"]),
    ("a token that is refused", {"mechanisms": ("XOAUTH2",), "users": {"u": "t"}},
     b"a AUTHENTICATE XOAUTH2 " + base64.b64encode(b"user=u\x01auth=Bearer x\x01\x01") + b"\r\n\r\n",
     ["+ eyJzdGF0", "a NO [AUTHENTICATIONFAILED]"]),
    ("commands before the login", {}, b"a SELECT INBOX\r\nb LIST \"\" *\r\nc IDLE\r\nd CAPABILITY\r\n",
     ["a BAD", "b BAD", "c BAD", "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE UIDPLUS STARTTLS AUTH=PLAIN", "d OK"]),
    ("TLS first", {"require_tls": True}, b"a LOGIN marie x\r\nb CAPABILITY\r\n",
     ["a NO [PRIVACYREQUIRED]", "* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE UIDPLUS STARTTLS LOGINDISABLED", "b OK"]),
    ("APPEND before the login", {}, b"a APPEND INBOX {3}\r\nabc\r\n", ["+", "a BAD"]),
    ("LITERAL+ not offered", {"lacks": ("LITERAL+",)}, b"a LOGIN {5+}\r\nmarie x\r\nb NOOP\r\n", ["a BAD", "b OK"]),
]  # fmt: skip


@pytest.mark.parametrize("divided", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(("offer", "said", "expected"), [row[1:] for row in LOGIN_ROWS], ids=[r[0] for r in LOGIN_ROWS])
def test_logging_in(offer: dict[str, Any], said: bytes, expected: list[str], divided: bool) -> None:
    found = Dialogue(**offer).lines(*(byte_by_byte(said) if divided else [said]))
    assert beginnings(found, expected) == expected


def test_the_password_is_nowhere() -> None:
    dialogue = Dialogue()
    dialogue.say(b'a LOGIN marie "geheim"\r\nb LOGOUT\r\n')
    other = Dialogue()
    other.say(b"a AUTHENTICATE PLAIN AGEAZ2VoZWlt\r\ngeheim\r\nb LOGIN a {6}\r\n", b"geheim\r\n")
    assert "C: a LOGIN marie …" in dialogue.notes
    assert not any("geheim" in line or "AGEAZ2VoZWlt" in line for line in dialogue.notes + other.notes)


def test_starttls_forgets_what_came_behind_it() -> None:
    dialogue = Dialogue()
    assert dialogue.lines(b"a STARTTLS\r\nb LOGIN evil x\r\n") == ["a OK begin TLS"]
    assert dialogue.session.wants_tls
    dialogue.session.tls_started("TLSv1.3")
    assert dialogue.lines(b"c CAPABILITY\r\n")[0].find("STARTTLS") < 0
    assert dialogue.lines(b"d STARTTLS\r\n")[0].startswith("d BAD")


# -- several clients --------------------------------------------------------------------------------------


def test_two_clients_see_what_the_other_does() -> None:
    mailbox = filled()
    first, second = Dialogue(mailbox=mailbox).select(), Dialogue(mailbox=mailbox).select()
    assert second.lines(b"a STORE 1 +FLAGS (\\Deleted)\r\nb EXPUNGE\r\n")[-2:] == ["* 1 EXPUNGE", "b OK expunged"]
    # Numbers mean something during FETCH: it is told nothing, and the message is gone all the same.
    found = first.lines(b"a FETCH 1:2 UID\r\n")
    assert [line[:20] for line in found] == ["* 2 FETCH (UID 2)", "a NO [EXPUNGEISSUED]"]
    assert first.lines(b"b NOOP\r\n") == ["* 1 EXPUNGE", "b OK nothing done"]
    second.say(b"c STORE 1 +FLAGS.SILENT (\\Flagged)\r\nd COPY 2 INBOX\r\n")
    assert first.lines(b"c NOOP\r\n")[:-1] == [
        "* 3 EXISTS",
        "* 3 RECENT",
        r"* 1 FETCH (UID 2 FLAGS (\Flagged \Recent))",
    ]


def test_an_idle_client_is_told_at_once() -> None:
    mailbox = filled()
    idle, other = Dialogue(mailbox=mailbox).select(), Dialogue(mailbox=mailbox).select()
    assert idle.session.news() == b""
    assert idle.lines(b"a IDLE\r\n") == ["+ idling"]
    assert idle.session.news() == b""
    put(mailbox, b"Subject: new\r\n\r\n", "marie@d.example")
    other.say(b"a STORE 1 +FLAGS.SILENT (\\Deleted)\r\nb EXPUNGE\r\n")
    assert idle.session.news().decode().splitlines() == ["* 1 EXPUNGE", "* 3 EXISTS", "* 3 RECENT"]
    assert idle.lines(b"DONE\r\n") == ["a OK idle no more"]
    assert idle.session.news() == b""


def test_recent_is_for_the_first_that_looks() -> None:
    mailbox = filled()
    assert "* 3 RECENT" in Dialogue(mailbox=mailbox).login().lines(b"a EXAMINE INBOX\r\n")
    assert "* 3 RECENT" in Dialogue(mailbox=mailbox).login().lines(b"a SELECT INBOX\r\n")
    assert "* 0 RECENT" in Dialogue(mailbox=mailbox).login().lines(b"a SELECT INBOX\r\n")


def test_pop3_and_imap_show_the_same_inbox() -> None:
    mailbox = filled()
    Dialogue(mailbox=mailbox).select().say(b"a STORE 1 +FLAGS.SILENT (\\Deleted)\r\nb EXPUNGE\r\nc COPY 1 INBOX\r\n")
    assert [message.content for message in mailbox.of("marie")] == [TWO, THREE, TWO]
    assert len({message.number for message in mailbox.of("marie")}) == 3
    imap = Dialogue(mailbox=mailbox).select()
    mailbox.delete("Marie", [mailbox.of("marie")[0].number])
    assert imap.lines(b"a NOOP\r\n")[0] == "* 1 EXPUNGE"
    assert [message.content for message in mailbox.of("all")] == [ONE, b"", TWO, THREE]


def test_a_deleted_folder_is_empty_for_those_who_look_at_it() -> None:
    mailbox = filled()
    looking, other = Dialogue(mailbox=mailbox), Dialogue(mailbox=mailbox).select()
    other.say(b"a CREATE X\r\nb COPY 1 X\r\n")
    looking.select("X")
    other.say(b"c DELETE X\r\nd CREATE X\r\n")
    assert looking.lines(b"a NOOP\r\n") == ["* 1 EXPUNGE", "a OK nothing done"]


def test_a_folder_made_again_has_another_uidvalidity() -> None:
    dialogue = Dialogue().login()
    told = []
    for _ in range(2):
        said = dialogue.say(b"a CREATE X\r\nb STATUS X (UIDVALIDITY)\r\nc DELETE X\r\n")
        told += re.findall(rb"UIDVALIDITY (\d+)", said)
    assert int(told[0]) < int(told[1])


def test_a_message_that_is_forgotten_meanwhile() -> None:
    mailbox = filled()
    dialogue = Dialogue(mailbox=mailbox).select()
    dialogue.say(b"a COPY 1 Sent\r\nb APPEND Drafts {1+}\r\nx\r\n")
    mailbox.clear()
    found = dialogue.lines(b"c NOOP\r\nd STATUS Sent (MESSAGES)\r\ne STATUS Drafts (MESSAGES)\r\n")
    assert found[:4] == ["* 3 EXPUNGE", "* 2 EXPUNGE", "* 1 EXPUNGE", "c OK nothing done"]
    assert [line for line in found if "STATUS" in line] == [
        '* STATUS "Sent" (MESSAGES 0)',
        '* STATUS "Drafts" (MESSAGES 0)',
    ]


def test_a_message_that_is_not_kept_goes_with_its_copies() -> None:
    mailbox = Mailbox(keep=2)
    put(mailbox, ONE, "marie")
    dialogue = Dialogue(mailbox=mailbox).select()
    dialogue.say(b"a COPY 1 Sent\r\n")
    for _ in range(2):
        put(mailbox, TWO, "marie")
    assert dialogue.lines(b"b NOOP\r\n")[:2] == ["* 1 EXPUNGE", "* 2 EXISTS"]
    assert dialogue.lines(b"c STATUS Sent (MESSAGES)\r\n")[0] == '* STATUS "Sent" (MESSAGES 0)'


# -- layouts ----------------------------------------------------------------------------------------------


def test_folders_below_inbox_parted_by_dots() -> None:
    special = {"\\Sent": "Gesendet"}
    dialogue = Dialogue(mailbox=filled(delimiter=".", prefix="INBOX.", special=special)).login()
    assert dialogue.lines(b'a NAMESPACE\r\nb LIST "" *\r\nc CREATE Work\r\nd CREATE inbox.a/b.c\r\ne LIST INBOX. %\r\n') == [
        '* NAMESPACE (("INBOX." ".")) NIL NIL',
        "a OK yours alone",
        r'* LIST (\HasChildren) "." "INBOX"',
        r'* LIST (\HasNoChildren \Sent) "." "INBOX.Gesendet"',
        "b OK that is all",
        "c NO [CANNOT] names begin with 'INBOX.' and are not too long",
        "d OK made",
        r'* LIST (\HasNoChildren \Sent) "." "INBOX.Gesendet"',
        r'* LIST (\HasChildren) "." "INBOX.a/b"',
        "e OK that is all",
    ]  # fmt: skip


def test_quota_exceeded() -> None:
    dialogue = Dialogue(mailbox=filled(quota=len(ONE + TWO + THREE) + 1024)).select()
    assert dialogue.lines(b"a GETQUOTAROOT Sent\r\n")[:2] == ['* QUOTAROOT "Sent" ""', '* QUOTA "" (STORAGE 1 1)']
    assert dialogue.lines(b"a COPY 1:3 Sent\r\n")[0].startswith("a OK")
    assert dialogue.lines(b"b COPY 1:3 Sent\r\nc COPY 1:3 Sent\r\n")[-1].startswith("c NO [OVERQUOTA]")
    assert dialogue.lines(b"d APPEND Sent {1000}\r\n")[0].startswith("d NO [OVERQUOTA]")
    assert dialogue.lines(b"e APPEND Sent {4+}\r\nabcd {900+}\r\n" + b"x" * 900 + b"\r\n")[0].startswith("e NO [OVERQ")
    assert dialogue.lines(b"f STATUS Sent (MESSAGES)\r\n")[0] == '* STATUS "Sent" (MESSAGES 6)'


# -- limits -----------------------------------------------------------------------------------------------


def test_a_line_that_is_too_long() -> None:
    dialogue = Dialogue().login()
    assert dialogue.lines(b"a LIST " + b"x" * MAX_LINE + b"\r\nb NOOP\r\n")[0].startswith("* BAD")


def test_a_line_that_never_ends() -> None:
    dialogue = Dialogue()
    said = b"".join(dialogue.say(b"x" * 60000) for _ in range(MAX_SKIPPED // 60000 + 2))
    assert said.startswith(b"* BYE")
    assert dialogue.session.closed


def test_a_command_of_literals_that_never_ends() -> None:
    dialogue = Dialogue()
    said = b""
    for _ in range(10_000):
        said += dialogue.say(b"a LOGIN %s {0+}\r\n" % (b"x" * 200))
        if dialogue.session.closed:
            break
    assert dialogue.session.closed
    assert b"* BYE" in said


def test_literals_that_are_too_large() -> None:
    dialogue = Dialogue()
    assert dialogue.lines(b"a LOGIN {%d}\r\n" % (MAX_LITERALS + 1))[0].startswith("a NO [TOOBIG]")
    size = MAX_LITERALS + 1
    assert dialogue.lines(b"b LOGIN {%d+}\r\n" % size, b"x" * size, b" y\r\nc NOOP\r\n") == [
        "b NO [TOOBIG] that is too much at once",
        "c OK nothing done",
    ]


def test_too_many_errors() -> None:
    dialogue = Dialogue()
    assert dialogue.lines(b"a nonsense\r\n" * MAX_ERRORS)[-1].startswith("* BYE")
    assert dialogue.session.closed


def test_a_group_of_large_messages_does_not_come_at_once() -> None:
    mailbox = Mailbox()
    for _ in range(4):
        put(mailbox, b"Subject: large\r\n\r\n" + b"x" * MAX_OUTPUT, "marie")
    session = Dialogue(mailbox=mailbox).select().session
    output = session.receive(b"a FETCH 1:4 BODY.PEEK[]\r\n" * 2)
    assert len(output) < 2 * MAX_OUTPUT
    assert session.pending
    while session.pending:
        piece = session.receive(b"")
        assert len(piece) < 2 * MAX_OUTPUT
        output += piece
    assert output.count(b"x" * MAX_OUTPUT) == 8


def test_nothing_is_said_inside_a_literal() -> None:
    mailbox = Mailbox()
    put(mailbox, b"Subject: large\r\n\r\n" + b"x" * 4 * MAX_OUTPUT, "marie")
    session = Dialogue(mailbox=mailbox).select().session
    session.receive(b"a FETCH 1 BODY.PEEK[]\r\n")
    assert session.say_goodbye("stopping") == b""
    assert session.closed
    assert Dialogue().session.say_goodbye("idle") == b"* BYE sandbox.localhost closing: idle\r\n"


def test_names_and_folders_have_limits() -> None:
    dialogue = Dialogue().login()
    assert dialogue.lines(b"a CREATE %s\r\n" % (b"x" * 2000))[0].startswith("a NO [CANNOT]")
    assert dialogue.lines(b"b CREATE %s\r\n" % b"/".join([b"x"] * 60))[0].startswith("b NO [CANNOT]")
    assert dialogue.lines(b'c LIST "" %s\r\n' % (b"*a" * 50))[0].startswith("c NO [LIMIT]")
    assert dialogue.lines(b'c LIST "" (a%s)\r\n' % (b" a" * 100))[0].startswith("c NO [LIMIT]")
    assert dialogue.lines(b"d SEARCH " + b"(" * 90 + b"ALL" + b")" * 90 + b"\r\n")[0].startswith("d BAD")


# -- COMPRESS ---------------------------------------------------------------------------------------------


def test_compression() -> None:
    dialogue = Dialogue().login()
    deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)

    def packed(data: bytes) -> bytes:
        return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)

    said = dialogue.say(b"a COMPRESS DEFLATE\r\n" + packed(b"b NOOP\r\n"))
    plain, _, rest = said.partition(b"\r\n")
    assert plain == b"a OK from now on"
    assert inflate.decompress(rest) == b"b OK nothing done\r\n"
    assert inflate.decompress(dialogue.say(*byte_by_byte(packed(b"c COMPRESS DEFLATE\r\nd IDLE\r\n")))).startswith(
        b"c NO [COMPRESSIONACTIVE]"
    )
    put(dialogue.mailbox, ONE, "marie")
    assert inflate.decompress(dialogue.say(packed(b"DONE\r\n"))) == b"d OK idle no more\r\n"
    bomb = packed(b"x" * (64 << 20))
    assert len(bomb) < 1 << 20
    assert b"* BYE" in inflate.decompress(dialogue.say(bomb))
    assert dialogue.session.closed


def test_what_is_not_compressed_ends_the_dialogue() -> None:
    dialogue = Dialogue().login()
    dialogue.say(b"a COMPRESS DEFLATE\r\n")
    assert zlib.decompressobj(-15).decompress(dialogue.say(b"\xff\xff\xff\xff")).startswith(b"* BYE")


# -- anything ---------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *[b"a ", b"UID ", b"FETCH ", b"STORE ", b"SEARCH ", b"LIST ", b"APPEND ", b"SELECT ", b"COPY ", b"CREATE "],
        *[b"RENAME ", b"IDLE\r\n", b"DONE\r\n", b"INBOX ", b"Sent ", b"1:* ", b"(", b")", b'"', b"*", b"%", b"]"],
        *[b"BODY.PEEK[", b"HEADER.FIELDS (", b"<0.5>", b"FLAGS ", b"\\Seen ", b"NOT ", b"OR ", b"\xc3\xa9", b"\0"],
        *[b"{3+}\r\n", b"{9999999999}\r\n", b"\r\n", b"\r", b"\n"],
    ]
)


@settings(max_examples=150)
@given(st.lists(WORDS | st.binary(max_size=8), max_size=40))
def test_anything_is_answered(pieces: list[bytes]) -> None:
    whole, divided = Dialogue().select(), Dialogue().select()
    data = b"".join(pieces)
    assert whole.lines(data) == divided.lines(*byte_by_byte(data))
    whole.session.end()
