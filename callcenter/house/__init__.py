"""What the house is set to: as configured, and as changed on the page while it runs."""
