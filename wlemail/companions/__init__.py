"""WLanguage's functions around e-mail code, in both languages: what a ported script calls between two Email functions.

They follow WLanguage where it is known; what is not known for certain is left out rather than guessed.
"""

# ruff: noqa: F403 (each module says in __all__ what it offers)
from __future__ import annotations

from .arrays import *
from .constants import *
from .dates import *
from .display import *
from .files import *
from .text import *
