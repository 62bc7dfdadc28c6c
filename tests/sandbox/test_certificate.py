"""The sandbox's own certificates, judged by OpenSSL through Python's ssl."""

from __future__ import annotations

import os
import ssl
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.sandbox import certificate
from wlemail.sandbox.certificate import Certificate, issue, multiply

NOW = datetime.now(timezone.utc)


def handshake(shown: Certificate, *, host: str = "localhost", trusted: str | None = None, strict: bool = True) -> str:
    """A whole handshake in memory; the TLS version."""
    client_context = ssl.create_default_context(cadata=trusted or shown.authority_pem)
    if strict:
        client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = shown.server_context().wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version() or ""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_strict_client_that_trusts_the_authority_accepts_it(host: str) -> None:
    assert handshake(issue(), host=host) == "TLSv1.3"


def test_without_trust_it_is_refused() -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        handshake(issue(), trusted=issue().authority_pem)


def test_certificates_that_clients_must_refuse() -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(issue(("other.example",)))
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        handshake(issue(valid_from=NOW - timedelta(days=9), valid_until=NOW - timedelta(days=2)))
    with pytest.raises(ssl.SSLCertVerificationError, match="not yet valid"):
        handshake(issue(valid_from=NOW + timedelta(days=2), valid_until=NOW + timedelta(days=9)))
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self[- ]signed"):
        handshake(issue(self_signed=True), trusted=issue().authority_pem)


def test_the_authority_vouches_for_its_names_only() -> None:
    """Whoever trusts it by mistake has trusted nothing: a stolen key of it could sign for no other host."""
    authority_key, key = certificate.PrivateKey.generate(), certificate.PrivateKey.generate()
    times = (NOW - timedelta(hours=1), NOW + timedelta(days=1))
    extensions = certificate._authority_extensions(authority_key, certificate.NAMES)
    authority = certificate._certify(authority_key, "authority", extensions, authority_key, "authority", times)
    extensions = certificate._server_extensions(key, authority_key, ("bank.example",))
    forged = certificate._certify(key, "forged", extensions, authority_key, "authority", times)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(Certificate(forged, key.pem, authority, times[1]), host="bank.example")


def test_points_of_the_curve() -> None:
    """Multiples of the generator as published with the curve's parameters; the last is its opposite."""
    x2 = 0x7CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978
    y2 = 0x07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1
    assert multiply(2) == (x2, y2)
    x, y = multiply(1)
    assert multiply(certificate._N - 1) == (x, certificate._P - y)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, certificate._N - 1))
def test_multiples_lie_on_the_curve(scalar: int) -> None:
    x, y = multiply(scalar)
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    assert (y * y - (x**3 - 3 * x + b)) % certificate._P == 0


def test_the_key_is_in_no_repr() -> None:
    made = issue()
    assert made.key_pem not in repr(made)
    key = certificate.PrivateKey.generate()
    assert str(key.secret) not in repr(key)


def test_one_certificate_serves_the_process_until_it_is_about_to_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    first = certificate.for_this_process()
    assert certificate.for_this_process() is first
    monkeypatch.setattr(certificate, "_current", _cached(issue(valid_until=NOW + timedelta(hours=1)), issue()))
    assert certificate.for_this_process().valid_until > NOW + timedelta(days=1)


def _cached(old: Certificate, new: Certificate) -> object:
    class Cache:
        made = old

        def __call__(self) -> Certificate:
            return self.made

        def cache_clear(self) -> None:
            self.made = new

    return Cache()


def test_the_key_file_is_private_and_gone_after_loading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def spy(context: ssl.SSLContext, path: str) -> None:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        load(context, path)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    issue().server_context()
    assert len(modes) == 1
    if os.name == "posix":
        assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []
