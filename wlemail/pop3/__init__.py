"""POP3, client side (RFC 1939, 2449, 2595, 3206, 5034, 6856): bytes in, messages out."""
