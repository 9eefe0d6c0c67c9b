"""Firmware of stations: versions, what is kept for each family, and who is to be updated when."""
