"""Makes TNEF streams, as [MS-OXTNEF] lays them out."""

from __future__ import annotations

import struct

BODY, ATTACH_DATA, TITLE = 0x0002800C, 0x0006800F, 0x00018010
ATTACH_START, PROPERTIES, ATTACH_PROPERTIES, CODE_PAGE = 0x00069002, 0x00069003, 0x00069005, 0x00069007
STRING, UNICODE, OBJECT, BINARY, LONG, MANY = 0x1E, 0x1F, 0x0D, 0x102, 0x03, 0x1000


def stream(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def attribute(number: int, data: bytes, level: int = 1) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def code_page(number: int) -> bytes:
    return attribute(CODE_PAGE, struct.pack("<II", number, 0))


def properties(*rows: bytes, number: int = PROPERTIES) -> bytes:
    return attribute(number, struct.pack("<I", len(rows)) + b"".join(rows))


def long_property(number: int, value: int) -> bytes:
    return struct.pack("<HHI", LONG, number, value)


def text_property(number: int, value: str) -> bytes:
    return property_of(number, UNICODE, (value + "\0").encode("utf-16-le"))


def property_of(number: int, kind: int, value: bytes, name: bytes = b"") -> bytes:
    return (
        struct.pack("<HH", kind, number) + name + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    )


def named(text: str) -> bytes:
    """What stands before the value of a property that has a name of its own."""
    name = (text + "\0").encode("utf-16-le")
    return b"G" * 16 + struct.pack("<II", 1, len(name)) + name + b"\0" * (-len(name) % 4)


def attachment(name: str, data: bytes, *rows: bytes) -> bytes:
    return (
        attribute(ATTACH_START, b"\0" * 14, 2)
        + attribute(TITLE, name.encode("cp1252", "replace") + b"\0", 2)
        + attribute(ATTACH_DATA, data, 2)
        + properties(*rows, number=ATTACH_PROPERTIES)
    )
