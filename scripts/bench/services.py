"""The two services that are compared: how each is started, watched and stopped."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 120  # seconds for what should take a few


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(holds, pause=0.005):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if holds():
                return
        time.sleep(pause)
    raise SystemExit("a service did not do what it should in time")


class Service:
    """Processes over a folder of their own, reached at one port."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        folder.mkdir(parents=True, exist_ok=True)

    def spawn(self, command, **environment):
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(
                [str(word) for word in command], cwd=self.folder, env=os.environ | environment, stdout=log,
                stderr=subprocess.STDOUT))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(self, path, connection=None):
        """The JSON behind a path, or None where the answer is not 200."""
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        own.request("GET", path)
        answer = own.getresponse()
        body = answer.read()
        if connection is None:
            own.close()
        return json.loads(body) if answer.status == 200 else None

    def answers(self, path) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status == 200

    def pids(self):
        """Its processes and all that they started."""
        found = [process.pid for process in self.processes]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def resident(self) -> float:
        """MiB held now, what several processes share counted once."""
        return sum(_field(pid, "smaps_rollup", "Pss") for pid in self.pids()) / 1024

    def forget_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak(self) -> float:
        """MiB, the most since `forget_peak`."""
        return sum(_field(pid, "status", "VmHWM") for pid in self.pids()) / 1024

    def resident_alone(self) -> float:
        """MiB, what is shared counted in each."""
        return sum(_field(pid, "status", "VmRSS") for pid in self.pids()) / 1024


def _field(pid, file, name) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


class Tintype(Service):
    name = "tintype"
    ready = "/health/ready"

    def __init__(self, folder, binary, role="serve", **settings):
        super().__init__(folder)
        self.binary, self.role, self.settings = binary, role, settings

    def start(self):
        self.spawn([self.binary, self.role], HOST="127.0.0.1", PORT=str(self.port), DATA_DIR=str(self.folder / "data"),
                   ALLOW_LOCAL="1", LOG_LEVEL="warning", **self.settings)
        until(lambda: self.answers(self.ready), pause=0.0005)

    def results_so_far(self) -> int:
        return 0

    def is_idle(self, submitted) -> bool:
        """Whether nothing is left to do."""
        return not any(self.ask(f"/jobs?limit=1&status={state}")["jobs"] for state in ("queued", "processing"))


class Reference(Service):
    """FastAPI, Celery, Redis and Pillow, set up as their manuals say for two cores: one web process, two workers."""

    name = "reference"
    ready = "/health"

    def __init__(self, folder, redis_server):
        super().__init__(folder)
        self.redis_server = redis_server
        self.results = folder / "processed"

    def start(self):
        redis_port = free_port()
        uploads = self.folder / "uploads"
        uploads.mkdir(exist_ok=True)
        self.results.mkdir(exist_ok=True)
        settings = {"REDIS_URL": f"redis://127.0.0.1:{redis_port}/0", "UPLOADS": str(uploads),
                    "PROCESSED": str(self.results), "PYTHONPATH": str(HERE / "reference")}
        self.spawn([self.redis_server, "--port", redis_port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        self.spawn([sys.executable, "-m", "uvicorn", "app:app", "--port", self.port, "--log-level", "warning"],
                   **settings)
        self.spawn([sys.executable, "-m", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel",
                    "error", "--without-gossip", "--without-mingle"], **settings)
        until(lambda: self.answers(self.ready), pause=0.0005)

    def results_so_far(self) -> int:
        return len(os.listdir(self.results))

    def is_idle(self, submitted) -> bool:
        """Whether there are results for all jobs submitted so far."""
        return self.results_so_far() >= submitted
