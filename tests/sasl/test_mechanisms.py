"""Each mechanism against the published examples of its RFC, and against servers that cheat."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ControlCharacter, InvalidValue, ProtocolViolation
from wlemail.sasl.cram_md5 import CramMD5
from wlemail.sasl.digest_md5 import DigestMD5
from wlemail.sasl.login import Login
from wlemail.sasl.mechanism import Credentials, Mechanism
from wlemail.sasl.oauth import OAuthBearer, XOAuth2
from wlemail.sasl.plain import Plain
from wlemail.sasl.scram import ScramSHA1, ScramSHA256, ScramSHA512

TIM = Credentials("tim", "tanstaaftanstaaf")
TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


def test_credentials_hide_their_secrets() -> None:
    shown = repr(Credentials("tim", "sesame", "token123"))
    assert "sesame" not in shown
    assert "token123" not in shown


@pytest.mark.parametrize("given", [("tim\ud800", "sesame"), ("tim", "sesame\ud800"), ("tim", "", "sesame\udfff")])
def test_half_a_surrogate_pair_is_named_and_the_secret_is_not_told(given: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue, match="surrogate") as caught:
        Credentials(*given)
    assert caught.value.__context__ is None
    assert "sesame" not in str(caught.value)


def test_a_password_may_be_octets_of_no_character_set() -> None:
    assert Plain(Credentials("tim", "m\udcf6t")).start() == b"\0tim\0m\xf6t"


# -- PLAIN, LOGIN ----------------------------------------------------------------------------------


def test_plain_rfc_4616() -> None:
    exchange = Plain(TIM)
    assert exchange.start() == b"\0tim\0tanstaaftanstaaf"
    exchange.succeed()


def test_plain_carries_utf_8() -> None:
    assert Plain(Credentials("andré", "mötdépasse")).start() == "\0andré\0mötdépasse".encode()


def test_plain_refuses_a_nul_which_would_shift_the_fields() -> None:
    with pytest.raises(ControlCharacter):
        Plain(Credentials("tim\0admin", "x"))
    with pytest.raises(ControlCharacter):
        Plain(Credentials("tim", "x\0y"))


def test_plain_has_no_challenge() -> None:
    with pytest.raises(ProtocolViolation):
        Plain(TIM).respond(b"more")


@pytest.mark.parametrize(
    "challenges",
    [(b"Username:", b"Password:"), (b"User Name\0", b"Password\0"), (b"", b""), (b"Password:", b"Username:")],
)
def test_login_answers_by_order(challenges: tuple[bytes, bytes]) -> None:
    exchange = Login(TIM)
    assert exchange.start() is None
    assert [exchange.respond(challenge) for challenge in challenges] == [b"tim", b"tanstaaftanstaaf"]
    exchange.succeed()
    with pytest.raises(ProtocolViolation):
        exchange.respond(b"PIN:")


def test_login_cannot_succeed_before_it_is_over() -> None:
    exchange = Login(TIM)
    exchange.respond(b"Username:")
    with pytest.raises(ProtocolViolation):
        exchange.succeed()


# -- CRAM-MD5 --------------------------------------------------------------------------------------


def test_cram_md5_rfc_2195() -> None:
    exchange = CramMD5(TIM)
    assert exchange.start() is None
    answer = exchange.respond(b"<1896.697170952@postoffice.reston.mci.net>")
    assert answer == b"tim b913a602c7eda7a495b4e6e7334d3890"
    exchange.succeed()
    with pytest.raises(ProtocolViolation):
        exchange.respond(b"again")


# -- DIGEST-MD5 ------------------------------------------------------------------------------------

CHRIS = Credentials("chris", "secret", host="elwood.innosoft.com", service="imap")
CHALLENGE = (
    b'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",'
    b"algorithm=md5-sess,charset=utf-8"
)  # fmt: skip


def fields_of(response: bytes) -> dict[str, str]:
    return {
        key: quoted or bare for key, quoted, bare in re.findall(r'([\w-]+)=(?:"([^"]*)"|([^",]+))', response.decode())
    }


def test_digest_md5_rfc_2831() -> None:
    exchange = DigestMD5(CHRIS, nonce="OA6MHXh6VqTrRk")
    assert exchange.start() is None
    assert fields_of(exchange.respond(CHALLENGE)) == {
        "charset": "utf-8", "username": "chris", "realm": "elwood.innosoft.com", "nonce": "OA6MG9tEQGm2hh",
        "nc": "00000001", "cnonce": "OA6MHXh6VqTrRk", "digest-uri": "imap/elwood.innosoft.com",
        "response": "d388dad90d4bbd760a152321f2143af7", "qop": "auth",
    }  # fmt: skip
    assert exchange.respond(b"rspauth=ea40f60335c427b5527b84dbabcdfffd") == b""
    exchange.succeed()


def test_digest_md5_rfc_2831_acap() -> None:
    exchange = DigestMD5(
        Credentials("chris", "secret", host="elwood.innosoft.com", service="acap"), nonce="OA9BSuZWMSpW8m"
    )
    response = exchange.respond(CHALLENGE.replace(b"OA6MG9tEQGm2hh", b"OA9BSXrbuRhWay"))
    assert fields_of(response)["response"] == "6084c6db3fede7352c551284490fd0fc"
    exchange.respond(b"rspauth=2f0b3d7c3c2e486600ef710726aa2eae")
    exchange.succeed()


def test_a_digest_md5_challenge_with_two_realms() -> None:
    both = b'realm="one.example",realm="two.example",' + CHALLENGE.partition(b",")[2]
    assert fields_of(DigestMD5(CHRIS).respond(both))["realm"] == "one.example"
    by_name = Credentials("chris@two.example", "secret", host="h")
    assert fields_of(DigestMD5(by_name).respond(both))["realm"] == "two.example"


def test_a_digest_md5_challenge_without_realm() -> None:
    assert "realm" not in fields_of(DigestMD5(CHRIS).respond(b'nonce="abc"'))


def test_digest_md5_quotes_what_it_says() -> None:
    exchange = DigestMD5(Credentials('ch"r\\is', "x", host="h"))
    assert b'username="ch\\"r\\\\is"' in exchange.respond(CHALLENGE)


@pytest.mark.parametrize("proof", [b"rspauth=ea40f60335c427b5527b84dbabcdfffe", b"rspauth=", b"", b"stale=true"])
def test_digest_md5_a_wrong_server_signature_aborts(proof: bytes) -> None:
    exchange = DigestMD5(CHRIS, nonce="OA6MHXh6VqTrRk")
    exchange.respond(CHALLENGE)
    with pytest.raises(ProtocolViolation):
        exchange.respond(proof)


def test_digest_md5_a_server_that_proves_nothing() -> None:
    exchange = DigestMD5(CHRIS)
    exchange.respond(CHALLENGE)
    with pytest.raises(ProtocolViolation):
        exchange.succeed()


@pytest.mark.parametrize(
    "challenge",
    [b"", b"realm=x", b'nonce="a",nonce="b"', b'nonce="a",qop="auth-conf"', b'nonce="a', b"=", b'nonce="a",' * 500],
)
def test_digest_md5_challenges_that_make_no_sense(challenge: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        DigestMD5(CHRIS).respond(challenge)


# -- SCRAM -----------------------------------------------------------------------------------------

USER = Credentials("user", "pencil")
SHA1_FIRST = b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
SHA1_FINAL = b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="


def sha1_exchange() -> ScramSHA1:
    exchange = ScramSHA1(USER, nonce="fyko+d2lbbFgONRv9qkxdawL")
    exchange.start()
    return exchange


def test_scram_sha_1_rfc_5802() -> None:
    exchange = ScramSHA1(USER, nonce="fyko+d2lbbFgONRv9qkxdawL")
    assert exchange.start() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    assert exchange.respond(SHA1_FIRST) == (
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    )
    assert exchange.respond(SHA1_FINAL) == b""
    exchange.succeed()


def test_scram_sha_256_rfc_7677() -> None:
    exchange = ScramSHA256(USER, nonce="rOprNGfwEbeRWgbNEkqO")
    assert exchange.start() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    first = rb"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert exchange.respond(first) == (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    assert exchange.respond(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") == b""
    exchange.succeed()


def test_scram_prepares_and_escapes_the_name() -> None:
    exchange = ScramSHA512(Credentials("a=b,c\u00ad\u00aa", "x"), nonce="n")
    assert exchange.start() == b"n,,n=a=3Db=2Cca,r=n"


def test_scram_a_password_that_looks_alike_is_the_same() -> None:
    def final(password: str) -> bytes:
        exchange = ScramSHA1(Credentials("user", password), nonce="abc")
        exchange.start()
        return exchange.respond(b"r=abcdef,s=c2FsdA==,i=1")

    assert final("p\u212bssword") == final("p\u00c5ssword") == final("pA\u030assword")


def test_scram_a_password_that_cannot_be_prepared_names_the_member() -> None:
    exchange = ScramSHA1(Credentials("user", "bell\u0007"), nonce="abc")
    exchange.start()
    with pytest.raises(InvalidValue) as refused:
        exchange.respond(b"r=abcdef,s=c2FsdA==,i=1")
    assert refused.value.member == "Password"
    assert "bell" not in str(refused.value)


@pytest.mark.parametrize("final", [b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", b"v=", b"v=!", b"", b"ok"])
def test_scram_a_wrong_server_signature_aborts(final: bytes) -> None:
    exchange = sha1_exchange()
    exchange.respond(SHA1_FIRST)
    with pytest.raises(ProtocolViolation):
        exchange.respond(final)


def test_scram_a_server_that_proves_nothing() -> None:
    exchange = sha1_exchange()
    exchange.respond(SHA1_FIRST)
    with pytest.raises(ProtocolViolation):
        exchange.succeed()


def test_scram_a_server_that_gives_its_reason_is_answered() -> None:
    exchange = sha1_exchange()
    exchange.respond(SHA1_FIRST)
    assert exchange.respond(b"e=invalid-proof") == b""
    assert exchange.failure == "invalid-proof"
    with pytest.raises(ProtocolViolation):
        exchange.succeed()


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"r=other,s=c2FsdA==,i=4096",  # a replay of another exchange
        b"r=fyko+d2lbbFgONRv9qkxdawL,s=c2FsdA==,i=4096",  # a server that adds nothing of its own
        b"m=x,r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=4096",  # an extension that must be understood
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=!,i=4096",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=0",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=-1",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=2147483647",  # hours of our time
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=" + b"9" * 5000,
        b"\xff\xfe",
    ],
)
def test_scram_challenges_that_make_no_sense(first: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        sha1_exchange().respond(first)


# -- OAuth -----------------------------------------------------------------------------------------


def test_oauthbearer_rfc_7628() -> None:
    exchange = OAuthBearer(Credentials("user@example.com", token=TOKEN, host="server.example.com", port=143))
    assert exchange.start() == (
        b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01"
    )
    exchange.succeed()


def test_oauthbearer_without_a_server_name_escapes_the_user() -> None:
    assert OAuthBearer(Credentials("a,b=c", token="t")).start() == b"n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01"


def test_xoauth2() -> None:
    exchange = XOAuth2(Credentials("someuser@example.com", token="ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"))
    assert b64encode(exchange.start()) == (
        b"dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
        b"Q2cBAQ=="
    )


@pytest.mark.parametrize(("kind", "answer"), [(OAuthBearer, b"\x01"), (XOAuth2, b"")])
def test_oauth_failure_is_answered_and_kept(kind: type[OAuthBearer] | type[XOAuth2], answer: bytes) -> None:
    exchange = kind(Credentials("user", token="t"))
    exchange.start()
    reason = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.example.com/"})
    assert exchange.respond(reason.encode()) == answer
    assert json.loads(exchange.failure)["status"] == "401"
    with pytest.raises(ProtocolViolation):
        exchange.respond(reason.encode())


@pytest.mark.parametrize("kind", [OAuthBearer, XOAuth2])
@pytest.mark.parametrize(
    "given", [Credentials("user\x01auth=Bearer stolen", token="t"), Credentials("user", token="t\x01a"),
              Credentials("user", token="t\r\n")],
)  # fmt: skip
def test_oauth_fields_cannot_be_added(kind: type[Mechanism], given: Credentials) -> None:
    with pytest.raises(ControlCharacter):
        kind(given)


# -- whatever a server sends -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: DigestMD5(CHRIS),
        sha1_exchange,
        lambda: CramMD5(TIM),
        lambda: Login(TIM),
        lambda: XOAuth2(Credentials("u", token="t")),
    ],
)
@given(challenges=st.lists(st.binary(max_size=60), max_size=4))
def test_challenges_of_any_kind_give_an_answer_or_a_violation(
    make: Callable[[], Mechanism], challenges: list[bytes]
) -> None:
    exchange = make()
    exchange.start()
    try:
        for challenge in challenges:
            assert isinstance(exchange.respond(challenge), bytes)
    except ProtocolViolation:
        pass
