"""Exim 4.96: the second SMTP server, with another TLS library (GnuTLS). Dovecot delivers its mail.

Debian will not install it beside Postfix: `install` unpacks it below the run directory.
"""

from __future__ import annotations

import pwd
from pathlib import Path

from .bed import (
    BAD_CERTIFICATES,
    DOMAIN,
    HOST,
    MAIL_USER,
    REFUSED_RECIPIENTS,
    REFUSED_SENDER,
    REFUSED_SUBJECT,
    Bed,
)
from .processes import Process, Unavailable

#: the account whose existence Exim insists on, though it does not run as it here
ACCOUNT = "Debian-exim"

CONFIGURATION = """
exim_user = {user}
exim_group = {user}
exim_path = {program}
primary_hostname = exim.{domain}
spool_directory = {home}/spool
log_file_path = {home}/log/%slog
pid_file_path = {home}/exim.pid
deliver_drop_privilege = true
keep_environment =
local_interfaces = {listen}
daemon_smtp_ports = {all_ports}
tls_on_connect_ports = {smtps}
tls_advertise_hosts = *
tls_certificate = {ca}/{certificate}.pem
tls_privatekey = {ca}/{certificate}-key.pem
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
pipelining_connect_advertise_hosts = *
dsn_advertise_hosts = *
prdr_enable = true
# Ask no name server, neither for addresses nor for a HELO that names this machine.
host_lookup =
helo_lookup_domains =
rfc1413_query_timeout = 0s
message_size_limit = 200M
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
smtp_receive_timeout = 5m
bounce_return_message = false
domainlist local_domains = {domain}
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
acl_smtp_predata = acl_accept

begin acl
acl_accept:
  accept
acl_mail:
{sender_refusal}
  accept
acl_rcpt:
{refusals}
  deny message = No such user here
       domains = +local_domains
       !local_parts = {known}
  accept domains = +local_domains
         condition = {{if or {{{{eq{{$received_port}}{{{smtp}}}}}{{eq{{$received_port}}{{{cram_only}}}}}}}}}
  accept authenticated = *
  deny message = relay not permitted
acl_data:
  deny message = {bad_subject_reply}
       condition = {{if match{{$h_subject:}}{{{bad_subject}}}}}
  accept

begin routers
local:
  driver = manualroute
  domains = +local_domains
  transport = lmtp
  route_data = {host}
  self = send
others:
  driver = redirect
  data = :blackhole:

begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = {lmtp}
  allow_localhost
  hosts_try_fastopen =

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = {{if eq{{$auth3}}{{{password_of_auth2}}}}}
  server_set_id = $auth2
  server_advertise_condition = {advertise_plain}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = {{if eq{{$auth2}}{{{password_of_auth1}}}}}
  server_set_id = $auth1
  server_advertise_condition = {advertise_login}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = {password_of_auth1}
  server_set_id = $auth1
  server_advertise_condition = {advertise_cram}
"""


def start(bed: Bed) -> list[Process]:
    program = bed.directory / "opt/exim/usr/sbin/exim4"
    if not program.exists():
        raise Unavailable("exim is not unpacked (run: python -m tests.testbed install)")
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise Unavailable(f"no user {ACCOUNT} (run: python -m tests.testbed install)") from None
    if not bed.running("dovecot"):
        raise Unavailable("needs the dovecot server (delivery)")
    for directory in ("exim", "exim/log", "exim/spool"):
        bed.sub(directory, owner=MAIL_USER)
    return [bed.spawn("exim", [program, "-C", configure(bed, program), "-bdf", "-q5m"])]


def configure(bed: Bed, program: Path) -> Path:
    home, ports = bed.directory / "exim", bed.ports("exim")
    # Not quoted: lsearch takes the rest of the line as it stands.
    lines = [f"{user}: {password}\n" for user, password in bed.users.items()]
    passwords = bed.write(home / "passwords", "".join(lines), 0o640, group=MAIL_USER)
    text = CONFIGURATION.replace("{{if", "${{if").format(
        home=home,
        program=program,
        user=MAIL_USER,
        domain=DOMAIN,
        host=HOST,
        listen=" : ".join([HOST, *BAD_CERTIFICATES.values()]),
        all_ports=" : ".join(map(str, ports.values())),
        smtp=ports["smtp"],
        smtps=ports["smtps"],
        cram_only=ports["cram-only"],
        ca=bed.directory / "ca",
        certificate=certificate_by_address(),
        known=" : ".join([*bed.users, *REFUSED_RECIPIENTS]),
        refusals="\n".join(refusal("local_parts", user, reply) for user, reply in REFUSED_RECIPIENTS.items()),
        sender_refusal=refusal("senders", f"{REFUSED_SENDER[0]}@{DOMAIN}", REFUSED_SENDER[1]),
        bad_subject=REFUSED_SUBJECT[0],
        bad_subject_reply=REFUSED_SUBJECT[1],
        lmtp=bed.port("dovecot", "lmtp"),
        password_of_auth1=password_of("$auth1", passwords),
        password_of_auth2=password_of("$auth2", passwords),
        advertise_plain=advertise(ports, "plain-only"),
        advertise_login=advertise(ports, "login-only"),
        advertise_cram=advertise(ports, "cram-only"),
    )
    return bed.write(home / "exim.conf", text)


def password_of(variable: str, passwords: Path) -> str:
    return f"${{lookup{{${{sg{{{variable}}}{{@.*}}{{}}}}}}lsearch{{{passwords}}}{{$value}}fail}}"


def certificate_by_address() -> str:
    """An expansion: the certificate's name, by the address at which the client connected."""
    expansion = "localhost"
    for name, address in BAD_CERTIFICATES.items():
        expansion = f"${{if eq{{$received_ip_address}}{{{address}}}{{{name}}}{{{expansion}}}}}"
    return expansion


def refusal(condition: str, value: str, reply: str) -> str:
    verb = "defer" if reply.startswith("4") else "deny"
    return f"  {verb} message = {reply}\n       {condition} = {value}"


def advertise(ports: dict[str, int], own_port: str) -> str:
    """An expansion: whether to offer a mechanism, by the port (and by TLS on the submission port)."""
    in_clear = [own_port, "auth-plaintext"]
    under_tls = ["submission", "smtps"]
    here = "".join(f"{{eq{{$received_port}}{{{ports[service]}}}}}" for service in in_clear)
    secure = "".join(f"{{eq{{$received_port}}{{{ports[service]}}}}}" for service in under_tls)
    return f"${{if or{{{here}{{and{{{{def:tls_in_cipher}}{{or{{{secure}}}}}}}}}}}}}"
