"""Mailboxes: which there are, what is in them, selecting, changing, quotas."""

from __future__ import annotations

import pytest

from tests.imap.dialogue import logged_in, selected
from wlemail.errors import CommandRefused
from wlemail.imap.parsing.mailboxes import QuotaResource
from wlemail.imap.parsing.server import Namespace

MODERN = "IMAP4rev1 LIST-EXTENDED SPECIAL-USE LIST-STATUS CONDSTORE UNSELECT QUOTA"


def test_list() -> None:
    client, _ = logged_in(
        'C: W1 LIST "" "%"\nS: * LIST (\\HasNoChildren) "." INBOX\nS: * LIST (\\Noselect) "." "&AMk-t&AOk-"\nS: W1 OK'
    )
    listed = client.mailboxes("%")
    assert [(each.name, each.delimiter) for each in listed] == [("INBOX", "."), ("Été", ".")]
    assert listed[1].has("\\noselect")


def test_list_with_special_uses() -> None:
    client, _ = logged_in(
        'C: W1 LIST "" "*" RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)\n'
        'S: * LIST (\\Sent \\Subscribed) "/" Envoyés\nS: W1 OK', MODERN,
    )  # fmt: skip
    (sent,) = client.mailboxes()
    assert sent.has("\\Sent")


def test_xlist_where_there_is_nothing_better() -> None:
    client, _ = logged_in('C: W1 XLIST "" "*"\nS: * XLIST (\\Sent) "/" x\nS: W1 OK', "IMAP4rev1 XLIST")
    assert client.mailboxes()[0].has("\\Sent")


def test_lsub() -> None:
    client, _ = logged_in('C: W1 LSUB "" "*"\nS: * LSUB () "/" a\nS: W1 OK')
    assert [each.name for each in client.subscribed()] == ["a"]
    client, _ = logged_in('C: W1 LIST (SUBSCRIBED) "" "*"\nS: * LIST () "/" a\nS: W1 OK', "IMAP4rev2")
    assert [each.name for each in client.subscribed()] == ["a"]


def test_delimiter_and_namespaces() -> None:
    client, _ = logged_in(
        'C: W1 LIST "" ""\nS: * LIST (\\Noselect) "." ""\nS: W1 OK\n'
        'C: W2 NAMESPACE\nS: * NAMESPACE (("INBOX." ".")) NIL NIL\nS: W2 OK'
    )
    assert client.delimiter() == "."
    namespaces = client.namespaces()
    assert namespaces is not None
    assert namespaces.personal == (Namespace("INBOX.", "."),)
    client, _ = logged_in("", "IMAP4rev1")
    assert client.namespaces() is None


def test_status() -> None:
    client, _ = logged_in('C: W1 STATUS "a b" (MESSAGES UNSEEN)\nS: * STATUS "a b" (MESSAGES 3 UNSEEN 1)\nS: W1 OK')
    assert client.status("a b").values == {"MESSAGES": 3, "UNSEEN": 1}


def test_list_status_in_one_round_trip() -> None:
    client, stream = logged_in(
        'C: W1 LIST "" "*" RETURN (CHILDREN SUBSCRIBED SPECIAL-USE STATUS (MESSAGES))\n'
        'S: * LIST () "/" a\nS: * STATUS a (MESSAGES 2)\nS: * LIST (\\Noselect) "/" b\nS: W1 OK',
        MODERN,
    )
    assert [(each.name, status and status.values) for each, status in client.list_status("*", ["MESSAGES"])] == [
        ("a", {"MESSAGES": 2}),
        ("b", None),
    ]
    assert stream.round_trips == 1


def test_list_status_without_the_extension() -> None:
    client, stream = logged_in(
        'C: W1 LIST "" "*"\nS: * LIST () "/" a\nS: * LIST (\\Noselect) "/" b\nS: * LIST () "/" c\nS: * LIST () "/" d\n'
        'S: W1 OK\nC: W2 STATUS "a" (MESSAGES)\nC: W3 STATUS "c" (MESSAGES)\nC: W4 STATUS "d" (MESSAGES)\n'
        "S: * STATUS a (MESSAGES 2)\nS: W2 OK\nS: W3 NO no right to\nS: * STATUS d (MESSAGES 4)\nS: W4 OK"
    )
    found = {each.name: status and status.values["MESSAGES"] for each, status in client.list_status("*", ["MESSAGES"])}
    assert found == {"a": 2, "b": None, "c": None, "d": 4}
    assert stream.round_trips == 2


def test_select() -> None:
    client, _ = logged_in(
        'C: W1 SELECT "&AMk-" (CONDSTORE)\nS: * 172 EXISTS\nS: * 1 RECENT\nS: * OK [UIDVALIDITY 3857529045] x\n'
        "S: * OK [UIDNEXT 4392] x\nS: * OK [HIGHESTMODSEQ 7] x\nS: * FLAGS (\\Seen \\Deleted mine)\n"
        "S: * OK [PERMANENTFLAGS (\\Seen \\*)] Limited\nS: W1 OK [READ-WRITE] SELECT completed",
        MODERN,
    )
    mailbox = client.select("É")
    assert (mailbox.name, mailbox.exists, mailbox.recent, mailbox.uid_validity) == ("É", 172, 1, 3857529045)
    assert (mailbox.uid_next, mailbox.highest_modseq, mailbox.read_only) == (4392, 7, False)
    assert mailbox.keeps("\\seen")
    assert mailbox.keeps("anything")
    assert not mailbox.keeps("\\Deleted")
    assert client.mailbox is mailbox


def test_examine() -> None:
    client, _ = logged_in('C: W1 EXAMINE "INBOX"\nS: W1 OK')
    assert client.select("INBOX", read_only=True).read_only


@pytest.mark.parametrize(
    ("offers", "dialogue"),
    [
        ("IMAP4rev1 UNSELECT", "C: W2 UNSELECT\nS: W2 OK"),
        ("IMAP4rev1", 'C: W2 EXAMINE "INBOX"\nS: W2 OK\nC: W3 CLOSE\nS: W3 OK'),
    ],
)
def test_leaving_a_mailbox_never_expunges(offers: str, dialogue: str) -> None:
    client, _ = selected(dialogue, offers)
    client.unselect()
    assert client.mailbox is None
    client.unselect()


def test_changing_which_there_are() -> None:
    client, _ = logged_in(
        'C: W1 CREATE "a/b"\nS: W1 OK\nC: W2 SUBSCRIBE "a/b"\nS: W2 OK\nC: W3 RENAME "a/b" "a/&AOk-"\nS: W3 OK\n'
        'C: W4 UNSUBSCRIBE "a/b"\nS: W4 OK\nC: W5 DELETE "a/&AOk-"\nS: W5 NO [NONEXISTENT] where?'
    )
    client.create("a/b")
    client.subscribe("a/b")
    client.rename("a/b", "a/é")
    client.unsubscribe("a/b")
    with pytest.raises(CommandRefused) as refused:
        client.delete("a/é")
    assert (refused.value.response_code, refused.value.command) == ("NONEXISTENT", "DELETE")
    assert str(refused.value.reply) == "NO [NONEXISTENT] where?"


def test_quotas() -> None:
    client, _ = logged_in(
        'C: W1 GETQUOTAROOT "INBOX"\nS: * QUOTAROOT INBOX "" x\nS: * QUOTA "" (STORAGE 10 512)\n'
        "S: * QUOTA x ()\nS: W1 OK",
        MODERN,
    )
    assert [each.resources for each in client.quotas()] == [(QuotaResource("STORAGE", 10, 512),), ()]
    client, _ = logged_in("", "IMAP4rev1")
    assert client.quotas() == []
