"""Field, ArrayField, Structure: what variables with members are made of.

A member is declared once, in English, with its default, and its French name is an alias on the line below. Tools see
both; any other spelling goes through a folded look-up here, and a name that is no member is refused.

    class Card(Structure):
        Name = text(doc="who it is")
        Nom = Name
"""

from __future__ import annotations

from .arrays import Array
from .names import fold, unknown_member
from .values import Integer, as_buffer, as_int, as_text, own_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

#: Longer texts are cut in what the prompt shows.
SHOWN_TEXT = 60
SHOWN_ELEMENTS = 5


class Field:
    """One member: its names, its default, and how it keeps what it is given.

    Assigning never fails: a value that cannot be converted is kept as it is, and whoever uses the member names it.
    """

    #: what it holds is shown nowhere and leaves the process in no pickle
    secret = False

    def __init__(self, default: object, doc: str) -> None:
        self.default = default
        self.name = ""
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        # The first name is the member's own; the names bound to the same object later are its aliases.
        self.name = self.name or name

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        if variable._loader is not None:
            variable._loader.load(variable, self.name)
        return variable._values.get(self.name, self.default)

    def __set__(self, variable: Structure, value: object) -> None:
        if variable._loader is not None:
            variable._loader.assigned(variable, self.name)
        variable._values[self.name] = self.kept(value)

    def kept(self, value: object) -> object:
        """What is stored of a value."""
        return value

    def is_filled(self, value: object) -> bool:
        return value != self.default

    def shown(self, value: Any) -> str:
        """What the prompt shows of a stored value."""
        return shown(value)


class TextField(Field):
    def kept(self, value: object) -> object:
        text = as_text(value)
        return own_copy(value) if text is None else text


class Concealed:
    """Something that a debugger must not show: vars() of a variable, and whoever dumps it, see stars."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "'********'"

    def _copied(self) -> Concealed:
        return Concealed(own_copy(self.value))


class SecretField(Field):
    """Anything that is kept concealed."""

    secret = True

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        stored = variable._values.get(self.name)
        return self.default if stored is None else stored.value

    def kept(self, value: object) -> object:
        return Concealed(value)

    def is_filled(self, value: Any) -> bool:
        return bool(value.value != self.default)

    def shown(self, value: Any) -> str:
        return repr(value)


class SecretTextField(SecretField):
    def kept(self, value: object) -> object:
        text = as_text(value)
        return Concealed(own_copy(value) if text is None else text)


class SourceField(Field):
    """Text that keeps every byte: bytes are UTF-8, and what is not stays as surrogates (surrogateescape)."""

    def kept(self, value: object) -> object:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value).decode("utf-8", "surrogateescape")
        text = as_text(value)
        return own_copy(value) if text is None else text


class BufferField(Field):
    def kept(self, value: object) -> object:
        data = as_buffer(value)
        return own_copy(value) if data is None else data


class IntegerField(Field):
    default: int

    def kept(self, value: object) -> object:
        number = as_int(value, self.default)
        return own_copy(value) if number is None else Integer(number)


class BooleanField(Field):
    def kept(self, value: object) -> object:
        number = as_int(value, int(bool(self.default)))
        return own_copy(value) if number is None else number != 0


class ArrayField(Field):
    """A member that is an array; a single value assigned to it makes it that one element."""

    def __init__(self, kind: type[Array[Any]], doc: str) -> None:
        super().__init__(None, doc)
        self.kind = kind

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        if variable._loader is not None:
            variable._loader.load(variable, self.name)
        return self.array(variable)

    def __set__(self, variable: Structure, value: object) -> None:
        if variable._loader is not None:
            variable._loader.assigned(variable, self.name)
        self.array(variable)._replace(value)

    def array(self, variable: Structure) -> Any:
        """The array itself; what waits to be loaded into it is not asked for."""
        array = variable._values.get(self.name)
        if array is None:
            array = variable._values[self.name] = self.kind()
        return array

    def is_filled(self, value: Any) -> bool:
        return len(value) > 0


class TextArray(Array[str]):
    """An array of texts; what cannot be text is kept, and sending names it."""

    __slots__ = ()

    def _stored(self, value: Any) -> str:
        stored = as_text(value)
        return own_copy(value) if stored is None else stored


# -- how members are declared ------------------------------------------------------------------------------
#
# These functions tell type checkers the type that a member reads as, while a Field is what they return: checkers do
# not apply descriptors where a class attribute is assigned, and `Email.Subject = "…"` is exactly that. "| Any" is there
# because a member takes more than it gives ("993" for a port, one text for an array of texts).


def text(default: str = "", *, doc: str) -> str:
    field: Any = TextField(default, doc)
    return field  # type: ignore[no-any-return]


def source(*, doc: str) -> str | Any:
    return SourceField("", doc)


def secret(*, doc: str) -> str | Any:
    return SecretTextField("", doc)


def buffer(*, doc: str) -> bytes | Any:
    return BufferField(b"", doc)


def integer(default: int = 0, *, doc: str) -> Integer | Any:
    return IntegerField(Integer(default), doc)


def boolean(default: bool = False, *, doc: str) -> bool | Any:
    return BooleanField(default, doc)


def anything(default: object = None, *, doc: str) -> Any:
    return Field(default, doc)


def hidden(*, doc: str) -> Any:
    """Anything, which is never shown."""
    return SecretField(None, doc)


def texts(*, doc: str) -> Array[str] | Any:
    return ArrayField(TextArray, doc)


class Loader:
    """What fills members when they are first read, such as the parts of a mail that came from a server.

    It belongs to one variable. This one has nothing to fill.
    """

    __slots__ = ()

    def load(self, variable: Structure, name: str) -> None:
        """Store the value of a member, where it is still to come; a failure becomes this thread's error."""

    def assigned(self, variable: Structure, name: str) -> None:
        """The program gives the member a value of its own."""

    def load_here(self, variable: Structure) -> None:
        """Store everything that can be had without a server."""

    def load_all(self, variable: Structure) -> None:
        """Store everything that is still to come; a failure becomes this thread's error."""

    def require(self, variable: Structure) -> None:
        """The same for whoever cannot do with less: raises the MailError."""

    def gave(self, name: str) -> bool:
        """Whether the member holds what this loader stored or will store, and not what the program assigned."""
        return False

    def copied(self) -> Loader:
        """The same for a copy of the variable."""
        return self


class Structure:
    """A variable with members: folded names, value semantics, and a repr that shows what is filled."""

    #: fills members when they are read; most variables have none
    _loader: Loader | None = None

    #: what users call the class, in errors
    _called: ClassVar[str] = ""
    #: every declared spelling of the class -> its Field
    _members: ClassVar[dict[str, Field]] = {}
    #: folded spelling -> spelling, methods included; made when a script first uses another spelling
    _folded: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._members = {
            spelling: field
            for base in reversed(cls.__mro__)
            for spelling, field in base.__dict__.items()
            if isinstance(field, Field)
        }
        cls._folded = {}
        cls._called = cls.__dict__.get("_called") or cls.__name__

    def __init__(self, **members: Any) -> None:
        # Not by assignment, which looks for a member of that name: lists have thousands of these.
        self._values: dict[str, Any]
        self.__dict__["_values"] = {}
        for name, value in members.items():
            setattr(self, name, value)

    # -- names -------------------------------------------------------------------------------------------

    @classmethod
    def _spelling(cls, name: str) -> str:
        """The declared spelling of a member or method that is spelled some other way."""
        if not cls._folded:
            spellings = [*cls._members, *(s for s in dir(cls) if not s.startswith("_") and s not in cls._members)]
            cls._folded = {fold(spelling): spelling for spelling in reversed(spellings)}
        found = cls._folded.get(fold(name))
        if found is None:
            raise unknown_member(cls._called, name, [*cls._folded.values()])
        return found

    if not TYPE_CHECKING:  # a checker must see that `m.Subjet` is a slip

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name)
            return getattr(self, self._spelling(name))

        def __setattr__(self, name, value):
            field = self._members.get(name)
            if field is not None:
                field.__set__(self, value)
            elif name.startswith("_"):
                object.__setattr__(self, name, value)
            else:
                field = self._members.get(self._spelling(name))
                if field is None:
                    raise AttributeError(f"{self._called}.{name} is a method, not a member", name=name)
                field.__set__(self, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a member of {self._called} cannot be deleted", name=name)

    # -- values ------------------------------------------------------------------------------------------

    def _copied(self) -> Any:
        copy = type(self)()
        copy._values = {name: own_copy(value) for name, value in self._values.items()}
        if self._loader is not None:
            copy._loader = self._loader.copied()
        return copy

    def __copy__(self) -> Any:
        return self._copied()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self._copied()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (), self._pickled()

    def _pickled(self) -> dict[str, Any]:
        self._load_all()
        return self._values

    def _load_all(self) -> None:
        if self._loader is not None:
            self._loader.load_all(self)

    def __setstate__(self, values: dict[str, Any]) -> None:
        self._values.update(values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Structure) or type(other) is not type(self):
            return NotImplemented
        self._load_all()
        other._load_all()
        return self._filled() == other._filled()

    __hash__ = None  # type: ignore[assignment]

    def _filled(self) -> dict[str, Any]:
        """The members that differ from their default, in the order of their declaration."""
        return {
            name: self._values[name]
            for name, field in self._members.items()
            if name in self._values and field.is_filled(self._values[name])
        }

    # -- the prompt --------------------------------------------------------------------------------------

    def _lines(self) -> list[tuple[str, str]]:
        # A debugger that shows a variable must not talk to a server.
        if self._loader is not None:
            self._loader.load_here(self)
        return [(name, self._members[name].shown(value)) for name, value in self._filled().items()]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in self._lines())})"


def listing(title: str, lines: list[tuple[str, str]]) -> str:
    """A title and the members below it, one a line; what large variables show at the prompt."""
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in lines)])


def clear(variable: Structure) -> None:
    """Give every member its default. Arrays are emptied and stay the same objects, for a script may hold one."""
    variable._loader = None
    for name, value in [*variable._values.items()]:
        if isinstance(value, Array):
            value.DeleteAll()
        else:
            del variable._values[name]


def shown(value: Any) -> str:
    """A value as the prompt shows it: cut where it is long."""
    if isinstance(value, str):
        if len(value) <= SHOWN_TEXT:
            return repr(str(value))
        return f"{value[:SHOWN_TEXT]!r}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Array):
        elements = [shown(element) for element in list(value)[:SHOWN_ELEMENTS]]
        if len(value) > SHOWN_ELEMENTS:
            elements.append(f"… ({len(value)} elements)")
        return f"[{', '.join(elements)}]"
    return repr(value)
