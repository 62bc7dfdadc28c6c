"""The trace shows the dialogue and none of its secrets."""

from __future__ import annotations

import base64
import logging
import subprocess
import sys

import pytest

from wlemail.wire.transcript import MASK, Transcript, mask_command, transcript_for


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("EHLO client", "EHLO client"),
        ("AUTH PLAIN AHVzZXIAcGFzcw==", f"AUTH PLAIN {MASK}"),
        ("auth plain AHVzZXIAcGFzcw==", f"auth plain {MASK}"),
        ("AUTH LOGIN", "AUTH LOGIN"),
        ("AUTH EXTERNAL =", "AUTH EXTERNAL ="),
        ("a1 AUTHENTICATE PLAIN AHVzZXIAcGFzcw==", f"a1 AUTHENTICATE PLAIN {MASK}"),
        ("PASS open sesame", f"PASS {MASK}"),
        ("USER tim", "USER tim"),
        ("APOP tim c4c9334bac560ecc979e58001b3e22fb", f"APOP tim {MASK}"),
        ('a2 LOGIN "tim" "pass word"', f"a2 LOGIN {MASK}"),
        ("MAIL FROM:<login@example.com>", "MAIL FROM:<login@example.com>"),
    ],
)
def test_what_a_command_shows(line: str, shown: str) -> None:
    assert mask_command(line) == shown


@pytest.fixture
def transcript(caplog: pytest.LogCaptureFixture) -> Transcript:
    caplog.set_level(logging.DEBUG, "wlemail")
    found = transcript_for("mail.example.com", 25)
    assert found is not None
    return found


def test_a_dialogue(transcript: Transcript, caplog: pytest.LogCaptureFixture) -> None:
    transcript.client("NOOP")
    transcript.client("c2VjcmV0", secret=True)
    transcript.server("250 first\nsecond")
    transcript.note("TLS is up")
    assert caplog.messages == [
        "mail.example.com:25 C: NOOP",
        f"mail.example.com:25 C: {MASK}",
        "mail.example.com:25 S: 250 first",
        "mail.example.com:25 S: second",
        "mail.example.com:25 -: TLS is up",
    ]


def test_a_server_that_repeats_the_password(transcript: Transcript, caplog: pytest.LogCaptureFixture) -> None:
    password = "pässwörd"
    transcript.hide(password, "")
    transcript.server(f"535 not {password}, nor {base64.b64encode(password.encode()).decode()}")
    assert password not in caplog.text
    assert base64.b64encode(password.encode()).decode() not in caplog.text
    assert MASK in caplog.text


def test_a_server_cannot_paint_the_terminal(transcript: Transcript, caplog: pytest.LogCaptureFixture) -> None:
    transcript.server("250 \x1b[2J\x07gone")
    assert "\x1b" not in caplog.text
    assert "gone" in caplog.text


def test_nobody_listens() -> None:
    logging.getLogger("wlemail").setLevel(logging.NOTSET)
    assert transcript_for("mail.example.com", 25) is None


def test_asking_for_a_transcript_does_not_import_logging() -> None:
    code = (
        "import sys; from wlemail.wire.transcript import transcript_for;"
        "assert transcript_for('h', 1) is None; assert 'logging' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
