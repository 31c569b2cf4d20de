"""Tries the pages of a built binary in a browser. Usage: python -m pages path/to/tintype [word]

Needs what scripts/pages-requirements.txt names, and Debian's chromium, chromium-driver, curl and jq. With a word, only
the checks whose promise holds it. Every check has a service and a browser of its own, and fails if the browser reports
an error that it does not expect."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from pages import connection, descriptions, history, keyboard, looks, plans, sheets, uploads
from pages.stage import stage


def main() -> int:
    binary, word = Path(sys.argv[1]).resolve(), " ".join(sys.argv[2:])
    groups = (uploads, plans, sheets, descriptions, history, keyboard, connection, looks)
    checks = [check for group in groups for check in group.CHECKS if word in check.__doc__]
    failed = 0
    for check in checks:
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder, stage(binary, Path(folder)) as place:
                check(place)
                place.expect_quiet()
            mark = "passed"
        except Exception as error:  # pylint: disable=broad-except  # any trouble is that check's failure
            mark = "FAILED"
            failed += 1
            print(f"        {type(error).__name__}: {error}")
        print(f"{mark}  {check.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed or not checks else 0


sys.exit(main())
