"""Tests of the security rules."""
