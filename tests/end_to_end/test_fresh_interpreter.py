"""What a fresh interpreter has loaded after it imported the package, and after it sent a mail."""

from __future__ import annotations

import json

import pytest

import wlemail
from tests.support.processes import run_python
from wlemail.sandbox import Sandbox

#: Python's own mail modules: ours are the point of the package
MAIL_MODULES = {"smtplib", "poplib", "imaplib", "email"}
#: what the import alone may not load (each costs more than all of ours)
HEAVY_MODULES = {"dataclasses", "typing", "logging", "inspect", "re", "enum", "socket", "ssl", "threading", "datetime"}

LOADED = """
import json, sys
before = set(sys.modules)
from wlemail import *
print(json.dumps(sorted(set(sys.modules) - before)))
"""

SEND = """
import json, sys
from wlemail import *

host, port, option = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
m = Email()
m.Sender, m.Recipient, m.Subject = "Léa <lea@example.test>", "jean@example.test", "Été"
m.Message, m.HTML = "Été", "<p>Été</p>"
piece = emailAttach()
piece.Name, piece.Content = "é.bin", b"content"
m.Attach.Add(piece)
assert EmailStartSMTPSession("lea", "secret", host, port, False, option), ErrorInfo()
assert EmailSendMessage("lea", m), ErrorInfo()
EmailCloseSession("lea")
assert not EmailSendMessage("lea", m)
ErrorInfo(errFullDetails)
print(json.dumps(sorted(sys.modules)))
"""


def test_import_loads_nothing_heavy() -> None:
    loaded = set(json.loads(run_python(LOADED)))
    assert loaded & (HEAVY_MODULES | MAIL_MODULES) == set()
    rooms = {name.split(".")[1] for name in loaded if name.startswith("wlemail.")}
    assert rooms <= {"wlanguage", "companions", "errors"}


@pytest.mark.parametrize("option", [wlemail.emailOptionDefault, wlemail.emailProtocolSMTPS, wlemail.optionTLS])
def test_sending_loads_no_mail_module_of_python(option: int) -> None:
    with Sandbox() as box:
        port = box.tls_port if option == wlemail.optionTLS else box.port
        output = run_python(SEND, box.host, port, option, environment={"SSL_CERT_FILE": box.ca_file})
        assert len(box.messages) == 1
    assert MAIL_MODULES.intersection(json.loads(output)) == set()
