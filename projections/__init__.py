"""Read models: each names the events it follows, folds them, and owns its table and its queries."""
