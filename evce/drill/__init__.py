"""Drills: what is cut off on purpose on a live site, and what must follow from it."""
