"""The outbox: messages that are queued on disk, delivered in the background, and accounted for."""

from __future__ import annotations

from .owner import Ownership as Ownership
from .place import MEMORY as MEMORY
from .place import chosen_place as chosen_place
from .retry import Schedule as Schedule
from .retry import suggested_backoff as suggested_backoff
from .store import Store as Store
from .values import AccountKey as AccountKey
from .values import Claimed as Claimed
from .values import Entry as Entry
from .values import Event as Event
from .values import Limits as Limits
from .values import Load as Load
from .values import RecipientStatus as RecipientStatus
from .values import State as State
from .values import Status as Status
