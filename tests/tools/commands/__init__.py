"""Tests of the subcommands of `evce`."""
