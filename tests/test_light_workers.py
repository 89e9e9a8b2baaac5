"""A web worker loads nothing that only training needs: each of these costs it 50 MB and more."""

from __future__ import annotations

import subprocess
import sys

TRAINING_ONLY = ("ibis", "duckdb", "pyarrow", "pandas", "sqlglot")


def test_a_web_worker_loads_no_library_of_training() -> None:
    script = (
        "import sys; import app.factory, app.worker, app.wiring;"
        f"print([name for name in {TRAINING_ONLY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
