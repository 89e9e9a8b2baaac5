"""`python -m app` is `rationale`."""

from __future__ import annotations

from app.cli import main

main(prog_name="rationale")
