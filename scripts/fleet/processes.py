"""Processes of the binary, each with a log of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 60  # seconds for what should take one


class Process:
    """One `tintype api` or `tintype worker`, from its start to its end; started again it is another one."""

    def __init__(self, binary: Path, role: str, name: str, folder: Path, settings: dict[str, str]):
        self.role, self.name = role, name
        self.log = folder / f"{name}.log"
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH") if key in os.environ}
        with self.log.open("wb") as log:
            # In the folder, so that no .env of a developer's is read.
            self._process = subprocess.Popen(
                [str(binary), role], cwd=folder, env=inherited | {"HOST": "127.0.0.1", "LOG_FORMAT": "json"} | settings,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid
        self._port = None

    @property
    def port(self) -> int:
        """Where it listens; known once it says so."""
        end = time.monotonic() + PATIENCE
        while self._port is None:
            found = re.search(r"listens on http://[^\s]*:(\d+)", self.log.read_text(errors="replace"))
            if found:
                self._port = int(found[1])
            elif self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            else:
                time.sleep(0.005)
        return self._port

    def await_start(self):
        """Returns once it listens; raises where it ends instead."""
        if not self.port:
            raise RuntimeError(f"{self.name} listens nowhere")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self):
        """SIGKILL, and its end."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def terminate(self):
        """SIGTERM; see `wait`."""
        self._process.terminate()

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """Its exit code; None where it does not end in time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    @property
    def computed(self) -> int:
        """For how long it has computed, in ticks of the system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    @property
    def descriptors(self) -> int:
        """How many files and connections it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def events(self):
        """The entries of its log. What is no JSON is what a dying process left behind, or said before its log began."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("{"):
                    try:
                        yield json.loads(line)
                    except ValueError:
                        continue


class Fleet:
    """All processes of one try, the ended ones too; whatever happens, none of them outlives it."""

    def __init__(self, binary: Path, folder: Path, settings: dict[str, str]):
        self.binary, self.folder, self.settings = binary, folder, settings
        self.processes: list[Process] = []
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.is_alive:
                process.kill()

    def start(self, role: str, port: int = 0, **settings: str) -> Process:
        """Starts one without waiting for it."""
        name = f"{role}-{len(self.processes) + 1}"
        process = Process(self.binary, role, name, self.folder, self.settings | {"PORT": str(port)} | settings)
        self.processes.append(process)
        return process

    def living(self, role: str) -> list[Process]:
        return [process for process in self.processes if process.role == role and process.is_alive]

    def events(self):
        """-> process, entry: of all logs"""
        for process in self.processes:
            for event in process.events():
                yield process, event
