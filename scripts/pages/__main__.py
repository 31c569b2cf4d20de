"""Tries the pages of a built binary in a browser. Usage: python -m pages path/to/tintype [word]

Needs what scripts/pages-requirements.txt names, and Debian's chromium, chromium-driver, curl and jq. With a word, only
the checks whose promise holds it. Every check has a service and a tab of its own, and fails if the browser reports an
error that it does not expect."""

from __future__ import annotations

import sys
from pathlib import Path

import checks
from pages import connection, descriptions, history, keyboard, looks, plans, sheets, uploads
from pages.monitor import access, charts, jobs, workers
from pages.monitor import looks as monitor_looks
from pages.stage import Browser, stage


def main() -> int:
    binary, word = Path(sys.argv[1]).resolve(), " ".join(sys.argv[2:])
    groups = (
        uploads, plans, sheets, descriptions, history, keyboard, connection, looks,
        charts, workers, jobs, access, monitor_looks)

    with Browser() as browser:
        def attempt(check, folder):
            with stage(binary, folder, browser) as place:
                check(place)
                place.expect_quiet()

        return checks.run([check for group in groups for check in group.CHECKS if word in check.__doc__], attempt)


sys.exit(main())
