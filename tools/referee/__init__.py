"""The referee: it knows the true currents of every feeder and tells whether a limit was ever missed."""
