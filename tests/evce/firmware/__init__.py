"""Tests of evce.firmware."""
