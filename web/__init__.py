"""EVCE's web interface: it asks the actors by name and never sees pykka."""
