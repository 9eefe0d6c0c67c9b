"""The simulated site: stations, cars, meters, a building and its arrivals, as the wire would show them."""
