"""What the tests of reading share: an open session on a mailbox in memory, and the functions in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wlemail
from wlemail import EmailListSession, EmailStartPOP3Session, ErrorInfo, ErrorOccurred

#: English name -> the function, by the name that the test runs under
FRENCH = {
    "EmailReadFirst": "EmailLitPremier",
    "EmailReadNext": "EmailLitSuivant",
    "EmailReadPrevious": "EmailLitPrécédent",
    "EmailReadLast": "EmailLitDernier",
    "EmailReadMessage": "EmailLitMessage",
    "EmailReadFirstHeader": "EmailLitEntêtePremier",
    "EmailReadNextHeader": "EmailLitEntêteSuivant",
    "EmailReadPreviousHeader": "EmailLitEntêtePrécédent",
    "EmailReadLastHeader": "EmailLitEntêteDernier",
    "EmailReadMessageHeader": "EmailLitEntêteMessage",
    "EmailGetAll": "EmailRécupèreTout",
    "EmailNbMessage": "EmailNbMessage",
    "EmailMessageLength": "EmailTailleMessage",
    "EmailDeleteMessage": "EmailSupprimeMessage",
    "EmailSaveAttachment": "EmailSauveFichierAttaché",
    "EmailImportSource": "EmailImporteSource",
    "EmailExportHTML": "EmailExporteHTML",
}


class Functions:
    """The functions of one language under their English names."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __getattr__(self, name: str) -> Callable[..., Any]:
        spelled = name if self.language == "English" else FRENCH[name]
        function: Callable[..., Any] = getattr(wlemail, spelled)
        return function


def open_session(name: str = "user") -> str:
    assert EmailStartPOP3Session(name, "secret", "mail.example.com") is True, ErrorInfo()
    assert name in EmailListSession()
    return name


def no_error() -> bool:
    """The last function set no error; what ErrorInfo says then is nothing."""
    return not ErrorOccurred and ErrorInfo() == ""


def failed(*words: str) -> bool:
    """The last function set an error whose text holds these words."""
    text = ErrorInfo()
    assert ErrorOccurred
    assert text
    assert all(word in text for word in words), text
    return True
