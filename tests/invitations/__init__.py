"""Personal links."""
