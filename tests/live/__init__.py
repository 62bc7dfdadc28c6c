"""Behaviour against real servers, through the public face alone. Messages are read back by Python's own modules."""
