"""EmailCheckAddress: is this an address, and does anybody take mail for it? (page 1000017305)"""

from __future__ import annotations

from .boundary import wl_function
from .constants import (
    emailAddressError,
    emailAddressIncorrectSyntax,
    emailAddressRefused,
    emailAddressValid,
    emailValidateByServer,
    emailValidateSyntax,
    emailValidateSyntaxStrict,
)
from .values import int_value, text_value


def _verdict() -> int:
    """The result that goes with the failure that was just recorded."""
    from .. import errors
    from .thread_state import THREAD

    problem = THREAD.error.exception if THREAD.error is not None else None
    if isinstance(problem, (errors.InvalidAddress, errors.ControlCharacter)):
        return emailAddressIncorrectSyntax
    if isinstance(problem, (errors.RecipientsRefused, errors.NoMailServer)):
        return emailAddressRefused
    return emailAddressError


@wl_function(on_error=_verdict)
def EmailCheckAddress(Address: str, Level: int | None = emailValidateSyntax) -> int:
    """Check an e-mail address (a bare one: no name, no angle brackets).

    Level  emailValidateSyntax        the syntax, generously: whatever some standard allows or once allowed, quotes,
                                      comments and address literals included; the top-level domain is not looked at.
           emailValidateSyntaxStrict  the syntax that mail servers take, at a top-level domain that exists (IANA's list
                                      of September 2026).
           emailValidateByServer      the syntax, then the mail server of the domain is asked whether it takes mail for
                                      the address. Needs DNS and port 25, which many networks close; nothing is sent.
                                      A server may accept addresses that do not exist. EmailSetTimeOut bounds looking up
                                      and connecting together, and each wait for an answer.

    Result: emailAddressValid; or, with ErrorOccurred True and the reason in ErrorInfo(),
    emailAddressIncorrectSyntax; emailAddressRefused (the server refuses it, or the domain takes no mail);
    emailAddressError (nobody could be asked, or no answer was given: the address may be good).

    French: EmailVérifieAdresse. WLanguage page 1000017305.
    """
    from ..errors import InvalidValue
    from ..mail import address_check

    address = text_value("Address", Address)
    level = int_value("Level", Level, emailValidateSyntax)
    if level == emailValidateSyntax:
        address_check.check_syntax(address)
    elif level == emailValidateSyntaxStrict:
        address_check.check_strictly(address)
    elif level == emailValidateByServer:
        address_check.check_by_server(address)
    else:
        raise InvalidValue("Level", "unknown level of checking", level)
    return emailAddressValid
