"""The Email structure, Email variables, emailAttach and emailHeader, as scripts use them."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from wlemail import (
    Email,
    EmailListSession,
    EmailReset,
    EmailSendMessage,
    ErrorInfo,
    ErrorOccurred,
    emailAttach,
    emailAttache,
    emailEntête,
    emailHeader,
    emailHighPriority,
    emailNormalPriority,
)
from wlemail.errors import InvalidValue
from wlemail.wlanguage.email_variable import attachments, current, entries, message_of, path_of, reset

STRUCTURE = pytest.param(Email, id="structure")
VARIABLE = pytest.param(None, id="variable")


@pytest.fixture(params=[STRUCTURE, VARIABLE])
def message(request: pytest.FixtureRequest) -> Any:
    """The structure, then a variable: what holds for both."""
    return Email() if request.param is None else request.param


# -- one name for the structure and the type -----------------------------------------------------------------


def test_the_name_alone_is_the_structure_and_called_it_makes_variables() -> None:
    Email.Subject = "structure"
    variable = Email()
    variable.Subject = "variable"
    assert (Email.Subject, variable.Subject) == ("structure", "variable")
    assert isinstance(variable, Email)


def test_each_thread_has_its_structure() -> None:
    Email.Subject = "main"
    seen: list[str] = []

    def other() -> None:
        seen.append(Email.Subject)
        Email.Subject = "other"
        Email.Recipient[1] = "x@y"

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert seen == [""]
    assert Email.Subject == "main"
    assert Email.NbRecipient == 0


def test_a_variable_can_be_made_with_members() -> None:
    variable = Email(Subject="Été", Recipient="a@b", expediteur="c@d")
    assert (variable.Subject, variable.Recipient, variable.Sender) == ("Été", ["a@b"], "c@d")


# -- names of members -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Subject", "subject", "SUBJECT", "Sujet", "sujet"])
def test_members_are_found_in_both_languages_and_any_case(message: Any, name: str) -> None:
    setattr(message, name, "x")
    assert message.Subject == message.Sujet == message.sUBJECT == "x"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Sender", "Expéditeur"),
        ("Sender", "expediteur"),
        ("SenderAddress", "AdresseExpéditeur"),
        ("ErrorReturnAddress", "AdresseRetourErreur"),
        ("Message", "message"),
        ("HTML", "html"),
        ("MessageID", "messageId"),
        ("Reference", "Référence"),
        ("Category", "Catégorie"),
        ("Category", "Keywords"),
    ],
)
def test_a_text_member_and_its_other_names(message: Any, english: str, french: str) -> None:
    setattr(message, french, "x")
    assert getattr(message, english) == "x"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Recipient", "Destinataire"),
        ("Cc", "CC"),
        ("Bcc", "Cci"),
        ("Attach", "Attache"),
        ("Header", "Entête"),
        ("RefusedRecipient", "DestinataireRefusé"),
        ("RefusedReason", "MotifRefus"),
    ],
)
def test_an_array_member_and_its_french_name_are_one_array(message: Any, english: str, french: str) -> None:
    assert getattr(message, french) is getattr(message, english)


def test_an_unknown_member_is_refused_with_a_suggestion(message: Any) -> None:
    with pytest.raises(AttributeError, match="Email has no member 'Subjet'; did you mean 'Subject'"):
        message.Subjet = "x"
    with pytest.raises(AttributeError, match="Email has no member 'destinatair'; did you mean 'Destinataire'"):
        message.destinatair  # noqa: B018
    with pytest.raises(AttributeError, match=r"no member 'Qqq'$"):
        message.Qqq = 1


def test_a_member_cannot_be_deleted() -> None:
    with pytest.raises(AttributeError):
        del Email().Subject


# -- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("x", "x"),
        (42, "42"),
        (1.5, "1.5"),
        (2.0, "2"),
        (None, ""),
        (True, "1"),
        (b"\xc3\xa9", "é"),
        (b"\xe9\x80", "é€"),
    ],
)
def test_text_members_convert(message: Any, given: object, text: str) -> None:
    message.Subject = given
    assert message.Subject == text
    assert type(message.Subject) is str


def test_a_text_member_takes_an_array_of_one() -> None:
    Email.Recipient = "a@b"
    Email.Subject = Email.Recipient
    assert Email.Subject == "a@b"


@pytest.mark.parametrize(("given", "number"), [(1, 1), ("1", 1), (" 1 ", 1), (1.0, 1), ("", 0), (None, 0), (True, 1)])
def test_integer_members_convert(message: Any, given: object, number: int) -> None:
    message.Priority = given
    assert message.Priority == number


@pytest.mark.parametrize(
    ("given", "value"), [(True, True), (1, True), ("1", True), (0, False), ("", False), (-1, True)]
)
def test_boolean_members_convert(message: Any, given: object, value: bool) -> None:
    message.DispositionNotification = given
    assert message.DispositionNotification is value


def test_a_bad_value_is_kept_where_it_was_assigned(message: Any) -> None:
    message.Priority = "high"
    message.Subject = ["a", "b"]
    assert message.Priority == "high"
    assert message.Subject == ["a", "b"]


def test_a_variable_that_is_kept_by_mistake_is_a_copy(message: Any) -> None:
    message.Subject = message  # the repr of a message that holds itself would never end
    message.Priority = message
    message.HTML = Email
    assert "Subject" in repr(message)


def test_source_keeps_every_byte(message: Any) -> None:
    message.Source = b"Subject: \xe9\xc3\xa9\r\n"
    assert message.Source == "Subject: \udce9é\r\n"
    assert message.Source.encode("utf-8", "surrogateescape") == b"Subject: \xe9\xc3\xa9\r\n"


def test_integers_join_text() -> None:
    Email.Attach[1] = "a.gif"
    assert "wdcid" + Email.NbAttach == "wdcid1"
    assert "wdcid" + (Email.NbAttach + 1) == "wdcid2"
    assert Email.NbAttach + " file" == "1 file"
    assert (Email.NbAttach + 1, Email.NbAttach - 1, 1 + Email.NbAttach, Email.NbAttach + 0.5) == (2, 0, 2, 1.5)


def test_defaults(message: Any) -> None:
    assert (message.Subject, message.Message, message.HTML) == ("", "", "")
    assert message.Priority == emailNormalPriority
    assert message.ReturnReceipt is False
    assert len(message.Recipient) == 0


def test_the_number_of_the_last_error() -> None:
    EmailListSession()
    assert Email.Error == 0
    assert not EmailSendMessage("nobody")
    assert Email.Error == Email.Erreur == 19
    assert "error " + Email.Error == "error 19"
    with pytest.raises(AttributeError, match="read-only"):
        Email.Error = 0
    reset(current())
    assert Email.Error == 19, "EmailReset leaves a standing error alone"


# -- arrays and counters ------------------------------------------------------------------------------------------


def test_one_value_assigned_to_an_array_is_its_one_element(message: Any) -> None:
    message.Recipient = ["a@x", "b@x", "c@x"]
    message.Recipient = "d@x"
    assert message.Recipient == "d@x"
    assert list(message.Recipient) == ["d@x"]
    assert message.NbRecipient == 1


def test_assigning_a_list_or_an_array_copies_it(message: Any) -> None:
    message.Recipient = ["a@x", 5]
    message.Cc = message.Recipient
    message.Cc[1] = "other"
    assert list(message.Recipient) == ["a@x", "5"]
    assert list(message.Cc) == ["other", "5"]


def test_an_array_assigned_to_itself_is_unchanged(message: Any) -> None:
    message.Recipient = ["a@x", "b@x"]
    message.Recipient = message.Recipient
    assert list(message.Recipient) == ["a@x", "b@x"]


def test_adding_text_to_the_one_element() -> None:
    Email.Recipient = "a@x"
    Email.Recipient += ";b@x"
    assert Email.Recipient == "a@x;b@x"


def test_counter_raised_before_each_element() -> None:
    Email.NbRecipient += 1
    Email.Recipient[Email.NbRecipient] = "a@x"
    Email.NbRecipient += 1
    Email.Recipient[Email.NbRecipient] = "b@x"
    assert entries(current(), "Recipient") == ["a@x", "b@x"]


@pytest.mark.parametrize(
    ("counter", "used"), [(None, ["a", "b", "c"]), (2, ["a", "b"]), (0, []), (9, ["a", "b", "c"]), ("2", ["a", "b"])]
)
@pytest.mark.parametrize("before", [True, False], ids=["counter first", "counter last"])
def test_a_counter_that_was_set_counts_and_one_that_was_not_is_derived(
    counter: object, used: list[str], before: bool
) -> None:
    if before and counter is not None:
        Email.NbCci = counter
    Email.Bcc[1], Email.Bcc[2], Email.Bcc[3] = "a", "b", "c"
    if not before and counter is not None:
        Email.NbCci = counter
    assert entries(current(), "Bcc") == used
    assert Email.NbBcc == (3 if counter is None else int(str(counter)))


def test_a_reset_lets_counters_be_derived_again() -> None:
    Email.NbCc = 1
    reset(current())
    Email.Cc = ["a", "b"]
    assert Email.NbCc == 2
    assert entries(current(), "Cc") == ["a", "b"]


def test_a_reset_empties_every_member_and_keeps_the_arrays(message: Any) -> None:
    message.Subject, message.HTML, message.Priority = "x", "y", emailHighPriority
    recipients = message.Recipient
    recipients.Add("a@x")
    EmailReset(message)
    assert (message.Subject, message.HTML, message.Priority) == ("", "", emailNormalPriority)
    assert len(recipients) == 0
    recipients.Add("b@x")
    assert list(message.Recipient) == ["b@x"]


def test_a_counter_that_is_no_number_is_named_when_it_is_used() -> None:
    Email.NbCc = "two"
    with pytest.raises(InvalidValue, match="NbCc"):
        entries(current(), "Cc")


def test_counters_of_a_variable_count_and_cannot_be_set() -> None:
    message = Email()
    message.Recipient.Add("a@x")
    assert (message.NbRecipient, message.NbDestinataire, message.NbAttach) == (1, 1, 0)
    with pytest.raises(AttributeError, match="NbRecipient of an Email variable is read-only"):
        message.NbRecipient = 2


def test_members_that_only_the_structure_has() -> None:
    Email.AttachIdentifier[1] = "wdcid1"
    with pytest.raises(AttributeError, match="no member 'AttachIdentifier'"):
        Email().AttachIdentifier  # type: ignore[attr-defined]  # noqa: B018


# -- attachments ---------------------------------------------------------------------------------------------------


def test_paths_on_the_structure(tmp_path: Path) -> None:
    Email.Attach[1] = r"C:\docs\report.pdf"
    Email.Attach[2] = tmp_path / "photo.jpg"
    Email.AttachIdentifier[2] = "wdcid2"
    Email.AttachContentType[2] = "image/x-photo"
    Email.AttachContentDescription[1] = "the report"
    first, second = attachments(current())
    assert (first.Name, path_of(first)) == ("report.pdf", r"C:\docs\report.pdf")
    assert (first.ContentDescription, first.Identifier) == ("the report", "")
    assert (second.Name, path_of(second)) == ("photo.jpg", str(tmp_path / "photo.jpg"))
    assert (second.Identifier, second.ContentType) == ("wdcid2", "image/x-photo")


def test_blank_attachments_of_the_structure_are_left_out_and_keep_the_places_of_the_others() -> None:
    Email.Attach[3] = "c.txt"
    Email.AttachIdentifier[3] = "three"
    assert [(attached.Name, attached.Identifier) for attached in attachments(current())] == [("c.txt", "three")]


def test_the_counter_of_attachments_counts() -> None:
    Email.Attach = ["a.txt", "b.txt"]
    Email.NbAttach = 1
    assert [attached.Name for attached in attachments(current())] == ["a.txt"]


def test_an_emailAttach_on_the_structure_reads_as_its_name_and_keeps_its_content() -> None:
    attachment = emailAttach(Name="a.txt", Content=b"1")
    Email.Attach.Add(attachment)
    attachment.Content = b"2"
    assert Email.Attach[1] == "a.txt"
    [sent] = attachments(current())
    assert (sent.Content, path_of(sent)) == (b"1", "")


def test_a_path_on_a_variable_becomes_an_emailAttach_of_that_file(tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(b"text")
    message = Email()
    message.Attach.Add(str(file))
    message.Attach[2] = file
    assert [attached.Name for attached in message.Attach] == ["note.txt", "note.txt"]
    assert path_of(message.Attach[1]) == str(file)
    assert message.Attach[1].Content == b"text"
    file.write_bytes(b"changed")
    assert message.Attach[1].Content == b"changed", "the file is read when its content is wanted"
    message.Attach[1].Content = b"own"
    assert path_of(message.Attach[1]) == ""


def test_the_content_of_a_missing_file_reads_as_nothing_and_sets_the_error(tmp_path: Path) -> None:
    message = Email()
    message.Attach.Add(tmp_path / "gone.txt")
    assert message.Attach[1].Content == b""
    assert ErrorOccurred
    assert "gone.txt" in ErrorInfo()


def test_an_emailAttach_variable_refilled_and_added_three_times_gives_three_files() -> None:
    message = Email()
    attachment = emailAttach()
    for number in (1, 2, 3):
        attachment.Name = f"{number}.txt"
        attachment.Content = f"content {number}"
        message.Attach.Add(attachment)
        Email.Attach.Add(attachment)
    expected = [(f"{number}.txt", f"content {number}".encode()) for number in (1, 2, 3)]
    assert [(attached.Name, attached.Content) for attached in message.Attach] == expected
    assert [(attached.Name, attached.Content) for attached in attachments(current())] == expected


@pytest.mark.parametrize(
    ("given", "content"),
    [
        (b"\xff", b"\xff"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
        ("é", b"\xc3\xa9"),
        ("\udcff", b"\xff"),
    ],
)
def test_content_is_bytes(given: object, content: bytes) -> None:
    attachment = emailAttach()
    attachment.Contenu = given
    assert attachment.Content == content
    assert type(attachment.Content) is bytes


def test_content_does_not_follow_a_buffer_that_changes() -> None:
    buffer = bytearray(b"ab")
    attachment = emailAttach(Content=buffer)
    buffer[0] = 0
    assert attachment.Content == b"ab"


def test_what_is_no_attachment_is_kept_for_sending_to_name() -> None:
    message = Email(Attach=[[1, 2]])
    assert message.Attach[1].Name == [1, 2]


def test_french_names_of_the_types() -> None:
    assert emailAttache is emailAttach
    assert emailEntête is emailHeader
    attachment: Any = emailAttach()
    attachment.nom = "a"
    attachment.contenu = b"b"
    attachment.identifiant = "c"
    assert (attachment.Name, attachment.Content, attachment.Identifier) == ("a", b"b", "c")


# -- headers ---------------------------------------------------------------------------------------------------------


def test_headers_are_copied_when_they_are_added(message: Any) -> None:
    header = emailHeader()
    for number in "12":
        header.Nom = f"X-{number}"
        header.Valeur = number
        message.Header.Add(header)
    assert [(added.Name, added.Value) for added in message.Header] == [("X-1", "1"), ("X-2", "2")]


@pytest.mark.parametrize("given", ["X-Tag: a: b", ("X-Tag", "a: b"), [("X-Tag", "a: b")], ["X-Tag: a: b"]])
def test_a_line_or_a_pair_is_a_header(given: object) -> None:
    message = Email(Header=given)
    assert [(header.Name, header.Value) for header in message.Header] == [("X-Tag", "a: b")]


# -- copies ----------------------------------------------------------------------------------------------------------


def filled() -> Email:
    message = Email(Subject="Été", Recipient=["a@x", "b@x"], Priority=emailHighPriority, ReturnReceipt=True)
    message.Attach.Add(emailAttach(Name="a", Content=b"1"))
    message.Attach.Add("/files/b.txt")
    message.Header.Add("X-A: b")
    return message


@pytest.mark.parametrize(
    "make",
    [Email, copy.copy, copy.deepcopy, lambda message: pickle.loads(pickle.dumps(message))],
    ids=["Email(m)", "copy", "deepcopy", "pickle"],
)
def test_a_copy_is_equal_and_independent(make: Any) -> None:
    original = filled()
    made = make(original)
    assert made == original
    assert isinstance(made, Email)
    assert path_of(made.Attach[2]) == "/files/b.txt"
    made.Attach[1].Name = "changed"
    made.Recipient.Add("c@x")
    assert original == filled()
    assert made != original


def test_the_structure_becomes_a_variable() -> None:
    Email.Subject = "Été"
    Email.Recipient = ["a@x", "b@x"]
    Email.NbRecipient = 1
    Email.Attach[1] = "/files/b.txt"
    Email.AttachIdentifier[1] = "wdcid1"
    message = Email(Email)
    assert (message.Subject, list(message.Recipient)) == ("Été", ["a@x"])
    assert (path_of(message.Attach[1]), message.Attach[1].Identifier) == ("/files/b.txt", "wdcid1")


def test_which_message_an_optional_parameter_means() -> None:
    message = Email()
    assert message_of(message) is message
    assert message_of(None) is message_of(Email) is current()
    with pytest.raises(InvalidValue, match="an Email variable is expected, not a str"):
        message_of("user@example.org")


# -- the prompt --------------------------------------------------------------------------------------------------------


def test_what_the_prompt_shows_of_a_variable() -> None:
    message = filled()
    message.Message = "x" * 100
    assert repr(message) == "\n".join(
        [
            "Email (variable)",
            "  Recipient      ['a@x', 'b@x']",
            "  Subject        'Été'",
            f"  Message        '{'x' * 60}'… (100 characters)",
            "  Priority       1",
            "  ReturnReceipt  True",
            "  Header         [emailHeader(Name='X-A', Value='b')]",
            "  Attach         [emailAttach(Name='a', Content=<1 bytes>), "
            "emailAttach(Name='b.txt', Content=<file '/files/b.txt'>)]",
        ]
    )


def test_what_the_prompt_shows_of_the_structure() -> None:
    assert repr(Email) == "Email (structure of this thread, nothing filled)"
    Email.NbCc = 0
    Email.Recipient = [f"{number}@x" for number in range(7)]
    assert repr(Email) == "\n".join(
        [
            "Email (structure of this thread)",
            "  Recipient  ['0@x', '1@x', '2@x', '3@x', '4@x', … (7 elements)]",
            "  NbCc       0",
        ]
    )


def test_an_empty_variable_says_so() -> None:
    assert repr(Email()) == "Email (variable, nothing filled)"
    assert repr(emailAttach()) == "emailAttach()"
