"""SMTP, client side (RFC 5321 and extensions): grammar and state without I/O, and a blocking client over a Stream."""
