"""Tests of the customer pages."""
