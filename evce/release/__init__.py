"""EVCE's own firmware: signed packages, and which of them a machine runs (SR-4)."""
