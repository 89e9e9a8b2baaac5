"""What if: recorded cart decisions, decided again by rules that were never published."""
