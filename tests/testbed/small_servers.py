"""The servers that are not a system's mail server: smtp-sink, aiosmtpd, and the token endpoint that Dovecot asks.

`aiosmtpd` and `oauth` run as `python -m tests.testbed.small_servers NAME`, told everything by testbed.json.
"""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from .bed import HOST, MAIL_USER, Bed
from .processes import Process, Unavailable, find_program

#: a file for each message in the run directory; it goes again where the content did not come to its end
KEEP = ["-d", "sink/%M%S."]
SINKS = {
    "smtp": [],
    "no-pipelining": ["-p"],
    "helo-only": ["-e"],
    "kept": KEEP,
    "kept-no-pipelining": ["-p", *KEEP],
    "kept-helo-only": ["-e", *KEEP],
}
SIZE_LIMIT = 200 * 2**20


def start_sink(bed: Bed) -> list[Process]:
    """Postfix's smtp-sink: accepts and forgets; the fastest SMTP server there is. Some keep what they took."""
    program = find_program("smtp-sink")
    bed.sub("sink", MAIL_USER)
    return [
        bed.spawn(
            "sink", [program, "-4", "-u", MAIL_USER, *options, f"{HOST}:{bed.port('sink', service)}", 1000], [service]
        )
        for service, options in SINKS.items()
    ]


def start_aiosmtpd(bed: Bed) -> list[Process]:
    probe = subprocess.run([sys.executable, "-c", "import aiosmtpd"], capture_output=True)
    if probe.returncode:
        raise Unavailable("this Python has no aiosmtpd (pip install '.[test]')")
    return [spawn_here(bed, "aiosmtpd")]


def start_oauth(bed: Bed) -> list[Process]:
    return [spawn_here(bed, "oauth")]


def spawn_here(bed: Bed, name: str) -> Process:
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])  # the servers run in the run directory
    return bed.spawn(name, [sys.executable, "-m", __name__, name, bed.directory])


def serve_aiosmtpd(bed: Bed) -> None:
    """Takes mail and keeps its subject alone; STARTTLS and AUTH on submission, implicit TLS on smtps."""
    import ssl

    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

    subjects = bed.sub("aiosmtpd") / "subjects"

    class Handler:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
            header = envelope.content[:10000].partition(b"\r\n\r\n")[0]
            with open(subjects, "ab") as kept:
                kept.writelines(line + b"\n" for line in header.split(b"\r\n") if line.startswith(b"Subject:"))
            return "250 OK"

    def authenticate(server: object, session: object, envelope: object, mechanism: str, data: object) -> Any:
        known = isinstance(data, LoginPassword)
        user = data.login.decode("utf-8", "replace").partition("@")[0] if known else ""
        return AuthResult(success=known and bed.users.get(user, "").encode() == data.password, handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bed.certificate("localhost"), bed.key("localhost"))
    common = {"enable_SMTPUTF8": True, "data_size_limit": SIZE_LIMIT, "hostname": "aiosmtpd"}
    login = {"authenticator": authenticate, "auth_required": True, **common}
    variants = {
        "smtp": (lambda: SMTP(Handler(), **common), None),
        "submission": (lambda: SMTP(Handler(), tls_context=context, require_starttls=True, **login), None),
        "smtps": (lambda: SMTP(Handler(), auth_require_tls=False, **login), context),
    }

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for service, (factory, tls) in variants.items():
            await loop.create_server(factory, HOST, bed.port("aiosmtpd", service), ssl=tls)
        await asyncio.Event().wait()

    asyncio.run(serve())


def serve_oauth(bed: Bed) -> None:
    """Token introspection (RFC 7662): tells Dovecot whose a token is."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
            token = dict(urllib.parse.parse_qsl(form)).get("token", "")
            active = token == bed.tokens["alice"]
            body = json.dumps({"active": active, "username": "alice"} if active else {"active": False}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    http.server.ThreadingHTTPServer((HOST, bed.port("oauth", "http")), Handler).serve_forever()


if __name__ == "__main__":
    {"aiosmtpd": serve_aiosmtpd, "oauth": serve_oauth}[sys.argv[1]](Bed(Path(sys.argv[2])))
