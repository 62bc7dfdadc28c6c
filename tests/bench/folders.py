"""Reading mailboxes over IMAP: 1,000 messages over a wire that is late, 10,000 without latency."""

from __future__ import annotations

import imaplib
import itertools
from pathlib import Path

from tests.support.servers import Testbed, find_testbed, missing_servers

from . import reading
from .measuring import Contender, Missing, Run, Table, measure, ours, peer, program
from .report import Goal, faster, rate_table
from .servers import HOST, late_wire

#: users of the testbed whose mail is nobody's, and how many messages they get
SMALL, LARGE = ("user15", 1000), ("user14", 10_000)

WALK = "**wlemail EmailReadFirst, EmailReadNext**"
ITERATE = "**wlemail `for mail in session`**"
GET_ALL = "**wlemail EmailGetAll, headers**"
ONE_BY_ONE, AT_ONCE = "imaplib, FETCH one by one, octets", "imaplib, one FETCH, octets"
IMAPCLIENT, IMAP_TOOLS = "IMAPClient search() + fetch(), octets", "imap_tools fetch(bulk=500), parsed"
MBSYNC, BARE = "mbsync into a Maildir, no fsync (C)", "*reference: bare socket, octets*"


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    bed = find_testbed()
    if isinstance(bed, str) or (reason := missing_servers(bed, ("dovecot",))):
        raise Missing(bed if isinstance(bed, str) else reason)
    for user, count in (SMALL, LARGE):
        _fill(bed, user, count)
    few = min(3, repetitions)
    far = _measure(bed, SMALL, 50, "full", few, scratch)
    headers = _measure(bed, LARGE, 0, "headers", few, scratch)
    whole = _measure(bed, LARGE, 0, "full", few, scratch)
    goals = [
        Goal("walking a mailbox to imaplib's loop, IMAP, 50 ms", 25, 25, faster(far, WALK, ONE_BY_ONE)),
        Goal("headers of 10,000 by EmailGetAll, to imap_tools", 1.5, 1.5, faster(headers, GET_ALL, IMAP_TOOLS)),
        Goal("10,000 by `for mail in session`, to imap_tools", 1.5, 1.5, faster(whole, ITERATE, IMAP_TOOLS)),
    ]
    return [*rate_table(far), *rate_table(headers), *rate_table(whole)], goals


def _measure(
    bed: Testbed, box: tuple[str, int], milliseconds: int, what: str, repetitions: int, scratch: Path
) -> Table:
    user, count = box
    with late_wire(bed.endpoint("dovecot", "imap").port, milliseconds) as port:
        login = {"port": port, "user": user, "password": bed.users[user], "count": count}
        if what == "headers":
            contenders = {GET_ALL: ours("wlemail_get_all_headers", **login)}
        else:
            contenders = {
                ITERATE: ours("wlemail_for_mail_in_session", **login),
                WALK: ours("wlemail_imap_walk", **login),
                MBSYNC: _mbsync(bed, user, port, scratch),
            }
        if milliseconds:
            contenders[ONE_BY_ONE] = ours("imaplib_one_by_one", what=what, **login)
        contenders |= {
            AT_ONCE: ours("imaplib_at_once", what=what, **login),
            IMAPCLIENT: peer("imapclient_fetch", "imapclient", what=what, **login),
            IMAP_TOOLS: peer("imap_tools_bulk", "imap_tools", what=what, **login),
            BARE: ours("bare_imap", what=what, **login),
        }
        title = f"IMAP: {count} messages of 4 KiB from Dovecot, {what}, {milliseconds} ms round trip"
        return measure(f"{title}, connection included", contenders, repetitions, count)


def _mbsync(bed: Testbed, user: str, port: int, scratch: Path) -> Contender:
    runs = 0

    def again() -> Run:
        nonlocal runs
        runs += 1
        place = scratch / f"mbsync{port}-{runs}"  # else nothing is new
        (place / "mail").mkdir(parents=True)
        configuration = place / "rc"
        configuration.write_text(
            f"FSync no\nIMAPAccount a\nHost {HOST}\nPort {port}\nUser {user}\nPass {bed.users[user]}\nSSLType None\n"
            f"AuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath {place}/mail/\n"
            f"Inbox {place}/mail/inbox\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\n"
            "SyncState *\n"
        )
        configuration.chmod(0o600)
        return program(["mbsync", "-q", "-c", configuration, "c"])()

    return again


def _fill(bed: Testbed, user: str, count: int) -> None:
    endpoint = bed.endpoint("dovecot", "imap")
    with imaplib.IMAP4(endpoint.host, endpoint.port, timeout=60) as imap:
        imap.login(user, bed.users[user])
        there = imap.select("INBOX")[1]
        if there == [str(count).encode()]:
            return
        if there != [b"0"]:
            imap.store("1:*", "+FLAGS.SILENT", r"\Deleted")
            imap.expunge()
        for source in itertools.islice(itertools.cycle(reading.messages(1000)), count):
            imap.append("INBOX", "", "", source)
