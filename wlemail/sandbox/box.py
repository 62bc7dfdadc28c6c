"""The sandbox as a thing to use: a mail server on this machine for as long as a `with` block lasts."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from .accounts import INBOX, Layout
from .authentication import MECHANISMS, Credentials
from .imap.offer import ImapOffer
from .imap.session import IMAPSession
from .mailbox import Envelope, Mailbox
from .maildir import Maildir
from .pop3 import Pop3Offer, POP3Session
from .replies import Refusals
from .server import Endpoint, Server
from .smtp import Offer, SMTPSession

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Mapping, Sequence
    from types import TracebackType

    from .certificate import Certificate
    from .mailbox import ReceivedMessage
    from .session import Session

#: Dialogues and lines of each that are remembered.
MAX_DIALOGUES = 100
MAX_DIALOGUE_LINES = 1000
#: What stands before the ports of the mailboxes in the greeting of SMTP.
POP3_MARK = "POP3 at port "
IMAP_MARK = "IMAP at port "


class Sandbox:
    """A mail server on loopback that takes everything, keeps it for you to look at, and sends nothing on.

        with Sandbox() as box:
            ...  # send mail to box.host, box.port
            [message] = box.wait_for(1)
            print(message.sender, message.recipients, message.content)

    Parameters (all of them by name):
        host            "127.0.0.1", "::1", or "localhost" for both; other addresses are refused
        port, tls_port  0 lets the system choose; `tls_port` speaks TLS from the first byte, None leaves it out
        pop3_port, pop3s_port  the same for POP3, which shows the same messages: each user sees what is addressed to
                        them, or to their name at any domain; the user `all` sees everything; pop3=False: none
        pop3_offer      a `Pop3Offer`: what POP3 can do, for clients that have to do without
        imap_port, imaps_port  the same for IMAP, with folders that each user has of their own; imap=False: none
        imap_offer      an `ImapOffer`: what IMAP can do
        layout          a `Layout`: how folders are named, which there are from the beginning, and the quota
        maildir         a directory to deliver into; else messages stay in memory, large ones in temporary files
        users           names that may authenticate, or a dict of names and passwords; None: everybody, except
                        names like `refused` and `tempfail` (`authentication.BY_NAME`)
        require_auth    MAIL only from those who have authenticated
        require_tls     AUTH and MAIL only under TLS
        mechanisms      offered by AUTH; auth=False offers none
        starttls, pipelining, chunking, size, eight_bit, utf8, enhanced_codes, dsn, extended
                        False leaves the extension out (extended: EHLO itself)
        max_size        bytes of a message;  max_recipients: recipients of a message, then 452
        strict_content  content with CR or LF alone, or lines over 998 octets, is refused with 554
        data_without_recipients  354 for DATA even if every recipient was refused, then 554
        refuse          address or local part → reply, "550 5.7.1 not you"
        refuse_by_name  addresses like refused@… are refused (`replies.BY_LOCAL_PART`)
        on_message      called with each ReceivedMessage, in the thread of its connection
        keep            how many messages are kept, None for all
        idle_seconds    a client that does nothing is left after so long (over IMAP: `ImapOffer.idle_seconds`)
        max_connections connections at one time
        certificate     a `certificate.Certificate`; None: one made for this process
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls_port: int | None = 0,
        pop3: bool = True,
        pop3_port: int = 0,
        pop3s_port: int | None = 0,
        pop3_offer: Pop3Offer | None = None,
        imap: bool = True,
        imap_port: int = 0,
        imaps_port: int | None = 0,
        imap_offer: ImapOffer | None = None,
        layout: Layout | None = None,
        maildir: str | os.PathLike[str] | None = None,
        users: Mapping[str, str] | Collection[str] | None = None,
        require_auth: bool = False,
        require_tls: bool = False,
        auth: bool = True,
        mechanisms: Sequence[str] = ("PLAIN", "LOGIN"),
        starttls: bool = True,
        pipelining: bool = True,
        chunking: bool = True,
        size: bool = True,
        eight_bit: bool = True,
        utf8: bool = True,
        enhanced_codes: bool = True,
        dsn: bool = True,
        extended: bool = True,
        max_size: int = Offer.max_size,
        max_recipients: int = Offer.max_recipients,
        strict_content: bool = True,
        data_without_recipients: bool = False,
        refuse: Mapping[str, str] | None = None,
        refuse_by_name: bool = True,
        on_message: Callable[[ReceivedMessage], object] | None = None,
        keep: int | None = None,
        idle_seconds: float = 60.0,
        max_connections: int = 64,
        certificate: Certificate | None = None,
    ) -> None:
        unknown = [name for name in mechanisms if name not in MECHANISMS]
        if unknown:
            raise ValueError(f"mechanisms that the sandbox does not know: {', '.join(unknown)}")
        self.host = "127.0.0.1" if host == "localhost" else host
        self.port = port
        self.tls_port = tls_port
        self.pop3_port = pop3_port if pop3 else None
        self.pop3s_port = pop3s_port if pop3 else None
        self.imap_port = imap_port if imap else None
        self.imaps_port = imaps_port if imap else None
        self._hosts = ("127.0.0.1", "::1") if host == "localhost" else (host,)
        self._mailbox = Mailbox(
            maildir=None if maildir is None else Maildir(maildir), keep=keep, on_message=on_message, layout=layout
        )
        self._offer = Offer(
            extended=extended,
            starttls=starttls,
            mechanisms=tuple(mechanisms) if auth else (),
            pipelining=pipelining,
            chunking=chunking,
            size=size,
            eight_bit=eight_bit,
            utf8=utf8,
            enhanced_codes=enhanced_codes,
            dsn=dsn,
            require_auth=require_auth,
            require_tls=require_tls,
            strict_content=strict_content,
            data_without_recipients=data_without_recipients,
            max_size=max_size,
            max_recipients=max_recipients,
        )
        self._refusals = Refusals(refuse, by_name=refuse_by_name)
        self._pop3_offer = pop3_offer or Pop3Offer(
            mechanisms=tuple(mechanisms) if auth else (), stls=starttls, pipelining=pipelining, require_tls=require_tls
        )
        self._imap_offer = imap_offer or ImapOffer(
            mechanisms=tuple(mechanisms) if auth else (), starttls=starttls, require_tls=require_tls
        )
        self._credentials = Credentials(users, keep_passwords=self._pop3_offer.apop)
        self._dialogues: deque[deque[str]] = deque(maxlen=MAX_DIALOGUES)
        self._certificate = certificate
        self._tls_context: ssl.SSLContext | None = None
        self._ca_file = ""
        self._lock = threading.Lock()
        self._server = Server(
            tls_context=self._make_tls_context, idle_seconds=idle_seconds, max_connections=max_connections
        )

    # -- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bind the ports and serve; OSError where a port is taken."""
        try:
            # The mailboxes first: the greeting of SMTP tells where they are.
            patience = self._imap_offer.idle_seconds
            if self.pop3_port is not None:
                self.pop3_port = self._listen(self.pop3_port, self._new_pop3_session)
            if self.pop3s_port is not None:
                self.pop3s_port = self._listen(self.pop3s_port, self._new_pop3_session, tls=True)
            if self.imap_port is not None:
                self.imap_port = self._listen(self.imap_port, self._new_imap_session, idle_seconds=patience)
            if self.imaps_port is not None:
                self.imaps_port = self._listen(self.imaps_port, self._new_imap_session, tls=True, idle_seconds=patience)
            self.port = self._listen(self.port, self._new_session)
            if self.tls_port is not None:
                self.tls_port = self._listen(self.tls_port, self._new_session, tls=True)
        except (OSError, ValueError):
            self._server.stop()
            raise
        self._server.start()

    def stop(self, *, drain: float = 0.0) -> None:
        """End all connections, remove all temporary files. Messages in memory and in a Maildir stay readable.

        `drain`: seconds that clients have to end by themselves."""
        self._server.stop(drain=drain)
        self._mailbox.close()
        if self._ca_file:
            os.unlink(self._ca_file)
            self._ca_file = ""

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox {self.host}:{self.port}, {len(self.messages)} messages>"

    # -- what arrived -------------------------------------------------------------------------------

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages that have arrived, oldest first."""
        return self._mailbox.messages

    def messages_of(self, user: str) -> list[ReceivedMessage]:
        """The messages in this user's INBOX: addressed to them and not deleted by them, oldest first."""
        return self._mailbox.of(user)

    def folders_of(self, user: str) -> dict[str, list[ReceivedMessage]]:
        """The folders of a user by their names, with the messages in each."""
        with self._mailbox.lock:
            folders = self._mailbox.account(user).folders
            return {
                path: [entry.message for entry in folder.entries.values()] for path, folder in sorted(folders.items())
            }

    def flags_of(self, user: str, folder: str = INBOX) -> list[set[str]]:
        """The flags of the messages in a folder, in their order."""
        with self._mailbox.lock:
            return [set(entry.flags) for entry in self._mailbox.account(user).folders[folder].entries.values()]

    def deliver(self, content: bytes, *recipients: str, sender: str = "") -> ReceivedMessage:
        """Put a message there as if it had come for these recipients, or for every user; `content` has CR LF line
        ends."""
        envelope = Envelope(sender=sender, recipients=recipients)
        spool = self._mailbox.spool(envelope)
        spool.write(content)
        return self._mailbox.add(envelope, spool.finish())

    def wait_for(self, count: int, seconds: float = 5.0) -> list[ReceivedMessage]:
        """The messages as soon as there are `count` or more; TimeoutError after `seconds`."""
        return self._mailbox.wait_for(count, seconds)

    def clear(self) -> None:
        """Forget the messages and the dialogues."""
        self._mailbox.clear()
        self._dialogues.clear()

    @property
    def dialogues(self) -> list[list[str]]:
        """What was said on each connection, oldest first: "C: …" and "S: …", without passwords and contents."""
        return [list(lines.copy()) for lines in self._dialogues.copy()]

    # -- TLS ----------------------------------------------------------------------------------------

    @property
    def certificate(self) -> Certificate:
        """The certificate that clients are shown."""
        from .certificate import for_this_process

        if self._certificate is None:
            self._certificate = for_this_process()
        return self._certificate

    @property
    def ca_file(self) -> str:
        """Path of a PEM file with the authority to trust, for clients that check; there until `stop()`."""
        with self._lock:
            if not self._ca_file:
                handle, self._ca_file = tempfile.mkstemp(prefix="wlemail-sandbox-", suffix=".pem")
                with open(handle, "w", encoding="ascii") as stream:
                    stream.write(self.certificate.authority_pem)
            return self._ca_file

    def _make_tls_context(self) -> ssl.SSLContext:
        with self._lock:
            if self._tls_context is None:
                self._tls_context = self.certificate.server_context()
            return self._tls_context

    # -- serving ------------------------------------------------------------------------------------

    def _listen(
        self, port: int, new_session: Callable[[], Session], *, tls: bool = False, idle_seconds: float | None = None
    ) -> int:
        endpoint = Endpoint(port, new_session, tls, idle_seconds)
        port = self._server.listen(self._hosts[0], endpoint)
        for host in self._hosts[1:]:
            try:
                self._server.listen(host, replace(endpoint, port=port))
            except OSError:
                pass  # no IPv6 here, or the port is taken there: the first address is enough
        return port

    def _new_session(self) -> SMTPSession:
        offer = self._offer
        # A rehearsal that is told this port alone finds the mailboxes by it.
        for mark, port in ((POP3_MARK, self.pop3_port), (IMAP_MARK, self.imap_port)):
            if port is not None:
                offer = replace(offer, greeting=f"{offer.greeting}, {mark}{port}")
        return SMTPSession(offer, self._mailbox, self._refusals, self._credentials, note=self._new_dialogue())

    def _new_pop3_session(self) -> POP3Session:
        return POP3Session(self._pop3_offer, self._mailbox, self._credentials, note=self._new_dialogue())

    def _new_imap_session(self) -> IMAPSession:
        return IMAPSession(self._imap_offer, self._mailbox, self._credentials, note=self._new_dialogue())

    def _new_dialogue(self) -> Callable[[str], None]:
        lines: deque[str] = deque(maxlen=MAX_DIALOGUE_LINES)
        self._dialogues.append(lines)
        return lines.append
