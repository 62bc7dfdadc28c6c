"""Postfix 3.7: the first SMTP server. Dovecot delivers its mail and checks its passwords."""

from __future__ import annotations

from .bed import (
    BAD_CERTIFICATES,
    DOMAIN,
    HOST,
    REFUSED_RECIPIENTS,
    REFUSED_SENDER,
    REFUSED_SUBJECT,
    Bed,
)
from .processes import Process, Unavailable, call, find_program, identify, last_line, start_time, wait_for, wait_ready

AUTH = " -o smtpd_sasl_auth_enable=yes"
USERS_ONLY = " -o smtpd_relay_restrictions=permit_sasl_authenticated,reject"


def only(mechanism: str) -> str:
    return f" -o smtpd_tls_auth_only=no -o smtpd_sasl_mechanism_filter={mechanism}"


#: what each port adds to main.cf
SERVICES = {
    "smtp": "",
    "submission": f"{AUTH}{USERS_ONLY} -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes",
    "smtps": f"{AUTH}{USERS_ONLY} -o smtpd_tls_wrappermode=yes",
    "auth-plaintext": f"{AUTH}{USERS_ONLY} -o smtpd_tls_auth_only=no",
    "plain-only": f"{AUTH}{USERS_ONLY}{only('plain')}",
    "login-only": f"{AUTH}{USERS_ONLY}{only('login')}",
    # Takes mail for its own domain from strangers: a client that knows no CRAM-MD5 still gets its mail through.
    "cram-only": f"{AUTH}{only('cram-md5')}",
}

MAIN = """
    compatibility_level = 3.6
    queue_directory = {home}/queue
    data_directory = {home}/data
    command_directory = /usr/sbin
    daemon_directory = /usr/lib/postfix/sbin
    mail_owner = postfix
    setgid_group = postdrop
    maillog_file = {log}/postfix.log
    maillog_file_prefixes = {directory}
    myhostname = mail.{domain}
    mydomain = {domain}
    mydestination =
    mynetworks = 192.0.2.1/32
    inet_protocols = ipv4
    disable_dns_lookups = yes
    smtpd_peername_lookup = no
    alias_maps =
    local_transport = error:no local users
    # Nothing leaves: mail for other domains is accepted from users and dropped.
    default_transport = discard:
    relay_transport = discard:
    virtual_mailbox_domains = {domain}
    virtual_mailbox_maps = inline:{{ {mailboxes} }}
    virtual_transport = lmtp:inet:{host}:{lmtp}
    lmtp_destination_recipient_limit = 1
    recipient_delimiter = +
    message_size_limit = 209715200
    mailbox_size_limit = 0
    smtputf8_enable = yes
    # Refuse a sender at MAIL, not at the first RCPT.
    smtpd_delay_reject = no
    smtpd_sender_restrictions = check_sender_access inline:{{ {{ {bad_sender} }} }}
    smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
    smtpd_recipient_restrictions = check_recipient_access inline:{{ {refusals} }}
    header_checks = regexp:{home}/header_checks
    smtpd_client_connection_count_limit = 0
    smtpd_error_sleep_time = 0
    smtpd_sasl_type = dovecot
    smtpd_sasl_path = inet:{host}:{auth}
    smtpd_sasl_security_options = noanonymous
    smtpd_tls_security_level = may
    smtpd_tls_cert_file = {certificate}
    smtpd_tls_key_file = {key}
    smtpd_tls_loglevel = 1
"""

MASTER = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def start(bed: Bed) -> list[Process]:
    program = find_program("postfix")
    if not bed.running("dovecot"):
        raise Unavailable("needs the dovecot server (delivery and passwords)")
    home = bed.sub("postfix")
    queue = bed.sub("postfix/queue")
    bed.sub("postfix/data", owner="postfix", mode=0o700)
    configure(bed)
    ready = [(HOST, port) for port in bed.ports("postfix").values()]
    bed.require_free(ready)
    call([program, "-c", home, "start"], cwd=bed.directory)
    log, pid_file = bed.log / "postfix.log", queue / "pid/master.pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip().isdigit(), 10)
    if not pid_file.exists():
        raise Unavailable(f"did not start: {last_line(log)} (see {log})")
    pid = int(pid_file.read_text())
    wait_ready(ready, lambda: start_time(pid) is None, log)
    return [identify(pid)]


def configure(bed: Bed) -> None:
    home = bed.directory / "postfix"
    known = [*bed.users, *REFUSED_RECIPIENTS]
    text = MAIN.format(
        home=home,
        directory=bed.directory,
        log=bed.log,
        host=HOST,
        domain=DOMAIN,
        mailboxes=", ".join(f"{{ {user}@{DOMAIN} = x }}" for user in known),
        refusals=", ".join(f"{{ {user}@{DOMAIN} = {reply} }}" for user, reply in REFUSED_RECIPIENTS.items()),
        bad_sender=f"{REFUSED_SENDER[0]}@{DOMAIN} = {REFUSED_SENDER[1]}",
        lmtp=bed.port("dovecot", "lmtp"),
        auth=bed.port("dovecot", "auth"),
        certificate=bed.certificate("localhost"),
        key=bed.key("localhost"),
    )
    bed.write(home / "main.cf", text)
    word, reply = REFUSED_SUBJECT
    bed.write(home / "header_checks", f"/^Subject: .*{word}/ REJECT {reply}\n")
    bed.write(home / "master.cf", "\n".join(listeners(bed)) + MASTER)


def listeners(bed: Bed) -> list[str]:
    certificates = {HOST: "localhost", **{address: name for name, address in BAD_CERTIFICATES.items()}}
    return [
        f"{address}:{bed.port('postfix', service)} inet n - n - 200 smtpd"
        f" -o smtpd_tls_cert_file={bed.certificate(name)} -o smtpd_tls_key_file={bed.key(name)}"
        f" -o syslog_name=postfix/{service}{options}"
        for address, name in certificates.items()
        for service, options in SERVICES.items()
    ]
