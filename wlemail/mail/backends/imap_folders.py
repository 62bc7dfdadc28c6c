"""The folders of an IMAP account: which there are, and making, removing, renaming, subscribing to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ...errors import CommandRefused
from ...imap.client import Client
from ...imap.parsing.mailboxes import Listing
from ...imap.parsing.server import Namespace
from ..folder_paths import INBOX, Tree, with_roles
from ..interfaces import Folder, FolderCounts
from .imap_link import Link

_log = logging.getLogger("wlemail")


class FolderTree:
    """What the server listed last; asked again where a path means none of that."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._tree: Tree | None = None
        # Where one's own folders begin; told once, for it does not change.
        self._own: Namespace | None = None

    def forget(self) -> None:
        """Something may have changed."""
        self._tree = None

    # -- which there are ----------------------------------------------------------------------------

    def listed(self, *, subscribed: bool) -> list[Folder]:
        """All folders as the server has them now, or those that are subscribed to."""
        self.forget()
        folders = self._look().folders
        return [folder for folder in folders if folder.subscribed or folder.path == INBOX] if subscribed else [*folders]

    def name(self, path: str) -> str:
        """What the server calls the folder that this path means, or would call it."""
        if path.upper() == INBOX:
            return INBOX
        known = self._tree
        found = known.find(path) if known else None
        if found is None:
            if known:
                self.forget()
            found = self._look().name(path)
        return found

    def new_name(self, path: str) -> str:
        """What the server would call a folder that is not there yet."""
        tree = self._look()
        return path if tree.find(path) == path else tree.new_name(path)

    @property
    def delimiter(self) -> str | None:
        """What parts the levels of one's own folders."""
        return self._look().delimiter

    def _look(self) -> Tree:
        if self._tree is None:
            self._tree = self._link.safely(lambda: self._listed(self._link.client))
        return self._tree

    def _listed(self, client: Client) -> Tree:
        """The folders with their roles and subscriptions."""
        listings = client.mailboxes()
        if any(each.has("\\Subscribed") for each in listings):
            subscribed = {each.name for each in listings if each.has("\\Subscribed")}
        else:
            # Without LIST-EXTENDED; or there is really none.
            subscribed = {each.name for each in client.subscribed()}
        if self._own is None:
            self._own = _own_namespace(client, listings)
        return Tree(with_roles(_folders(listings, subscribed)), self._own.prefix, self._own.delimiter)

    # -- changes ------------------------------------------------------------------------------------

    def add(self, path: str) -> str:
        """Make a folder with the levels above it, and subscribe to them; its name."""
        name = self.name(path)
        for each in self._look().missing(name):
            self._change(lambda client, each=each: client.create(each))  # type: ignore[misc]
            self._try(lambda client, each=each: client.subscribe(each))  # type: ignore[misc]
        return name

    def remove(self, name: str) -> None:
        """Remove a folder that is not open."""
        self._change(lambda client: client.delete(name))
        self._try(lambda client: client.unsubscribe(name))

    def rename(self, name: str, new_name: str) -> None:
        """Give a folder that is not open another name."""
        subscribed = any(folder.path == name and folder.subscribed for folder in self._look().folders)
        self._change(lambda client: client.rename(name, new_name))
        if subscribed:
            self._try(lambda client: client.subscribe(new_name))
            self._try(lambda client: client.unsubscribe(name))

    def subscribe(self, name: str) -> None:
        """Subscribe."""
        self.forget()
        self._link.safely(lambda: self._link.client.subscribe(name))

    def unsubscribe(self, name: str) -> None:
        """End the subscription."""
        self.forget()
        self._link.safely(lambda: self._link.client.unsubscribe(name))

    def counts(self, name: str) -> FolderCounts:
        """What a folder that is not open holds."""
        values = self._link.safely(lambda: self._link.client.status(name)).values
        return FolderCounts(values.get("MESSAGES", 0), values.get("UNSEEN", 0))

    def _change(self, action: Callable[[Client], None]) -> None:
        self.forget()
        self._link.once(lambda: action(self._link.client))

    def _try(self, action: Callable[[Client], None]) -> None:
        """A subscription that the server refuses is none, but what it goes with was done."""
        try:
            self._link.safely(lambda: action(self._link.client))
        except CommandRefused as problem:
            _log.info("subscription: %s", problem.reply)


def _own_namespace(client: Client, listings: Sequence[Listing]) -> Namespace:
    namespaces = client.namespaces()
    if namespaces and namespaces.personal:
        return namespaces.personal[0]
    return Namespace("", next((each.delimiter for each in listings), None))


def _folders(listings: Sequence[Listing], subscribed: set[str]) -> list[Folder]:
    return [
        Folder(
            each.name,
            each.delimiter,
            _role(each),
            selectable=not (each.has("\\Noselect") or each.has("\\NonExistent")),
            subscribed=each.name in subscribed,
        )
        for each in listings
        if each.name
    ]


_ROLES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash", "\\Important")
# XLIST, Gmail's forerunner of SPECIAL-USE.
_OLD_ROLES = {"\\allmail": "\\All", "\\starred": "\\Flagged", "\\spam": "\\Junk"}


def _role(listing: Listing) -> str:
    attributes = {_OLD_ROLES.get(each.lower(), each).lower() for each in listing.attributes}
    return next((role for role in _ROLES if role.lower() in attributes), "")
