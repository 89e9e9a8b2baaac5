"""The eventsourcing library's test cases for recorders.

Their module imports the library's default cipher, which needs a package that we do not install; the
cases that we run use no cipher, so the one on `cryptography` takes its place.
"""

from __future__ import annotations

import importlib
import sys

sys.modules.setdefault(
    "eventsourcing.cipher", importlib.import_module("eventsourcing.cryptography")
)
_cases = importlib.import_module("eventsourcing.tests.persistence")
AggregateRecorderTestCase = _cases.AggregateRecorderTestCase
ApplicationRecorderTestCase = _cases.ApplicationRecorderTestCase
