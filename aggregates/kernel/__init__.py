"""Shared kernel: ids, money, clock, errors, limits. Depends on nothing of the project."""
