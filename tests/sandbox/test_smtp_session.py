"""The sandbox's SMTP session: every command, every extension, every limit; whole, byte by byte, and in groups."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.sandbox.lines import MAX_SKIPPED
from wlemail.sandbox.mailbox import Mailbox
from wlemail.sandbox.maildir import Maildir
from wlemail.sandbox.smtp import MAX_ERRORS, MAX_LINE

from .sessions import Dialogue, byte_by_byte


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


TRANSACTION = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
#: name, what is offered, what a client says after EHLO, the codes of the replies
ROWS: list[tuple[str, dict[str, object], bytes, str]] = [
    ("a mail", {}, TRANSACTION + b"DATA\r\nhello\r\n.\r\nQUIT\r\n", "250 250 354 250 221"),
    ("two mails", {}, (TRANSACTION + b"DATA\r\nhello\r\n.\r\n") * 2, "250 250 354 250 250 250 354 250"),
    ("an empty mail", {}, TRANSACTION + b"DATA\r\n.\r\n", "250 250 354 250"),
    ("null sender", {}, b"MAIL FROM:<>\r\n", "250"),
    ("any case", {}, b"mail from:<a@b>\r\nrcpt To:<c@d>\r\nNoOp\r\n", "250 250 250"),
    ("blank behind the colon", {}, b"MAIL FROM: <a@b>\r\n", "250"),
    ("no brackets", {}, b"MAIL FROM:a@b\r\n", "501"),
    ("no path", {}, b"MAIL\r\nMAIL FROM:\r\nMAIL TO:<a@b>\r\n", "501 501 501"),
    ("not an address", {}, b"MAIL FROM:<a>\r\nMAIL FROM:<a@b@c>\r\nMAIL FROM:<a@[1.2.3.4]>\r\n", "501 501 250"),
    ("quoted local part", {}, b'MAIL FROM:<"a b>c"@d.example>\r\n', "250"),
    ("source route", {}, b"MAIL FROM:<@x.example,@y.example:a@b.example>\r\n", "250"),
    ("postmaster alone", {}, b"MAIL FROM:<a@b>\r\nRCPT TO:<Postmaster>\r\n", "250 250"),
    ("address too long", {}, b"MAIL FROM:<" + b"a" * 300 + b"@b>\r\n", "501"),
    ("MAIL twice", {}, TRANSACTION + b"MAIL FROM:<x@y>\r\n", "250 250 503"),
    ("RCPT without MAIL", {}, b"RCPT TO:<a@b>\r\n", "503"),
    ("DATA without MAIL", {}, b"DATA\r\n", "503"),
    ("DATA without RCPT", {}, b"MAIL FROM:<a@b>\r\nDATA\r\n", "250 554"),
    ("DATA with argument", {}, TRANSACTION + b"DATA now\r\n", "250 250 501"),
    ("RSET", {}, TRANSACTION + b"RSET\r\nDATA\r\nRSET x\r\n", "250 250 250 503 501"),
    ("EHLO ends a transaction", {}, TRANSACTION + b"EHLO x\r\nDATA\r\n", "250 250 250 503"),
    ("VRFY, EXPN, HELP", {}, b"VRFY a@b\r\nVRFY refused@b\r\nVRFY\r\nEXPN l\r\nHELP\r\n", "252 550 501 502 214"),
    ("unknown", {}, b"XYZZY\r\n\r\nM\xc3\xa9il\r\n", "500 500 500"),
    ("no UTF-8", {}, b"MAIL FROM:<\xff@b>\r\n", "500"),
    ("bare LF", {}, b"NOOP\nNOOP\r\n", "500 250"),
    ("CR and NUL within", {}, b"NOOP\rNOOP\r\nNOOP \0\r\n", "500 500"),
    ("HELO needs a name", {}, b"HELO\r\nEHLO\r\nEHLO a b\r\n", "501 501 501"),
    # recipients
    (
        "one of three refused",
        {},
        b"MAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\nRCPT TO:<refused@y>\r\nDATA\r\n",
        "250 250 550 354",
    ),
    (
        "each refusal",
        {},
        b"MAIL FROM:<a@b>\r\n"
        + b"".join(
            b"RCPT TO:<%s@y>\r\n" % name for name in (b"Reject", b"tempfail", b"full", b"toobig", b"refused+tag")
        ),
        "250 550 451 552 552 550",
    ),
    ("sender refused", {}, b"MAIL FROM:<refused@b>\r\nRCPT TO:<x@y>\r\nDATA\r\nRSET\r\n", "550 503 503 250"),
    ("421 ends it", {}, b"MAIL FROM:<a@b>\r\nRCPT TO:<goodbye@y>\r\nNOOP\r\n", "250 421"),
    (
        "content refused",
        {},
        b"MAIL FROM:<a@b>\r\nRCPT TO:<spam@y>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n",
        "250 250 354 554 250",
    ),
    ("content refused for now", {}, b"MAIL FROM:<a@b>\r\nRCPT TO:<busy@y>\r\nDATA\r\n.\r\n", "250 250 354 451"),
    (
        "all refused in a group",
        {},
        b"MAIL FROM:<a@b>\r\nRCPT TO:<refused@y>\r\nRCPT TO:<full@y>\r\nDATA\r\nRSET\r\n",
        "250 550 552 554 250",
    ),
    (
        "all refused, 354 all the same",
        {"data_without_recipients": True},
        b"MAIL FROM:<a@b>\r\nRCPT TO:<refused@y>\r\nDATA\r\n.\r\nNOOP\r\n",
        "250 550 354 554 250",
    ),
    ("too many recipients", {"max_recipients": 1}, TRANSACTION + b"RCPT TO:<e@f>\r\nDATA\r\n", "250 250 452 354"),
    # parameters
    (
        "parameters",
        {},
        b"MAIL FROM:<a@b> SIZE=10 BODY=8bitmime RET=HDRS ENVID=x+2By AUTH=<> SMTPUTF8\r\n"
        b"RCPT TO:<c@d> NOTIFY=SUCCESS,delay ORCPT=rfc822;c+40d\r\n",
        "250 250",
    ),
    (
        "bad values",
        {},
        b"".join(
            b"MAIL FROM:<a@b> %s\r\n" % p
            for p in (
                b"SIZE",
                b"SIZE=x",
                b"BODY=BINARYMIME",
                b"RET=ALL",
                b"ENVID=+",
                b"SMTPUTF8=1",
                b"SIZE=1 SIZE=1",
                b"=1",
                b"A=B=C",
            )
        ),
        "501 501 501 501 501 501 501 501 501",
    ),
    ("unknown parameter", {}, b"MAIL FROM:<a@b> X=1\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d> SIZE=1\r\n", "555 250 555"),
    (
        "bad NOTIFY",
        {},
        b"MAIL FROM:<a@b>\r\n"
        + b"".join(b"RCPT TO:<c@d> NOTIFY=%s\r\n" % p for p in (b"NEVER,DELAY", b"SUCCESS,SUCCESS", b"X", b"NEVER")),
        "250 501 501 501 250",
    ),
    ("too large by SIZE", {"max_size": 100}, b"MAIL FROM:<a@b> SIZE=101\r\nMAIL FROM:<a@b> SIZE=100\r\n", "552 250"),
    ("no DSN", {"dsn": False}, b"MAIL FROM:<a@b> RET=FULL\r\n", "555"),
    ("no SIZE", {"size": False}, b"MAIL FROM:<a@b> SIZE=1\r\n", "555"),
    ("no 8BITMIME", {"eight_bit": False}, b"MAIL FROM:<a@b> BODY=8BITMIME\r\n", "555"),
    ("no SMTPUTF8", {"utf8": False}, b"MAIL FROM:<a@b> SMTPUTF8\r\nMAIL FROM:<\xc3\xa9@b>\r\n", "555 553"),
    ("UTF-8 addresses", {}, b"MAIL FROM:<\xc3\xa9@b> SMTPUTF8\r\nRCPT TO:<\xc3\xa0@\xc3\xa9.example>\r\n", "250 250"),
    ("UTF-8 without the parameter", {}, b"MAIL FROM:<a@b>\r\nRCPT TO:<\xc3\xa0@b>\r\n", "250 553"),
    (
        "no EHLO, no parameters",
        {},
        b"HELO x\r\nMAIL FROM:<a@b> SIZE=1\r\nAUTH PLAIN\r\nMAIL FROM:<a@b>\r\n",
        "250 555 503 250",
    ),
    # BDAT
    ("BDAT", {}, TRANSACTION + b"BDAT 3\r\nab\rBDAT 2 LAST\r\n\nc" + b"NOOP\r\n", "250 250 250 250 250"),
    ("BDAT of nothing", {}, TRANSACTION + b"BDAT 5\r\nabcdeBDAT 0 LAST\r\nNOOP\r\n", "250 250 250 250 250"),
    ("BDAT without recipients", {}, b"MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "250 554 250"),
    ("BDAT without MAIL", {}, b"BDAT 6\r\nQUIT\r\nBDAT 2 LAST\r\n\r\nNOOP\r\n", "503 503 250"),
    (
        "BDAT then DATA, RCPT, RSET",
        {},
        TRANSACTION + b"BDAT 1\r\nxDATA\r\nRCPT TO:<e@f>\r\nRSET\r\nNOOP\r\n",
        "250 250 250 503 503 250 250",
    ),
    ("BDAT not offered", {"chunking": False}, TRANSACTION + b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "250 250 502 250"),
    ("BDAT without a number", {}, TRANSACTION + b"BDAT x\r\nNOOP\r\n", "250 250 501"),
    # AUTH
    ("PLAIN", {}, b"AUTH PLAIN " + b64(b"\0me\0secret") + b"\r\n" + TRANSACTION, "235 250 250"),
    ("PLAIN, asked", {}, b"AUTH plain\r\n" + b64(b"id\0me\0secret") + b"\r\n", "334 235"),
    ("LOGIN", {}, b"AUTH LOGIN\r\n" + b64(b"me") + b"\r\n" + b64(b"secret") + b"\r\n", "334 334 235"),
    ("LOGIN, user at once", {}, b"AUTH LOGIN " + b64(b"me") + b"\r\n" + b64(b"secret") + b"\r\n", "334 235"),
    ("cancelled", {}, b"AUTH LOGIN\r\n*\r\nNOOP\r\n", "334 501 250"),
    ("no base64", {}, b"AUTH LOGIN\r\n?\r\nAUTH PLAIN a\r\nAUTH PLAIN =\r\n", "334 501 501 501"),
    ("malformed", {}, b"AUTH PLAIN " + b64(b"me") + b"\r\nAUTH LOGIN =\r\n", "501 501"),
    ("twice", {}, (b"AUTH PLAIN " + b64(b"\0me\0secret") + b"\r\n") * 2, "235 503"),
    ("in a transaction", {}, TRANSACTION + b"AUTH LOGIN\r\n", "250 250 503"),
    ("unknown mechanism", {}, b"AUTH CRAM-MD5\r\nAUTH\r\n", "504 504"),
    ("not offered", {"mechanisms": ()}, b"AUTH PLAIN\r\n", "502"),
    (
        "refused by name",
        {},
        b"AUTH PLAIN " + b64(b"\0refused@x\0s") + b"\r\nAUTH PLAIN " + b64(b"\0tempfail\0s") + b"\r\n",
        "535 454",
    ),
    ("required", {"require_auth": True}, TRANSACTION + b"DATA\r\n", "530 503 503"),
    (
        "tokens",
        {"mechanisms": ("XOAUTH2", "OAUTHBEARER")},
        b"AUTH XOAUTH2 " + b64(b"user=me\x01auth=Bearer t\x01\x01") + b"\r\n",
        "235",
    ),
    (
        "token by OAUTHBEARER",
        {"mechanisms": ("OAUTHBEARER",)},
        b"AUTH OAUTHBEARER " + b64(b"n,a=me@b.example,\x01host=h\x01auth=Bearer t\x01\x01") + b"\r\n",
        "235",
    ),
    # TLS
    ("STARTTLS with argument", {}, b"STARTTLS now\r\n", "501"),
    ("STARTTLS not offered", {"starttls": False}, b"STARTTLS\r\n", "503"),
    ("TLS required", {"require_tls": True}, b"MAIL FROM:<a@b>\r\nAUTH PLAIN\r\nNOOP\r\nRSET\r\n", "530 530 250 250"),
    # no extensions at all
    (
        "HELO only",
        {"extended": False},
        b"EHLO x\r\nHELO x\r\n" + TRANSACTION + b"DATA\r\n.\r\n",
        "502 250 250 250 354 250",
    ),
]


@pytest.mark.parametrize(("offer", "said", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_replies(offer: dict[str, object], said: bytes, expected: str) -> None:
    whole = Dialogue(**offer).hello()
    assert " ".join(whole.codes(said)) == expected
    slowly = Dialogue(**offer).hello()
    assert " ".join(slowly.codes(*byte_by_byte(said))) == expected
    assert slowly.contents == whole.contents


def test_commands_before_ehlo() -> None:
    assert Dialogue().codes(b"MAIL FROM:<a@b>\r\nNOOP\r\n") == ["503", "250"]


def test_ehlo_lists_what_is_offered() -> None:
    lines = Dialogue().say(b"EHLO client.example\r\n")
    assert [line[4:] for line in lines[1:]] == [
        "PIPELINING", f"SIZE {256 << 20}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING", "STARTTLS",
        "AUTH PLAIN LOGIN",
    ]  # fmt: skip


def test_each_extension_can_be_left_out() -> None:
    switches = {
        "pipelining": False, "size": False, "eight_bit": False, "utf8": False, "enhanced_codes": False, "dsn": False,
        "chunking": False, "starttls": False, "mechanisms": (),
    }  # fmt: skip
    assert Dialogue(**switches).say(b"EHLO client.example\r\n") == ["250 sandbox.localhost greets client.example"]


def test_without_enhanced_codes_replies_have_none() -> None:
    assert Dialogue(enhanced_codes=False).say(b"NOOP\r\nHELP\r\n")[:2] == [
        "250 OK",
        "214-this server keeps what it receives and sends nothing on",
    ]


def test_under_tls_starttls_is_gone_and_auth_is_there() -> None:
    lines = Dialogue(tls="TLSv1.3", require_tls=True).say(b"EHLO client.example\r\n")
    assert "250 AUTH PLAIN LOGIN" in lines
    assert not any("STARTTLS" in line for line in lines)


def test_the_envelope_is_kept_with_the_message() -> None:
    dialogue = Dialogue(tls="TLSv1.3").hello()
    dialogue.say(
        b"AUTH PLAIN " + b64(b"\0marie\0geheim") + b"\r\n",
        b"MAIL FROM:<a@b.example> BODY=8BITMIME ENVID=QQ314159\r\n",
        b"RCPT TO:<c@d.example> NOTIFY=FAILURE\r\nRCPT TO:<refused@d.example>\r\nRCPT TO:<e@f.example>\r\n",
        b"DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\n",
    )
    [message] = dialogue.mailbox.messages
    assert message.sender == "a@b.example"
    assert message.recipients == ("c@d.example", "e@f.example")
    assert message.refused == {"refused@d.example": "550 5.1.1 no such mailbox here"}
    assert (message.user, message.mechanism, message.tls) == ("marie", "PLAIN", "TLSv1.3")
    assert (message.client_name, message.body, message.smtputf8) == ("client.example", "8BITMIME", False)
    assert message.parameters["ENVID"] == "QQ314159"
    assert message.recipient_parameters["c@d.example"] == {"NOTIFY": "FAILURE"}
    assert message.content == b"Subject: x\r\n\r\n.dot\r\n"
    assert "geheim" not in repr(message)


def test_passwords_are_in_no_note() -> None:
    dialogue = Dialogue().hello()
    dialogue.say(b"AUTH PLAIN " + b64(b"\0marie\0geheim") + b"\r\n")
    other = Dialogue().hello()
    other.say(b"AUTH LOGIN\r\n" + b64(b"marie") + b"\r\n" + b64(b"geheim") + b"\r\n")
    # A client that goes on with its password though the mechanism was refused.
    confused = Dialogue(mechanisms=("PLAIN",)).hello()
    confused.say(b"AUTH LOGIN\r\n" + b64(b"marie") + b"\r\n" + b64(b"geheim") + b"\r\n")
    noted = "\n".join(dialogue.notes + other.notes + confused.notes)
    for secret in ("geheim", b64(b"geheim").decode(), b64(b"\0marie\0geheim").decode()):
        assert secret not in noted


def test_users_with_and_without_passwords() -> None:
    def codes(users: Mapping[str, str] | set[str], claim: bytes) -> list[str]:
        return Dialogue(users=users).hello().codes(b"AUTH PLAIN " + b64(claim) + b"\r\n")

    assert codes({"marie"}, b"\0marie\0anything") == ["235"]
    assert codes({"marie"}, b"\0jean\0anything") == ["535"]
    assert codes({"marie": "right"}, b"\0marie\0right") == ["235"]
    assert codes({"marie": "right"}, b"\0marie\0wrong") == ["535"]
    assert codes(MappingProxyType({"marie": "right"}), b"\0marie\0wrong") == ["535"]
    # Where names are given, they decide: a user called "refused" may be one of them.
    assert codes({"refused"}, b"\0refused\0x") == ["235"]


@pytest.mark.parametrize("answer", [b"\r\n", b"AQ==\r\n"])
def test_a_refused_token_is_explained_before_it_is_refused(answer: bytes) -> None:
    """XOAUTH2 and OAUTHBEARER: a challenge in JSON that the client must answer before the refusal comes."""
    for mechanism, response in (
        (b"XOAUTH2", b"user=me\x01auth=Bearer wrong\x01\x01"),
        (b"OAUTHBEARER", b"n,a=me,\x01auth=Bearer wrong\x01\x01"),
    ):
        dialogue = Dialogue(users={"me": "right"}, mechanisms=("XOAUTH2", "OAUTHBEARER")).hello()
        [challenge] = dialogue.say(b"AUTH " + mechanism + b" " + b64(response) + b"\r\n")
        assert challenge.startswith("334 ")
        assert base64.b64decode(challenge[4:]).startswith(b'{"status":"401"')
        assert dialogue.codes(answer + b"NOOP\r\n") == ["535", "250"]
        assert dialogue.codes(b"AUTH " + mechanism + b" " + b64(response.replace(b"wrong", b"right")) + b"\r\n") == [
            "235"
        ]


def test_given_refusals() -> None:
    dialogue = Dialogue(refuse={"boss@b.example": "450 4.2.1 asleep", "nobody": "550 5.7.1 not\nhere"}).hello()
    assert dialogue.say(
        b"MAIL FROM:<x@y>\r\nRCPT TO:<Boss@b.example>\r\nRCPT TO:<boss@c.example>\r\nRCPT TO:<nobody@c>\r\n"
    ) == [
        "250 2.1.0 sender taken",
        "450 4.2.1 asleep",
        "250 2.1.5 recipient taken",
        "550-5.7.1 not",
        "550 5.7.1 here",
    ]


def test_a_refusal_that_is_no_reply_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="not a reply that refuses"):
        Dialogue(refuse={"x": "no"})


# -- TLS --------------------------------------------------------------------------------------------


def test_bytes_behind_starttls_are_dropped_before_the_handshake() -> None:
    dialogue = Dialogue().hello()
    assert dialogue.codes(b"STARTTLS\r\nMAIL FROM:<injected@b>\r\n") == ["220"]
    assert dialogue.session.wants_tls
    dialogue.session.tls_started("TLSv1.3")
    assert dialogue.say(b"EHLO x\r\n")[0] == "250-sandbox.localhost greets x"
    assert dialogue.codes(b"RCPT TO:<c@d>\r\n") == ["503"]


def test_starttls_forgets_what_was_said_before_it() -> None:
    dialogue = Dialogue().hello()
    dialogue.say(b"AUTH PLAIN " + b64(b"\0me\0x") + b"\r\n" + TRANSACTION + b"STARTTLS\r\n")
    dialogue.session.tls_started("TLSv1.3")
    assert dialogue.codes(b"DATA\r\n", b"MAIL FROM:<a@b>\r\n") == ["503", "503"]
    dialogue.hello().say(TRANSACTION + b"DATA\r\n.\r\n")
    assert dialogue.mailbox.messages[0].user == ""
    assert dialogue.mailbox.messages[0].tls == "TLSv1.3"


@pytest.mark.parametrize("then", ["STARTTLS", "EHLO x", "RSET", "QUIT", ""])
def test_a_message_that_breaks_off_leaves_no_file(then: str, tmp_path: Path) -> None:
    dialogue = Dialogue(mailbox=Mailbox(maildir=Maildir(tmp_path))).hello()
    dialogue.say(TRANSACTION + b"BDAT 3\r\nabc")
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    if then:
        dialogue.say(then.encode() + b"\r\n")
    if then == "STARTTLS":
        dialogue.session.tls_started("TLSv1.3")
    dialogue.session.end()
    assert list((tmp_path / "tmp").iterdir()) == []


# -- groups -------------------------------------------------------------------------------------------


def test_a_group_without_pipelining_is_refused() -> None:
    dialogue = Dialogue(pipelining=False).hello()
    assert dialogue.codes(TRANSACTION) == ["503", "503"]
    assert dialogue.codes(*TRANSACTION.splitlines(keepends=True)) == ["250", "250"]


def test_end_of_content_and_next_transaction_in_one_group() -> None:
    dialogue = Dialogue().hello()
    dialogue.say(TRANSACTION + b"DATA\r\n")
    assert dialogue.codes(b"one\r\n.\r\nRSET\r\n" + TRANSACTION + b"DATA\r\n") == ["250", "250", "250", "250", "354"]
    assert dialogue.codes(b"two\r\n.\r\n") == ["250"]
    assert dialogue.contents == [b"one\r\n", b"two\r\n"]


def test_many_refused_in_groups_are_no_errors() -> None:
    group = b"MAIL FROM:<refused@b>\r\n" + b"RCPT TO:<x@y>\r\n" * 50 + b"DATA\r\nRSET\r\n"
    dialogue = Dialogue().hello()
    dialogue.say(group * 3)
    assert not dialogue.session.closed


# -- limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [MAX_LINE * 4, 100])
def test_a_line_that_is_too_long(piece: int) -> None:
    said = b"NOOP " + b"x" * MAX_LINE + b"\r\nNOOP\r\n"
    dialogue = Dialogue().hello()
    assert dialogue.codes(*(said[n : n + piece] for n in range(0, len(said), piece))) == ["500", "250"]


def test_a_line_that_never_ends() -> None:
    dialogue = Dialogue().hello()
    replies = dialogue.codes(*(b"x" * 10_000 for _ in range(MAX_SKIPPED // 10_000 + 2)))
    assert replies == ["421"]
    assert dialogue.session.closed


def test_too_many_errors() -> None:
    dialogue = Dialogue().hello()
    assert dialogue.codes(b"XYZZY\r\n" * (MAX_ERRORS + 5)) == ["500"] * MAX_ERRORS + ["421"]
    assert dialogue.session.closed


def test_a_message_over_the_limit_is_read_and_refused() -> None:
    dialogue = Dialogue(max_size=100).hello()
    said = TRANSACTION + b"DATA\r\n" + b"x" * 60 + b"\r\n" + b"y" * 60 + b"\r\n.\r\nNOOP\r\n"
    assert dialogue.codes(said) == ["250", "250", "354", "552", "250"]
    assert dialogue.contents == []


def test_a_message_that_never_ends_is_left() -> None:
    dialogue = Dialogue(max_size=100).hello()
    dialogue.say(TRANSACTION + b"DATA\r\n")
    line = b"x" * 70 + b"\r\n"
    replies = dialogue.codes(*(line * 1000 for _ in range(MAX_SKIPPED // 72_000 + 2)))
    assert replies == ["552"]
    assert dialogue.session.closed


def test_a_chunk_of_absurd_size_ends_the_dialogue() -> None:
    dialogue = Dialogue().hello()
    assert dialogue.codes(TRANSACTION + b"BDAT 99999999999999 LAST\r\nabc") == ["250", "250", "552"]
    assert dialogue.session.closed


def test_a_full_disk_is_a_temporary_failure() -> None:
    class Full(Mailbox):
        def spool(self, envelope: object) -> object:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    dialogue = Dialogue(mailbox=Full()).hello()
    assert dialogue.codes(TRANSACTION + b"DATA\r\nNOOP\r\n") == ["250", "250", "452", "250"]


# -- SMTP smuggling -----------------------------------------------------------------------------------

ENDINGS = [
    b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n\n.\r\n", b"\r\n\n.\r\n", b"\r\n.\0\r\n",
    b"\r\n\x00.\r\n", b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\r\n..\r\n",
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_crlf_dot_crlf_ends_data(ending: bytes) -> None:
    """SMTP smuggling: what another server would take for the end is content here, and so are the commands behind it."""
    smuggled = b"Subject: a\r\n\r\nbody" + ending + b"MAIL FROM:<evil@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nevil\r\n.\r\n"
    for pieces in ([smuggled], list(byte_by_byte(smuggled))):
        dialogue = Dialogue(strict_content=False).hello()
        dialogue.say(TRANSACTION + b"DATA\r\n")
        assert dialogue.codes(*pieces) == ["250"]
        assert [message.sender for message in dialogue.mailbox.messages] == ["a@b.example"]
        assert b"evil" in dialogue.contents[0]


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"\n\r\n", b"a" * 999 + b"\r\n"])
def test_content_that_a_strict_server_refuses(content: bytes) -> None:
    for pieces in ([content + b".\r\n"], list(byte_by_byte(content + b".\r\n"))):
        dialogue = Dialogue().hello()
        dialogue.say(TRANSACTION + b"DATA\r\n")
        assert dialogue.codes(*pieces) == ["554"]
        assert dialogue.codes(TRANSACTION) == ["250", "250"]
    chunk = Dialogue().hello()
    assert chunk.codes(TRANSACTION + b"BDAT %d LAST\r\n" % len(content) + content)[-1] == "554"
    lenient = Dialogue(strict_content=False).hello()
    assert lenient.codes(TRANSACTION + b"DATA\r\n" + content + b".\r\n")[-1] == "250"
    assert lenient.contents == [content]


def test_lines_of_998_octets_are_taken() -> None:
    dialogue = Dialogue().hello()
    content = (b"a" * 998 + b"\r\n") * 2
    assert dialogue.codes(TRANSACTION + b"DATA\r\n" + content + b".\r\n")[-1] == "250"


# -- any content comes through, in any division --------------------------------------------------------


def stuffed(content: bytes) -> bytes:
    """Content as RFC 5321 4.5.2 sends it, written from the text: a dot more before lines that begin with one."""
    return re.sub(rb"(?:\A|(?<=\r\n))\.", b"..", content) + b".\r\n"


LINES = st.lists(st.text("ab.\0é ", max_size=6).map(str.encode), max_size=8)


@settings(deadline=None)
@given(LINES, st.lists(st.integers(1, 12), max_size=30))
def test_data_gives_back_what_was_sent(lines: list[bytes], sizes: list[int]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    said = stuffed(content) + b"NOOP\r\n"
    dialogue = Dialogue().hello()
    dialogue.say(TRANSACTION + b"DATA\r\n")
    pieces = []
    for size in sizes:
        pieces.append(said[:size])
        said = said[size:]
    assert dialogue.codes(*pieces, said) == ["250", "250"]
    assert dialogue.contents == [content]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6))
def test_bdat_gives_back_what_was_sent(chunks: list[bytes]) -> None:
    commands = [b"BDAT %d\r\n" % len(chunk) + chunk for chunk in chunks[:-1]]
    commands.append(b"BDAT %d LAST\r\n" % len(chunks[-1]) + chunks[-1])
    dialogue = Dialogue(strict_content=False).hello()
    dialogue.say(TRANSACTION)
    assert dialogue.codes(*byte_by_byte(b"".join(commands))) == ["250"] * len(chunks)
    assert dialogue.contents == [b"".join(chunks)]


SENTENCES = st.lists(
    st.sampled_from(
        [
            b"EHLO x\r\n", b"HELO x\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"RCPT TO:<refused@d>\r\n",
            b"DATA\r\n", b"hello\r\n", b".\r\n", b"..\r\n", b"\r\n", b"RSET\r\n", b"BDAT 3\r\n", b"BDAT 2 LAST\r\n",
            b"abc", b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n", b"bWU=\r\n", b"*\r\n", b"NOOP\n", b"VRFY x\r\n", b"\xff\r\n",
            b"\0",
        ]
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(SENTENCES)
def test_any_dialogue_is_the_same_whole_and_byte_by_byte(sentences: list[bytes]) -> None:
    said = b"".join(sentences)
    whole, slowly = Dialogue(), Dialogue()
    assert whole.say(said) == slowly.say(*byte_by_byte(said))
    assert whole.contents == slowly.contents
    assert whole.session.closed == slowly.session.closed
