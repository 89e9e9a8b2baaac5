"""Alembic environment and versions: owns every table, on SQLite and PostgreSQL."""
