"""COMPRESS=DEFLATE (RFC 4978): a stream over a stream.

Inflates no more than is asked for: a few octets can stand for all of the memory, and what they stand for then meets
the limits of lines and literals like anything else.
"""

from __future__ import annotations

import zlib

from ..errors import ProtocolViolation
from ..wire.stream import Stream


class DeflatedStream:
    """The Stream whose octets are compressed on the way; `early`: what came compressed before this was made."""

    def __init__(self, stream: Stream, early: bytes = b"") -> None:
        self._stream = stream
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._waiting = early
        # The last call filled its limit: there may be more inside, without another octet.
        self._full = False

    @property
    def is_secure(self) -> bool:
        return self._stream.is_secure

    @property
    def is_loopback(self) -> bool:
        return self._stream.is_loopback

    @property
    def host(self) -> str:
        return self._stream.host

    @property
    def port(self) -> int:
        return self._stream.port

    def write(self, data: bytes) -> None:
        """Send all of `data`, so that the server can read it at once."""
        self._stream.write(self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH))

    def begin_wait(self) -> None:
        """Start the deadline of the following reads."""
        self._stream.begin_wait()

    def begin_wait_of(self, seconds: float) -> None:
        """Start the deadline of the following reads: so many seconds."""
        self._stream.begin_wait_of(seconds)

    def read(self, limit: int = 65536) -> bytes:
        """Some bytes, at most `limit`; b"" at the end."""
        while True:
            if self._waiting or self._full:
                data = self._inflated(limit)
                if data:
                    return data
            octets = self._stream.read()
            if not octets:
                return b""
            self._waiting = octets

    def _inflated(self, limit: int) -> bytes:
        try:
            data = self._inflate.decompress(self._waiting, limit)
        except zlib.error as exc:
            raise ProtocolViolation(f"the server's compressed data cannot be read: {exc}") from exc
        self._waiting = self._inflate.unconsumed_tail
        self._full = len(data) == limit
        if self._inflate.eof:
            # A new deflate stream may follow (RFC 4978 says nothing; servers do not): refuse rather than guess.
            if self._inflate.unused_data:
                raise ProtocolViolation("the server's compressed data ends, and more comes behind it")
            self._full = False
        return data

    def start_tls(self) -> None:
        raise AssertionError("TLS cannot begin inside compression (RFC 4978 3)")

    def close(self) -> None:
        """Drop the connection."""
        self._stream.close()
