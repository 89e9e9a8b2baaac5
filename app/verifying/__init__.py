"""Proves that what is stored is what was written."""
