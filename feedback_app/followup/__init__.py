"""Flags, cases, deadlines, notes, outcomes."""
