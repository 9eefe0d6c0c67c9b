"""Drills on a running daemon: the cuts at its links, and their leases."""
