"""Searching, flags, copies, removal, appending, raw commands: dialogues with scripted servers."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from tests.imap.dialogue import logged_in, selected
from wlemail.errors import CommandRefused, InvalidValue, MessageTooLarge, ProtocolViolation, Unsupported
from wlemail.imap.client import ADD, REMOVE, REPLACE, search
from wlemail.imap.numbers import NumberSet, number_set

# -- searching ----------------------------------------------------------------------------------------


def test_search() -> None:
    client, _ = selected("C: W2 UID SEARCH ALL\nS: * SEARCH 9 3\nS: * SEARCH 5\nS: W2 OK")
    assert client.search() == [3, 5, 9]


def test_esearch() -> None:
    client, _ = selected(
        'C: W2 UID SEARCH RETURN (ALL) UNSEEN\nS: * ESEARCH (TAG "W2") UID ALL 1:3,7\nS: W2 OK\n'
        'C: W3 UID SEARCH RETURN (ALL) SEEN\nS: * ESEARCH (TAG "W3") UID\nS: W3 OK\n'
        "C: W4 UID SEARCH RETURN (ALL) SEEN\nS: * SEARCH 8\nS: W4 OK",
        "IMAP4rev1 ESEARCH",
    )
    assert client.search(search.UNSEEN) == [1, 2, 3, 7]
    assert client.search(search.SEEN) == []
    assert client.search(search.SEEN) == [8]


def test_an_answer_of_four_billion_messages() -> None:
    client, _ = selected(
        "C: W2 UID SEARCH RETURN (ALL) ALL\nS: * ESEARCH UID ALL 1:4294967295\nS: W2 OK", "IMAP4rev1 ESEARCH"
    )
    with pytest.raises(ProtocolViolation):
        client.search()
    assert client.broken


def test_criteria() -> None:
    client, _ = selected(
        'C: W2 UID SEARCH FROM "a" HEADER "Message-ID" "<x@y>" OR (SEEN) (LARGER 5) NOT (SINCE 1-Feb-2026) UID 1:3 '
        'KEYWORD $x (BEFORE 28-Dec-0999 TEXT "q")\nS: * SEARCH\nS: W2 OK'
    )
    found = client.search(
        search.text("from", "a"),
        search.header("Message-ID", "<x@y>"),
        search.either(search.SEEN, search.larger(5)),
        search.none_of(search.since(date(2026, 2, 1))),
        search.uids([3, 1, 2]),
        search.keyword("$x"),
        search.all_of(search.before(date(999, 12, 28)), search.text("TEXT", "q")),
    )
    assert found == []


def test_search_beyond_ascii() -> None:
    client, _ = selected(
        "C: W2 UID SEARCH CHARSET UTF-8 OR (SUBJECT {2+}\nC> \\xc3\\xa9) (SEEN)\\r\\n\nS: * SEARCH 4\nS: W2 OK",
        "IMAP4rev1 LITERAL+",
    )
    assert client.search(search.either(search.text("subject", "é"), search.SEEN)) == [4]


def test_no_charset_once_utf8_is_accepted() -> None:
    client, _ = selected(
        "C: W2 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: W2 OK\n"
        'C> W3 UID SEARCH SUBJECT "\\xc3\\xa9"\\r\\n\nS: * SEARCH 4\nS: W3 OK',
        "IMAP4rev1 ENABLE UTF8=ACCEPT",
    )
    client.enable("UTF8=ACCEPT")
    assert client.search(search.text("subject", "é")) == [4]


def test_search_refused() -> None:
    client, _ = selected("C: W2 UID SEARCH CHARSET UTF-8 TEXT {2}\nS: + go\nC> \\xc3\\xa9\\r\\n\nS: W2 NO too slow")
    with pytest.raises(CommandRefused):
        client.search(search.text("text", "é"))


# -- flags ------------------------------------------------------------------------------------------


def test_store() -> None:
    client, _ = selected(
        "C: W2 UID STORE 1:2,9 +FLAGS.SILENT (\\Seen $x)\nS: W2 OK\nC: W3 UID STORE 1 -FLAGS.SILENT (\\Seen)\n"
        "S: * 1 FETCH (FLAGS ())\nS: W3 OK\nC: W4 UID STORE 1 FLAGS.SILENT ()\nS: W4 NO read-only"
    )
    client.store([9, 1, 2], ADD, ["\\Seen", "$x"])
    client.store([1], REMOVE, ["\\Seen"])
    with pytest.raises(CommandRefused):
        client.store([1], REPLACE, [])


def test_store_unless_it_was_changed() -> None:
    client, _ = selected("C: W2 UID STORE 7:9 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen)\nS: W2 OK [MODIFIED 7,9] done")
    assert client.store([7, 8, 9], ADD, ["\\Seen"], unchanged_since=12) == NumberSet(((7, 7), (9, 9)))


def test_long_sets_go_in_several_commands() -> None:
    client, stream = selected("C* 100000")
    numbers = range(1, 6000, 2)
    marks = client.begin_store(numbers, ADD, ["\\Seen"])
    lines = stream.written.split(b"\r\n")[1:-1]
    assert len(lines) == len(marks) > 1
    assert all(len(line) < 8192 for line in lines)
    stored = [int(each) for line in lines for each in line.split(b" ")[3].split(b",")]
    assert stored == list(numbers)


# -- copies -----------------------------------------------------------------------------------------


def test_copy() -> None:
    client, _ = selected('C: W2 UID COPY 7,9 "a b"\nS: W2 OK [COPYUID 5 7,9 1:2] done')
    assert client.copy([9, 7], "a b") == {7: 1, 9: 2}


@pytest.mark.parametrize("code", ["TRYCREATE", "OVERQUOTA"])
def test_copy_refused(code: str) -> None:
    client, _ = selected(f'C: W2 UID COPY 7 "x"\nS: W2 NO [{code}] no')
    with pytest.raises(CommandRefused) as refused:
        client.copy([7], "x")
    assert refused.value.response_code == code


def test_move() -> None:
    client, _ = selected(
        'C: W2 UID MOVE 7 "x"\nS: * OK [COPYUID 5 7 1] moved\nS: * 1 EXPUNGE\nS: W2 OK\n'
        'C: W3 UID MOVE 8 "x"\nS: W3 OK [COPYUID 5 8 2] moved'
    )
    assert client.move([7], "x") == {7: 1}
    assert client.move([8], "x") == {8: 2}
    assert client.mailbox is not None
    assert client.mailbox.exists == 2


def test_move_without_move() -> None:
    steps = 'C: W2 UID COPY 7 "x"\nS: W2 OK\nC: W3 UID STORE 7 +FLAGS.SILENT (\\Deleted)\nS: W3 OK\n'
    client, _ = selected(steps + "C: W4 UID EXPUNGE 7\nS: * 1 EXPUNGE\nS: W4 OK", "IMAP4rev1 UIDPLUS")
    client.move([7], "x")
    client, stream = selected(steps, "IMAP4rev1")
    client.move([7], "x")
    assert b"EXPUNGE" not in stream.written


def test_a_move_whose_copy_fails_removes_nothing() -> None:
    client, stream = selected('C: W2 UID COPY 7 "x"\nS: W2 NO [OVERQUOTA] full', "IMAP4rev1 UIDPLUS")
    with pytest.raises(CommandRefused):
        client.move([7], "x")
    assert b"STORE" not in stream.written


def test_expunge() -> None:
    client, _ = selected(
        "C: W2 EXPUNGE\nS: * 1 EXPUNGE\nS: * 1 EXPUNGE\nS: W2 OK\nC: W3 UID EXPUNGE 7:8\nS: * VANISHED 7\nS: W3 OK"
    )
    client.expunge()
    client.expunge([7, 8])
    assert client.mailbox is not None
    assert client.mailbox.exists == 0


def test_only_some_of_the_deleted_need_uidplus() -> None:
    client, stream = selected("", "IMAP4rev1")
    with pytest.raises(Unsupported):
        client.expunge([7])
    assert b"EXPUNGE" not in stream.written


# -- appending --------------------------------------------------------------------------------------


def test_append() -> None:
    client, _ = logged_in(
        'C: W1 APPEND "Sent" (\\Seen) " 5-Feb-2026 04:03:02 +0130" {6}\nS: + go\nC> a: b\\r\\n\\r\\n\n'
        "S: W1 OK [APPENDUID 38505 3955] done"
    )
    when = datetime(2026, 2, 5, 4, 3, 2, tzinfo=timezone(timedelta(hours=1, minutes=30)))
    appended = client.append("Sent", [b"a: b", b"\r\n"], 6, flags=["\\Seen"], when=when)
    assert appended is not None
    assert (appended.uid_validity, list(appended.uids)) == (38505, [3955])


def test_append_without_waiting() -> None:
    client, stream = logged_in('C: W1 APPEND "Sent" {3+}\nC: abc\nS: W1 OK', "IMAP4rev1 LITERAL+")
    assert client.append("Sent", [b"abc"], 3) is None
    assert stream.round_trips == 1


def test_append_refused_before_the_message() -> None:
    client, stream = logged_in('C: W1 APPEND "Sent" {3}\nS: W1 NO [TRYCREATE] no such mailbox')
    with pytest.raises(CommandRefused) as refused:
        client.append("Sent", [b"abc"], 3)
    assert refused.value.response_code == "TRYCREATE"
    assert b"abc" not in stream.written
    assert not client.broken


def test_a_message_that_the_server_announces_to_be_too_large() -> None:
    client, stream = logged_in("", "IMAP4rev1 APPENDLIMIT=2")
    with pytest.raises(MessageTooLarge):
        client.append("Sent", [b"abc"], 3)
    assert stream.written == b""


def test_a_long_message_goes_in_pieces() -> None:
    size = 300_000
    client, stream = logged_in(f'C: W1 APPEND "x" {{{size}}}\nS: + go\nC* {size + 2}\nS: W1 OK')
    seen: list[int] = []
    client.append("x", (b"y" * 10_000 for _ in range(30)), size, progress=seen.append)
    assert max(map(len, stream.writes)) < 80_000
    assert seen == sorted(seen)
    assert len(seen) == 4


# -- raw commands -----------------------------------------------------------------------------------


def test_execute() -> None:
    client, _ = selected(
        'C: W2 GETACL "x y"\nS: * ACL "x y" me lr\nS> * 1 FETCH (UID 1 BODY[] {3}\\r\\nabc)\\r\\n\nS: W2 OK [X] done\n'
        "C: W3 BOGUS\nS: W3 BAD what"
    )
    done = client.execute('getacl "x y"')
    assert done.ok
    assert done.lines == ('* ACL "x y" me lr', "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)", "OK [X] done")
    failed = client.execute("BOGUS")
    assert (failed.ok, failed.lines) == (False, ("BAD what",))
    assert str(failed.refusal) == "BOGUS refused: BAD what"


def test_a_command_that_wants_more_gets_nothing() -> None:
    client, _ = selected("C: W2 X-TALK\nS: + tell me\nC> \\r\\n\nS: W2 BAD nothing")
    assert not client.execute("X-TALK").ok


@pytest.mark.parametrize("line", ["", "  ", "12 x", "APPEND x {3}", "APPEND x {3+}", "A1; x"])
def test_no_command(line: str) -> None:
    client, _ = selected("")
    with pytest.raises(InvalidValue):
        client.execute(line)


@pytest.mark.parametrize("line", ["starttls", "IDLE", "LOGOUT", "COMPRESS DEFLATE", "authenticate PLAIN", "LOGIN a b"])
def test_commands_that_would_change_the_connection(line: str) -> None:
    client, _ = selected("")
    with pytest.raises(Unsupported):
        client.execute(line)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"other"', "other"),
        ("a/b (CONDSTORE)", "a/b"),
        ('"R&AOk-ception x"', "Réception x"),
        ("inbox", "INBOX"),
        ('"a\\"b"', 'a"b'),
    ],
)
def test_select_by_a_raw_command_is_noticed(written: str, name: str) -> None:
    client, _ = selected(f"C: W2 SELECT {written}\nS: * 9 EXISTS\nS: W2 OK")
    client.execute(f"SELECT {written}")
    assert client.mailbox is not None
    assert (client.mailbox.name, client.mailbox.exists) == (name, 9)


def test_number_sets_are_taken_as_they_are() -> None:
    client, _ = selected("C: W2 UID EXPUNGE 1:3\nS: W2 OK")
    client.expunge(number_set([1, 2, 3]))
