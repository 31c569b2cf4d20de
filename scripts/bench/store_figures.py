"""Measures whether the store gets slower as it fills: the same questions with 20 jobs and with 20,000."""

import time

import pictures
from http_figures import GRAYSCALE
from services import Tintype, until


def questions(folder, binary, load, count, seconds):
    """-> median milliseconds of each question while `count` jobs wait, the jobs' ids in their order"""
    with Tintype(folder, binary, role="api") as service:
        records = pictures.write_records(load.scratch / "waiting", (pictures.tiny_png(n) for n in range(count)))
        _, jobs = load.submit(service, records, "a.png", GRAYSCALE, clients=1 if count < 1000 else 16)
        paths = {"GET /status/{id}": f"/status/{jobs[count // 2]}", "GET /list": "/list?limit=20",
                 "GET /jobs": "/jobs?limit=20"}
        medians = {name: load.get(service, path, clients=1, seconds=seconds)["p50_ms"] for name, path in paths.items()}
        return medians, sorted(jobs)


def claiming(folder, binary, jobs, measured) -> float:
    """Milliseconds a job, over `measured` of the jobs that wait in the folder's store, oldest first."""
    ended = []
    with Tintype(folder, binary) as service:
        # The first few find a process that has just started.
        for job in (jobs[50], jobs[50 + measured]):
            until(lambda job=job: service.ask(f"/status/{job}?wait=50")["status"] == "done", pause=0)
            ended.append(time.perf_counter())
    return (ended[1] - ended[0]) / measured * 1000
