"""Work that no request waits for: who runs it, when, and what became of it."""
