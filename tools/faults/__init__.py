"""The fault injector: every fault that the product must survive, what must be seen of it, and when."""
