"""Speed and memory as ratios of one run: `make bench`, or `python -m tests.bench NAME...`."""
