#!/usr/bin/env python3
"""Runs `swift test` with the arguments given. That no test ran is a failure: a filter that matches nothing, or a target
that was not built, would pass as well.

Tests that hang are ended: those that have begun and not ended are named, and the stack of each thread is printed.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys

# Seconds without a word: many times as long as the slowest test takes on a busy machine.
SILENCE = 240
# For all stacks of a large program.
LAST_WORDS = 120

BEGUN = re.compile(r"^\S+ Test (?!case )(.+) started\.$")
ENDED = re.compile(r"^\S+ Test (.+?)(?: with \d+ test cases?)? (?:passed|failed) after ")
PASSED = re.compile(r"Test run with [1-9]\d* tests? .*passed")


def lines(process, silence):
    """Those that the process prints, until it ends. Raises TimeoutError where none comes for so many seconds."""
    rest = b""
    while True:
        if not select.select([process.stdout], [], [], silence)[0]:
            raise TimeoutError
        read = os.read(process.stdout.fileno(), 1 << 16)
        *whole, rest = (rest + read).split(b"\n")
        for line in whole if read else [rest]:
            yield line.decode(errors="replace")
        if not read:
            return


def main(arguments) -> int:
    # Line by line, so that what was printed last happened last; and what a test program that is aborted says of itself.
    prefix = ["stdbuf", "-oL"] if shutil.which("stdbuf") else []
    stacks = "enable=yes,threads=yes,registers=none,images=none,limit=24,color=no"
    process = subprocess.Popen(
        [*prefix, "swift", "test", *arguments], env={"SWIFT_BACKTRACE": stacks} | os.environ,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    running, passed, hung = set(), False, False
    while True:
        try:
            for line in lines(process, LAST_WORDS if hung else SILENCE):
                # Some arguments are whole files.
                print(line if len(line) <= 500 else f"{line[:400]} … {line[-80:]}", flush=True)
                if begun := BEGUN.match(line):
                    running.add(begun[1])
                elif ended := ENDED.match(line):
                    running.discard(ended[1])
                passed = passed or bool(PASSED.search(line))
            break
        except TimeoutError:
            if hung:
                subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
                process.kill()
                break
            hung = True
            print(f"nothing was said for {SILENCE} s; begun and not ended:", *sorted(running), sep="\n  ", flush=True)
            subprocess.run(["pkill", "-ABRT", "-P", str(process.pid)], check=False)
    code = process.wait()
    if passed and hung:
        print("all tests had passed; their program did not end by itself")
        return 0
    if code == 0 and not passed:
        print("no Swift test ran")
        return 1
    return code if code >= 0 else 1


sys.exit(main(sys.argv[1:]))
