"""`python -m wlemail …`, and the program `wlemail`."""

from __future__ import annotations

import sys

from .commands import run


def main() -> int:
    """Run the command that the arguments name; the result is the exit status."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
