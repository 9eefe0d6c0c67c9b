"""Backup and restore of a data folder: what the command line, the daemon and its child processes share."""
