"""IMAP4rev1 and rev2 (RFC 3501, RFC 9051): framing, one parser a response, the state of a connection, the client."""
