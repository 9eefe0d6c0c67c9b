"""The network of EVCE's machine: the settings as its network service takes them, and their course."""
