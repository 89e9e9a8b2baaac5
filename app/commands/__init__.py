"""The commands of `rationale`: one a file, each with `command`."""
