"""Rehearsal: an unedited script whose mail goes to a sandbox, or to one address, because the environment says so.

    WLEMAIL_REHEARSAL=sandbox          every session goes to a sandbox that starts inside this process
    WLEMAIL_REHEARSAL=sandbox:PORT     … to the sandbox that listens at this port of this machine
    WLEMAIL_REHEARSAL=only:ADDRESS     mail is really sent, but to this address alone; mailboxes open read-only

A value that is none of these, even an empty one, fails every opening: whoever sets the variable does not want real mail
to leave by a slip of the pen. Both kinds announce themselves on stderr, once a process.
"""

from __future__ import annotations

import atexit
import dataclasses
import logging
import os
import re
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Broken, InvalidValue
from .account import Account, Security

if TYPE_CHECKING:
    from ..sandbox import ReceivedMessage, Sandbox
    from ..smtp.envelope import Envelope
    from ..wire.stream import Stream

VARIABLE = "WLEMAIL_REHEARSAL"
#: what a sandbox is told in place of any password: the real one leaves this process for its own server only
PASSWORD = "rehearsal"

#: Messages that the sandbox of this process keeps, and lines of its summary; a rehearsal may send thousands.
KEPT_MESSAGES = 1000
SHOWN_MESSAGES = 25
#: How long the sandbox at a given port may take to say what it is, in seconds.
GREETING_SECONDS = 5.0
_GREETING_MARK = b"wlemail sandbox"
_MAILBOX_PORT = re.compile(rb"\b(POP3|IMAP) at port ([0-9]{1,5})\b")
_MAX_GREETING = 512

_log = logging.getLogger("wlemail")


class Plan(NamedTuple):
    """What the environment asks for; with `only` there is no sandbox. Port 0: a sandbox of this process."""

    sandbox: bool = False
    port: int = 0
    only: str = ""


# -- what the rest of mail/ asks -----------------------------------------------------------------------


def redirect(account: Account, protocol: str = "SMTP") -> Account:
    """The account to open in place of `account`: itself, or the sandbox, in clear and with a made-up password.

    `protocol` is "SMTP", "POP3" or "IMAP". InvalidValue where the environment's wish is not understood, or
    its sandbox is none."""
    plan = _plan()
    if plan is None:
        return account
    if not plan.sandbox:
        _STAGE.announce(
            f"all mail of this program goes to {plan.only}, whoever its recipients are; mailboxes are opened read-only"
        )
        return account
    front = plan.port or _STAGE.port()
    port = _STAGE.verify(front, protocol)
    _STAGE.announce(
        f"this program's mail goes to a sandbox (127.0.0.1:{front}) and is read from there; no server hears of it"
    )
    _log.info("rehearsal: the session of %s:%d goes to the sandbox", account.host, account.port)
    return dataclasses.replace(
        account,
        host="127.0.0.1",
        port=port,
        security=Security.CLEAR,
        password=PASSWORD if account.password or account.token else "",
        token=None,
        mechanism="",
    )


def rewrites() -> bool:
    """Whether envelopes have to be rewritten before they are sent."""
    plan = _plan()
    return plan is not None and bool(plan.only)


def rewrite(envelope: Envelope) -> Envelope:
    """The envelope to send in place of `envelope`: with `only:` it has that recipient alone, else it is unchanged."""
    plan = _plan()
    if plan is None or not plan.only:
        return envelope
    _log.info("rehearsal: sent to %s in place of %s", plan.only, ", ".join(envelope.recipients))
    return envelope._replace(recipients=(plan.only,))


def read_only() -> bool:
    """Whether mailboxes must be left as they are: nothing marked, nothing deleted, nothing moved."""
    plan = _plan()
    return plan is not None and not plan.sandbox


def to_sandbox() -> bool:
    """Whether sessions go to a sandbox: nothing secret is needed then."""
    plan = _plan()
    return plan is not None and plan.sandbox


def sandbox() -> Sandbox | None:
    """The sandbox of this process, where a session has gone to it."""
    return _STAGE.sandbox


# -- what the environment says --------------------------------------------------------------------------


def _plan() -> Plan | None:
    """None where the variable is not set; looked up each time, so that nothing is decided at import."""
    said = os.environ.get(VARIABLE)
    return None if said is None else _parsed(said)


def _parsed(said: str) -> Plan:
    kind, colon, rest = said.strip().partition(":")
    kind, rest = kind.strip().casefold(), rest.strip()
    if kind == "sandbox" and not colon:
        return Plan(sandbox=True)
    if kind == "sandbox" and rest.isascii() and rest.isdecimal() and len(rest) < 6 and 0 < int(rest) < 65536:
        return Plan(sandbox=True, port=int(rest))
    if kind == "only":
        return Plan(only=_checked_address(said, rest))
    raise InvalidValue(
        VARIABLE, "expected sandbox, sandbox:PORT or only:ADDRESS; remove the variable to send for real", said
    )


def _checked_address(said: str, address: str) -> str:
    from ..message.fields.address import LEVEL_STRICT, examine_address

    if not address.isascii():
        raise InvalidValue(VARIABLE, "the address after only: has ASCII characters alone (a domain as xn--…)", said)
    examined = examine_address(address)
    if examined.standing > LEVEL_STRICT:
        raise InvalidValue(VARIABLE, f"what follows only: is not an address ({examined.reason})", said)
    return address


# -- what a process has of it ----------------------------------------------------------------------------


class Stage:
    """The sandbox of this process, started when a session first needs it, and what has been said on stderr."""

    def __init__(self) -> None:
        self.sandbox: Sandbox | None = None
        self.received = 0
        self._lines: list[str] = []
        self._process = 0
        self._announced = False
        # SMTP port of a sandbox -> its ports for mailboxes, by protocol
        self._verified: dict[int, dict[str, int]] = {}
        self._lock = threading.Lock()

    def announce(self, text: str) -> None:
        with self._lock:
            first, self._announced = not self._announced, True
        if first:
            _tell(f"wlemail: rehearsal ({VARIABLE}): {text}")

    def port(self) -> int:
        """The port of this process's sandbox; a forked child uses its parent's."""
        with self._lock:
            if self.sandbox is None:
                self._start()
            assert self.sandbox is not None
            return self.sandbox.port

    def _start(self) -> None:
        from ..sandbox import Sandbox

        box = Sandbox(tls_port=None, pop3s_port=None, imaps_port=None, keep=KEPT_MESSAGES, on_message=self._note)
        try:
            box.start()
        except OSError as problem:
            raise InvalidValue(VARIABLE, f"the sandbox cannot start: {problem}") from problem
        self.sandbox = box
        ports = {"POP3": box.pop3_port, "IMAP": box.imap_port}
        self._verified[box.port] = {protocol: port for protocol, port in ports.items() if port}
        self._process = os.getpid()
        atexit.register(self.end)

    def verify(self, port: int, protocol: str) -> int:
        """Make sure, once, that what listens there is a sandbox: a mail server on this machine would really send.

        Its port for this protocol: the SMTP greeting tells where the mailboxes are."""
        if port not in self._verified:
            greeting = _greeting(port)
            if _GREETING_MARK not in greeting:
                raise InvalidValue(
                    VARIABLE, f"no sandbox answers at 127.0.0.1:{port} (python -m wlemail sandbox starts one)"
                )
            found = _MAILBOX_PORT.findall(greeting)
            self._verified[port] = {protocol.decode(): int(number) for protocol, number in found}
        if protocol == "SMTP":
            return port
        if protocol not in self._verified[port]:
            raise InvalidValue(VARIABLE, f"the sandbox at 127.0.0.1:{port} has no mailboxes ({protocol})")
        return self._verified[port][protocol]

    def _note(self, message: ReceivedMessage) -> None:
        # Called by the thread of each connection.
        with self._lock:
            self.received += 1
            show = len(self._lines) < SHOWN_MESSAGES
        if show:
            line = _described(message)
            with self._lock:
                self._lines.append(line)

    def end(self) -> None:
        """Close what is open, stop the sandbox, and say what it has received."""
        if self.sandbox is None or os.getpid() != self._process:
            return
        from .session_table import TABLE

        # Functions at exit run in reverse order: without this the sessions would say goodbye to nobody.
        TABLE.close_all()
        self.sandbox.stop()
        self.sandbox = None
        _tell(*self._summary())

    def _summary(self) -> list[str]:
        count = {0: "no message", 1: "1 message"}.get(self.received, f"{self.received} messages")
        more = self.received - len(self._lines)
        return [
            f"wlemail: rehearsal: the sandbox received {count}; nothing left this machine",
            *(f"  {line}" for line in self._lines),
            *([f"  … and {more} more"] if more else []),
        ]


def _tell(*lines: str) -> None:
    # A program without a console has no stderr.
    if sys.stderr is not None:
        print("\n".join(lines), file=sys.stderr, flush=True)


def _described(message: ReceivedMessage) -> str:
    """One line on a message; what a stranger may have written in it moves no cursor."""
    to = ", ".join(message.recipients[:3])
    if len(message.recipients) > 3:
        to += f" and {len(message.recipients) - 3} more"
    refused = f", {len(message.refused)} refused" if message.refused else ""
    line = f"{message.sender or '<>'} -> {to}{refused}: {_subject(message)} ({message.size} bytes)"
    return "".join(c if c.isprintable() else " " for c in line)


def _subject(message: ReceivedMessage) -> str:
    from ..message.fields.encoded_words import decode_words

    with message.open() as stream:
        header = stream.read(65536).partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    for line in header.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "subject":
            return decode_words(value.strip()) or "(empty subject)"
    return "(no subject)"


def _greeting(port: int) -> bytes:
    from ..transport.tcp import FixedTimeouts, dial

    try:
        stream = dial("127.0.0.1", port, FixedTimeouts(GREETING_SECONDS))
        try:
            return _first_line(stream)
        finally:
            stream.close()
    except Broken:
        return b""


def _first_line(stream: Stream) -> bytes:
    stream.begin_wait()
    greeting = b""
    while b"\n" not in greeting and len(greeting) < _MAX_GREETING:
        data = stream.read(_MAX_GREETING)
        if not data:
            break
        greeting += data
    return greeting.partition(b"\n")[0]


_STAGE = Stage()
