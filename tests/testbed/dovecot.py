"""Dovecot 2.3: the mailboxes (IMAP, POP3, LMTP) and the passwords (SASL for Postfix)."""

from __future__ import annotations

import contextlib
import socket
import textwrap
from pathlib import Path

from .bed import BAD_CERTIFICATES, DOMAIN, DOTTED_USER, HOST, MAIL_USER, SMALL_KIB, SMALL_USER, SPECIAL_FOLDERS, Bed
from .processes import Process, Unavailable, call, find_program, stop, wait_for

CONFIGURATION = """
    protocols = imap pop3 lmtp
    base_dir = {home}/run
    state_dir = {home}/state
    instance_name = wlemail-testbed
    listen = {listen}
    log_path = {log}/dovecot.log
    login_greeting = Testbed ready.
    default_process_limit = 400
    default_client_limit = 2000
    default_vsz_limit = 1G

    mail_uid = {user}
    mail_gid = {user}
    first_valid_uid = 1
    first_valid_gid = 1
    mail_home = {mail}/%n
    mail_location = maildir:~/Maildir
    mail_fsync = never
    mail_max_userip_connections = 200
    namespace inbox {{
      inbox = yes
      separator = /
      {special_folders}
    }}
    protocol imap {{
      mail_plugins = imap_zlib
    }}
    plugin {{
      quota = count:User quota
      quota_vsizes = yes
    }}

    disable_plaintext_auth = no
    auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop{oauth_mechanisms}
    auth_username_format = %Ln
    auth_default_realm = {domain}
    auth_realms = {domain} localhost
    auth_failure_delay = 0
    {oauth_passdb}
    passdb {{
      driver = passwd-file
      args = scheme=PLAIN username_format=%n {passwords}
    }}
    userdb {{
      driver = passwd-file
      args = username_format=%n {passwords}
      override_fields = uid={user} gid={user} home={mail}/%n
    }}

    ssl = yes
    ssl_cert = <{certificate}
    ssl_key = <{key}
    {bad_certificates}

    service imap-login {{
      service_count = 0
      inet_listener imap {{
        port = {imap}
      }}
      inet_listener imaps {{
        port = {imaps}
        ssl = yes
      }}
    }}
    service pop3-login {{
      service_count = 0
      inet_listener pop3 {{
        port = {pop3}
      }}
      inet_listener pop3s {{
        port = {pop3s}
        ssl = yes
      }}
    }}
    service lmtp {{
      inet_listener lmtp {{
        address = {host}
        port = {lmtp}
      }}
    }}
    service auth {{
      inet_listener {{
        address = {host}
        port = {auth}
      }}
    }}
    service stats {{
      client_limit = 2000
    }}
    service anvil {{
      client_limit = 2000
      # No penalty: else every wrong password makes the next logins from this address wait for seconds.
      unix_listener anvil-auth-penalty {{
        mode = 0
      }}
    }}
    protocol lmtp {{
      postmaster_address = postmaster@{domain}
    }}
"""

#: what users have of their own, as settings of Dovecot
SETTINGS = {
    SMALL_USER: f"userdb_mail_plugins=quota,imap_quota,imap_zlib userdb_quota_rule=*:storage={SMALL_KIB}K",
    DOTTED_USER: "userdb_namespace/inbox/separator=. userdb_namespace/inbox/prefix=INBOX.",
}

OAUTH = """
    introspection_mode = post
    introspection_url = http://{host}:{port}/introspect
    username_attribute = username
    username_format = %Ln
    active_attribute = active
    active_value = true
"""


def start(bed: Bed) -> list[Process]:
    program = find_program("dovecot")
    version = call([program, "--version"]).split()[0]
    if not version.startswith("2.3"):
        raise Unavailable(f"this configuration is for Dovecot 2.3; found {version}")
    configuration = configure(bed, bed.sub("dovecot"), bed.sub("mail", owner=MAIL_USER, mode=0o700))
    process = bed.spawn("dovecot", [program, "-F", "-c", configuration])
    if not wait_for(lambda: offers_login(bed.port("dovecot", "imap")), 15, 0.1):
        stop([process])
        raise Unavailable(f"authentication does not start: {fatal_line(bed.log / 'dovecot.log')}")
    return [process]


def configure(bed: Bed, home: Path, mail: Path) -> Path:
    # user:password:uid:gid:gecos:home:shell:extra. A colon cannot occur in a password.
    lines = [f"{user}:{{PLAIN}}{password}::::::{SETTINGS.get(user, '')}" for user, password in bed.users.items()]
    passwords = bed.write(home / "passwords", "\n".join(lines) + "\n", 0o640, group="dovecot")
    bad = "\n".join(
        f"local {address} {{\n  ssl_cert = <{bed.certificate(name)}\n  ssl_key = <{bed.key(name)}\n}}"
        for name, address in BAD_CERTIFICATES.items()
    )
    oauth = bed.running("oauth")
    if oauth:
        bed.write(home / "oauth.conf", OAUTH.format(host=HOST, port=bed.port("oauth", "http")))
    passdb = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {home}/oauth.conf\n}}"
    text = textwrap.dedent(CONFIGURATION).format(
        home=home,
        mail=mail,
        log=bed.log,
        user=MAIL_USER,
        domain=DOMAIN,
        host=HOST,
        listen=", ".join([HOST, *BAD_CERTIFICATES.values()]),
        passwords=passwords,
        certificate=bed.certificate("localhost"),
        key=bed.key("localhost"),
        bad_certificates=bad,
        special_folders="\n      ".join(
            f'mailbox "{name}" {{\n special_use = \\{use}\n auto = subscribe\n}}'
            for use, name in SPECIAL_FOLDERS.items()
        ),
        oauth_mechanisms=" xoauth2 oauthbearer" if oauth else "",
        oauth_passdb=passdb if oauth else "",
        **bed.ports("dovecot"),
    )
    return bed.write(home / "dovecot.conf", text)


def offers_login(port: int) -> bool:
    """Whether the authentication process answers: Dovecot accepts connections long before."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=3) as connection:
        return b"AUTH=PLAIN" in connection.recv(4096)
    return False


def fatal_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if "Fatal" in line]
    return lines[-1] if lines else "no reason logged"
