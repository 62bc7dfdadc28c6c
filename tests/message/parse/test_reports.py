from __future__ import annotations

from wlemail.mail.absorb import absorb
from wlemail.message.reports import MOST_RECIPIENTS


def report(kind: str, body: str, original: str = "", text: str = "Sorry.") -> bytes:
    lines = [
        f"Content-Type: multipart/report; report-type={kind}; boundary=b", "",
        "--b", "", text,
        "--b", f"Content-Type: message/{kind}", "", body,
    ]  # fmt: skip
    if original:
        lines += ["--b", "Content-Type: message/rfc822", "", original]
    return "\r\n".join([*lines, "--b--", ""]).encode()


STATUS = """\
Reporting-MTA: dns; mx.example.com
Arrival-Date: Sat, 21 Nov 2026 09:00:00 +0000

Original-Recipient: rfc822;ann@example.org
Final-Recipient: rfc822; Ann.Lee@example.net
Action: failed
Status: 5.1.1 (bad destination mailbox)
Remote-MTA: dns; mail.example.net
Diagnostic-Code: smtp; 550 5.1.1 <Ann.Lee@example.net>:
 no such user

Final-Recipient: rfc822; bob@example.net
Action: delayed
Status: 4.4.1
""".replace("\n", "\r\n")


def test_a_delivery_report() -> None:
    mail = absorb(report("delivery-status", STATUS, "Message-ID: <1@x>\r\nSubject: Hi\r\n\r\nt"))
    found = mail.delivery_report
    assert found is not None
    assert (found.reporter, found.message_id, found.failed) == ("mx.example.com", "<1@x>", True)
    assert found.original is not None
    assert found.original.field_text(b"subject") == "Hi"
    ann, bob = found.statuses
    assert (ann.recipient, ann.original_recipient) == ("Ann.Lee@example.net", "ann@example.org")
    assert (ann.action, ann.status, ann.remote, ann.failed) == ("failed", "5.1.1", "mail.example.net", True)
    assert ann.diagnostic == "550 5.1.1 <Ann.Lee@example.net>: no such user"
    assert (bob.recipient, bob.action, bob.status, bob.failed) == ("bob@example.net", "delayed", "4.4.1", False)
    assert mail.text == "Sorry."


def test_only_the_header_came_back() -> None:
    source = report("delivery-status", STATUS, "Message-ID: <1@x>\r\nSubject: Hi\r\n")
    source = source.replace(b"message/rfc822", b"text/rfc822-headers")
    found = absorb(source).delivery_report
    assert found is not None
    assert found.message_id == "<1@x>"


def test_the_empty_line_behind_the_fields_of_the_message_is_missing() -> None:
    found = absorb(report("delivery-status", STATUS.replace("\r\n\r\n", "\r\n", 1))).delivery_report
    assert found is not None
    assert [one.recipient for one in found.statuses] == ["Ann.Lee@example.net", "bob@example.net"]


def test_a_delivery_report_without_a_multipart() -> None:
    found = absorb(b"Content-Type: message/delivery-status\r\n\r\n" + STATUS.encode()).delivery_report
    assert found is not None
    assert len(found.statuses) == 2


def test_a_delivery_report_in_plain_text() -> None:
    found = absorb(b"X-Failed-Recipients: a@x.test, b@x.test\r\nSubject: failed\r\n\r\nSorry").delivery_report
    assert found is not None
    assert [(one.recipient, one.failed) for one in found.statuses] == [("a@x.test", True), ("b@x.test", True)]


def test_recipients_of_a_report_are_limited() -> None:
    found = absorb(report("delivery-status", "Reporting-MTA: x\r\n\r\n" + "Final-Recipient: a\r\n\r\n" * 3000))
    assert found.delivery_report is not None
    assert len(found.delivery_report.statuses) <= MOST_RECIPIENTS


def test_a_read_receipt() -> None:
    body = (
        "Reporting-UA: pc.example.net; Reader 1.0\r\nFinal-Recipient: rfc822; ann@example.net\r\n"
        "Original-Message-ID: <1@x>\r\nDisposition: manual-action/MDN-sent-manually; displayed/error\r\n"
    )
    found = absorb(report("disposition-notification", body)).read_report
    assert found is not None
    assert (found.recipient, found.message_id) == ("ann@example.net", "<1@x>")
    assert (found.disposition, found.by_hand) == ("displayed", True)
    assert found.program == "pc.example.net; Reader 1.0"


def test_a_complaint() -> None:
    body = "Feedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\nOriginal-Rcpt-To: <ann@example.net>\r\n"
    found = absorb(report("feedback-report", body, "Subject: Buy\r\n\r\nt")).complaint
    assert found is not None
    assert (found.kind, found.recipient, found.program) == ("abuse", "ann@example.net", "X/1")
    assert found.original is not None
    assert found.original.field_text(b"subject") == "Buy"


CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"


def test_invitations() -> None:
    lines = [
        "Content-Type: multipart/mixed; boundary=a", "",
        "--a", "Content-Type: multipart/alternative; boundary=b", "",
        "--b", "", "Come!",
        "--b", "Content-Type: text/calendar; method=request; charset=utf-8", "", CALENDAR + "X:é\r\n",
        "--b--",
        "--a", "Content-Type: application/ics; name=invite.ics", "", CALENDAR + "X:é\r\n",
        "--a", "Content-Type: application/octet-stream; name=other.ics", "", CALENDAR,
        "--a--", "",
    ]  # fmt: skip
    first, second = absorb("\r\n".join(lines).encode()).invitations
    assert (first.method, first.part, "X:é" in first.text) == ("REQUEST", "1.2", True)
    assert (second.method, second.part) == ("CANCEL", "3")


def test_ordinary_mail_reports_nothing() -> None:
    mail = absorb(b"Subject: x\r\n\r\nt")
    assert (mail.delivery_report, mail.read_report, mail.complaint, mail.invitations) == (None, None, None, [])


def test_reports_inside_forwarded_messages_are_not_ours() -> None:
    inner = report("delivery-status", STATUS)
    source = b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    assert absorb(source + b"\r\n--o--").delivery_report is None
