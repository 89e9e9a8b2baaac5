"""Everything that touches the outside: HTTP, storage of the log, command line, demo."""
