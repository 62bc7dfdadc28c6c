"""Reading a mailbox of small messages over POP3: without latency, and over a wire that is late."""

from __future__ import annotations

import imaplib
from pathlib import Path

from tests.support.servers import Testbed, find_testbed, missing_servers

from . import reading
from .measuring import Contender, Missing, Run, Table, measure, ours, program
from .report import Goal, faster, rate_table
from .servers import HOST, late_wire

#: a user of the testbed whose mail is nobody's
USER = "user19"
COUNT = 1000

FACE = "**wlemail EmailReadFirst, EmailReadNext**"
ENGINE = "*the same without the face and without parsing*"
POPLIB, MPOP = "poplib retr", "mpop, pipelined (C)"


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    bed = find_testbed()
    if isinstance(bed, str) or (reason := missing_servers(bed, ("dovecot",))):
        raise Missing(bed if isinstance(bed, str) else reason)
    _fill(bed)
    near = _measure(bed, 0, repetitions, scratch)
    far = _measure(bed, 50, min(3, repetitions), scratch)
    goals = [
        Goal("walking a mailbox, parsing included, to poplib's bare loop, 0 ms", 0.5, 0.5, faster(near, FACE, POPLIB)),
        Goal("walking a mailbox to poplib's loop, 50 ms", 25, 25, faster(far, FACE, POPLIB)),
        Goal("walking a mailbox to mpop, 50 ms", 1.0, 1.0, faster(far, FACE, MPOP)),
    ]
    return [*rate_table(near), *rate_table(far)], goals


def _measure(bed: Testbed, milliseconds: int, repetitions: int, scratch: Path) -> Table:
    with late_wire(bed.endpoint("dovecot", "pop3").port, milliseconds) as port:
        arguments = {"port": port, "user": USER, "password": bed.users[USER], "count": COUNT}
        contenders = {
            FACE: ours("wlemail_walk", **arguments),
            ENGINE: ours("wlemail_reader", **arguments),
            POPLIB: ours("poplib_retr", **arguments),
            MPOP: _mpop(bed, port, scratch),
        }
        title = f"POP3: {COUNT} messages of 4 KiB from Dovecot, {milliseconds} ms round trip, connection included"
        return measure(title, contenders, repetitions, COUNT)


def _mpop(bed: Testbed, port: int, scratch: Path) -> Contender:
    configuration, uidls = scratch / "mpoprc", scratch / "uidls"
    configuration.write_text(
        f"account default\nhost {HOST}\nport {port}\nuser {USER}\npassword {bed.users[USER]}\nauth user\ntls off\n"
        f"keep on\nreceived_header off\nuidls_file {uidls}\ndelivery mbox {scratch / 'mbox'}\n"
    )
    configuration.chmod(0o600)
    fetch = program(["mpop", "-q", "-C", configuration, "-a"])

    def again() -> Run:
        uidls.unlink(missing_ok=True)  # else nothing is new
        return fetch()

    return again


def _fill(bed: Testbed) -> None:
    endpoint = bed.endpoint("dovecot", "imap")
    with imaplib.IMAP4(endpoint.host, endpoint.port, timeout=60) as imap:
        imap.login(USER, bed.users[USER])
        if imap.select("INBOX")[1] != [b"0"]:
            imap.store("1:*", "+FLAGS.SILENT", r"\Deleted")
            imap.expunge()
        for source in reading.messages(COUNT):
            imap.append("INBOX", "", "", source)
