"""EVCE's domain: pure functions and frozen values, without threads, sockets or a reading of the clock."""

__version__ = "0.1.0"
