"""The sandbox as a server, seen by Python's own SMTP client and by bare sockets: TLS, limits, threads, stopping."""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import socket
import ssl
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from wlemail.sandbox import Sandbox
from wlemail.sandbox.certificate import issue

MESSAGE = b"Subject: hello\r\n\r\nbody\r\n"


def client_context(box: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=box.ca_file)


def connect(box: Sandbox) -> socket.socket:
    """A bare connection, past the greeting."""
    sock = socket.create_connection((box.host, box.port), timeout=10)
    assert sock.recv(1000).startswith(b"220 ")
    return sock


def read_all(sock: socket.socket) -> bytes:
    taken = b""
    while data := sock.recv(65536):
        taken += data
    return taken


# -- smtplib ------------------------------------------------------------------------------------------


def test_clear(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port, local_hostname="client.example") as client:
        assert client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MESSAGE) == {}
    [message] = box.wait_for(1)
    assert (message.sender, message.recipients, message.content) == (
        "a@b.example",
        ("c@d.example", "e@f.example"),
        MESSAGE,
    )
    assert (message.tls, message.user, message.client_name) == ("", "", "client.example")


def test_starttls_is_checked_for_real(box: Sandbox) -> None:
    for host in ("localhost", "127.0.0.1"):
        with smtplib.SMTP(host, box.port) as client:
            client.starttls(context=client_context(box))
            client.login("marie", "geheim")
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert {message.tls for message in box.messages} == {"TLSv1.3"}
    with (
        smtplib.SMTP("localhost", box.port) as client,
        pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"),
    ):
        client.starttls(context=ssl.create_default_context())


def test_implicit_tls(box: Sandbox) -> None:
    assert box.tls_port is not None
    with smtplib.SMTP_SSL("localhost", box.tls_port, context=client_context(box)) as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert box.wait_for(1)[0].tls == "TLSv1.3"


def test_tls_1_2_is_taken_and_nothing_older(box: Sandbox) -> None:
    context = client_context(box)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert box.tls_port is not None
    with smtplib.SMTP_SSL("localhost", box.tls_port, context=context) as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert box.wait_for(1)[0].tls == "TLSv1.2"


@pytest.mark.parametrize("method", ["auth_plain", "auth_login"])
def test_authentication(box: Sandbox, method: str) -> None:
    with smtplib.SMTP(box.host, box.port) as client:
        client.ehlo()
        client.user, client.password = "marie", "geheim"
        mechanism = method.removeprefix("auth_").upper()
        assert client.auth(mechanism, getattr(client, method))[0] == 235
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    [message] = box.wait_for(1)
    assert (message.user, message.mechanism) == ("marie", mechanism)


def test_wrong_password() -> None:
    with (
        Sandbox(users={"marie": "right"}, require_auth=True) as box,
        smtplib.SMTP(box.host, box.port) as client,
    ):
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("marie", "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused, match="authentication required"):
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
        client.login("marie", "right")
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert len(box.messages) == 1


def test_one_recipient_of_three_refused(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port) as client:
        refused = client.sendmail("a@b.example", ["c@d.example", "refused@d.example", "e@f.example"], MESSAGE)
    assert refused == {"refused@d.example": (550, b"5.1.1 no such mailbox here")}
    assert box.wait_for(1)[0].recipients == ("c@d.example", "e@f.example")


def test_all_recipients_refused(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@b.example", ["refused@d.example", "tempfail@d.example"], MESSAGE)
    assert box.messages == []


def test_eight_bit_and_utf8_addresses(box: Sandbox) -> None:
    message = EmailMessage(policy=SMTP.clone(utf8=True))
    message["From"], message["To"], message["Subject"] = "élodie@b.example", "jürgen@d.example", "Réunion"
    message.set_content("À demain\n", cte="8bit")
    with smtplib.SMTP(box.host, box.port) as client:
        client.send_message(message)
    [received] = box.wait_for(1)
    assert (received.sender, received.recipients) == ("élodie@b.example", ("jürgen@d.example",))
    assert (received.smtputf8, received.body) == (True, "8BITMIME")
    assert "À demain\r\n".encode() in received.content


def test_dots_and_line_ends(box: Sandbox) -> None:
    text = "Subject: dots\n\n.\n..\n.x\nend"
    with smtplib.SMTP(box.host, box.port) as client:
        client.sendmail("a@b.example", ["c@d.example"], text)
    assert box.wait_for(1)[0].content == text.replace("\n", "\r\n").encode() + b"\r\n"


def test_both_families_of_addresses() -> None:
    with Sandbox(host="localhost") as box:
        assert box.host == "127.0.0.1"
        with smtplib.SMTP("localhost", box.port) as client:
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
        assert len(box.messages) == 1


def test_a_large_message_takes_no_memory(box: Sandbox) -> None:
    line = b"x" * 70 + b"\r\n"
    sock = connect(box)
    sock.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    while b"354 " not in sock.recv(65536):
        continue
    for _ in range(400):
        sock.sendall(line * 100)
    sock.sendall(b".\r\n")
    [message] = box.wait_for(1, 20)
    sock.close()
    assert message.size == 40_000 * len(line)
    assert message.path is not None
    assert message.content == line * 40_000
    box.stop()
    assert not message.path.exists()


def test_deliver_into_a_maildir(tmp_path: Path) -> None:
    with Sandbox(maildir=tmp_path / "mail") as box, smtplib.SMTP(box.host, box.port) as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
        assert box.wait_for(1)[0].content == MESSAGE
    [name] = os.listdir(tmp_path / "mail" / "new")
    assert (tmp_path / "mail" / "new" / name).read_bytes().endswith(MESSAGE)


def test_twenty_clients_at_once(box: Sandbox) -> None:
    def send(number: int) -> None:
        with smtplib.SMTP(box.host, box.port) as client:
            client.sendmail(f"a{number}@b.example", ["c@d.example"], MESSAGE)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {message.sender for message in box.messages} == {f"a{number}@b.example" for number in range(20)}
    assert [message.number for message in box.messages] == list(range(1, 21))


def test_clear_and_wait_again(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port) as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
        box.clear()
        assert (box.messages, box.dialogues) == ([], [])
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert len(box.wait_for(1)) == 1


def test_the_dialogue_is_there_to_look_at(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port, local_hostname="client.example") as client:
        client.login("marie", "geheim")
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    [dialogue] = box.dialogues
    mailboxes = f"POP3 at port {box.pop3_port}, IMAP at port {box.imap_port}"
    assert dialogue[0] == f"S: 220 sandbox.localhost ESMTP wlemail sandbox, {mailboxes}"
    # smtplib of some versions writes FROM and TO in lower case.
    assert [re.sub("from|to", lambda word: word[0].upper(), line) for line in dialogue if line.startswith("C: ")] == [
        "C: EHLO client.example",
        "C: AUTH PLAIN (response)",
        "C: MAIL FROM:<a@b.example> size=24",
        "C: RCPT TO:<c@d.example>",
        "C: DATA",
        "C: (24 octets)",
        "C: QUIT",
    ]


def test_a_client_sees_its_certificate_problems() -> None:
    with (
        Sandbox(certificate=issue(("other.example",))) as box,
        smtplib.SMTP("localhost", box.port) as client,
        pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"),
    ):
        client.starttls(context=client_context(box))


# -- the server -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1", ""])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match=r"loopback|address"), Sandbox(host=host):
        raise AssertionError("it listens")


def test_a_port_that_is_taken(box: Sandbox) -> None:
    with pytest.raises(OSError, match=r"in use|only one usage|permission"), Sandbox(port=box.port):
        raise AssertionError("two listen")


def test_mechanisms_that_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="CRAM-MD5"):
        Sandbox(mechanisms=("PLAIN", "CRAM-MD5"))


def test_too_many_connections() -> None:
    with Sandbox(max_connections=1) as box:
        first = connect(box)
        second = socket.create_connection((box.host, box.port), timeout=10)
        assert read_all(second).startswith(b"421 4.3.2 ")
        second.close()
        first.sendall(b"QUIT\r\n")
        assert first.recv(100).startswith(b"221 ")
        first.close()


def test_an_idle_client_is_told_and_left() -> None:
    with Sandbox(idle_seconds=0.2) as box, connect(box) as sock:
        begun = time.monotonic()
        assert read_all(sock) == b"421 4.4.2 sandbox.localhost closing: idle\r\n"
        assert 0.1 < time.monotonic() - begun < 3


def test_a_slow_client_that_never_ends_a_line_is_idle() -> None:
    with Sandbox(idle_seconds=0.3) as box, connect(box) as sock:
        begun = time.monotonic()
        sock.settimeout(0.05)
        taken = b""
        while b"421" not in taken:
            assert time.monotonic() - begun < 3
            sock.sendall(b"x")
            try:
                taken += sock.recv(1000)
            except TimeoutError:
                continue


def test_a_slow_client_that_goes_on_is_served(box: Sandbox) -> None:
    said = b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n"
    with connect(box) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(len(said)):
            sock.sendall(said[n : n + 1])
        assert read_all(sock).endswith(b"221 2.0.0 sandbox.localhost goodbye\r\n")
    assert box.messages[0].content == b"hello\r\n"


def test_a_client_that_does_not_read_is_left() -> None:
    # Made before the connection: a client that makes so much while the server waits is idle in another way.
    said = b"HELP\r\n" * 10_000_000
    with Sandbox(idle_seconds=0.5) as box, connect(box) as sock:
        sock.settimeout(20)
        with pytest.raises(OSError, match=r"reset|pipe|abort"):
            sock.sendall(said)


def test_a_client_that_leaves_within_a_message(box: Sandbox) -> None:
    with connect(box) as sock:
        sock.sendall(b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
        while b"354" not in sock.recv(1000):
            continue
        sock.sendall(b"half a mess")
    with smtplib.SMTP(box.host, box.port) as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert [message.content for message in box.wait_for(1)] == [MESSAGE]


def test_a_client_that_does_not_speak_tls(box: Sandbox) -> None:
    assert box.tls_port is not None
    with socket.create_connection((box.host, box.tls_port), timeout=10) as sock:
        sock.sendall(b"EHLO x\r\n" * 10)
        # Whether the client sees an end, an alert or a reset depends on the system.
        with contextlib.suppress(OSError):
            sock.recv(1000)
    test_clear(box)


def test_stopping_is_quick_and_polite() -> None:
    box = Sandbox()
    box.start()
    waiting = [connect(box) for _ in range(5)]
    begun = time.monotonic()
    box.stop()
    assert time.monotonic() - begun < 1.5
    for sock in waiting:
        assert read_all(sock).startswith(b"421 4.3.2 ")
        sock.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((box.host, box.port), timeout=5)
    box.stop()


def test_the_last_words_on_a_secured_connection_are_secured() -> None:
    with Sandbox() as box:
        sock = socket.create_connection((box.host, box.tls_port or 0), timeout=10)
        secured = client_context(box).wrap_socket(sock, server_hostname="localhost")
        assert secured.recv(1000).startswith(b"220 ")
        box.stop()
        # A reply in clear would be a broken record here.
        assert read_all(secured).startswith(b"421 4.3.2 ")
        secured.close()


def test_stopping_leaves_no_thread_and_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(threading.enumerate())
    with Sandbox() as box:
        sock = connect(box)
        box.ca_file  # noqa: B018
        smtplib.SMTP(box.host, box.port).quit()
    sock.close()
    assert set(threading.enumerate()) <= before
    assert list(tmp_path.iterdir()) == []


def test_draining_lets_clients_finish() -> None:
    with Sandbox() as box:
        sock = connect(box)
        stopper = threading.Thread(target=box.stop, kwargs={"drain": 10.0})
        stopper.start()
        sock.sendall(b"NOOP\r\nQUIT\r\n")
        assert read_all(sock).endswith(b"221 2.0.0 sandbox.localhost goodbye\r\n")
        sock.close()
        stopper.join(5)
        assert not stopper.is_alive()


def test_repr_says_where_it_is_and_no_secret() -> None:
    with Sandbox(users={"marie": "geheim"}) as box:
        assert repr(box) == f"<Sandbox 127.0.0.1:{box.port}, 0 messages>"
        assert "geheim" not in repr(vars(box))
