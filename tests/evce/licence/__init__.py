"""Tests of evce.licence."""
