"""Mailboxes: NAMESPACE, LIST, LSUB, STATUS, SELECT, EXAMINE, UNSELECT, CREATE, DELETE, RENAME, SUBSCRIBE, QUOTA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import MailboxChanged
from ..commands import Command, Name, Octets, Part, atom
from ..connection import Mailbox
from ..dialogue import Dialogue
from ..parsing.mailboxes import Listing, MailboxStatus, Quota, QuotaRoot
from ..parsing.server import Namespaces
from .opening import learn_capabilities

# STATUS commands in flight: each has one line of answer, so that no side can fill the other's buffers.
_STATUS_GROUP = 50


def named(dialogue: Dialogue, name: str) -> Part:
    """The name as an argument: in the server's own spelling, where that is not ours."""
    octets = dialogue.connection.spellings.get(name)
    return Name(name) if octets is None else Octets(octets)


# -- which there are --------------------------------------------------------------------------------


def namespaces(dialogue: Dialogue) -> Namespaces | None:
    """NAMESPACE (RFC 2342), None where the server has no such thing."""
    if not learn_capabilities(dialogue) & {"NAMESPACE", "IMAP4REV2"}:
        return None
    pending = dialogue.ask(Command("NAMESPACE", (), (Namespaces,)))
    return next((each for each in pending.arrived if isinstance(each, Namespaces)), None)


def delimiter(dialogue: Dialogue, reference: str = "") -> str | None:
    """What parts the levels of names; None where there are no levels."""
    pending = dialogue.ask(Command("LIST", (named(dialogue, reference), Name("")), (Listing,)))
    return next((each.delimiter for each in pending.arrived if isinstance(each, Listing)), None)


def mailboxes(dialogue: Dialogue, pattern: str = "*", reference: str = "") -> list[Listing]:
    """LIST, with the special uses and the subscriptions where the server tells them (RFC 5258, RFC 6154)."""
    offered = learn_capabilities(dialogue)
    parts: list[Part] = [named(dialogue, reference), named(dialogue, pattern)]
    verb = "LIST"
    options = _return_options(offered)
    if options:
        parts += [b"RETURN", options]
    elif "XLIST" in offered and "SPECIAL-USE" not in offered:
        verb = "XLIST"  # Gmail's forerunner of SPECIAL-USE
    return _listings(dialogue, Command(verb, tuple(parts), (Listing,)))


def subscribed(dialogue: Dialogue, pattern: str = "*", reference: str = "") -> list[Listing]:
    """LSUB: the mailboxes that are subscribed to."""
    parts = (named(dialogue, reference), named(dialogue, pattern))
    if "IMAP4REV2" in learn_capabilities(dialogue):
        return _listings(dialogue, Command("LIST", ((b"SUBSCRIBED",), *parts), (Listing,)))
    return _listings(dialogue, Command("LSUB", parts, (Listing,)))


def _return_options(offered: frozenset[str]) -> tuple[Part, ...]:
    if not offered & {"LIST-EXTENDED", "IMAP4REV2"}:
        return ()
    special: tuple[Part, ...] = (b"SPECIAL-USE",) if offered & {"SPECIAL-USE", "IMAP4REV2"} else ()
    return (b"CHILDREN", b"SUBSCRIBED", *special)


def _listings(dialogue: Dialogue, command: Command) -> list[Listing]:
    return [each for each in dialogue.ask(command).arrived if isinstance(each, Listing)]


# -- what is in them --------------------------------------------------------------------------------


def status(dialogue: Dialogue, name: str, items: Sequence[str] = ("MESSAGES", "UNSEEN")) -> MailboxStatus:
    """STATUS of one mailbox; not for the selected one, which the connection knows better."""
    pending = dialogue.ask(_status(dialogue, name, items)._replace(alone=True))
    found = [each for each in pending.arrived if isinstance(each, MailboxStatus)]
    return next((each for each in found if each.name == name), MailboxStatus(name, {}))


def _status(dialogue: Dialogue, name: str, items: Sequence[str]) -> Command:
    asked = tuple(atom(item.upper(), "STATUS") for item in items)
    return Command("STATUS", (named(dialogue, name), asked), (MailboxStatus,), alone=False)


def list_status(
    dialogue: Dialogue, pattern: str = "*", items: Sequence[str] = ("MESSAGES", "UNSEEN")
) -> list[tuple[Listing, MailboxStatus | None]]:
    """All mailboxes with their STATUS, in one round trip by LIST-STATUS (RFC 5819), else in two or three.

    None for one that has no messages, or tells nothing of them."""
    offered = learn_capabilities(dialogue)
    if offered & {"LIST-STATUS", "IMAP4REV2"}:
        asked = tuple(atom(item.upper(), "STATUS") for item in items)
        options = (*_return_options(offered), b"STATUS", asked)
        parts = (Name(""), named(dialogue, pattern), b"RETURN", options)
        arrived: Iterable[object] = dialogue.ask(Command("LIST", parts, (Listing, MailboxStatus))).arrived
        listings = [each for each in arrived if isinstance(each, Listing)]
    else:
        listings = mailboxes(dialogue, pattern)
        names = [each.name for each in listings if not each.has("\\Noselect") and not each.has("\\NonExistent")]
        arrived = _all_statuses(dialogue, names, items)
    known = {each.name: each for each in arrived if isinstance(each, MailboxStatus)}
    return [(each, known.get(each.name)) for each in listings]


def _all_statuses(dialogue: Dialogue, names: Sequence[str], items: Sequence[str]) -> list[object]:
    found: list[object] = []
    for start in range(0, len(names), _STATUS_GROUP):
        group = []
        for name in names[start : start + _STATUS_GROUP]:
            command = _status(dialogue, name, items)
            dialogue.settle(command)
            group.append(dialogue.send(command))
        for pending in group:
            # One that cannot be looked into (gone meanwhile, no right to) does not hide the others.
            dialogue.finish(pending)
        # The first of those in flight collects what answers any of them: all are told apart by their names.
        found += [each for pending in group for each in pending.arrived]
    return found


# -- selecting --------------------------------------------------------------------------------------


def select(dialogue: Dialogue, name: str, *, read_only: bool = False, uid_validity: int = 0) -> Mailbox:
    """SELECT, or EXAMINE; with the UIDVALIDITY of an earlier visit MailboxChanged where it is another now."""
    parts: tuple[Part, ...] = (named(dialogue, name),)
    if "CONDSTORE" in learn_capabilities(dialogue):
        parts += ((b"CONDSTORE",),)
    dialogue.ask(Command("EXAMINE" if read_only else "SELECT", parts))
    mailbox = dialogue.connection.mailbox
    if mailbox is None:
        raise AssertionError("a mailbox is selected where SELECT succeeds")
    mailbox.name = name
    if uid_validity and mailbox.uid_validity != uid_validity:
        problem = MailboxChanged(
            "the mailbox is not the one that it was (UIDVALIDITY)", host=dialogue.stream.host, port=dialogue.stream.port
        )
        dialogue.break_off(problem)
        raise problem
    return mailbox


def unselect(dialogue: Dialogue) -> None:
    """Leave the mailbox without expunging what is marked as deleted."""
    mailbox = dialogue.connection.mailbox
    if mailbox is None:
        return
    if learn_capabilities(dialogue) & {"UNSELECT", "IMAP4REV2"}:
        dialogue.ask(Command("UNSELECT"))
        return
    if not mailbox.read_only:
        # RFC 3691 2: CLOSE expunges, but not where the mailbox was only examined.
        dialogue.ask(Command("EXAMINE", (named(dialogue, mailbox.name),)))
    dialogue.ask(Command("CLOSE"))


# -- changing which there are ---------------------------------------------------------------------


def create(dialogue: Dialogue, name: str) -> None:
    """CREATE."""
    dialogue.ask(Command("CREATE", (named(dialogue, name),)))


def delete(dialogue: Dialogue, name: str) -> None:
    """DELETE."""
    dialogue.ask(Command("DELETE", (named(dialogue, name),)))
    dialogue.connection.spellings.pop(name, None)


def rename(dialogue: Dialogue, name: str, new_name: str) -> None:
    """RENAME."""
    dialogue.ask(Command("RENAME", (named(dialogue, name), Name(new_name))))
    dialogue.connection.spellings.pop(name, None)


def subscribe(dialogue: Dialogue, name: str) -> None:
    """SUBSCRIBE."""
    dialogue.ask(Command("SUBSCRIBE", (named(dialogue, name),)))


def unsubscribe(dialogue: Dialogue, name: str) -> None:
    """UNSUBSCRIBE."""
    dialogue.ask(Command("UNSUBSCRIBE", (named(dialogue, name),)))


# -- quota ------------------------------------------------------------------------------------------


def quotas(dialogue: Dialogue, name: str = "INBOX") -> list[Quota]:
    """GETQUOTAROOT (RFC 9208): the limits that a mailbox counts for; none where the server has no quotas."""
    if "QUOTA" not in learn_capabilities(dialogue):
        return []
    pending = dialogue.ask(Command("GETQUOTAROOT", (named(dialogue, name),), (Quota, QuotaRoot)))
    return [each for each in pending.arrived if isinstance(each, Quota)]
