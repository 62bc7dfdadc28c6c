"""The messages in tests/message/data, each read as its JSON file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wlemail.mail.absorb import ReceivedMail, absorb

MESSAGES = sorted((Path(__file__).parents[1] / "data").glob("*.eml"))


def outline(mail: ReceivedMail) -> dict[str, Any]:
    """What is compared: everything that has something to say."""
    report = mail.delivery_report
    receipt = mail.read_report
    members: dict[str, Any] = {
        "sender": mail.sender,
        "sender_address": mail.sender_address,
        "return_path": mail.return_path,
        "to": mail.to,
        "cc": mail.cc,
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else "",
        "message_id": mail.message_id,
        "references": mail.references,
        "keywords": mail.keywords,
        "priority": mail.priority.value if mail.priority.value != "normal" else "",
        "read_receipt": mail.read_receipt,
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                key: value
                for key, value in {
                    "part": one.part,
                    "name": one.name,
                    "sent_name": one.sent_name if one.sent_name != one.name else "",
                    "content_type": one.content_type,
                    "content": one.content.decode("latin-1"),
                    "identifier": one.identifier,
                    "description": one.description,
                }.items()
                if value
            }
            for one in mail.attachments
        ],
        "delivery": [[one.recipient, one.action, one.status, one.diagnostic] for one in report.statuses]
        if report
        else [],
        "read": [receipt.recipient, receipt.disposition, receipt.message_id] if receipt else [],
        "invitations": [[one.method, one.text] for one in mail.invitations],
        "defects": [list(defect) for defect in mail.defects],
    }
    return {name: value for name, value in members.items() if value}


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_a_message_is_read_as_expected(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert outline(absorb(path.read_bytes())) == expected


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_a_message_may_be_cut_off_anywhere(path: Path) -> None:
    source = path.read_bytes()
    for end in range(0, len(source), 17):
        outline(absorb(source[:end]))


def test_there_is_an_expectation_for_each_message() -> None:
    assert {path.stem for path in MESSAGES} == {path.stem for path in MESSAGES[0].parent.glob("*.json")}
