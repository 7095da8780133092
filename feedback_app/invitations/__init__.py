"""Whom we asked, by which channel: personal links."""
