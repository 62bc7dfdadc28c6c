"""The sandbox's POP3 session: every command, every extension, every limit; whole, byte by byte, and in groups."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.sandbox.authentication import Credentials
from wlemail.sandbox.lines import MAX_SKIPPED
from wlemail.sandbox.mailbox import Envelope, Mailbox
from wlemail.sandbox.pop3 import MAX_ERRORS, MAX_LINE, MAX_OUTPUT, Pop3Offer, POP3Session, stuff

from .sessions import byte_by_byte

ONE = b"Subject: one\r\n\r\nfirst\r\n.\r\n..third\r\n"
TWO = b"Subject: two\r\n\r\nno end"


def put(mailbox: Mailbox, content: bytes, *recipients: str, smtputf8: bool = False) -> None:
    envelope = Envelope(sender="a@b.example", recipients=recipients, smtputf8=smtputf8)
    spool = mailbox.spool(envelope)
    spool.write(content)
    mailbox.add(envelope, spool.finish())


def filled() -> Mailbox:
    mailbox = Mailbox()
    put(mailbox, ONE, "marie@d.example")
    put(mailbox, TWO, "x@d.example", "Marie@e.example")
    put(mailbox, b"", "other@d.example")
    return mailbox


class Dialogue:
    """One session with a mailbox behind it."""

    def __init__(self, *, mailbox: Mailbox | None = None, users: Any = None, tls: str = "", **offer: Any) -> None:
        self.mailbox = mailbox or filled()
        self.notes: list[str] = []
        credentials = Credentials(users, keep_passwords=bool(offer.get("apop")))
        self.session = POP3Session(Pop3Offer(**offer), self.mailbox, credentials, tls=tls, note=self.notes.append)
        self.greeting = self.session.greet()

    def say(self, *pieces: bytes) -> bytes:
        said = b""
        for piece in pieces:
            said += self.session.receive(piece)
            while self.session.pending:
                said += self.session.receive(b"")
        return said

    def lines(self, *pieces: bytes) -> list[str]:
        return self.say(*pieces).decode().splitlines()

    def login(self, user: str = "marie") -> Dialogue:
        assert self.say(b"USER %s\r\n" % user.encode()).startswith(b"+OK")
        assert self.say(b"PASS secret\r\n").startswith(b"+OK")
        return self


IN = b"USER marie\r\nPASS secret word \r\n"
#: name, what is offered, what a client says, the first words of each response line
ROWS: list[tuple[str, dict[str, Any], bytes, list[str]]] = [
    ("login", {}, IN + b"STAT\r\n", ["+OK", "+OK marie has 2 messages", f"+OK 2 {len(ONE) + len(TWO)}"]),
    ("any case", {}, b"user marie\r\nPass x\r\nnoop\r\n", ["+OK", "+OK", "+OK"]),
    ("LIST", {}, IN + b"LIST\r\n", ["+OK", "+OK", "+OK 2", f"1 {len(ONE)}", f"2 {len(TWO)}", "."]),
    ("LIST one", {}, IN + b"LIST 2\r\nLIST 3\r\n", ["+OK", "+OK", f"+OK 2 {len(TWO)}", "-ERR no message 3"]),
    ("RETR stuffs dots", {}, IN + b"RETR 1\r\n",
     ["+OK", "+OK", "+OK 35 octets", "Subject: one", "", "first", "..", "...third", "."]),
    ("RETR ends the last line", {}, IN + b"RETR 2\r\n", ["+OK", "+OK", "+OK", "Subject: two", "", "no end", "."]),
    ("RETR of an empty one", {}, b"USER other\r\nPASS x\r\nRETR 1\r\n", ["+OK", "+OK", "+OK 0", "."]),
    ("TOP 0", {}, IN + b"TOP 1 0\r\n", ["+OK", "+OK", "+OK", "Subject: one", "", "."]),
    ("TOP 2", {}, IN + b"TOP 1 2\r\n", ["+OK", "+OK", "+OK", "Subject: one", "", "first", "..", "."]),
    ("TOP wants two numbers", {}, IN + b"TOP 1\r\nTOP 1 x\r\nTOP 1 -1\r\n", ["+OK", "+OK", "-ERR", "-ERR", "-ERR"]),
    ("DELE", {}, IN + b"DELE 1\r\nDELE 1\r\nRETR 1\r\nLIST 1\r\nSTAT\r\nLIST\r\n",
     ["+OK", "+OK", "+OK", "-ERR message 1 is deleted", "-ERR", "-ERR", f"+OK 1 {len(TWO)}",
      "+OK 1 message", f"2 {len(TWO)}", "."]),
    ("RSET", {}, IN + b"DELE 1\r\nRSET\r\nLIST 1\r\n", ["+OK"] * 4 + ["+OK 1"]),
    ("not a number", {}, IN + b"RETR\r\nRETR 0\r\nRETR 1x\r\nRETR 99999999999\r\n", ["+OK", "+OK"] + ["-ERR"] * 4),
    ("too early", {}, b"STAT\r\nRETR 1\r\nPASS x\r\n", ["-ERR log in", "-ERR log in", "-ERR USER first"]),
    ("too late", {}, IN + b"USER x\r\nAPOP\r\nSTLS\r\nUTF8\r\n",
     ["+OK", "+OK", "-ERR you are", "-ERR", "-ERR", "-ERR"]),
    ("refused by name", {}, b"USER refused\r\nPASS x\r\nUSER tempfail@x\r\nPASS x\r\nUSER inuse\r\nPASS x\r\n",
     ["+OK", "-ERR [AUTH] ", "+OK", "-ERR [SYS/TEMP] ", "+OK", "-ERR [IN-USE] "]),
    ("no response codes", {"resp_codes": False}, b"USER refused\r\nPASS x\r\n", ["+OK", "-ERR authentication refused"]),
    ("a wrong password", {"users": {"marie": "geheim"}}, b"USER marie\r\nPASS x\r\nUSER marie\r\nPASS geheim\r\n",
     ["+OK", "-ERR [AUTH]", "+OK", "+OK marie"]),
    ("PASS keeps blanks", {"users": {"marie": "secret word "}}, IN, ["+OK", "+OK marie"]),
    ("AUTH PLAIN", {}, b"AUTH PLAIN " + base64.b64encode(b"\0marie\0x") + b"\r\n", ["+OK marie has 2"]),
    ("AUTH PLAIN in two steps", {}, b"AUTH PLAIN\r\n" + base64.b64encode(b"\0marie\0x") + b"\r\n", ["+ ", "+OK marie"]),
    ("AUTH LOGIN", {}, b"AUTH LOGIN\r\nbWFyaWU=\r\neA==\r\n", ["+ VXNlcm5hbWU6", "+ UGFzc3dvcmQ6", "+OK marie has 2"]),
    ("AUTH cancelled", {}, b"AUTH LOGIN\r\n*\r\nNOOP\r\n",
     ["+ ", "-ERR authentication cancelled", "-ERR log in first"]),
    ("AUTH malformed", {}, b"AUTH PLAIN !\r\nAUTH PLAIN eA==\r\nAUTH NTLM\r\n",
     ["-ERR that is not", "-ERR", "-ERR mech"]),
    ("AUTH alone", {}, b"AUTH\r\n", ["+OK", "PLAIN", "LOGIN", "."]),
    ("a token refused is told why first", {"mechanisms": ("XOAUTH2",)},
     b"AUTH XOAUTH2 " + base64.b64encode(b"user=refused@x\x01auth=Bearer t\x01\x01") + b"\r\n\r\n",
     ["+ ", "-ERR [AUTH]"]),
    ("left out", {"capa": False, "stls": False, "top": False, "uidl": False, "utf8": False, "mechanisms": ()},
     IN[:12] + b"CAPA\r\nSTLS\r\nUTF8\r\nAUTH\r\nAPOP a b\r\nPASS x\r\nTOP 1 0\r\nUIDL\r\n",
     ["+OK"] + ["-ERR command not known"] * 5 + ["+OK"] + ["-ERR command not known"] * 2),
    ("TLS needed", {"require_tls": True}, b"USER a\r\nAUTH PLAIN\r\nCAPA\r\n",
     ["-ERR STLS first", "-ERR STLS first", "+OK", "STLS", "PIPELINING", "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE",
      "UTF8", "EXPIRE NEVER", "IMPLEMENTATION wlemail sandbox", "."]),
    ("STLS under TLS", {"tls": "TLSv1.3"}, b"STLS\r\n", ["-ERR TLS is active"]),
    ("unknown", {}, b"XYZZY\r\n\r\n", ["-ERR command not known", "-ERR command not known"]),
    ("bare LF, CR and NUL within", {}, b"NOOP\nNOOP\rNOOP\r\nNOOP \0\r\nUSER \xff\r\n",
     ["-ERR a line ends"] * 3 + ["-ERR that"]),
    ("line too long", {}, b"USER " + b"x" * MAX_LINE + b"\r\n", ["-ERR line too long"]),
    ("QUIT before the login", {}, b"QUIT\r\nNOOP\r\n", ["+OK goodbye"]),
]  # fmt: skip


@pytest.mark.parametrize(("offer", "said", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_rows(offer: dict[str, Any], said: bytes, expected: list[str]) -> None:
    whole = Dialogue(**offer).lines(said)
    assert [line[: len(start)] for line, start in zip(whole, expected, strict=False)] == expected
    assert len(whole) == len(expected)
    assert Dialogue(**offer).lines(*byte_by_byte(said)) == whole


def test_deletions_take_place_at_quit_and_for_this_user_alone() -> None:
    mailbox = filled()
    Dialogue(mailbox=mailbox).login().session.receive(b"DELE 1\r\n")
    assert len(mailbox.of("marie")) == 2  # the connection was lost: nothing is deleted
    Dialogue(mailbox=mailbox).login().session.receive(b"DELE 1\r\nQUIT\r\n")
    assert [m.content for m in mailbox.of("MARIE")] == [TWO]
    assert len(mailbox.of("marie@d.example")) == 1
    assert len(mailbox.of("all")) == len(mailbox.messages) == 3


def test_the_mailbox_is_the_one_of_the_login() -> None:
    dialogue = Dialogue().login()
    put(dialogue.mailbox, ONE, "marie@d.example")
    assert dialogue.lines(b"STAT\r\n")[0].startswith("+OK 2 ")
    assert Dialogue(mailbox=dialogue.mailbox).login().lines(b"STAT\r\n")[0].startswith("+OK 3 ")


def test_a_message_without_recipients_is_for_all() -> None:
    mailbox = Mailbox()
    put(mailbox, ONE)
    assert len(mailbox.of("anybody")) == len(mailbox.of("all")) == 1


def test_unique_ids_last_and_are_never_given_twice() -> None:
    mailbox = filled()
    names = Dialogue(mailbox=mailbox).login().lines(b"UIDL\r\n")[1:-1]
    assert Dialogue(mailbox=mailbox).login().lines(b"UIDL 2\r\n") == [f"+OK {names[1]}"]
    Dialogue(mailbox=mailbox).login().say(b"DELE 1\r\nQUIT\r\n")
    [kept] = Dialogue(mailbox=mailbox).login().lines(b"UIDL\r\n")[1:-1]
    assert kept.split()[1] == names[1].split()[1]
    assert not {n.split()[1] for n in names} & {n.split()[1] for n in Dialogue().login().lines(b"UIDL\r\n")[1:-1]}


def test_a_locked_mailbox_is_in_use_until_the_other_client_has_gone() -> None:
    mailbox = filled()
    first = Dialogue(mailbox=mailbox, lock=True).login()
    second = Dialogue(mailbox=mailbox, lock=True)
    assert second.lines(IN)[1].startswith("-ERR [IN-USE]")
    second.session.end()
    assert Dialogue(mailbox=mailbox, lock=True).lines(b"USER other\r\nPASS x\r\n")[1].startswith("+OK")
    assert second.lines(IN)[1].startswith("-ERR [IN-USE]")
    first.session.end()
    assert second.lines(IN)[1].startswith("+OK")
    second.say(b"QUIT\r\n")
    Dialogue(mailbox=mailbox, lock=True).login()


def test_apop() -> None:
    dialogue = Dialogue(apop=True, users={"marie": "geheim"})
    timestamp = dialogue.greeting.split()[-1]
    assert timestamp.startswith(b"<")
    assert timestamp.endswith(b">")
    digest = hashlib.md5(timestamp + b"geheim").hexdigest()
    assert dialogue.lines(f"APOP marie {digest[::-1]}\r\n".encode())[0].startswith("-ERR [AUTH]")
    assert dialogue.lines(f"APOP nobody {digest}\r\n".encode())[0].startswith("-ERR [AUTH]")
    assert dialogue.lines(f"APOP marie {digest}\r\n".encode())[0].startswith("+OK marie")
    assert not any(digest in note for note in dialogue.notes)
    assert b"<" not in Dialogue().greeting


def test_what_came_in_clear_behind_stls_is_dropped() -> None:
    dialogue = Dialogue()
    assert dialogue.lines(b"USER marie\r\nSTLS\r\nPASS x\r\nQUIT\r\n") == ["+OK and the password?", "+OK begin TLS"]
    assert dialogue.session.wants_tls
    dialogue.session.tls_started("TLSv1.3")
    assert dialogue.lines(b"PASS x\r\n") == ["-ERR USER first"]
    assert "STLS" not in dialogue.lines(b"CAPA\r\n")


def test_a_group_without_pipelining_is_refused() -> None:
    dialogue = Dialogue(pipelining=False)
    assert "PIPELINING" not in dialogue.lines(b"CAPA\r\n")
    assert dialogue.lines(IN)[0].startswith("-ERR commands in a group")
    assert Dialogue(pipelining=False).login().lines(b"NOOP\r\n") == ["+OK "]


def test_messages_in_utf8_where_the_client_has_to_say_so() -> None:
    mailbox = Mailbox()
    put(mailbox, ONE, "marie@d.example", smtputf8=True)
    assert Dialogue(mailbox=mailbox).login().lines(b"RETR 1\r\n")[0].startswith("+OK")
    assert Dialogue(mailbox=mailbox, utf8_needed=True).login().lines(b"RETR 1\r\n")[0].startswith("-ERR [UTF8]")
    dialogue = Dialogue(mailbox=mailbox, utf8_needed=True)
    dialogue.say(b"UTF8\r\n")
    assert dialogue.login().lines(b"RETR 1\r\n")[0].startswith("+OK")


def test_a_message_that_was_forgotten_since_the_login() -> None:
    mailbox = Mailbox(memory_limit=0)
    put(mailbox, ONE, "marie@d.example")
    dialogue = Dialogue(mailbox=mailbox).login()
    mailbox.clear()
    assert dialogue.lines(b"RETR 1\r\nNOOP\r\n") == ["-ERR [SYS/TEMP] the message is not there any more", "+OK "]
    mailbox.close()


def test_large_messages_are_given_out_in_pieces() -> None:
    mailbox = Mailbox()
    large = b"x" * 998 + b"\r\n"
    put(mailbox, large * 3000, "marie@d.example")
    session = Dialogue(mailbox=mailbox).login().session
    pieces = [session.receive(b"RETR 1\r\nRETR 1\r\nNOOP\r\n")]
    assert session.pending
    assert session.say_goodbye("stopping") == b""  # no word within a message
    session.closed = False
    while session.pending:
        pieces.append(session.receive(b""))
    assert max(map(len, pieces)) < 2 * MAX_OUTPUT
    assert b"".join(pieces).endswith(b"x\r\n.\r\n+OK \r\n")
    assert sum(map(len, pieces)) > 6_000_000


def test_lines_that_do_not_end_and_commands_that_make_no_sense_end_the_dialogue() -> None:
    dialogue = Dialogue()
    said = b"".join(dialogue.session.receive(b"x" * 65536) for _ in range(MAX_SKIPPED // 65536 + 1))
    assert said == b"-ERR that line does not end\r\n"
    assert dialogue.session.closed
    dialogue = Dialogue()
    assert len(dialogue.lines(b"XYZZY\r\n" * 100)) == MAX_ERRORS + 1
    assert dialogue.session.closed


def test_no_password_is_noted() -> None:
    dialogue = Dialogue()
    dialogue.say(b"USER marie\r\nPASS geheim\r\nQUIT\r\ngeheim\r\n")
    dialogue = Dialogue()
    dialogue.say(b"geheim\r\nAUTH PLAIN ", base64.b64encode(b"\0marie\0geheim") + b"\r\n")
    assert not any("geheim" in note or "AG1h" in note for note in dialogue.notes)


@given(st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"..", b"\r\n."]), max_size=12), st.integers(1, 5))
def test_no_content_ends_early_in_whatever_pieces(parts: list[bytes], step: int) -> None:
    content = b"".join(parts)
    pieces = [content[n : n + step] for n in range(0, len(content), step)]
    sent = b"".join(stuff(pieces))
    assert sent == b"".join(stuff([content] if content else []))
    lines = sent.split(b"\n")
    assert lines[-2:] == [b".\r", b""]
    assert not any(line in (b".", b".\r") for line in lines[:-2])
    unstuffed = b"\n".join(line[1:] if line.startswith(b".") else line for line in lines[:-2])
    assert unstuffed.rstrip(b"\r\n") == content.rstrip(b"\r\n")


_WORDS = st.sampled_from(
    [b"USER marie", b"PASS x", b"STAT", b"LIST", b"UIDL", b"RETR 1", b"TOP 2 1", b"DELE 1", b"RSET", b"AUTH LOGIN",
     b"*", b"bWFyaWU=", b"CAPA", b"NOOP", b"\xff", b"x" * 300]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(_WORDS, max_size=8), st.integers(1, 9))
def test_any_commands_in_any_pieces_get_the_same_responses(words: list[bytes], step: int) -> None:
    mailbox = filled()
    said = b"".join(word + b"\r\n" for word in words)
    pieces = [said[n : n + step] for n in range(0, len(said), step)]
    assert Dialogue(mailbox=mailbox).say(said) == Dialogue(mailbox=mailbox).say(*pieces)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_by_whole_lines(data: bytes) -> None:
    said = Dialogue().login().say(data)
    assert not said or said.endswith(b"\r\n")
