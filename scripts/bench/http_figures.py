"""Measures the two services side by side over HTTP."""

import http.client
import json
import re
import statistics
import subprocess
import time
import uuid

import pictures
from fleet.client import Client, Notes
from services import until

GRAYSCALE = {"operation": "grayscale"}
RESIZE = {"operation": "resize", "width": 800, "height": 600, "fit": "fill"}


class Load:
    """The load generator over one service."""

    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch

    def _run(self, *words):
        run = subprocess.run([str(word) for word in (self.program, *words)], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"load {' '.join(map(str, words))}: {run.stderr}")
        return json.loads(run.stdout)

    def get(self, service, path, clients=16, seconds=3):
        return self._run("get", service.port, path, clients, seconds)

    def upload(self, service, records, clients, name):
        return self._run("upload", service.port, records, clients, name)

    def submit(self, service, records, name, plan, clients=16):
        """-> figures, the jobs' ids"""
        ids = self.scratch / "ids"
        figures = self._run("jobs", service.port, records, clients, name, json.dumps(plan), ids)
        return figures, ids.read_text().split()

    def files(self, service, records, name, clients=16):
        """-> a file of the files' ids"""
        ids = self.scratch / "files"
        self._run("files", service.port, records, clients, name, ids)
        return ids

    def plans(self, service, files, count, plan, clients=16):
        """Asks for a plan, of one file after the other; see load.c for its numbers. -> figures, the jobs' ids"""
        ids = self.scratch / "ids"
        # The numbers stand in quotes until here, so that the plan is JSON; they are not to arrive as text.
        text = re.sub(r'"(\$[xy])"', r"\1", json.dumps(plan))
        figures = self._run("plans", service.port, files, clients, count, text, ids)
        return figures, ids.read_text().split()


def jobs_per_second(service, load, records, name, plan) -> float:
    """From the first request until the service has nothing left to do; every job must be done."""
    before = service.results_so_far()
    figures, jobs = load.submit(service, records, name, plan)
    until(lambda: service.is_idle(before + len(jobs)))
    seconds = time.monotonic() - figures["started"]
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    for job in jobs:
        until(lambda job=job: service.ask(f"/status/{job}", connection)["status"] == "done")
    connection.close()
    return len(jobs) / seconds


def lone_job(service, numbers) -> tuple[float, float]:
    """Median milliseconds until a lone 16 × 16 job is accepted, and until its status says done."""
    accepted, finished = [], []
    client = Client([service.port], Notes())
    for number in numbers:
        file = client.upload("a.png", pictures.tiny_png(number))
        started = time.perf_counter()
        job = client.submit(file, GRAYSCALE, str(uuid.uuid4()))
        accepted.append(time.perf_counter() - started)
        while client.get(f"/status/{job}?wait=5")["status"] != "done":
            pass
        finished.append(time.perf_counter() - started)
    client.close()
    return statistics.median(accepted) * 1000, statistics.median(finished) * 1000


def start_ups(make, times) -> float:
    """Median milliseconds from the start of the process to the first 200."""
    taken = []
    for _ in range(times):
        service = make()
        started = time.perf_counter()
        with service:
            taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def upload_growth(service, load, records, clients, name) -> tuple[float, float]:
    """-> MB a second, MiB by which the memory grew at most"""
    before = service.resident_alone()
    service.forget_peak()
    figures = load.upload(service, records, clients, name)
    return figures["bytes"] / figures["seconds"] / 1e6, service.peak() - before
