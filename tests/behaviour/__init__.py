"""Behaviour that must be the same against every server; `tests/end_to_end` and `tests/live` run it against theirs."""
