"""Whether conditions can hold at all: what contradicts itself is told to its author."""
