"""A throw-away certificate authority: one good certificate, and one for each way a certificate can be bad."""

from __future__ import annotations

import shutil
from pathlib import Path

from .bed import BAD_CERTIFICATES, DOMAIN, MAIL_USER, Bed
from .processes import call, find_program

NAMES = ", ".join(["DNS:localhost", f"DNS:mail.{DOMAIN}", "IP:::1", *(f"IP:127.0.0.{n}" for n in range(1, 6))])
#: The expired certificate is otherwise valid, so that each error is seen alone.
PAST = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"]
VALID = ["-days", "365"]

CONFIGURATION = """
    [req]
    distinguished_name = dn
    prompt = no
    [dn]
    CN = testbed
    [ca]
    default_ca = here
    [here]
    database = {directory}/index.txt
    serial = {directory}/serial
    new_certs_dir = {directory}
    certificate = {directory}/ca.pem
    private_key = {directory}/ca-key.pem
    default_md = sha256
    policy = anything
    [anything]
    commonName = supplied
    [authority]
    basicConstraints = critical, CA:true
    keyUsage = critical, keyCertSign, cRLSign
    subjectKeyIdentifier = hash
    [server]
    basicConstraints = critical, CA:false
    keyUsage = critical, digitalSignature, keyEncipherment
    extendedKeyUsage = serverAuth
    subjectAltName = {names}
    [elsewhere]
    basicConstraints = critical, CA:false
    keyUsage = critical, digitalSignature, keyEncipherment
    extendedKeyUsage = serverAuth
    subjectAltName = DNS:wrong.example, IP:192.0.2.1
"""


def make_certificates(bed: Bed) -> None:
    """Make the authority and its certificates, once in the life of a run directory."""
    directory = bed.directory / "ca"
    if (directory / "done").exists():
        return
    shutil.rmtree(directory, ignore_errors=True)
    bed.sub("ca")
    (directory / "index.txt").touch()
    (directory / "index.txt.attr").write_text("unique_subject = no\n")
    (directory / "serial").write_text("1000\n")
    bed.write(directory / "openssl.cnf", CONFIGURATION.format(directory=directory, names=NAMES))
    authority = Authority(bed, directory)
    authority.sign_itself("ca", "Testbed CA", "authority")
    authority.issue("localhost", "localhost", "server", VALID)
    authority.issue("expired", "localhost", "server", PAST)
    authority.issue("wronghost", "wrong.example", "elsewhere", VALID)
    authority.sign_itself("selfsigned", "localhost", "server")
    (directory / "done").touch()
    assert set(BAD_CERTIFICATES) <= {path.stem for path in directory.glob("*.pem")}


class Authority:
    def __init__(self, bed: Bed, directory: Path) -> None:
        self.bed = bed
        self.directory = directory
        self.openssl = find_program("openssl")
        self.configuration = ["-config", directory / "openssl.cnf"]

    def run(self, command: str, *arguments: object) -> None:
        call([self.openssl, command, *arguments])

    def new_key(self, name: str) -> Path:
        path = self.bed.key(name)
        self.run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
        # Exim reads its key after it has given up root.
        shutil.chown(path, "root", MAIL_USER)
        path.chmod(0o640)
        return path

    def sign_itself(self, name: str, subject: str, extensions: str) -> None:
        about = ["-key", self.new_key(name), "-subj", f"/CN={subject}", "-extensions", extensions, *VALID]
        self.run("req", "-x509", "-new", *self.configuration, *about, "-out", self.bed.certificate(name))

    def issue(self, name: str, subject: str, extensions: str, dates: list[str]) -> None:
        request, certificate = self.directory / f"{name}.csr", self.bed.certificate(name)
        about = ["-key", self.new_key(name), "-subj", f"/CN={subject}"]
        self.run("req", "-new", *self.configuration, *about, "-out", request)
        terms = ["-extensions", extensions, *dates, "-in", request, "-out", certificate]
        self.run("ca", "-batch", "-notext", *self.configuration, *terms)
