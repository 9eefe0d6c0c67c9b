"""Tests of the keeping of the catalogues."""
