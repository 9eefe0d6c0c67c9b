"""EVCE's actors: thin pykka shells round the domain, and what supervises them."""
