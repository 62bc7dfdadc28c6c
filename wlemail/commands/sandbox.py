"""Run a mail server on this machine that takes every mail, shows it, lets it be read, and sends nothing on.

Point a script at it instead of its real server and look at what it sends. Any user and password are accepted;
addresses such as refused@anything, tempfail@anything, full@anything and spam@anything are refused, each in its way.
Ctrl-C ends it.
"""

from __future__ import annotations

import queue
import signal
import sys
from typing import TYPE_CHECKING

from ..sandbox import Sandbox
from ..sandbox.outline import read_outline
from .console import Console, clean
from .show_message import connection_of, show_message

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from ..sandbox import ReceivedMessage

PORT = 2525
TLS_PORT = 2465
POP3_PORT = 2110
POP3S_PORT = 2995
IMAP_PORT = 2143
IMAPS_PORT = 2993
#: Messages that a long run remembers; older ones have been shown and are forgotten (files in a Maildir stay).
KEEP = 1000
_WHOSE = 'a user sees what is addressed to them (address, or name at any domain), "all" sees everything'
_FOLDERS = "the same messages in INBOX, and folders that each user has of their own"
#: A wait is cut short so that Ctrl-C is seen on Windows, where waiting for a lock cannot be interrupted.
_SLICE = 0.25


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=PORT, help=f"clear and STARTTLS ({PORT}; 0: any that is free)")
    parser.add_argument("--tls-port", type=int, default=TLS_PORT, help=f"TLS at once ({TLS_PORT}; 0: any)")
    parser.add_argument("--pop3-port", type=int, help=f"POP3, clear and STLS ({POP3_PORT}; any where --port is 0)")
    parser.add_argument("--pop3s-port", type=int, help=f"POP3, TLS at once ({POP3S_PORT}; any where --tls-port is 0)")
    parser.add_argument("--imap-port", type=int, help=f"IMAP, clear and STARTTLS ({IMAP_PORT}; any where --port is 0)")
    parser.add_argument("--imaps-port", type=int, help=f"IMAP, TLS at once ({IMAPS_PORT}; any where --tls-port is 0)")
    parser.add_argument("--maildir", metavar="DIR", help="deliver into this Maildir (made if it is not there)")
    parser.add_argument("--user", metavar="NAME", action="append", help="accept this user only; may be given again")
    parser.add_argument("--require-auth", action="store_true", help="take mail from authenticated users only")
    parser.add_argument("--require-tls", action="store_true", help="take users and mail under TLS only")
    parser.add_argument("--once", metavar="N", type=int, help="end after N messages")
    parser.add_argument("--brief", action="store_true", help="one line for each message")


def run(options: Namespace) -> int:
    """Serve until Ctrl-C, or until `--once` messages are in."""
    console = Console()
    _choose_ports(options)
    arrived: queue.SimpleQueue[ReceivedMessage] = queue.SimpleQueue()
    box = Sandbox(
        host="localhost",
        port=options.port,
        tls_port=options.tls_port,
        pop3_port=options.pop3_port,
        pop3s_port=options.pop3s_port,
        imap_port=options.imap_port,
        imaps_port=options.imaps_port,
        maildir=options.maildir,
        users=options.user,
        require_auth=options.require_auth,
        require_tls=options.require_tls,
        on_message=arrived.put,
        keep=KEEP,
    )
    try:
        box.start()
    except OSError as problem:
        ports = [getattr(options, name) for name in ("port", "tls_port", *_PORTS)]
        print(f"ports {', '.join(map(str, ports))}: {problem.strerror or problem}", file=sys.stderr)
        print("Is a sandbox running already? --port 0 --tls-port 0 takes any that are free.", file=sys.stderr)
        return 1
    sizes: list[int] = []
    # A service manager ends it by SIGTERM: that too removes the temporary files.
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _show_ways(console, box, options)
        while options.once is None or len(sizes) < options.once:
            message = _next(arrived)
            sizes.append(message.size)
            _show(console, message, options.brief)
        # The client still waits for the answer to its last message and will say QUIT.
        box.stop(drain=1.0)
    except KeyboardInterrupt:
        console.line()
    finally:
        box.stop()
        signal.signal(signal.SIGTERM, previous)
    console.heading(f"{len(sizes)} message{'' if len(sizes) == 1 else 's'}, {sum(sizes):,} bytes")
    return 0


#: ports that follow those of SMTP: any that is free where that is wanted there
_PORTS = {
    "pop3_port": ("port", POP3_PORT),
    "pop3s_port": ("tls_port", POP3S_PORT),
    "imap_port": ("port", IMAP_PORT),
    "imaps_port": ("tls_port", IMAPS_PORT),
}


def _choose_ports(options: Namespace) -> None:
    for name, (leader, port) in _PORTS.items():
        if getattr(options, name) is None:
            setattr(options, name, port if getattr(options, leader) else 0)


def _show_ways(console: Console, box: Sandbox, options: Namespace) -> None:
    host, user = f'"{box.host}"', f'"{options.user[0] if options.user else "me"}"'
    reader = user if options.user else '"all"'
    console.heading("sandbox: takes every mail, sends nothing on")
    console.field("clear", f"{box.host}:{box.port}")
    console.field("STARTTLS", f"{box.host}:{box.port}")
    console.field("TLS", f"{box.host}:{box.tls_port}")
    console.field("POP3", f"{box.host}:{box.pop3_port}, also STLS; {box.host}:{box.pop3s_port} TLS\n{_WHOSE}")
    console.field("IMAP", f"{box.host}:{box.imap_port}, also STARTTLS; {box.host}:{box.imaps_port} TLS\n{_FOLDERS}")
    console.field("trust", f"{box.ca_file}\nfor clients that check certificates, e.g. SSL_CERT_FILE={box.ca_file}")
    console.field("kept in", options.maildir or "memory, until it ends")
    console.line()
    console.line("  In a script:")
    opening = f'EmailStartSMTPSession({user}, "any", {host}'
    console.line(f"    {opening}, {box.port})")
    console.line(f"    {opening}, {box.port}, emailSynchronous, emailProtocolSMTPS)")
    console.line(f"    {opening}, {box.tls_port}, emailSynchronous, optionTLS)")
    console.line(f'    EmailStartPOP3Session({reader}, "any", {host}, {box.pop3_port})')
    console.line(f'    EmailStartIMAPSession({reader}, "any", {host}, {box.imap_port})')
    console.line()
    console.line("  Refused: refused@…, tempfail@…, full@…, toobig@…, spam@… (after the content). Ctrl-C ends it.")


def _next(arrived: queue.SimpleQueue[ReceivedMessage]) -> ReceivedMessage:
    while True:
        try:
            return arrived.get(timeout=_SLICE)
        except queue.Empty:
            continue


def _show(console: Console, message: ReceivedMessage, brief: bool) -> None:
    title = f"{message.number} · {message.received:%H:%M:%S} · {message.size:,} bytes"
    if brief:
        with message.open() as stream:
            subject = read_outline(stream).value("Subject")
        recipients = ", ".join(message.recipients[:3]) + (" …" if len(message.recipients) > 3 else "")
        console.line(f"{title} · {clean(message.sender)} → {clean(recipients)} · {clean(subject)}")
        return
    console.heading(f"message {title} · {connection_of(message)}")
    show_message(console, message)
