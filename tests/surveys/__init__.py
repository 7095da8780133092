"""Surveys, and the files that describe them."""
