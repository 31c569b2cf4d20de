"""Tries a built binary with the clients that it must not disappoint. Usage: python -m clients path/to/tintype [word]

Needs what scripts/clients-requirements.txt names, curl, jq, Node and Swift. With a word, only the checks whose promise
holds it. Every check has a service of its own."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from clients import designs, page, refusals, tool, webhooks
from clients.stage import stage


def main() -> int:
    binary, word = Path(sys.argv[1]).resolve(), " ".join(sys.argv[2:])
    groups = (designs, webhooks, refusals, page, tool)
    checks = [check for group in groups for check in group.CHECKS if word in check.__doc__]
    failed = 0
    for check in checks:
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder, stage(binary, Path(folder)) as place:
                check(place)
            mark = "passed"
        except Exception as error:  # pylint: disable=broad-except  # any trouble is that check's failure
            mark = "FAILED"
            failed += 1
            print(f"        {type(error).__name__}: {error}")
        print(f"{mark}  {check.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed or not checks else 0


sys.exit(main())
