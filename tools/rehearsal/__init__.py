"""The whole product in virtual time on a simulated site: scenarios, and long searches for what goes wrong."""
