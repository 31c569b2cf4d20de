"""What a check finds around it: a running service, a server of pictures, and a folder with files to send."""

from __future__ import annotations

import contextlib
import copy
import functools
import http.server
import json
import os
import queue
import re
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from test_picture import png
from fleet.processes import Fleet

PROJECT = Path(__file__).parents[2]
PATIENCE = 60  # seconds for what should take a few
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the service's webhooks

Answer = Callable[[BinaryIO], Any]  # writes all of an answer, its head too


class Stage:
    def __init__(self, fleet: Fleet, pictures: str, folder: Path, webhooks: queue.Queue, answers: dict[str, Answer]):
        """
        :param pictures: the URL of a server that has the files of `folder` and nothing else; so is `service`
        :param webhooks: what is posted to that server: fields and bodies
        :param answers: what that server answers in its own way, by path
        """
        self.fleet, self.pictures, self.folder = fleet, pictures, folder
        self.webhooks, self.answers = webhooks, answers
        self.service = f"http://127.0.0.1:{fleet.start('serve').port}"

    @property
    def data(self) -> Path:
        """Where the service keeps everything."""
        return self.fleet.folder / "data"

    def closed(self) -> Stage:
        """The same place, with a service of its own that may go to no address of this machine."""
        other = copy.copy(self)
        service = self.fleet.start("serve", DATA_DIR="closed", FETCH_ALLOW_NETWORKS="")
        other.service = f"http://127.0.0.1:{service.port}"
        return other

    def here(self, text: str) -> str:
        """A text of the documents, with the servers of this stage in the place of those that it names."""
        return text.replace("http://localhost:8000", self.service).replace("https://example.com", self.pictures)

    def run(self, *words: str | Path, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        """A program in the folder, with this Python in its PATH and no terminal."""
        inherited = {name: os.environ[name] for name in ("HOME", "LD_LIBRARY_PATH") if name in os.environ}
        environment = inherited | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8", "TINTYPE_URL": self.service}
        ended = subprocess.run(
            words, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        expect(may_fail or ended.returncode == 0, ended)
        return ended

    def curl(self, command: str) -> tuple[int, Any]:
        """A curl command as a README has it. -> the status, and what was answered: JSON, else bytes as Latin-1"""
        command = self.here(command).replace("curl ", "curl -sS -w '%{stderr}%{http_code}' ", 1)
        ended = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, capture_output=True, timeout=PATIENCE, check=False)
        expect(ended.returncode == 0, (command, ended))
        body = ended.stdout
        return int(ended.stderr), json.loads(body) if body[:1] in (b"{", b"[") else body


@contextlib.contextmanager
def stage(binary: Path, folder: Path):
    """-> a stage in `folder`, of which nothing runs on afterwards"""
    files = folder / "files"
    (files / "photos").mkdir(parents=True)
    (files / "scripts").symlink_to(PROJECT / "scripts")
    (files / "photo.png").write_bytes(png(64, 48))
    for name in ("photo.jpg", "lake.jpg", "hills.jpg", "photos/one.jpg"):
        shutil.copy(PROJECT / "docs/pictures/original.jpg", files / name)
    (files / "photos/two.png").write_bytes(png(120, 90))

    webhooks, answers = queue.Queue(), {}
    with listening(functools.partial(Quietly, webhooks, answers, directory=files)) as server:
        settings = {
            "FETCH_ALLOW_NETWORKS": "127.0.0.1/32", "FETCH_ALLOWED_PORTS": str(server.server_port),
            "WEBHOOK_SECRET": SECRET}
        with Fleet(binary, folder / "service", settings) as fleet:
            yield Stage(fleet, f"http://127.0.0.1:{server.server_port}", files, webhooks, answers)


@contextlib.contextmanager
def listening(handler: Callable[..., http.server.BaseHTTPRequestHandler]):
    """A server on any port that is free."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class Quietly(http.server.SimpleHTTPRequestHandler):
    def __init__(self, webhooks: queue.Queue, answers: dict[str, Answer], *arguments, **options):
        self.webhooks, self.answers = webhooks, answers
        super().__init__(*arguments, **options)

    def do_GET(self):
        if not self.answers_otherwise():
            super().do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.answers_otherwise():
            return
        self.webhooks.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def answers_otherwise(self) -> bool:
        answer = self.answers.get(self.path)
        if answer:
            with contextlib.suppress(OSError):  # who asked has heard enough
                answer(self.wfile)
        return answer is not None

    def log_message(self, *_):
        pass


def size_of(png: bytes) -> tuple[int, int]:
    expect(png.startswith(b"\x89PNG"), png[:40])
    return struct.unpack(">II", png[16:24])


def expect(holds: Any, found: Any):
    if not holds:
        raise AssertionError(f"found {found!r}")
