"""Use cases: gather facts, run the ruleset, record, answer; and explain and replay."""
