"""The work of the functions for folders, flags and copies. Imported when one of them is first used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from ..errors import ControlCharacter, InvalidValue, WrongSessionKind
from ..mail.compose import compose
from ..mail.interfaces import Folder, FolderedIncoming, Source
from ..mail.reader import MailboxReader
from ..mail.session import Kind
from . import constants
from .absorbed import Absorbed, in_mailbox, origin_of
from .arrays import Array
from .email_variable import as_message, current, message_of
from .mailbox import Mailbox, T, act_on, folder_session, set_out
from .progress import PROGRESS
from .settings import seconds
from .translate import to_draft
from .values import buffer_value, int_value, text_value

CR, TAB = "\r\n", "\t"


def _in_folders(session: object, step: Callable[[FolderedIncoming], T]) -> T:
    """Do one step in an open session with folders."""
    return in_mailbox(folder_session(session), lambda reader: step(reader.folders))


def _path(member: str, value: object) -> str:
    path = text_value(member, value)
    if not path.strip():
        raise InvalidValue(member, "no folder is given")
    return path


# -- folders ---------------------------------------------------------------------------------------------------------

_LISTING = constants.LstFolderNormal | constants.LstFolderAll | constants.LstFolderSorted | constants.LstFolderType

_TYPES = {
    r"\Inbox": constants.folderInbox,
    r"\Sent": constants.folderSent,
    r"\Drafts": constants.folderDraft,
    r"\Trash": constants.folderDeleted,
}


def list_folders(session: object, option: object) -> str:
    """The names of the folders that the option asks for, with their types if it does."""
    chosen = int_value("Option", option, constants.LstFolderNormal)
    if chosen & ~_LISTING:
        raise InvalidValue("Option", "expected LstFolder… constants", chosen)
    found: Iterable[Folder] = _in_folders(session, lambda folders: folders.folders())
    if not chosen & constants.LstFolderAll:
        found = _usual(list(found))
    if chosen & constants.LstFolderSorted:
        found = sorted(found, key=lambda folder: folder.path.casefold())
    if chosen & constants.LstFolderType:
        return CR.join(f"{folder.path}{TAB}{_TYPES.get(folder.special, constants.folderGeneric)}" for folder in found)
    return CR.join(folder.path for folder in found)


def _usual(folders: list[Folder]) -> list[Folder]:
    """What a user wants to see: inbox, folders with a purpose, subscriptions and what is below those.

    Whoever subscribed to none wants to see all."""
    # Not the inbox: some servers have every folder below it.
    subscribed = [folder for folder in folders if folder.subscribed and folder.special != r"\Inbox"]
    if not subscribed:
        return [folder for folder in folders if folder.selectable]
    above = tuple(folder.path + folder.delimiter for folder in subscribed if folder.delimiter)
    return [
        folder
        for folder in folders
        if folder.selectable and (folder.special or folder.subscribed or folder.path.startswith(above))
    ]


def current_folder(session: object) -> str:
    return _in_folders(session, lambda folders: folders.current_folder)


def change_folder(session: object, path: object) -> None:
    wanted = _path("Path", path)
    in_mailbox(folder_session(session), lambda reader: reader.change_folder(wanted))


def add_folder(session: object, path: object) -> None:
    wanted = _path("Path", path)
    _in_folders(session, lambda folders: folders.add_folder(wanted))


def remove_folder(session: object, path: object) -> None:
    wanted = _path("Path", path)
    in_mailbox(folder_session(session), lambda reader: reader.remove_folder(wanted))


def rename_folder(session: object, path: object, new_path: object) -> None:
    wanted, new = _path("Path", path), _path("NewPath", new_path)
    _in_folders(session, lambda folders: folders.rename_folder(wanted, new))


def subscribe(session: object, path: object) -> None:
    wanted = _path("Folder", path)
    _in_folders(session, lambda folders: folders.subscribe(wanted))


def unsubscribe(session: object, path: object) -> None:
    wanted = _path("Folder", path)
    _in_folders(session, lambda folders: folders.unsubscribe(wanted))


# -- flags -----------------------------------------------------------------------------------------------------------


def change_status(session: object, mail: object, state: object) -> None:
    """Mark as read or not."""
    wanted = int_value("NewState", state, 0)
    if wanted not in (constants.emailStatusRead, constants.emailStatusNotRead):
        raise InvalidValue("NewState", "expected emailStatusRead or emailStatusNotRead", state)
    seen = [r"\Seen"]
    add, remove = (seen, []) if wanted == constants.emailStatusRead else ([], seen)
    _change_flags(session, mail, add, remove)


def change_indicators(session: object, mail: object, add: object, remove: object) -> None:
    """Give and take flags."""
    _change_flags(session, mail, _flags("Add", add), _flags("Remove", remove))


def _change_flags(session: object, mail: object, add: list[str], remove: list[str]) -> None:
    def changed(reader: MailboxReader, number: int) -> None:
        reader.folders.change_flags([number], add=add, remove=remove)

    act_on(folder_session(session), mail, changed)


def _flags(member: str, value: object) -> list[str]:
    """The flags in a text, or in an array of texts."""
    given = list(value) if isinstance(value, (Array, list, tuple, set, frozenset)) else [value]
    return [flag for place in given for flag in text_value(member, place).split()]


def indicators(session: object, mail: object) -> Array[str]:
    """The flags of a mail, IMAP's own first."""
    flags = act_on(folder_session(session), mail, lambda reader, number: reader.folders.flags(number))
    return Array(sorted(flags, key=lambda flag: (not flag.startswith("\\"), flag.casefold())))


# -- between folders -------------------------------------------------------------------------------------------------


def expunge(session: object) -> None:
    _in_folders(session, lambda folders: folders.expunge())


def copy(session: object, mail: object, folder: object) -> None:
    _copy(folder_session(session), mail, folder)


def copy_from_its_session(mail: object, folder: object) -> None:
    """Copy a mail within the mailbox from which it was read."""
    message = message_of(mail)
    origin = origin_of(message)
    if origin is None:
        raise InvalidValue("Email", "it was not read from a mailbox")
    _copy(folder_session_of(origin.session), message, folder)


def folder_session_of(session: Mailbox) -> Mailbox:
    """The session itself; WrongSessionKind where it has no folders."""
    if session.kind is not Kind.IMAP:
        raise WrongSessionKind(session.name, Kind.IMAP.value, [session.kind.value])
    return session


def _copy(session: Mailbox, mail: object, folder: object) -> None:
    target = _path("Folder", folder)
    act_on(session, mail, lambda reader, number: reader.folders.copy([number], target))


def move(session: object, mail: object, folder: object) -> None:
    """Move a mail; it is then no longer where it was, which Out tells."""
    target = _path("Folder", folder)
    act_on(folder_session(session), mail, lambda reader, number: reader.folders.move([number], target))
    set_out(as_message(mail) or current(), True)


def append(session: object, mail: object, folder: object, flags: object) -> None:
    """Put a message into a folder."""
    opened = folder_session(session)
    target, chosen = _path("Folder", folder), _flags("Indicator", flags)
    message, date = _content(mail)
    in_mailbox(
        opened,
        lambda reader: reader.folders.append(message, target, flags=chosen, date=date, progress=PROGRESS.transfer()),
    )


def _content(mail: object) -> tuple[bytes | Source, datetime | None]:
    """What is put down: a mail that was read as it is, another one as it would be sent."""
    if isinstance(mail, (bytes, bytearray, memoryview)) or (isinstance(mail, str) and mail):
        return buffer_value("Email", mail), None
    message = message_of(mail)
    loader = message._loader
    if isinstance(loader, Absorbed) and loader.is_original(message):
        received = loader.received
        received.fetch(whole=True)
        assert received.data is not None, "fetched before"
        return received.data, received.mail().reception_date
    return compose(to_draft(message), include_bcc=True, complete=False), None


# -- waiting, and the rest -------------------------------------------------------------------------------------------

#: Seconds of waiting after which other threads may use the session for a moment.
_SLICE = 20.0


def wait(session: object, duration: object) -> bool:
    """Whether new mail came before the time was over."""
    opened = folder_session(session)
    limit = opened.account.timeouts.read if duration is None or duration == "" else seconds("Duration", duration)
    deadline = time.monotonic() + limit
    left = limit
    while left > 0:
        if in_mailbox(opened, partial(_arrived_within, min(left, _SLICE))):
            return True
        left = deadline - time.monotonic()
    return False


def _arrived_within(span: float, reader: MailboxReader) -> bool:
    return bool(reader.wait(span).arrived)


def execute(session: object, command: object) -> str:
    line = text_value("Command", command).strip(" ")
    if not line:
        raise InvalidValue("Command", "not a command of IMAP in one line")
    if any(ord(character) < 32 or ord(character) == 127 for character in line):
        raise ControlCharacter("Command", "not a command of IMAP in one line")
    return in_mailbox(folder_session(session), lambda reader: reader.execute(line)).removesuffix(CR)
