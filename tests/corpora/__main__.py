"""`python -m tests.corpora [directory]`: how well the mail of other projects is read, where it is there.

The directory comes from the command line or from WLEMAIL_CORPORA; nothing of it belongs to this project.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from .scores import VARIABLE, report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpora", description=__doc__)
    parser.add_argument("directory", nargs="?", default=os.environ.get(VARIABLE, ""))
    directory = Path(parser.parse_args().directory)
    if not directory.parts or not directory.is_dir():
        print(f"no corpora: name a directory, or set {VARIABLE}", file=sys.stderr)
        return 2
    reached = True
    for score in report(directory):
        print(score)
        reached &= score.reached
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
