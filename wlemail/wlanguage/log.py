"""What a user should know though nothing failed: the log "wlemail", which a plain script shows on stderr."""

from __future__ import annotations


def warn(text: str, *values: object) -> None:
    """Log a warning; `text` has a place for each value, as logging has it."""
    # Costs much to import, and most scripts never need it.
    import logging

    logging.getLogger("wlemail").warning(text, *values)
