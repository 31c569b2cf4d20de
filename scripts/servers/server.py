"""What every server has in common."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from servers import ports
from servers.processes import ProcessList

# For tests on loopback; whoever can reach these servers is this machine.
USER, PASSWORD = "test", "test-secret"


class Run:
    """One folder, and all that its servers share."""

    def __init__(self, folder: Path, tools: Path):
        self.folder, self.tools = folder, tools
        # Servers that run under a user of their own must find their way to their data, and may list nothing.
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        for name in ("run", "log"):
            (folder / name).mkdir(exist_ok=True)
        self._base = ports.base(folder)

    def port(self, name: str) -> int:
        return self._base + ports.NAMES.index(name)

    @property
    def spare_port(self) -> int:
        """The first of ten that no server takes."""
        return self._base + ports.FIRST_SPARE


class Server:
    """One server over one folder. Subclasses say what to install, what to start, and when it is ready."""

    name: str
    # Debian packages that bring each program, by the program's name.
    programs: dict[str, str] = {}
    # What it needs from PyPI.
    requirements: tuple[str, ...] = ()
    stop_signal = signal.SIGTERM

    def __init__(self, run: Run):
        self.run = run
        self.folder = run.folder / self.name
        self.log = run.folder / "log" / f"{self.name}.log"
        self.processes = ProcessList(run.folder / "run" / f"{self.name}.json", self.log)

    @staticmethod
    def find(program: str) -> str | None:
        """Programs of servers are often left out of a user's PATH."""
        return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

    def missing_packages(self) -> list[str]:
        return [package for program, package in self.programs.items() if not self.find(program)]

    # What a subclass says.

    def launch(self):
        """Starts its processes over `self.folder`, which is there; returns without waiting for them."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether it does what its clients will ask for; called again and again until it is true."""
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        """What tests find it by."""
        raise NotImplementedError

    def wipe(self):
        """Forgets all data while it runs."""
        raise NotImplementedError

    def client(self) -> tuple[list[str], dict[str, str]]:
        """The server's own command line: words and environment."""
        raise SystemExit(f"services: {self.name} has no command line of its own")

    # What all do alike.

    def start(self):
        self.folder.mkdir(exist_ok=True)
        self.log.write_bytes(b"")
        self.launch()

    def end(self):
        """Asks its processes to stop, without waiting for it. One that is paused hears it too."""
        self.processes.send(signal.SIGCONT)
        self.processes.send(self.stop_signal)

    def tidy(self):
        """Removes what it leaves behind outside its folder."""

    def crash(self):
        self.processes.send(signal.SIGKILL)
        self.processes.wait_until_gone(10)
