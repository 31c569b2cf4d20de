"""Processes that outlive the command that started them, known by their id and start time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process; the start time tells it from a later one with the same id."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        # A zombie has ended, however slowly its parent takes notice; a signal to it would still seem to arrive.
        state, started = _stat(self.pid)
        return state not in ("", "Z", "X") and started == self.started

    def send(self, number: signal.Signals):
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class ProcessList:
    """The processes of one server, written down in a file."""

    def __init__(self, file: Path, log: Path):
        self.file, self.log = file, log

    def launch(self, words, user=None, environment=None, folder=None):
        """Starts a process of a session of its own, so that a Ctrl-C meant for its user does not reach it.

        `environment` is all that it gets beside PATH and the locale.
        """
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
        as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env=kept | (environment or {}), start_new_session=True, **as_user)
        started = _stat(child.pid)[1]
        entries = [vars(process) for process in self.processes] + [{"pid": child.pid, "started": started}]
        self.file.write_text(json.dumps(entries))

    @property
    def processes(self) -> list[Process]:
        try:
            return [Process(**entry) for entry in json.loads(self.file.read_text())]
        except FileNotFoundError:
            return []

    @property
    def is_running(self) -> bool:
        """Whether all of them are."""
        processes = self.processes
        return bool(processes) and all(process.is_alive for process in processes)

    @property
    def is_gone(self) -> bool:
        return not any(process.is_alive for process in self.processes)

    def send(self, number: signal.Signals):
        for process in self.processes:
            process.send(number)

    def wait_until_gone(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self.is_gone:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def forget(self):
        self.file.unlink(missing_ok=True)


def _stat(pid: int) -> tuple[str, str]:
    """-> state and start time (proc(5), fields 3 and 22)"""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except (OSError, IndexError):
        return "", ""
    return fields[0], fields[19]
