"""From facts to orders: limits in force, allocation, and which setpoint may be sent when."""
