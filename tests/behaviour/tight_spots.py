"""IMAP where it gets tight, as a script sees it: full mailboxes, lost connections, folders that others made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Protocol

import wlemail
from tests.support.faults import DOWN, DROP, RESET, Fault, FaultProxy
from tests.support.mailboxes import letter
from wlemail import (
    CR,
    TAB,
    Email,
    EmailAppendMessage,
    EmailChangeFolder,
    EmailChangeIndicator,
    EmailCloseSession,
    EmailCopy,
    EmailCurrentFolder,
    EmailExecuteCommand,
    EmailGetAll,
    EmailListFolder,
    EmailMoveMessage,
    EmailNbMessage,
    EmailReadFirst,
    EmailReadNext,
    ErrorInfo,
    ErrorOccurred,
    LstFolderAll,
    LstFolderType,
    folderDeleted,
    folderDraft,
    folderSent,
)

from .folders import Inbox, another, failed, fine, letters, own_folder, subjects

#: what fits twice into the mailbox of `FullMailboxBehaviour` does not fit three times
QUOTA_KIB = 100


class InboxWithUses(Inbox, Protocol):
    """A mailbox that says what its folders are for."""

    #: special use → full path, as the server writes it
    uses: Mapping[str, str]


class FullMailboxBehaviour:
    """Collected by the modules whose `inbox` takes QUOTA_KIB and no more."""

    def test_copying_into_a_full_mailbox(self, inbox: Inbox) -> None:
        large = letter("large", "x" * 76 + "\r\n" * 1 + ("x" * 76 + "\r\n") * (60 * 1024 // 78))
        inbox.fill([large, letter("small")])
        user = inbox.door.open()
        with own_folder(user) as top:
            mails = EmailGetAll(user)
            assert EmailCopy(user, mails[1], top) is False
            assert "quota" in str(ErrorInfo()).lower()
            assert ErrorOccurred
            assert EmailCopy(mails[1], top) is False, "the form without a session"
            assert ErrorOccurred
            assert EmailAppendMessage(user, large, top) is False
            assert ErrorOccurred
            assert EmailCopy(user, mails[2], top) is True, ErrorInfo()
            assert fine()
            assert EmailNbMessage(user) == 2, "what could not be copied is where it was"
            assert EmailChangeFolder(user, top)
            assert subjects(user) == ["small"]
            assert EmailChangeFolder(user, "INBOX")
            # What moves takes no more room than before.
            assert EmailMoveMessage(user, mails[1], top) is True, ErrorInfo()
            assert EmailChangeFolder(user, top)
            assert subjects(user) == ["small", "large"]


class SpecialFolderBehaviour:
    """Collected by the modules whose `inbox` tells its `uses`."""

    SPOKEN: ClassVar = {
        "Sent": ("SentItems", "Sent", "Éléments envoyés", "Dossiers personnels\\Éléments envoyés"),
        "Drafts": ("Drafts", "Brouillons", "Personal folders\\Drafts"),
        "Trash": ("DeletedItems", "Trash", "Corbeille", "Éléments supprimés"),
        "Junk": ("JunkEmail", "Junk", "Courrier indésirable", "Spam"),
        "Archive": ("ArchiveRoot", "Archive", "Archives"),
    }

    def test_well_known_names(self, inbox: InboxWithUses) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        for use, path in inbox.uses.items():
            for name in (*self.SPOKEN[use], path):
                assert EmailChangeFolder(user, name) is True, (name, ErrorInfo())
                assert EmailCurrentFolder(user) == path, name
        assert EmailChangeFolder(user, "Inbox") is True
        assert EmailNbMessage(user) == 1

    def test_what_the_list_says_of_them(self, inbox: InboxWithUses) -> None:
        inbox.fill([])
        user = inbox.door.open()
        lines = EmailListFolder(user, LstFolderAll + LstFolderType).split(CR)
        kinds = {path: int(kind) for path, kind in (line.split(TAB) for line in lines)}
        expected = {"Sent": folderSent, "Drafts": folderDraft, "Trash": folderDeleted}
        assert {use: kinds[inbox.uses[use]] for use in expected} == expected
        assert set(inbox.uses.values()) <= set(EmailListFolder(user).split(CR)), "what has a use is shown"

    def test_putting_mails_where_they_belong(self, inbox: InboxWithUses) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        assert EmailReadFirst(user)
        assert EmailCopy(user, Email, "SentItems") is True, ErrorInfo()
        assert EmailMoveMessage(user, Email, "DeletedItems") is True, ErrorInfo()
        assert EmailAppendMessage(user, letter("draft"), "Drafts", "\\Draft") is True, ErrorInfo()
        for name, subject in (("SentItems", "s1"), ("DeletedItems", "s1"), ("Drafts", "draft")):
            assert EmailChangeFolder(user, name)
            assert subjects(user)[-1] == subject
            assert EmailMoveMessage(user, EmailGetAll(user)[EmailNbMessage(user)], "INBOX") is True, ErrorInfo()
        assert EmailChangeFolder(user, "INBOX")
        assert sorted(subjects(user)) == ["draft", "s1", "s1", "s2"]


class OtherPeoplesFoldersBehaviour:
    """Folders as other programs make them: whatever the list says can be opened."""

    MADE = ("&AMk-t&AOk-", "R&-D", "[Gmail]", "a (b) c", "trailing-", "+plus", "{5}", "NIL", "q'uote", "&ZeVnLIqe-")

    def test_whatever_is_listed_can_be_opened(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        with own_folder(user) as top:
            path = next(p for p in EmailListFolder(user, LstFolderAll).split(CR) if p.endswith(top))
            delimiter = path[len("INBOX")] if path.startswith("INBOX") else "/"
            made = []
            for name in self.MADE:
                EmailExecuteCommand(user, f'CREATE "{path}{delimiter}{name}"')
                made += [] if ErrorOccurred else [name]
            assert len(made) >= len(self.MADE) - 2, "servers refuse one or the other"
            listed = [p for p in EmailListFolder(user, LstFolderAll).split(CR) if p.startswith(path + delimiter)]
            assert len(listed) == len(made), (made, listed)
            assert f"{path}{delimiter}Été" in listed, listed
            for name in listed:
                assert EmailChangeFolder(user, name) is True, (name, ErrorInfo())
                assert EmailCurrentFolder(user) == name
                assert EmailNbMessage(user) == 0
            assert EmailChangeFolder(user, "INBOX")
            assert EmailReadFirst(user)
            for name in listed:
                assert EmailCopy(user, Email, name) is True, (name, ErrorInfo())

    def test_a_folder_that_another_program_removes(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        with own_folder(user) as top:
            assert EmailAppendMessage(user, letter("there"), top)
            with another(inbox) as other:
                wlemail.EmailRemoveFolder(other, top)
                assert fine(), ErrorInfo()
            assert EmailChangeFolder(user, top) is False
            assert failed()
            assert EmailCopy(user, EmailGetAll(user)[1], top) is False
            assert failed()
            assert EmailReadFirst(user) is True, "the session goes on"

    def test_flags_that_another_program_sets(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        user = inbox.door.open()
        mails = EmailGetAll(user)
        with another(inbox) as other:
            assert EmailChangeIndicator(other, EmailGetAll(other)[2], "\\Flagged $Urgent"), ErrorInfo()
        assert {"\\Flagged", "$Urgent"} <= set(wlemail.EmailGetIndicator(user, mails[2]))
        assert fine()


class VanishingProxy(FaultProxy):
    """Once a connection was spoiled, no other one gets as far as the greeting."""

    def strike(self, kind: str = "") -> None:
        super().strike(kind)
        self.fault = Fault(DROP, DOWN, 0)


class LostConnectionBehaviour:
    """In clear alone: where the literal is cannot be seen through TLS."""

    COUNT = 5

    def offset_inside(self, inbox: Inbox, subject: str) -> int:
        """Where in what the server sends the body of that message is."""
        with FaultProxy(inbox.door.host, inbox.door.port) as proxy:
            user = replace(inbox.door, port=proxy.port).open()
            self.walk(user)
            EmailCloseSession(user)
            sent = b"".join(data for direction, data in proxy.transcript if direction == DOWN)
        place = sent.find(f"middle of {subject}".encode())
        assert place > 0, "what is compressed cannot be cut at a known place"
        return place

    def walk(self, session: object) -> list[str]:
        seen, ok = [], EmailReadFirst(session)  # type: ignore[arg-type]
        while ok:
            seen.append(str(Email.Subject))
            assert len(str(Email.Message)) > 4000
            ok = EmailReadNext(session)  # type: ignore[arg-type]
        return seen

    def fill(self, inbox: Inbox) -> list[str]:
        names = [f"s{number}" for number in range(1, self.COUNT + 1)]
        filler = ("x" * 70 + "\r\n") * 30
        inbox.fill([letter(name, f"{filler}middle of {name}\r\n{filler}") for name in names])
        return names

    def test_a_server_that_is_gone_in_the_middle_of_a_message(self, inbox: Inbox) -> None:
        expected = self.fill(inbox)
        offset = self.offset_inside(inbox, "s3")
        for kind in (DROP, RESET):
            with VanishingProxy(inbox.door.host, inbox.door.port, Fault(kind, DOWN, offset)) as proxy:
                user = replace(inbox.door, port=proxy.port).open()
                seen = self.walk(user)
                assert (bool(ErrorOccurred), Email.Out) == (True, True)
                assert ErrorInfo()
                EmailCloseSession(user)
            assert seen == expected[: len(seen)]
            assert len(seen) < 3, "what has not come whole is not given out"

    def test_one_that_comes_back_is_not_noticed(self, inbox: Inbox) -> None:
        expected = self.fill(inbox)
        offset = self.offset_inside(inbox, "s3")
        with FaultProxy(inbox.door.host, inbox.door.port, Fault(DROP, DOWN, offset), spoiled=1) as proxy:
            user = replace(inbox.door, port=proxy.port).open()
            assert self.walk(user) == expected
            assert fine(), ErrorInfo()
            assert proxy.struck.is_set()
            EmailCloseSession(user)
