"""The event log on SQLite and PostgreSQL: one gapless, hash-chained order per site."""
