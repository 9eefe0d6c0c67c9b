"""Installing releases of EVCE on this machine, starting the right one, and going back (SR-4)."""
