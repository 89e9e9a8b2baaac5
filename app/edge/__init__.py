"""What every request passes: keys, bodies, problems, idempotency, limits, logs, metrics."""
