"""EVCE's tests: they mirror the packages, plus whole-site scenarios."""
