"""IMAP4rev1 and its common extensions from the server's side, over the same messages as POP3."""
