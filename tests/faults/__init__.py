"""Faults: kills, power cuts, full disks, locked and stopped databases. Each test prints its numbers."""
