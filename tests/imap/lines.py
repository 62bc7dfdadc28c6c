"""Responses as octets, and what they mean."""

from __future__ import annotations

from tests.support.feeding import feedings
from wlemail.imap.framing import Framer
from wlemail.imap.parsing.responses import Response, parse
from wlemail.imap.scanner import Malformed
from wlemail.wire.reader import Reader


def responses(pieces: list[bytes], *, utf8: bool = False) -> list[Response | str]:
    """Everything that these pieces hold; "malformed" where a response is."""
    reader = Reader()
    framer = Framer(reader)
    found: list[Response | str] = []
    for piece in pieces:
        reader.feed(piece)
        while (frame := framer.next()) is not None:
            try:
                found.append(parse(frame, utf8=utf8))
            except Malformed:
                found.append("malformed")
    return found


def meaning(octets: bytes, *, utf8: bool = False) -> Response | str:
    """What one response means, however it arrives and whatever comes behind it."""
    after = b"* 7 EXISTS\r\n"
    results = [responses(pieces, utf8=utf8) for pieces in feedings(octets)]
    results += [responses(pieces, utf8=utf8)[:-1] for pieces in feedings(octets, after)]
    first = results[0]
    assert len(first) == 1
    assert all(result == first for result in results)
    return first[0]
