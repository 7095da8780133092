"""Read-only numbers, charts, exports."""
