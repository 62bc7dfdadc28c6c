"""What the contenders in Python do, each in a process of its own: `python -m tests.bench.work NAME JSON`.

A contender imports what it needs and, ours, sends a first mail (much is imported when it is first needed); then the
clock starts: connection, work and goodbye. Prints what was done, the seconds, and the peak's growth, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from . import samples

Work = Callable[..., "Timer"]
WORK: dict[str, Work] = {}


def work(function: Work) -> Work:
    WORK[function.__name__] = function
    return function


class Timer:
    """Times the `with` block, and sees how far it raises the peak of the memory."""

    def __enter__(self) -> Timer:
        self.growth = -peak()
        self.cpu, self.seconds = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.seconds = time.perf_counter() - self.seconds
        self.cpu = time.process_time() - self.cpu
        self.growth += peak()


def peak() -> int:
    """The most memory that this process ever had, in bytes (Linux; elsewhere 0)."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except FileNotFoundError:
        return 0


# -- small messages -----------------------------------------------------------------------------------


@work
def wlemail_send(port: int, count: int, path: str, recipients: int = 1) -> Timer:
    """EmailSend: a prepared file, the envelope from the Email structure."""
    from wlemail import Email, EmailCloseSession, EmailSend, EmailStartSMTPSession

    Email.Sender, Email.Recipient = samples.SENDER, samples.RECIPIENT
    _first_mail(port, lambda: EmailSend("first", path))
    if recipients > 1:
        Email.Recipient = samples.recipients(recipients)
    with Timer() as timer:
        assert EmailStartSMTPSession("user", "127.0.0.1", port)
        for _ in range(count):
            assert EmailSend("user", path)
        EmailCloseSession("user")
    return timer


@work
def wlemail_send_message(port: int, count: int, recipients: int = 1) -> Timer:
    """EmailSendMessage: a message from members."""
    from wlemail import Email, EmailCloseSession, EmailSendMessage, EmailStartSMTPSession

    m = Email()
    m.Sender, m.Recipient = f"Sender <{samples.SENDER}>", samples.RECIPIENT
    m.Subject, m.Message = samples.SUBJECT, samples.small_text()
    _first_mail(port, lambda: EmailSendMessage("first", m))
    if recipients > 1:
        m.Recipient = samples.recipients(recipients)
    with Timer() as timer:
        assert EmailStartSMTPSession("user", "127.0.0.1", port)
        for _ in range(count):
            assert EmailSendMessage("user", m)
        EmailCloseSession("user")
    return timer


def _first_mail(port: int, send: Callable[[], bool]) -> None:
    from wlemail import EmailCloseSession, EmailStartSMTPSession, ErrorInfo

    assert EmailStartSMTPSession("first", "127.0.0.1", port), ErrorInfo()
    assert send(), ErrorInfo()
    EmailCloseSession("first")


@work
def smtplib_sendmail(port: int, count: int, recipients: int = 1) -> Timer:
    import smtplib

    data, to = samples.small_source(), _recipients(recipients)
    with Timer() as timer, smtplib.SMTP("127.0.0.1", port) as smtp:
        for _ in range(count):
            smtp.sendmail(samples.SENDER, to, data)
    return timer


@work
def smtplib_send_message(port: int, count: int, recipients: int = 1) -> Timer:
    import smtplib

    message = _small_message()
    if recipients > 1:
        del message["To"]
        message["To"] = samples.recipients(recipients)
    with Timer() as timer, smtplib.SMTP("127.0.0.1", port) as smtp:
        for _ in range(count):
            smtp.send_message(message)
    return timer


@work
def aiosmtplib_sendmail(port: int, count: int) -> Timer:
    import asyncio

    import aiosmtplib

    data = samples.small_source()

    async def main() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for _ in range(count):
                await smtp.sendmail(samples.SENDER, [samples.RECIPIENT], data)

    with Timer() as timer:
        asyncio.run(main())
    return timer


@work
def aiosmtplib_send_message(port: int, count: int) -> Timer:
    import asyncio

    import aiosmtplib

    message = _small_message()

    async def main() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for _ in range(count):
                await smtp.send_message(message)

    with Timer() as timer:
        asyncio.run(main())
    return timer


@work
def bare_sockets(port: int, count: int) -> Timer:
    """Not a product: the next MAIL, RCPT and DATA go out with each body, and nothing is checked."""
    import socket

    body = samples.small_source() + b".\r\n"
    envelope = f"MAIL FROM:<{samples.SENDER}>\r\nRCPT TO:<{samples.RECIPIENT}>\r\nDATA\r\n".encode()
    with Timer() as timer, socket.create_connection(("127.0.0.1", port)) as sock, sock.makefile("rb") as replies:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        replies.readline()
        sock.sendall(b"EHLO localhost\r\n")
        while replies.readline()[3:4] == b"-":
            pass
        sock.sendall(envelope)
        for number in range(count):
            for expected in (b"250", b"250", b"354"):
                assert replies.readline()[:3] == expected
            sock.sendall(body + envelope if number + 1 < count else body + b"QUIT\r\n")
            assert replies.readline()[:3] == b"250"
        replies.readline()
    return timer


def _recipients(count: int) -> list[str]:
    return samples.recipients(count) if count > 1 else [samples.RECIPIENT]


def _small_message() -> Any:
    import email
    import email.policy

    return email.message_from_bytes(samples.small_source(), policy=email.policy.SMTP)


# -- building -----------------------------------------------------------------------------------------


@work
def wlemail_build_source(count: int) -> Timer:
    """EmailBuildSource: text in Source, as scripts get it."""
    from wlemail import EmailBuildSource

    m = _report_variable()
    assert EmailBuildSource(m)
    with Timer() as timer:
        for _ in range(count):
            EmailBuildSource(m)
    return timer


@work
def wlemail_compose(count: int) -> Timer:
    """The same below the face, to bytes: what sending does."""
    from wlemail.mail.compose import compose
    from wlemail.wlanguage.translate import to_draft

    m = _report_variable()
    b"".join(compose(to_draft(m)).chunks())
    with Timer() as timer:
        for _ in range(count):
            b"".join(compose(to_draft(m)).chunks())
    return timer


def _report_variable() -> Any:
    from wlemail import Email, emailAttach

    m = Email()
    m.Sender, m.Recipient, m.Subject = samples.REPORT_SENDER, samples.REPORT_RECIPIENTS, samples.REPORT_SUBJECT
    m.Message, m.HTML = samples.TEXT, samples.HTML
    m.Attach.Add(emailAttach(Name=samples.REPORT_NAME, Content=samples.report()))
    return m


@work
def email_message_as_bytes(count: int) -> Timer:
    import email.message
    import email.policy

    data = samples.report()
    with Timer() as timer:
        for _ in range(count):
            message = email.message.EmailMessage(policy=email.policy.SMTP)
            message["From"] = samples.REPORT_SENDER
            message["To"] = ", ".join(samples.REPORT_RECIPIENTS)
            message["Subject"] = samples.REPORT_SUBJECT
            message["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
            message["Message-ID"] = "<1@example.test>"
            message.set_content(samples.TEXT)
            message.add_alternative(samples.HTML, subtype="html")
            message.add_attachment(data, maintype="application", subtype="pdf", filename=samples.REPORT_NAME)
            message.as_bytes()
    return timer


@work
def mime_multipart_as_bytes(count: int) -> Timer:
    from email.mime.application import MIMEApplication
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    data = samples.report()
    with Timer() as timer:
        for _ in range(count):
            outer = MIMEMultipart("mixed")
            outer["From"] = samples.REPORT_SENDER
            outer["To"] = ", ".join(samples.REPORT_RECIPIENTS)
            outer["Subject"] = samples.REPORT_SUBJECT
            outer["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
            outer["Message-ID"] = "<1@example.test>"
            inner = MIMEMultipart("alternative")
            inner.attach(MIMEText(samples.TEXT, "plain", "utf-8"))
            inner.attach(MIMEText(samples.HTML, "html", "utf-8"))
            outer.attach(inner)
            part = MIMEApplication(data, "pdf")
            part.add_header("Content-Disposition", "attachment", filename=samples.REPORT_NAME)
            outer.attach(part)
            outer.as_bytes()
    return timer


@work
def redmail_get_message(count: int) -> Timer:
    from redmail import EmailSender

    sender = EmailSender(host="127.0.0.1", port=1)
    data = samples.report()
    with Timer() as timer:
        for _ in range(count):
            sender.get_message(
                subject=samples.REPORT_SUBJECT,
                sender=samples.REPORT_SENDER,
                receivers=samples.REPORT_RECIPIENTS,
                text=samples.TEXT,
                html=samples.HTML,
                attachments={samples.REPORT_NAME: data},
            ).as_bytes()
    return timer


@work
def base64_alone(count: int) -> Timer:
    """Not a product: only the base64 of the attachment, with line ends."""
    import base64

    data = samples.report()
    with Timer() as timer:
        for _ in range(count):
            base64.encodebytes(data).replace(b"\n", b"\r\n")
    return timer


# -- a large attachment -------------------------------------------------------------------------------


@work
def wlemail_large(port: int, path: str, recipient: str, user: str = "", password: str = "") -> Timer:
    """EmailSendMessage with the file as attachment; the growth is counted from a first, small mail on."""
    from wlemail import Email, EmailCloseSession, EmailSendMessage, EmailStartSMTPSession, ErrorInfo

    m = Email()
    m.Sender, m.Recipient, m.Subject, m.Message = samples.SENDER, recipient, "large", "see the attachment\n"
    if password:
        m.Sender = user
        opened = EmailStartSMTPSession(user, password, "127.0.0.1", port)
    else:
        opened = EmailStartSMTPSession("user", "127.0.0.1", port)
    name = user or "user"
    assert opened, ErrorInfo()
    assert EmailSendMessage(name, m), ErrorInfo()
    m.Attach.Add(path)
    with Timer() as timer:
        assert EmailSendMessage(name, m), ErrorInfo()
        EmailCloseSession(name)
    return timer


@work
def bare_socket_large(port: int, path: str, recipient: str, user: str = "", password: str = "") -> Timer:
    """Not a product: base64 in steps of 57 KiB straight into the socket."""
    import base64

    smtp = _logged_in(port, user, password)
    with Timer() as timer:
        assert smtp.sock is not None
        smtp.mail(user or samples.SENDER)
        smtp.rcpt(recipient)
        smtp.docmd("DATA")
        smtp.sock.sendall(
            b"Subject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n"
        )
        with open(path, "rb") as file:
            while block := file.read(57 * 1024):
                smtp.sock.sendall(base64.encodebytes(block).replace(b"\n", b"\r\n"))
        assert smtp.docmd(".")[0] == 250
        smtp.quit()
    return timer


@work
def smtplib_large(port: int, path: str, recipient: str, user: str = "", password: str = "") -> Timer:
    """smtplib and EmailMessage, as the documentation shows it."""
    from email.message import EmailMessage

    smtp = _logged_in(port, user, password)
    with Timer() as timer:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = user or samples.SENDER, recipient, "large"
        message.set_content("see the attachment\n")
        with open(path, "rb") as file:
            message.add_attachment(file.read(), maintype="application", subtype="octet-stream", filename="large.bin")
        smtp.send_message(message)
        smtp.quit()
    return timer


def _logged_in(port: int, user: str, password: str) -> Any:
    import smtplib

    smtp = smtplib.SMTP("127.0.0.1", port)
    smtp.ehlo()
    if password:
        smtp.login(user, password)
    return smtp


# -- reading --------------------------------------------------------------------------------------------


@work
def wlemail_absorb(count: int, attachment: int) -> Timer:
    """The members of an Email, as reading functions fill them."""
    from wlemail.mail.absorb import absorb

    def read(source: bytes) -> object:
        mail = absorb(source)
        shown = (mail.sender, mail.to, mail.cc, mail.subject, mail.date, mail.message_id, mail.text, mail.html)
        return shown, [(one.name, one.content) for one in mail.attachments]

    return _read_all(read, count, attachment)


@work
def email_parse(count: int, attachment: int) -> Timer:
    import email.parser
    import email.policy

    parser = email.parser.BytesParser(policy=email.policy.default)

    def read(source: bytes) -> object:
        message: Any = parser.parsebytes(source)
        shown = [str(message[name]) for name in ("From", "To", "Cc", "Subject", "Date", "Message-ID")]
        for kind in ("plain", "html"):
            body = message.get_body((kind,))
            shown.append(body.get_content() if body is not None else "")
        return shown, [(part.get_filename(), part.get_content()) for part in message.iter_attachments()]

    return _read_all(read, count, attachment)


def _read_all(read: Callable[[bytes], object], count: int, attachment: int) -> Timer:
    from . import reading

    sources = [reading.message(number, attachment) for number in range(count)]
    read(sources[0])
    with Timer() as timer:
        for source in sources:
            read(source)
    return timer


@work
def wlemail_absorb_large() -> Timer:
    """The growth is what is allocated beyond the message: the process's own peak has seen the making of it."""
    import tracemalloc

    from wlemail.mail.absorb import absorb

    from . import reading

    source = reading.message_with_large_attachment()
    absorb(source[:1000]).attachments  # noqa: B018 - what is loaded once
    tracemalloc.start()
    with Timer() as timer:
        content = absorb(source).attachments[0].content
    assert len(content) == reading.LARGE
    timer.growth = tracemalloc.get_traced_memory()[1]
    return timer


# -- walking a mailbox --------------------------------------------------------------------------------


@work
def wlemail_walk(port: int, user: str, password: str, count: int) -> Timer:
    """EmailReadFirst, EmailReadNext to the end; the subject and the text of each are looked at."""
    from wlemail import Email, EmailCloseSession, EmailReadFirst, EmailReadNext, EmailStartPOP3Session, ErrorInfo

    assert EmailStartPOP3Session(user, password, "127.0.0.1", port), ErrorInfo()
    assert EmailReadFirst(user), ErrorInfo()
    EmailCloseSession(user)
    seen, size = 0, 0
    with Timer() as timer:
        assert EmailStartPOP3Session(user, password, "127.0.0.1", port)
        ok = EmailReadFirst(user)
        while ok:
            seen += 1
            size += len(Email.Subject) + len(Email.Message)
            ok = EmailReadNext(user)
        EmailCloseSession(user)
    assert seen == count
    return timer


@work
def wlemail_reader(port: int, user: str, password: str, count: int) -> Timer:
    """The same below the face: octets."""
    from wlemail.mail.account import Account
    from wlemail.mail.backends.pop3 import Pop3Incoming
    from wlemail.mail.reader import MailboxReader

    with Timer() as timer:
        reader = MailboxReader(Pop3Incoming(Account(user, "127.0.0.1", port, user=user, password=password)))
        seen = sum(1 for _ in iter(reader.read_next, None))
        reader.close()
    assert seen == count
    return timer


@work
def poplib_retr(port: int, user: str, password: str, count: int) -> Timer:
    """The bare loop: lines in a list, nothing parsed."""
    import poplib

    with Timer() as timer:
        pop = poplib.POP3("127.0.0.1", port)
        pop.user(user)
        pop.pass_(password)
        assert pop.stat()[0] == count
        for number in range(1, count + 1):
            pop.retr(number)
        pop.quit()
    return timer


if __name__ == "__main__":
    # The registry of the module, not of this program: the others import it from there.
    from tests.bench import imap_work, outbox_work, work  # noqa: F401

    name, arguments = sys.argv[1:]
    done = work.WORK[name](**json.loads(arguments))
    print(json.dumps({"seconds": done.seconds, "cpu": done.cpu, "growth": done.growth, "peak": peak()}))
