"""What the live tests send, and how they open sessions."""

from __future__ import annotations

import wlemail
from tests.support.servers import Endpoint, Testbed

#: how a session is protected: the service of each server that wants it so, and the option
SECURITY = {
    "clear": ("auth-plaintext", wlemail.emailOptionDefault),
    "STARTTLS": ("submission", wlemail.emailProtocolSMTPS),
    "implicit TLS": ("smtps", wlemail.optionTLS),
}
SERVERS = ("postfix", "exim")


def start(endpoint: Endpoint, user: str, password: str = "", option: int = wlemail.emailOptionDefault) -> bool:
    return wlemail.EmailStartSMTPSession(user, password, endpoint.host, endpoint.port, False, option)


def start_on_plain_port(testbed: Testbed, server: str, user: str = "bob") -> None:
    """A session without login on the port that takes mail for the testbed's domain from everybody."""
    assert start(testbed.endpoint(server, "smtp"), user), wlemail.ErrorInfo()


def letter(testbed: Testbed, subject: str, *recipients: str, sender: str = "bob") -> wlemail.Email:
    message = wlemail.Email()
    message.Sender = testbed.address(sender)
    for recipient in recipients or ("alice",):
        message.Recipient.Add(testbed.address(recipient))
    message.Subject = subject
    message.Message = "Hello"
    return message


def details() -> str:
    return str(wlemail.ErrorInfo(wlemail.errFullDetails))
