"""Connections: sockets, certificates, deadlines. Knows no mail protocol; OSError and ssl errors end here."""
