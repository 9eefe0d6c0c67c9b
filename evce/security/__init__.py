"""Security between stations and EVCE as pure rules: profiles, keys and certificates."""
