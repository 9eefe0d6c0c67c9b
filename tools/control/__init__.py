"""The way into a running daemon for the command line: a private socket in its data folder."""
