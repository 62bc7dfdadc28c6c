"""The public face against the package's own sandbox, whole and offline: what no single room can prove."""
