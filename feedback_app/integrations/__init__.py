"""Data in and out: imports and exports."""
