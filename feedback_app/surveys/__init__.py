"""Authoring: surveys, questions, wording per language, versions."""
