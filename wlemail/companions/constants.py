"""The values that every script uses."""

from __future__ import annotations

import os

__all__ = ["CR", "EOT", "RC", "TAB", "Faux", "Null", "Vrai", "fSep"]

Vrai = True
Faux = False
Null = None

#: a line end in texts and messages
CR = "\r\n"
RC = CR
TAB = "\t"
#: what ExtractString returns past the last piece
EOT = "\x04"
#: what separates directories on this system
fSep = os.sep
