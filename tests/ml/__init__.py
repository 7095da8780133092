"""The sentiment model."""
