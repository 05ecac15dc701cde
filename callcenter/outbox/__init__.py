"""Short messages (短信) to citizens: what is said, when it may be sent, and by which way out of the house."""
