"""SecretString (page 1000024448): the name of a secret, in place of a password. The content is the vault's (`secrets`).

The variable never holds the content: there is nothing in it that could be shown, copied or pickled by accident.
"""

from __future__ import annotations

from .values import text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: what stands for the content wherever somebody tries to look at it
MASK = "********"


class SecretString:
    """A secret by its name, for every Password: EmailStartSMTPSession(user, SecretString("mail"), server).

    SecretString("name")   the secret that is stored under this name; case and accents of it do not count
    SecretString()         not initialised: reads as ""

    The content is looked up when a session is opened: in the environment variable WLEMAIL_SECRET_<NAME> (capitals
    without accents, every other sign is _), else in the system's keyring, where `python -m wlemail secret set NAME`
    puts it. A test run (WLEMAIL_TEST_MODE=1 in the environment) uses the test contents alone, which stand in
    WLEMAIL_TEST_SECRET_<NAME> or were stored by `secret set NAME --test`. Where there is none, opening fails and
    ErrorInfo says what to set.

    It shows as ******** and becomes part of no text. It equals another SecretString of the same name, and "" where it
    is not initialised; comparing it with any other text is refused.

    French: ChaîneSecrète. WLanguage page 1000024448.
    """

    __slots__ = ("_name",)

    _name: str

    def __init__(self, Name: str | SecretString = "") -> None:
        name: object = Name._name if isinstance(Name, SecretString) else Name
        if not isinstance(name, str):
            raise TypeError(f"SecretString takes the name of a secret, not {type(name).__name__}")
        object.__setattr__(self, "_name", name.strip())

    @property
    def Name(self) -> str:
        """The name of the secret (French: Nom); "" where the variable is not initialised."""
        return self._name

    Nom = Name

    if not TYPE_CHECKING:  # a checker must see that a member is misspelled

        def __getattr__(self, name):
            from .names import fold, unknown_member

            if name.startswith("_"):
                raise AttributeError(name)
            if fold(name) in ("name", "nom"):
                return self._name
            raise unknown_member("SecretString", name, ("Name", "Nom"))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a SecretString is not changed: make another one", name=name)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a SecretString is not changed: make another one", name=name)

    def __repr__(self) -> str:
        return f"<SecretString {self._name!r} {MASK}>" if self._name else "<SecretString, not initialised>"

    def __str__(self) -> str:
        return MASK if self._name else ""

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __bool__(self) -> bool:
        return bool(self._name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SecretString):
            from .names import fold

            return fold(self._name) == fold(other._name)
        if isinstance(other, (str, bytes, bytearray)):
            if other:
                raise TypeError("a SecretString is compared with no text: its content is for opening sessions alone")
            return not self._name
        return NotImplemented

    def __hash__(self) -> int:
        from .names import fold

        return hash(fold(self._name))

    def _no_text(self, other: object) -> NoReturn:
        raise TypeError("a SecretString cannot become part of a text")

    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = _no_text

    def __reduce__(self) -> tuple[type[SecretString], tuple[str]]:
        # Slots would be pickled too, but not with every protocol; and a name is all there is.
        return SecretString, (self._name,)


def secret_name(value: object) -> str:
    """The name of the secret that a password is, "" where it is a text."""
    return value.Name if isinstance(value, SecretString) else ""


def password_text(member: str, value: object) -> str:
    """The text of a password: that of a value, or the content of a SecretString.

    Raises InvalidValue, naming `member`, for what is no text, and SecretUnavailable where a secret cannot be read.
    Where sessions go to a sandbox the secret is not looked up: the sandbox has no use for it."""
    if not isinstance(value, SecretString):
        return text_value(member, value)
    if not value.Name:
        return ""
    from ..mail import rehearsal

    if rehearsal.to_sandbox():
        return rehearsal.PASSWORD
    from .. import secrets

    return secrets.read(value.Name)
