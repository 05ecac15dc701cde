"""The virtual-clock world: citizens, seats and scenarios that drive the production engines."""
