"""SASL mechanisms (RFC 4422), client side: challenge in, response out. No base64, no protocol, no mail."""
