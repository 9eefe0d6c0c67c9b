"""Tests of the control of one charging station."""
