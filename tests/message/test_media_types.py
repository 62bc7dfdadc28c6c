from __future__ import annotations

import pytest

from wlemail.message.media_types import guess_media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.pdf", "application/pdf"),
        ("A.PDF", "application/pdf"),
        ("archive.tar.gz", "application/gzip"),
        ("été.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("mail.eml", "message/rfc822"),
        ("noextension", "application/octet-stream"),
        ("x.unheard-of", "application/octet-stream"),
        ("data:text/html,x", "application/octet-stream"),
        ("page.xhtml", "application/xhtml+xml"),
        ("x.Z", "application/octet-stream"),
        ("end.", "application/octet-stream"),
    ],
)
def test_the_type_follows_from_the_extension(name: str, media_type: str) -> None:
    assert guess_media_type(name) == media_type
