"""Tests of the uplink's rules."""
