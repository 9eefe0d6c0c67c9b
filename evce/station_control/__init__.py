"""How one charging station is controlled: pure state machines, from link events and orders to effects."""
