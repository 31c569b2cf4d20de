"""Whole processes, each of which does one piece of work: how long one takes, and how much memory it needs."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

_MODULES = str(Path(__file__).parents[1])

# The process that is measured must come of a small one: what the kernel calls its peak begins with its parent's size.
_PEAK = """
import os, sys
pid = os.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss * 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak(command) -> int:
    """-> the most bytes that the process held in memory"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _PEAK, *map(str, command)], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {done.stderr}")
    return int(done.stderr.split()[-1])


def by_turns(commands: dict, times) -> dict:
    """-> of each command the medians of (milliseconds by the clock, milliseconds of computing)"""
    results = {who: [] for who in commands}
    for turn in range(times + 1):
        for who, command in commands.items():
            figures = _run([str(word) for word in command])
            # The first turn reads the programs and the picture from the disk.
            if turn > 0:
                results[who].append(figures)
    return {who: [statistics.median(column) for column in zip(*figures)] for who, figures in results.items()}


def _run(command) -> tuple[float, float]:
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ | {"VIPS_CONCURRENCY": "1"})
    _, status, usage = os.wait4(pid, 0)
    taken = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return taken * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def answer(command):
    """-> what a program prints, as JSON"""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": _MODULES})
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return json.loads(done.stdout)
