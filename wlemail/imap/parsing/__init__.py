"""The second stage of reading: one parser a response, each from a scanner into a frozen dataclass.

What a parser does not understand raises Malformed; the connection drops that response and lives on.
"""
