"""Benchmarks (`python -m tests.performance`), and the tests that keep their results from slipping."""
