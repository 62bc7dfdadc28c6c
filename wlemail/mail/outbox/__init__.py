"""The outbox: messages that are queued on disk, delivered in the background, and accounted for."""
