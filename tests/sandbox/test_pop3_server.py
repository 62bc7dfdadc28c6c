"""The sandbox's POP3 as a server, seen by Python's own client and by curl."""

from __future__ import annotations

import poplib
import shutil
import smtplib
import ssl
import subprocess
import time

import pytest

from wlemail.sandbox import Pop3Offer, Sandbox

MESSAGE = b"Subject: hello\r\n\r\n.body\r\n..\r\n"


def client_context(box: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=box.ca_file)


def log_in(client: poplib.POP3, user: str = "c@d.example") -> poplib.POP3:
    client.user(user)
    client.pass_("geheim")
    return client


def open_clear(box: Sandbox, user: str = "c@d.example") -> poplib.POP3:
    assert box.pop3_port is not None
    return log_in(poplib.POP3(box.host, box.pop3_port, timeout=20), user)


def test_what_smtp_took_pop3_gives(box: Sandbox) -> None:
    with smtplib.SMTP(box.host, box.port) as sender:
        sender.sendmail("a@b.example", ["c@d.example", "e@f.example"], MESSAGE)
    client = open_clear(box)
    assert client.stat() == (1, len(MESSAGE))
    _, lines, _ = client.retr(1)
    assert b"\r\n".join(lines) + b"\r\n" == MESSAGE
    assert client.top(1, 1)[1] == [b"Subject: hello", b"", b".body"]
    client.dele(1)
    client.quit()
    assert box.messages_of("c@d.example") == []
    assert len(box.messages_of("e")) == len(box.messages) == 1
    client = open_clear(box)
    assert client.stat() == (0, 0)
    client.quit()


def test_tls_by_stls_and_at_once(box: Sandbox) -> None:
    assert box.pop3_port is not None
    assert box.pop3s_port is not None
    box.deliver(MESSAGE, "c@d.example")
    client = poplib.POP3("localhost", box.pop3_port, timeout=20)
    client.stls(client_context(box))
    assert log_in(client).stat()[0] == 1
    client.quit()
    client = poplib.POP3_SSL("localhost", box.pop3s_port, timeout=20, context=client_context(box))
    assert log_in(client).stat()[0] == 1
    client.quit()
    with pytest.raises(ssl.SSLCertVerificationError):
        poplib.POP3_SSL("localhost", box.pop3s_port, timeout=20, context=ssl.create_default_context())


def test_apop_of_pythons_client() -> None:
    with Sandbox(users={"marie": "geheim"}, pop3_offer=Pop3Offer(apop=True)) as box:
        assert box.pop3_port is not None
        client = poplib.POP3(box.host, box.pop3_port, timeout=20)
        with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
            client.apop("marie", "wrong")
        assert client.apop("marie", "geheim").startswith(b"+OK")
        client.quit()


def test_ten_thousand_messages(box: Sandbox) -> None:
    began = time.monotonic()
    for number in range(10_000):
        box.deliver(b"Subject: %d\r\n\r\nx\r\n" % number, "c@d.example")
    client = open_clear(box)
    assert len(client.list()[1]) == len({line.split()[1] for line in client.uidl()[1]}) == 10_000
    assert client.retr(10_000)[1][0] == b"Subject: 9999"
    client.quit()
    assert time.monotonic() - began < 10


def test_a_message_of_thirty_megabytes(box: Sandbox) -> None:
    content = b"Subject: large\r\n\r\n" + (b"." + b"x" * 75 + b"\r\n") * 400_000
    box.deliver(content, "c@d.example")
    client = open_clear(box)
    client.sock.sendall(b"RETR 1\r\n")
    client.file.readline()
    taken = 0
    while (line := client.file.readline()) != b".\r\n":
        taken += len(line) - line.startswith(b"..")
    assert taken == len(content)
    client.quit()


def test_no_pop3_where_none_is_wanted() -> None:
    with Sandbox(pop3=False) as box:
        assert box.pop3_port is None
        assert box.pop3s_port is None
        with smtplib.SMTP() as client:
            assert b"POP3" not in client.connect(box.host, box.port)[1]


def test_a_client_that_stays_is_told_goodbye(box: Sandbox) -> None:
    client = open_clear(box)
    box.stop()
    assert client.file.readline().startswith(b"-ERR [SYS/TEMP] sandbox.localhost closing")
    client.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("scheme", ["pop3", "pop3s", "stls"])
def test_curl(box: Sandbox, scheme: str) -> None:
    box.deliver(MESSAGE, "c@d.example")
    box.deliver(MESSAGE, "c@d.example")

    def curl(path: str, *options: str) -> bytes:
        port = box.pop3s_port if scheme == "pop3s" else box.pop3_port
        url = f"{'pop3s' if scheme == 'pop3s' else 'pop3'}://localhost:{port}/{path}"
        security = ["--ssl-reqd"] if scheme == "stls" else []
        command = ["curl", "-sS", "--max-time", "20", "--cacert", box.ca_file, "-u", "c@d.example:geheim", *security]
        done = subprocess.run([*command, *options, url], capture_output=True, timeout=30)
        # Old curls were built without POP3 here and there: 1 is "protocol not supported".
        if done.returncode == 1:
            pytest.skip("this curl does not speak POP3")
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert curl("1") == MESSAGE
    assert curl("").split() == [b"1", b"29", b"2", b"29"]
    assert curl("2", "--request", "DELE", "--list-only") == b""
    # curl does not wait for the answer to QUIT.
    box.stop(drain=5.0)
    assert len(box.messages_of("c@d.example")) == 1
