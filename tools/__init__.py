"""EVCE's programs: daemon, command line, simulated site, referee and benchmarks."""
