"""Sentiment of free-text answers, scoring runs, corrections, model quality."""
