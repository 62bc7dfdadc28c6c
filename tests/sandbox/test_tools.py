"""The sandbox seen by curl and swaks: programs that neither we nor Python's authors wrote."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import give_up
from wlemail.sandbox import Sandbox

SOURCE = "From: a@b.example\r\nTo: c@d.example\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\n\r\n.dot\r\nà demain\r\n"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(host="localhost") as running:
        yield running


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(SOURCE.encode())
    return path


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    if found is None:
        give_up(f"{program} is not installed")
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


# -- curl -----------------------------------------------------------------------------------------------


def curl(url: str, mail: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    base = ("--silent", "--show-error", "--verbose", "--upload-file", mail, "--mail-from", "a@b.example")
    return run("curl", *base, "--mail-rcpt", "c@d.example", *arguments, url)


def test_curl_clear(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtp://127.0.0.1:{box.port}/client.example", mail)
    assert done.returncode == 0, done.stderr
    [message] = box.messages
    assert message.content == SOURCE.encode()
    assert (message.client_name, message.sender, message.recipients) == (
        "client.example",
        "a@b.example",
        ("c@d.example",),
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_curl_starttls_with_authentication(box: Sandbox, mail: Path, mechanism: str) -> None:
    done = curl(
        f"smtp://localhost:{box.port}",
        mail,
        *("--ssl-reqd", "--cacert", box.ca_file, "--user", "marie:geheim", "--login-options", f"AUTH={mechanism}"),
    )
    assert done.returncode == 0, done.stderr
    [message] = box.messages
    assert (message.tls, message.user, message.mechanism) == ("TLSv1.3", "marie", mechanism)


def test_curl_implicit_tls(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtps://localhost:{box.tls_port}", mail, "--cacert", box.ca_file)
    assert done.returncode == 0, done.stderr
    assert box.messages[0].tls == "TLSv1.3"


def test_curl_refuses_a_certificate_that_it_does_not_trust(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtps://localhost:{box.tls_port}", mail)
    assert done.returncode == 60, done.stderr
    assert box.messages == []


def test_curl_wrong_password(mail: Path) -> None:
    with Sandbox(users={"marie": "right"}) as box:
        done = curl(f"smtp://127.0.0.1:{box.port}", mail, "--user", "marie:wrong")
    assert done.returncode == 67, done.stderr


def test_curl_some_recipients_refused(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtp://127.0.0.1:{box.port}", mail, "--mail-rcpt", "refused@d.example", "--mail-rcpt-allowfails")
    assert done.returncode == 0, done.stderr
    [message] = box.messages
    assert (message.recipients, list(message.refused)) == (("c@d.example",), ["refused@d.example"])


def test_curl_sender_refused(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtp://127.0.0.1:{box.port}", mail, "--mail-from", "refused@b.example")
    assert done.returncode == 55, done.stderr
    assert "550 5.7.1" in done.stderr


def test_curl_utf8_addresses(box: Sandbox, mail: Path) -> None:
    done = curl(f"smtp://127.0.0.1:{box.port}", mail, "--mail-rcpt", "jürgen@d.example")
    assert done.returncode == 0, done.stderr
    assert box.messages[0].recipients == ("c@d.example", "jürgen@d.example")
    assert box.messages[0].smtputf8


def test_curl_content_with_bare_newlines_is_refused(box: Sandbox, tmp_path: Path) -> None:
    bare = tmp_path / "bare.eml"
    bare.write_bytes(SOURCE.replace("\r\n", "\n").encode())
    done = curl(f"smtp://127.0.0.1:{box.port}", bare)
    assert done.returncode != 0
    assert "554 5.6.0" in done.stderr
    assert curl(f"smtp://127.0.0.1:{box.port}", bare, "--crlf").returncode == 0


# -- swaks ----------------------------------------------------------------------------------------------


def swaks(box: Sandbox, mail: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    base = ("--server", "127.0.0.1", "--port", box.port, "--from", "a@b.example", "--to", "c@d.example")
    return run("swaks", *base, "--helo", "client.example", "--data", f"@{mail}", *arguments)


@pytest.fixture
def swaks_tls() -> None:
    """swaks speaks TLS only where a package is installed that it does not depend on."""
    if "TLS supported" not in run("swaks", "--support").stdout:
        give_up("swaks cannot speak TLS here (Debian: libnet-ssleay-perl)")


@pytest.mark.parametrize("pipelining", [(), ("--pipeline",)])
def test_swaks_clear(box: Sandbox, mail: Path, pipelining: tuple[str, ...]) -> None:
    done = swaks(box, mail, *pipelining)
    assert done.returncode == 0, done.stdout + done.stderr
    [message] = box.messages
    # swaks reads its data as text and gives it line ends of its own, one more or less at the end.
    assert b"Subject: =?utf-8?q?R=C3=A9union?=\r\n" in message.content
    assert b"\r\n.dot\r\n" in message.content


@pytest.mark.usefixtures("swaks_tls")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_starttls_with_authentication(box: Sandbox, mail: Path, mechanism: str) -> None:
    arguments = ("--auth", mechanism, "--auth-user", "marie", "--auth-password", "geheim")
    done = swaks(box, mail, "-tls", "--tls-verify", "--tls-ca-path", box.ca_file, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    [message] = box.messages
    assert (message.user, message.mechanism) == ("marie", mechanism)
    assert message.tls.startswith("TLSv1.")


@pytest.mark.usefixtures("swaks_tls")
def test_swaks_implicit_tls(box: Sandbox, mail: Path) -> None:
    done = swaks(box, mail, "--tls-on-connect", "--port", box.tls_port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert box.messages[0].tls.startswith("TLSv1.")


def test_swaks_some_recipients_refused(box: Sandbox, mail: Path) -> None:
    done = swaks(box, mail, "--to", "c@d.example,refused@d.example,full@d.example", "--pipeline")
    assert "550 5.1.1" in done.stdout
    [message] = box.messages
    assert message.recipients == ("c@d.example",)
    assert list(message.refused) == ["refused@d.example", "full@d.example"]


def test_swaks_all_recipients_refused_in_a_group(box: Sandbox, mail: Path) -> None:
    done = swaks(box, mail, "--to", "refused@d.example", "--pipeline")
    assert done.returncode == 24, done.stdout
    assert box.messages == []
