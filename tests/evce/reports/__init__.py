"""Tests of evce.reports."""
