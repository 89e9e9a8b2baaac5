"""What happened, and what may happen: events and the things that guard invariants. No I/O."""
