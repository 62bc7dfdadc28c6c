from __future__ import annotations

import pytest

from wlemail.errors import ControlCharacter, InvalidValue
from wlemail.message.fields.ids import bare_content_id, is_content_id, make_message_id, parse_message_ids, unique_token


def test_ids_are_unique_and_in_the_domain_of_the_sender() -> None:
    ids = {make_message_id("example.com", unique_token()) for _ in range(1000)}
    assert len(ids) == 1000
    assert all(one.startswith("<") and one.endswith("@example.com>") for one in ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        ("<a@b>", ["<a@b>"]),
        ("a@b", ["<a@b>"]),
        ("<a@b> <c@d>", ["<a@b>", "<c@d>"]),
        ("<a@b><c@d>", ["<a@b>", "<c@d>"]),
        ("<a@b>, c@d\t<e@f>", ["<a@b>", "<c@d>", "<e@f>"]),
        ("<no-at>", ["<no-at>"]),
    ],
)
def test_ids_with_and_without_brackets(text: str, ids: list[str]) -> None:
    assert parse_message_ids(text, "Reference") == ids


@pytest.mark.parametrize("text", ["<a@b", "a@b>", "<é@b>", "<>", "<<a@b>>", "a" * 901])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="Reference"):
        parse_message_ids(text, "Reference")


@pytest.mark.parametrize("text", ["<a@b>\r\n", "<a\n@b>", "<a@b>\0", "<a@b>\u2028"])
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(ControlCharacter):
        parse_message_ids(text, "MessageID")
    with pytest.raises(ControlCharacter):
        bare_content_id(text, "AttachIdentifier")


@pytest.mark.parametrize("written", ["wdcid1", "cid:wdcid1", "CID:wdcid1", "<wdcid1>", "cid:<wdcid1>", " wdcid1 "])
def test_content_ids_lose_what_scripts_put_around_them(written: str) -> None:
    assert bare_content_id(written, "AttachIdentifier") == "wdcid1"


def test_what_can_be_a_content_id() -> None:
    assert is_content_id("image001.png@01D0.1234")
    assert not is_content_id("my image.png")
    assert not is_content_id("été")
    assert not is_content_id("a>b")
    assert not is_content_id("")
