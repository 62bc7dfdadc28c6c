"""Every response in each manner that servers have of writing it: whole, byte by byte, with another behind it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imap.lines import meaning, responses
from wlemail.errors import ProtocolViolation
from wlemail.imap.numbers import NumberSet
from wlemail.imap.parsing.changes import Exists, Expunged, Recent, Vanished
from wlemail.imap.parsing.envelope import Address, Envelope
from wlemail.imap.parsing.fetch import Fetched
from wlemail.imap.parsing.mailboxes import Flags, Listing, MailboxStatus, Quota, QuotaResource, QuotaRoot
from wlemail.imap.parsing.responses import Response
from wlemail.imap.parsing.search import Found, FoundSet
from wlemail.imap.parsing.server import Capabilities, Enabled, Identity, Namespace, Namespaces, Other
from wlemail.imap.parsing.status import AppendedUids, Code, Continuation, CopiedUids, Status

STATUSES: list[tuple[bytes, Response | str]] = [
    (b"* OK hi\r\n", Status("*", "OK", "hi")),
    (b"A1 OK\r\n", Status("A1", "OK")),
    (b"A1 OK \r\n", Status("A1", "OK")),
    (b"A1 no  [TRYCREATE]\r\n", Status("A1", "NO", "", Code("TRYCREATE"))),
    (b"* BYE\r\n", Status("*", "BYE")),
    (b"* PREAUTH welcome\r\n", Status("*", "PREAUTH", "welcome")),
    (b"* OK {1}\r\n", Status("*", "OK", "{1}")),
    (b"* OK [UNSEEN 17] x\r\n", Status("*", "OK", "x", Code("UNSEEN", "17", 17))),
    (b"* OK [UIDVALIDITY 3857529045] x\r\n", Status("*", "OK", "x", Code("UIDVALIDITY", "3857529045", 3857529045))),
    (b"* OK [UIDVALIDITY many] x\r\n", Status("*", "OK", "x", Code("UIDVALIDITY", "many"))),
    (
        b"A1 OK [CAPABILITY IMAP4rev1 idle]\r\n",
        Status("A1", "OK", "", Code("CAPABILITY", "IMAP4rev1 idle", ("IMAP4REV1", "IDLE"))),
    ),
    (b"A1 OK [CAPABILITY ] in\r\n", Status("A1", "OK", "in", Code("CAPABILITY", "", ()))),
    (
        b"* OK [PERMANENTFLAGS (\\Seen Seen-[Gmail]/All \\*)] ok\r\n",
        Status(
            "*",
            "OK",
            "ok",
            Code("PERMANENTFLAGS", "(\\Seen Seen-[Gmail]/All \\*)", ("\\Seen", "Seen-[Gmail]/All", "\\*")),
        ),
    ),
    (b"* OK [PERMANENTFLAGS ()] x\r\n", Status("*", "OK", "x", Code("PERMANENTFLAGS", "()", ()))),
    (b"A1 NO [BADCHARSET] e\r\n", Status("A1", "NO", "e", Code("BADCHARSET", "", ()))),
    (
        b'A1 NO [badcharset ("US-ASCII" UTF-8)] e\r\n',
        Status("A1", "NO", "e", Code("BADCHARSET", '("US-ASCII" UTF-8)', ("US-ASCII", "UTF-8"))),
    ),
    (
        b"A1 OK [APPENDUID 38505 3955:3956] done\r\n",
        Status(
            "A1", "OK", "done", Code("APPENDUID", "38505 3955:3956", AppendedUids(38505, NumberSet(((3955, 3956),))))
        ),
    ),
    (
        b"A1 OK [COPYUID 1 304,319:320 3956:3958] Done\r\n",
        Status(
            "A1",
            "OK",
            "Done",
            Code(
                "COPYUID",
                "1 304,319:320 3956:3958",
                CopiedUids(1, NumberSet(((304, 304), (319, 320))), NumberSet(((3956, 3958),))),
            ),
        ),
    ),
    (b"A1 OK [COPYUID 1 * 2] x\r\n", Status("A1", "OK", "x", Code("COPYUID", "1 * 2"))),
    (b"A1 OK [X-NEW some thing] x\r\n", Status("A1", "OK", "x", Code("X-NEW", "some thing"))),
    (b"A1 OK [unfinished\r\n", Status("A1", "OK", "[unfinished")),
    (b"A1 OK d\xe9j\xe0\r\n", Status("A1", "OK", "déjà")),
    (b"A1 OK d\xc3\xa9j\xc3\xa0 \x1b[31m\r\n", Status("A1", "OK", "déjà �[31m")),
    (b"+ idling\r\n", Continuation("idling")),
    (b"+\r\n", Continuation("")),
    (b"+ \r\n", Continuation("")),
    (b"+ Nose[CAY a\r\n", Continuation("Nose[CAY a")),
]
MAILBOXES: list[tuple[bytes, Response | str]] = [
    (
        b'* LIST (\\HasNoChildren) "." INBOX.Tests\r\n',
        Listing("INBOX.Tests", ".", ("\\HasNoChildren",), b"INBOX.Tests"),
    ),
    (b'* LIST () "\\\\" "a\\\\b"\r\n', Listing("a\\b", "\\", (), b"a\\b")),
    (b"* LIST NIL NIL inbox\r\n", Listing("INBOX", None, (), b"INBOX")),
    (b'* LSUB () "/" NIL\r\n', Listing("NIL", "/", (), b"NIL", "LSUB")),
    (b'* XLIST (\\Sent) "/" [Gmail]/Sent\r\n', Listing("[Gmail]/Sent", "/", ("\\Sent",), b"[Gmail]/Sent", "XLIST")),
    (b'* LIST () "/" "[Gmail]/All (x) {3}"\r\n', Listing("[Gmail]/All (x) {3}", "/", (), b"[Gmail]/All (x) {3}")),
    (b'* LIST () "/" {6}\r\na"b\r\nc\r\n', Listing('a"b\ufffd\ufffdc', "/", (), b'a"b\r\nc')),
    (b'* LIST () "/" &AMk-t&AOk-\r\n', Listing("Été", "/", (), b"&AMk-t&AOk-")),
    (b'* LIST () "/" "\xc9t\xe9"\r\n', Listing("\udcc9t\udce9", "/", (), b"\xc9t\xe9")),
    (
        b'* LIST (\\NonExistent) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))\r\n',
        Listing("Foo", "/", ("\\NonExistent",), b"Foo", "LIST", {"CHILDINFO": (b"SUBSCRIBED",)}),
    ),
    (b"* LIST (\\Noselect)\r\n", "malformed"),
    (b"* STATUS Sent (messages 231 UIDNEXT 44292) \r\n", MailboxStatus("Sent", {"MESSAGES": 231, "UIDNEXT": 44292})),
    (b'* STATUS "INBOX" ()\r\n', MailboxStatus("INBOX", {})),
    (b"* STATUS a (MAILBOXID (x) UNSEEN 1)\r\n", MailboxStatus("a", {"UNSEEN": 1})),
    (b"* FLAGS (\\Seen $Forwarded x-[y])\r\n", Flags(("\\Seen", "$Forwarded", "x-[y]"))),
    (
        b'* QUOTA "#user/alice" (STORAGE 54 111 MESSAGE 42  1000)\r\n',
        Quota("#user/alice", (QuotaResource("STORAGE", 54, 111), QuotaResource("MESSAGE", 42, 1000))),
    ),
    (b'* QUOTA "" ()\r\n', Quota("", ())),
    (b'* QUOTA "" (STORAGE many 3)\r\n', "malformed"),
    (b'* QUOTAROOT INBOX "" "b c"\r\n', QuotaRoot("INBOX", ("", "b c"))),
    (b"* QUOTAROOT comp.mail\r\n", QuotaRoot("comp.mail", ())),
]
SERVERS: list[tuple[bytes, Response | str]] = [
    (b"* CAPABILITY IMAP4rev1  AUTH=plain \r\n", Capabilities(("IMAP4REV1", "AUTH=PLAIN"))),
    (b"* ENABLED\r\n", Enabled(())),
    (b"* ENABLED CONDSTORE\r\n", Enabled(("CONDSTORE",))),
    (b"* ID NIL\r\n", Identity({})),
    (b'* ID ("Name" "x" "version" NIL "odd")\r\n', Identity({"name": "x", "version": ""})),
    (b'* NAMESPACE (("" "/")) NIL NIL\r\n', Namespaces((Namespace("", "/"),))),
    (
        b'* NAMESPACE (("INBOX." "." "X-P" ("a" "b"))("#mh/" NIL)) (("&AMk-." ".")) NIL\r\n',
        Namespaces((Namespace("INBOX.", "."), Namespace("#mh/", None)), (Namespace("É.", "."),)),
    ),
    (b"* ACL INBOX user lr\r\n", Other("ACL", "INBOX user lr")),
    (b"* 12 X-THING (a)\r\n", Other("X-THING", "(a)", 12)),
    (b"* noop\r\n", Other("NOOP", "")),
    (b"* \r\n", "malformed"),
    (b"\r\n", "malformed"),
    (b"* 2222222222222222222222222222222222222222222C\r\n", "malformed"),
]
CHANGES: list[tuple[bytes, Response | str]] = [
    (b"* 18 EXISTS\r\n", Exists(18)),
    (b"* 2 RECENT \r\n", Recent(2)),
    (b"* 44 EXPUNGE\r\n", Expunged(44)),
    (b"* 44 expunge\r\n", Expunged(44)),
    (b"* EXISTS\r\n", "malformed"),
    (b"* VANISHED 1:5,7\r\n", Vanished(NumberSet(((1, 5), (7, 7))))),
    (b"* VANISHED (EARLIER) 41\r\n", Vanished(NumberSet(((41, 41),)), earlier=True)),
    (b"* VANISHED \r\n", Vanished(NumberSet())),
    (b"* VANISHED *\r\n", "malformed"),
    (b"* 5 VANISHED 1:3\r\n", "malformed"),
    (b"* SEARCH\r\n", Found(())),
    (b"*  search 3 1 2 \r\n", Found((3, 1, 2))),
    (b"* SEARCH 2 5 (MODSEQ 917162500)\r\n", Found((2, 5), 917162500)),
    (b"* SORT 5 3\r\n", Found((5, 3), kind="SORT")),
    (b"* SEARCH x\r\n", "malformed"),
    (b"* SEARCH " + b"9" * 5000 + b"\r\n", "malformed"),
    (b'* ESEARCH (TAG "A282") MIN 2 COUNT 3\r\n', FoundSet("A282", min=2, count=3)),
    (
        b"* ESEARCH (TAG A1) UID ALL 2,10:15 MODSEQ 9 PARTIAL (1:2 5)\r\n",
        FoundSet("A1", True, NumberSet(((2, 2), (10, 15))), modseq=9),
    ),
    (b"* ESEARCH\r\n", FoundSet()),
    (b"* ESEARCH UID ALL x\r\n", "malformed"),
]
EMPTY = Envelope()
FETCHES: list[tuple[bytes, Response | str]] = [
    (b"* 2 FETCH (BODY[TEXT] {3}\r\nfoo)\r\n", Fetched(2, sections={"TEXT": b"foo"})),
    (b"* 2 fetch (uid 7 body[] \"a\\\"b\" rfc822.size 3 )\r\n", Fetched(2, 7, size=3, sections={"": b'a"b'})),
    (b"* 2 FETCH (RFC822 {1}\r\n)RFC822.HEADER NIL RFC822.TEXT \"\")\r\n",
     Fetched(2, sections={"": b")", "HEADER": None, "TEXT": b""})),
    (b"* 1 FETCH (UID 123 EMAILID (M6d95) BODY[]<0> {5}\r\nhello)\r\n",
     Fetched(1, 123, sections={"<0>": b"hello"}, others={"EMAILID": (b"M6d95",)})),
    (b'* 1 FETCH (BODY[HEADER.FIELDS ("date" x-]y)] {2}\r\nab)\r\n', "malformed"),
    (b'* 1 FETCH (BODY[HEADER.FIELDS ("date]" from)] {2}\r\nab)\r\n',
     Fetched(1, sections={"HEADER.FIELDS (DATE] FROM)": b"ab"})),
    (b"* 1 FETCH (BODY[HEADER.FIELDS ({4}\r\ndate)] {2}\r\nab UID 3)\r\n",
     Fetched(1, 3, sections={"HEADER.FIELDS (DATE)": b"ab"})),
    (b"* 1 FETCH (BINARY[1.2] ~{3}\r\na\0b BINARY.SIZE[1.2] 3)\r\n",
     Fetched(1, sections={"BINARY[1.2]": b"a\0b", "BINARY.SIZE[1.2]": b"3"})),
    (b"* 9 FETCH (FLAGS (\\Seen Seen-[Gmail]/All $x) MODSEQ (65402))\r\n",
     Fetched(9, flags=("\\Seen", "Seen-[Gmail]/All", "$x"), modseq=65402)),
    (b"* 9 FETCH (FLAGS NIL)\r\n", Fetched(9, flags=())),
    (b"* 9 FETCH ()\r\n", Fetched(9)),
    (b"* 9 FETCH (X-GM-LABELS (\\Inbox \"a b\") X-GM-MSGID 12)\r\n",
     Fetched(9, others={"X-GM-LABELS": (b"\\Inbox", b"a b"), "X-GM-MSGID": b"12"})),
    (b'* 9 FETCH (INTERNALDATE " 7-Feb-1994 21:52:25 -0830")\r\n',
     Fetched(9, internal_date=datetime(1994, 2, 7, 21, 52, 25, tzinfo=timezone(-timedelta(hours=8, minutes=30))))),
    (b'* 9 FETCH (INTERNALDATE "31-Feb-1994 21:52:25 +0000" UID 4)\r\n', Fetched(9, 4)),
    (b"* 9 FETCH (INTERNALDATE NIL ENVELOPE NIL BODY NIL RFC822.SIZE NIL)\r\n", Fetched(9)),
    (b"* 9 FETCH (ENVELOPE ())\r\n", Fetched(9, envelope=EMPTY)),
    (b"* 9 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n", Fetched(9, envelope=EMPTY)),
    (b'* 9 FETCH (ENVELOPE ("" "" "" () (()) (NIL) NIL NIL NIL NIL))\r\n',
     Fetched(9, envelope=Envelope("", "", reply_to=(Address(None, None, None),)))),
    (b'* 9 FETCH (ENVELOPE ({4}\r\nd)"( {5}\r\ns\r\n\\" (({3}\r\n"J" NIL "j" {3}\r\nx.y)) NIL NIL '
     b'((NIL NIL "team" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)) NIL NIL NIL "<i@d>"))\r\n',
     Fetched(9, envelope=Envelope(
         'd)"(', 's\r\n\\"', (Address('"J"', "j", "x.y"),), (), (),
         (Address(None, "team", None), Address(None, "a", "b"), Address(None, None, None)), message_id="<i@d>"))),
    (b"* 9 FETCH (UID 4\r\n", "malformed"),
    (b"* 9 FETCH UID 4\r\n", "malformed"),
    (b"* 9 FETCH (UID x)\r\n", "malformed"),
    (b"* 9 FETCH (UID 4))\r\n", "malformed"),
    (b"* 9 FETCH (ENVELOPE x)\r\n", "malformed"),
    (b"* 9 FETCH (X " + b"(" * 200 + b")" * 200 + b")\r\n", "malformed"),
    (b"* FETCH (UID 4)\r\n", "malformed"),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "expected"), [*STATUSES, *MAILBOXES, *SERVERS, *CHANGES, *FETCHES])
def test_meaning(octets: bytes, expected: Response | str) -> None:
    assert meaning(octets) == expected


def test_names_are_utf8_once_that_is_enabled() -> None:
    octets = '* LIST () "/" "Éa &AMk-"\r\n'.encode()
    assert meaning(octets, utf8=True) == Listing("Éa &AMk-", "/", (), octets[15:-3])


def test_the_octets_of_a_section_are_those_that_came() -> None:
    body = b"Subject: x\r\n\r\n" + bytes(range(256)) * 20
    got = meaning(b"* 1 FETCH (BODY[] {%d}\r\n%s)\r\n" % (len(body), body))
    assert got == Fetched(1, sections={"": body})


def test_copies_are_paired() -> None:
    copied = CopiedUids(1, NumberSet(((304, 304), (319, 320))), NumberSet(((3956, 3958),)))
    assert copied.pairs() == {304: 3956, 319: 3957, 320: 3958}
    assert CopiedUids(1, NumberSet(((1, 2),)), NumberSet(((1, 1),))).pairs() == {}
    everything = NumberSet(((1, 4294967295),))
    assert CopiedUids(1, everything, everything).pairs() == {}


KEYWORDS = (
    b"CAPABILITY ENABLED ESEARCH FLAGS ID LIST LSUB XLIST NAMESPACE QUOTA QUOTAROOT SEARCH SORT STATUS VANISHED"
    b" OK BYE X-OTHER 1 EXISTS 2 FETCH 3 EXPUNGE 4 RECENT"
)
WORDS = st.sampled_from(
    [b"(", b")", b"((", b"))", b"NIL", b'""', b'"a"', b'"', b"\\", b"1", b"1:2", b"99999999999999999999999", b"UID",
     b"BODY[]", b"BODY[", b"]", b"<0>", b"ENVELOPE", b"BODYSTRUCTURE", b"FLAGS", b"MODSEQ", b"INTERNALDATE",
     b"{1}\r\nx", b"{0}\r\n", b"[", b"ALL", b"TAG", b"\xe9", b"\0", b"=", b"RFC822.SIZE", b"&", b"text",
     b"message", b"rfc822"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.sampled_from([b"* " + line for line in KEYWORDS.split(b" ") if line.isalpha()] + [
    b"* 1 FETCH (", b"* 1 FETCH (ENVELOPE (", b"* 1 FETCH (BODYSTRUCTURE (", b"* 3 EXISTS", b"A1 OK [", b"+",
]), st.lists(WORDS, max_size=14), st.booleans())  # fmt: skip
def test_any_words_are_understood_or_dropped(start: bytes, words: list[bytes], utf8: bool) -> None:
    octets = start + b" " + b" ".join(words) + b"\r\n"
    whole = responses([octets, b"\r\n* 7 EXISTS\r\n"], utf8=utf8)
    assert responses([octets[i : i + 1] for i in range(len(octets))] + [b"\r\n* 7 EXISTS\r\n"], utf8=utf8) == whole


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_octets(pieces: list[bytes]) -> None:
    try:
        responses([*pieces, b"\r\n"])
    except ProtocolViolation:
        pass
