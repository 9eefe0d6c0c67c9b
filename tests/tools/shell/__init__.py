"""Tests of the debug shell."""
