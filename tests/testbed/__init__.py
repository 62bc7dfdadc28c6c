"""Real mail servers on loopback for the live tests: `python -m tests.testbed install|up|status|check|down`.

Postfix, Exim, aiosmtpd and Postfix's smtp-sink for sending; Dovecot behind them holds the passwords and the mailboxes.
Everything is generated below one run directory; nothing listens on anything but 127.0.0.x, and no message leaves the
machine. Linux and root only: the servers change users. The tests know the servers by `testbed.json` alone
(`tests/support/servers.py` reads it).
"""
