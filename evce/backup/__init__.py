"""The backup of a site: one file, encrypted and signed under a pass phrase (SR-1)."""
