"""What is behind a session: one back end a protocol, each the implementation of interfaces.py over a client."""
