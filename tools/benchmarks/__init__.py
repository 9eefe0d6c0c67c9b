"""What EVCE takes: time, memory and quality, measured on this machine."""
