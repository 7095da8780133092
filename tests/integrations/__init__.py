"""Answers in and out."""
