"""Measures whether the store gets slower as it fills: the same questions with 20 jobs and with 20,000."""

import time

import pictures
from http_figures import GRAYSCALE
from services import Tintype, until


def questions(folder, binary, load, count, seconds):
    """Median milliseconds of each question while `count` jobs wait."""
    with Tintype(folder, binary, role="api") as service:
        records = pictures.write_records(load.scratch / "waiting", (pictures.tiny_png(n) for n in range(count)))
        _, jobs = load.submit(service, records, "a.png", GRAYSCALE)
        paths = {"GET /status/{id}": f"/status/{jobs[count // 2]}", "GET /list": "/list?limit=50",
                 "GET /jobs": "/jobs?limit=50", "GET /health": "/health"}
        return {name: load.get(service, path, clients=1, seconds=seconds)["p50_ms"] for name, path in paths.items()}


def claiming(folder, binary, waiting, measured) -> float:
    """Milliseconds a job, over the first `measured` of the jobs that wait in the folder's store."""
    start, times = waiting - 50, {}
    with Tintype(folder, binary, role="worker") as service:

        def passed(mark):
            left = service.unfinished(0)
            if left <= mark:
                times[mark] = (time.perf_counter(), left)
            return left <= mark

        for mark in (start, start - measured):
            until(lambda mark=mark: passed(mark))
    (first, more), (last, fewer) = times[start], times[start - measured]
    return (last - first) / (more - fewer) * 1000
