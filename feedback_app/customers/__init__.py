"""Whom we ask: persons and companies."""
