"""Replays of a range of the log: on all cores, resumed whatever ended them, told in a report."""
