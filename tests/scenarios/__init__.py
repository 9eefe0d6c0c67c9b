"""Whole sites under the deterministic runtime."""
