"""Tries a built binary with the clients that it must not disappoint. Usage: python -m clients path/to/tintype [word]

Needs what scripts/clients-requirements.txt names, curl, jq, Node and Swift. With a word, only the checks whose promise
holds it. Every check has a service of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import checks
from clients import designs, page, refusals, tool, webhooks
from clients.stage import stage


def main() -> int:
    binary, word = Path(sys.argv[1]).resolve(), " ".join(sys.argv[2:])
    groups = (designs, webhooks, refusals, page, tool)

    def attempt(check, folder):
        with stage(binary, folder) as place:
            check(place)

    return checks.run([check for group in groups for check in group.CHECKS if word in check.__doc__], attempt)


sys.exit(main())
