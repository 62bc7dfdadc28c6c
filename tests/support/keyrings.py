"""Keyrings for tests: in memory, absent, locked, silent, small. None of them is the one of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given, as long as that fits."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, largest: int = 2560) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.asked: list[tuple[str, str]] = []
        self._largest = largest

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append((service, username))
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        # As Windows does: what is too long is refused.
        if len(password.encode("utf-16-le")) > self._largest:
            raise PasswordSetError("the credential is too large")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("no such password")


class LockedKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the prompt was dismissed")


class SilentKeyring(MemoryKeyring):
    """Waits for a user who is not there, until the test lets go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.let_go.wait(30)
        return None


@contextmanager
def using(ring: KeyringBackend) -> Iterator[None]:
    """Make a keyring the process's, and put the other one back."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield
    finally:
        keyring.set_keyring(before)
