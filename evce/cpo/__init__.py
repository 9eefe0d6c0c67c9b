"""The uplink of one station to a remote operator (CPO), sans-IO: inputs in, effects out."""
