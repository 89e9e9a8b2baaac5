"""Pure decisions: facts in, outcome and trace out. No I/O, no clock, no randomness of its own."""
