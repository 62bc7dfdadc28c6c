"""A mail server on loopback inside the package: for tests, for trying a script out, for the demonstration.

Uses nothing of the package's clients and nothing but the standard library, so that checking one against the other
means something. It takes mail and keeps it; it never sends anything on, and listens on loopback addresses only.
"""

from __future__ import annotations

from .accounts import Layout
from .box import Sandbox
from .imap.offer import ImapOffer
from .mailbox import Envelope, ReceivedMessage
from .pop3 import Pop3Offer

__all__ = ["Envelope", "ImapOffer", "Layout", "Pop3Offer", "ReceivedMessage", "Sandbox"]
