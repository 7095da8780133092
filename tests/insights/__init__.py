"""Tests of the overview, and of the lists behind its figures."""
