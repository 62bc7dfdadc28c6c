"""Internet messages: header fields, MIME entities, encodings (RFC 5322, 2045-2047, 2231, 6532).

Knows no envelope, no session and no file: contents come in as anything that has a size and gives blocks of bytes.
"""
