"""Measures what the operator's page asks of a process, with many jobs in the store and many pages open."""

import contextlib
import os
import selectors
import socket
import time
import urllib.request
from pathlib import Path

from services import Tintype, until

PATHS = [
    "/monitor", "/overview", "/history", "/jobs?limit=50", "/jobs?status=failed&limit=50", "/dead-letters?limit=50",
    "/batches?limit=50", "/settings",
]
ROWS = 10_000  # of a CSV


def measure(folder, binary, load, count, pages, seconds):
    """Fills a store with jobs, a fifth of them failed, the others waiting.

    -> milliseconds by path (median, and of one in a hundred), the part of a core that `pages` open pages take while they
    watch and a worker works, and how many times a second each is told of it"""
    with Tintype(folder, binary, role="api") as service:
        for batch in range(count // ROWS):
            rows = "".join(f"http://localhost/{batch}-{row}.png\n" for row in range(ROWS))
            _upload(service, "input_url\n" + rows)
    # They may not be fetched, and fail as soon as they are begun.
    with Tintype(folder, binary) as service:
        until(lambda: service.ask("/health")["queue"]["dead"] >= count // 5, pause=0.5)
    with Tintype(folder, binary, role="api") as service:
        paths = {path: load.get(service, path, clients=1, seconds=seconds) for path in PATHS}
        with Tintype(folder, binary, role="worker", WORKERS="1"):
            before = _processor_seconds(service)
            time.sleep(seconds)
            alone = _processor_seconds(service) - before
            told, took, lasted = _watch(service, pages, seconds)
    return paths, (took / lasted - alone / seconds), told / lasted / pages


def _upload(service, text):
    body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + text.encode()
            + b"\r\n--b--\r\n")
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}/upload", body, {"Content-Type": "multipart/form-data; boundary=b"})
    with urllib.request.urlopen(request, timeout=60):
        pass


def _watch(service, pages, seconds):
    """-> overviews that came, seconds of a processor that the process took meanwhile, how long it lasted"""
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(pages):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            link.sendall(b"GET /overview/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            selector.register(link, selectors.EVENT_READ)

        def listen(seconds):
            told, end = 0, time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    told += key.fileobj.recv(1 << 16).count(b"event: overview")
            return told

        listen(2)  # what comes first
        before, began = _processor_seconds(service), time.monotonic()
        told = listen(seconds)
        return told, _processor_seconds(service) - before, time.monotonic() - began


def _processor_seconds(service) -> float:
    words = Path(f"/proc/{service.processes[0].pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
