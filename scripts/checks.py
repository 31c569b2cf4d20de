"""Runs checks one after another: functions whose docstring is what they hold the program to."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def run(checks: Iterable[Callable], attempt: Callable[[Callable, Path], None]) -> int:
    """Has each check attempted in a folder of its own, and prints a line for it. -> the exit code"""
    passed, failed = 0, 0
    for check in checks:
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                attempt(check, Path(folder))
            mark = "passed"
            passed += 1
        except Exception as error:  # pylint: disable=broad-except  # any trouble is that check's failure
            mark = "FAILED"
            failed += 1
            print(f"        {type(error).__name__}: {error}")
        print(f"{mark}  {check.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed")
    # Checks that are not there hold nobody to anything.
    return 1 if failed or not passed else 0
