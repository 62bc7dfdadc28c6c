"""What a back end can do, as the rest of mail/ sees it. Exchange or Graph would be further implementations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

from ..smtp.envelope import Envelope as Envelope
from ..smtp.envelope import Receipt as Receipt


class Source(Protocol):
    """A message that can be read more than once: a second try starts it again."""

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterable[bytes]: ...


class Outgoing(Protocol):
    """Sends mail."""

    def send(
        self,
        envelope: Envelope,
        source: Source,
        *,
        clean: bool = True,
        progress: Callable[[int, int], object] | None = None,
    ) -> Receipt:
        """`clean` promises CR LF line ends; `progress` is called with (total bytes, bytes done)."""

    @property
    def ended(self) -> bool:
        """The connection cannot be made again: the session is over."""

    def close(self, *, politely: bool = True) -> None: ...


Progress = Callable[[int, int], object]


class Incoming(Protocol):
    """Reads one mailbox. Messages have numbers; a number never comes to mean another message."""

    def count(self) -> int:
        """How many messages there are; deleted ones count until the session ends."""

    def numbers(self) -> Sequence[int]:
        """The numbers of all messages, oldest first and ascending: POP3's 1..N, IMAP's UIDs."""

    def size(self, number: int) -> int:
        """Octets of a message as the server counts them; MessageGone if there is none of that number."""

    def unique_id(self, number: int) -> str:
        """What names the message in every session, "" where the server has no such names."""

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        r"""A message's octets with CR LF line ends, or its header's. On IMAP whole messages count as read (\Seen) then.

        `progress` is called with (total bytes, bytes done). `upcoming` are the numbers that will probably be asked for
        next, in that order: they may be read ahead. Raises MessageGone where the message is deleted or unknown."""

    def delete(self, number: int) -> None:
        """Mark a message for deletion; MessageGone where it is deleted or unknown."""

    def is_deleted(self, number: int) -> bool:
        """Whether this session deleted the message, or found it gone."""

    def refresh(self) -> bool:
        """Ask the server what has happened meanwhile; whether messages have come. `numbers` follows either way."""

    @property
    def ended(self) -> bool:
        """The connection was lost and the mailbox cannot be taken up again: the session is over."""

    def close(self, *, politely: bool = True) -> None: ...


class Folder(NamedTuple):
    """A folder as the server lists it."""

    #: as the server writes it, decoded
    path: str
    #: what parts its levels, None where there are none
    delimiter: str | None = None
    #: what it is for: "\\Inbox", "\\Sent", "\\Drafts", "\\Trash", "\\Junk", "\\Archive" …, by its name where the server
    #: does not say; "" for any other
    special: str = ""
    #: it can be changed to: not only a level of others' paths
    selectable: bool = True
    subscribed: bool = False


class FolderCounts(NamedTuple):
    """What a folder holds."""

    messages: int
    unread: int


class Part(Enum):
    """Where a text is searched for."""

    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENT = "recipient"
    BODY = "body"
    MESSAGE_ID = "Message-ID"


class Criteria(NamedTuple):
    """Messages with this text in one of these parts; any text where there are no parts."""

    text: str = ""
    parts: Collection[Part] = ()
    unread: bool = False
    #: flags that the message has, and those that it has not
    flags: Collection[str] = ()
    without: Collection[str] = ()


class Changes(NamedTuple):
    """What happened in a folder: the numbers of messages that came, that are gone, and that have other flags."""

    arrived: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


class Folders(Protocol):
    r"""What a mailbox with folders and flags can do, in the current folder unless a path says otherwise.

    Paths are understood as people write them (folder_paths.py); flags are IMAP's (`\Seen`, `$Forwarded`). Refusals by
    the server are CommandRefused with its response code (NONEXISTENT, ALREADYEXISTS, TRYCREATE, OVERQUOTA …); a number
    that the folder does not have is MessageGone."""

    # -- folders ------------------------------------------------------------------------------------

    def folders(self, *, subscribed: bool = False) -> Sequence[Folder]:
        """All folders in the server's order, or those that are subscribed to."""

    @property
    def current_folder(self) -> str:
        """The path of the folder that messages are read from."""

    @property
    def folder_key(self) -> object:
        """Equal where numbers mean the same messages: the current folder, and what it is told apart by."""

    def change_folder(self, path: str) -> None:
        """Read from another folder; where that fails, the current one stays."""

    def add_folder(self, path: str) -> None:
        """Make a folder with the levels above it that are missing, and subscribe to them."""

    def remove_folder(self, path: str) -> None:
        """Remove a folder with its messages, and end the subscription; where it was the current one, INBOX is then."""

    def rename_folder(self, path: str, new_path: str) -> None:
        """Give a folder another path; the subscription goes with it."""

    def subscribe(self, path: str) -> None: ...
    def unsubscribe(self, path: str) -> None: ...
    def counts(self, path: str = "") -> FolderCounts:
        """What a folder holds; the current one without a path."""

    # -- flags and searching ------------------------------------------------------------------------

    def flags(self, number: int) -> frozenset[str]:
        """The flags of a message, as the server has them now."""

    def change_flags(self, numbers: Iterable[int], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give messages flags, and take others from them."""

    def unread(self, *, ask: bool = True) -> Sequence[int]:
        """The messages that were not read, oldest first; without `ask` as far as is known, once it was asked for."""

    def search(self, criteria: Criteria) -> Sequence[int]:
        """The messages that meet the criteria, oldest first."""

    # -- messages between folders -------------------------------------------------------------------

    def copy(self, numbers: Iterable[int], path: str) -> Mapping[int, int]:
        """Copy messages to a folder that exists; their numbers there, as far as the server tells."""

    def move(self, numbers: Iterable[int], path: str) -> Mapping[int, int]:
        """Move messages to a folder that exists; their numbers there, as far as the server tells."""

    def append(
        self,
        message: bytes | Source,
        path: str,
        *,
        flags: Iterable[str] = (),
        date: datetime | None = None,
        progress: Progress | None = None,
    ) -> int | None:
        """Put a message into a folder that exists; its number there, where the server tells."""

    def expunge(self) -> None:
        """Remove all messages of the current folder that are marked as deleted, whoever marked them."""

    # -- the rest -----------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Changes:
        """Wait until something happens in the current folder, at most so long; nothing in it at the deadline."""

    def execute(self, command: str) -> str:
        """Send one line of IMAP without tag; all lines of the answer, the one that ends it last.

        CommandRefused where that is NO or BAD, ControlCharacter for CR and LF in it."""


@runtime_checkable
class FolderedIncoming(Incoming, Folders, Protocol):
    """A mailbox with folders."""
