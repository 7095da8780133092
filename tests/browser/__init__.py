"""Tests of whole paths through the site in a real browser."""
