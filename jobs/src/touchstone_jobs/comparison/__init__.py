"""Comparing workflows with each other, on the rows that both answered."""
