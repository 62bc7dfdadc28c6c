"""What has caught other IMAP clients, each by its name."""

from __future__ import annotations

import pytest

from tests.imap.dialogue import logged_in, selected
from wlemail.errors import CommandRefused, ConnectionLost, ControlCharacter, MailboxChanged, ProtocolViolation
from wlemail.imap.client import ADD, HEADER, WHOLE, search
from wlemail.imap.parsing.changes import Exists, Expunged
from wlemail.imap.parsing.fetch import Fetched


def test_untagged_data_at_any_moment() -> None:
    client, _ = selected(
        'C: W2 NOOP\nS: * 4 EXISTS\nS: * 1 EXPUNGE\nS: * FLAGS (\\Seen)\nS: * LIST () "/" x\nS: * SEARCH 1\n'
        "S: * 2 FETCH (FLAGS (\\Seen))\nS: * OK [ALERT] disk full\nS: * NO tape is out\nS: * X-NEW (thing)\nS: W2 OK"
    )
    heard: list[object] = []
    client.listen(heard.append)
    client.noop()
    assert client.mailbox is not None
    assert client.mailbox.exists == 3
    assert heard[:2] == [Exists(4), Expunged(1)]


def test_a_malformed_untagged_response_is_dropped() -> None:
    client, _ = selected("C: W2 NOOP\nS: * 3 FETCH (UID x)\nS: * LIST (\nS: *\nS: * 5 EXISTS\nS: W2 OK")
    client.noop()
    assert client.mailbox is not None
    assert client.mailbox.exists == 5


def test_tagged_ok_without_text() -> None:
    client, _ = logged_in("C: W1 NOOP\nS: W1 OK")
    client.noop()


def test_bye_at_any_moment() -> None:
    for dialogue in ("C: W2 NOOP\nS: * BYE maintenance\n-- CLOSE", "S: * BYE maintenance\nC: W2 NOOP\n-- RESET"):
        client, stream = selected(dialogue)
        with pytest.raises(ConnectionLost) as lost:
            client.noop()
        assert "maintenance" in str(lost.value.reply)
        assert stream.closed
        assert client.broken


def test_bye_then_the_end_of_the_command() -> None:
    client, stream = selected('C: W2 UID COPY 1 "x"\nS: * BYE going down\nS: W2 OK copied\n-- CLOSE')
    assert client.copy([1], "x") == {}
    assert stream.closed
    assert client.broken


def test_bye_and_silence() -> None:
    client, _ = selected("C: W2 NOOP\nS: * BYE\n-- STALL")
    with pytest.raises(ConnectionLost):
        client.noop()


def test_a_dead_idle_connection_is_told_apart_from_a_refusal() -> None:
    client, _ = selected("C: W2 NOOP\n-- CLOSE")
    with pytest.raises(ConnectionLost) as lost:
        client.noop()
    assert lost.value.reply is None
    assert lost.value.during == "NOOP"


def test_preauth() -> None:
    client, _ = logged_in('C: W1 SELECT "INBOX"\nS: * 1 EXISTS\nS: W1 OK')
    client.hello()
    assert client.authenticate("me", "x") == "PREAUTH"
    assert client.select("INBOX").exists == 1


def test_dovecots_still_here() -> None:
    client, _ = selected(
        "C: W2 IDLE\nS: + idling\nS: * OK Still here\nS: * OK Still here\nS: * 4 EXISTS\nC: DONE\nS: W2 OK"
    )
    assert client.idle(60) == [Exists(4)]


def test_literals_inside_envelope() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 7 (UID ENVELOPE)\n"
        'S> * 1 FETCH (UID 7 ENVELOPE (NIL {7}\\r\\na)\\r\\n"b" (({3}\\r\\n"J" NIL "j" "x.y"))'
        " NIL NIL NIL NIL NIL NIL NIL))"
        "\\r\\n\nS: W2 OK",
        reading="bytes",
    )
    (message,) = client.fetch([7], ["ENVELOPE"])
    assert message.envelope is not None
    assert message.envelope.subject == 'a)\r\n"b"'
    assert message.envelope.from_[0].name == '"J"'


def test_mailbox_names_with_brackets() -> None:
    client, _ = logged_in(
        'C: W1 LIST "" "*"\nS: * LIST () "/" [Gmail]/Sent\nS: * LIST () "/" "[a] (b) {3}"\nS: W1 OK\n'
        'C: W2 SELECT "[Gmail]/Sent"\nS: * OK [PERMANENTFLAGS (x[1]y \\*)] z\nS: W2 OK'
    )
    assert [each.name for each in client.mailboxes()] == ["[Gmail]/Sent", "[a] (b) {3}"]
    assert client.select("[Gmail]/Sent").permanent_flags == ("x[1]y", "\\*")


def test_a_name_in_a_spelling_of_the_servers_own_is_said_back_as_it_came() -> None:
    client, _ = logged_in(
        'C: W1 LIST "" "*"\nS> * LIST () "/" "caf\\xc3\\xa9"\\r\\n\nS: * LIST () "/" "&AGE-bc"\nS: W1 OK\n'
        "C: W2 STATUS {5}\nS: + go\nC> caf\\xc3\\xa9 (MESSAGES)\\r\\n\n"
        'S> * STATUS "caf\\xc3\\xa9" (MESSAGES 3)\\r\\n\nS: W2 OK\n'
        "C: W3 DELETE {7}\nS: + go\nC: &AGE-bc\nS: W3 OK"
    )
    assert [each.name for each in client.mailboxes()] == ["café", "abc"]
    assert client.status("café", ["MESSAGES"]).values == {"MESSAGES": 3}
    client.delete("abc")


def test_a_name_with_line_breaks_is_one_name() -> None:
    """A list of names has one on each line; what the name is written as is said back all the same."""
    client, _ = logged_in(
        'C: W1 LIST "" "*"\nS: * LIST () "/" "a&AA0ACg-INBOX"\n'
        'S> * LIST () "/" {8}\\r\\nb\\r\\nTrash\\r\\n\nS: W1 OK\n'
        "C: W2 STATUS {14}\nS: + go\nC: a&AA0ACg-INBOX (MESSAGES)\n"
        'S: * STATUS "a&AA0ACg-INBOX" (MESSAGES 3)\nS: W2 OK\n'
        "C: W3 DELETE {8}\nS: + go\nC> b\\r\\nTrash\\r\\n\nS: W3 OK"
    )
    assert [each.name for each in client.mailboxes()] == ["a&AA0ACg-INBOX", "b\ufffd\ufffdTrash"]
    assert client.status("a&AA0ACg-INBOX", ["MESSAGES"]).values == {"MESSAGES": 3}
    client.delete("b\ufffd\ufffdTrash")


def test_nil_in_odd_places() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 7:8 (UID FLAGS BODY.PEEK[])\nS: * 1 FETCH (UID 7 FLAGS NIL BODY[] NIL)\n"
        'S: * 2 FETCH (UID 8 FLAGS () BODY[] "")\nS: W2 OK'
    )
    assert [(each.flags, each.sections) for each in client.fetch([7, 8], ["FLAGS", WHOLE])] == [
        ((), {"": None}),
        ((), {"": b""}),
    ]


def test_uidvalidity_that_changes_between_visits() -> None:
    client, stream = logged_in('C: W1 SELECT "INBOX"\nS: * OK [UIDVALIDITY 2] x\nS: W1 OK')
    with pytest.raises(MailboxChanged):
        client.select("INBOX", uid_validity=1)
    assert stream.closed


def test_uidvalidity_that_is_still_the_same() -> None:
    client, _ = logged_in('C: W1 SELECT "INBOX"\nS: * OK [UIDVALIDITY 1] x\nS: W1 OK')
    assert client.select("INBOX", uid_validity=1).uid_validity == 1


def test_uidvalidity_that_changes_under_our_hands() -> None:
    client, stream = selected("C: W2 NOOP\nS: * OK [UIDVALIDITY 1] same\nS: * OK [UIDVALIDITY 2] renumbered\nS: W2 OK")
    with pytest.raises(MailboxChanged):
        client.noop()
    assert stream.closed


def test_a_message_that_vanishes_between_search_and_fetch() -> None:
    for end in ("W2 OK done", "W2 NO [EXPUNGEISSUED] some are gone"):
        client, _ = selected(
            "C: W2 UID FETCH 7:9 (UID BODY.PEEK[HEADER])\nS: * 1 FETCH (UID 7 BODY[HEADER] {3}\nS: a\nS: )\n"
            f'S: * 3 FETCH (UID 9 BODY[HEADER] "c")\nS: * 2 EXPUNGE\nS: {end}'
        )
        assert [each.uid for each in client.fetch([7, 8, 9], [HEADER])] == [7, 9]
        assert not client.broken


def test_badcharset_is_retried_without() -> None:
    from wlemail.imap.client import search

    client, _ = selected(
        "C: W2 UID SEARCH CHARSET UTF-8 SUBJECT {2}\nS: + go\nC> \\xc3\\xa9\\r\\n\n"
        "S: W2 NO [BADCHARSET (US-ASCII)] no\n"
        "C: W3 UID SEARCH SUBJECT {2}\nS: + go\nC> \\xc3\\xa9\\r\\n\nS: * SEARCH 5 3\nS: W3 OK"
    )
    assert client.search(search.text("subject", "é")) == [3, 5]


def test_cr_lf_nul_in_any_command_argument() -> None:
    client, stream = selected("")
    written = stream.written
    for bad in ("a\r\nW9 DELETE INBOX", "a\n", "a\0"):
        for act in (client.create, client.delete, client.select, client.subscribe, client.execute, client.status):
            with pytest.raises(ControlCharacter):
                act(bad)
        with pytest.raises(ControlCharacter):
            client.store([1], ADD, [bad])
        with pytest.raises(ControlCharacter):
            client.copy([1], bad)
    assert stream.written == written
    assert not client.broken


def test_unsolicited_lines_between_commands() -> None:
    client, stream = selected("S: * 9 EXISTS\nC: W2 NOOP\nS: W2 OK\nC: W3 NOOP\nS: W9 OK what")
    client.noop()
    assert client.mailbox is not None
    assert client.mailbox.exists == 9
    with pytest.raises(ProtocolViolation):
        client.noop()
    assert stream.closed


def test_what_looks_like_content_of_a_message_breaks() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 7 (UID BODY.PEEK[])\nS> * 1 FETCH (UID 7 BODY[] {3}\\r\\nabcdef\\r\\nW2 OK)\\r\\n\nS: W2 OK"
    )
    with pytest.raises(ProtocolViolation):
        list(client.fetch([7], [WHOLE]))


def test_server_gone_mid_literal() -> None:
    client, stream = selected(
        "C: W2 UID FETCH 7 (UID BODY.PEEK[])\nS> * 1 FETCH (UID 7 BODY[] {300}\\r\\nabc\n-- CLOSE", reading="bytes"
    )
    with pytest.raises(ConnectionLost) as lost:
        list(client.fetch([7], [WHOLE]))
    assert lost.value.during == "UID FETCH"
    assert stream.closed


def test_a_message_larger_than_allowed() -> None:
    client, _ = selected("C: W2 UID FETCH 7 (UID BODY.PEEK[])\nS> * 1 FETCH (UID 7 BODY[] {99999999}\\r\\n")
    with pytest.raises(ProtocolViolation):
        list(client.fetch([7], [WHOLE], largest=5_000_000))


def test_a_literal_where_nobody_asked_for_a_message() -> None:
    client, _ = selected("C: W2 NOOP\nS> * 1 FETCH (UID 7 BODY[] {99999999}\\r\\n")
    with pytest.raises(ProtocolViolation):
        client.noop()


def test_late_continuation_requests_are_nobodys() -> None:
    client, _ = selected("C: W2 NOOP\nS: + idling\nS: W2 OK\nC: W3 NOOP\nS: W3 OK")
    client.noop()
    client.noop()


def test_a_failed_select_leaves_no_mailbox_selected() -> None:
    client, _ = selected('C: W2 SELECT "x"\nS: W2 NO [NONEXISTENT] where?')
    with pytest.raises(CommandRefused) as refused:
        client.select("x")
    assert refused.value.response_code == "NONEXISTENT"
    assert client.mailbox is None
    assert not client.broken


def test_data_of_the_old_mailbox_during_select() -> None:
    client, _ = selected(
        'C: W2 SELECT "x"\nS: * 99 EXISTS\nS: * OK [CLOSED] old one\nS: * 5 EXISTS\nS: W2 OK [READ-ONLY]'
    )
    mailbox = client.select("x")
    assert (mailbox.exists, mailbox.read_only, mailbox.name) == (5, True, "x")


def test_flags_of_others_are_no_answer_to_a_fetch() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 7 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 7 FLAGS (\\Seen))\n"
        'S: * 2 FETCH (UID 8 BODY[] "other")\n'
        'S: * 1 FETCH (FLAGS ())\nS: * 1 FETCH (UID 7 BODY[] "mine")\nS: * 1 FETCH (UID 7 FLAGS (\\Seen \\Answered))\n'
        "S: W2 OK"
    )
    (message,) = client.fetch([7], [WHOLE])
    assert message == Fetched(1, 7, ("\\Seen",), sections={"": b"mine"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Over quota", "OVERQUOTA"),
        ("[OVERQUOTA] full", "OVERQUOTA"),
        ("Quota exceeded (mailbox for user is full)", "OVERQUOTA"),
        ("Mailbox does not exist", "NONEXISTENT"),
        ("Mailbox doesn't exist: nowhere (0.001 secs).", "NONEXISTENT"),
        ("[TRYCREATE] Mailbox doesn't exist: nowhere", "TRYCREATE"),
        ("Mailbox already exists", "ALREADYEXISTS"),
        ("Permission denied", "NOPERM"),
        ("no", ""),
    ],
)
def test_codes_that_are_told_in_words_alone(text: str, code: str) -> None:
    client, _ = selected(f'C: W2 UID COPY 1 "x"\nS: W2 NO {text}')
    with pytest.raises(CommandRefused) as caught:
        client.copy([1], "x")
    assert caught.value.response_code == code


@pytest.mark.parametrize(
    "end",
    ["NO [BADCHARSET (US-ASCII)] no", "NO [BADCHARSET] no", "BAD Unknown charset UTF-8", "NO Charset not supported"],
)
def test_search_again_without_the_charset_that_a_server_does_not_know(end: str) -> None:
    client, _ = selected(
        f"C: W2 UID SEARCH CHARSET UTF-8 SUBJECT {{2+}}\nC> \\xc3\\xa9\\r\\n\nS: W2 {end}\n"
        "C: W3 UID SEARCH SUBJECT {2+}\nC> \\xc3\\xa9\\r\\n\nS: * SEARCH 4\nS: W3 OK",
        "IMAP4rev1 LITERAL+",
    )
    assert client.search(search.text("subject", "é")) == [4]
