"""What every peer in Python does with a job: once unmeasured, then as often as it is told, in as many processes."""

import json
import multiprocessing
import resource
import sys
import time

from engine.works import Job


def serve(render, measured_processes=resource.RUSAGE_SELF):
    """Does the job of the command line and prints what `tintype render --times` prints; null if `render` cannot do it.

    - render: of a job, returns the result's bytes, or None.
    """
    job = Job(**json.loads(sys.argv[1]))
    # A process that comes of another must not begin with libraries whose threads it does not have.
    context = multiprocessing.get_context("spawn")
    if job.threads == 1:
        report, result = _repeat(render, job, job.times, lambda: None)
    else:
        barrier, answers = context.Barrier(job.threads), context.SimpleQueue()
        shares = [job.times // job.threads + (number < job.times % job.threads) for number in range(job.threads)]
        children = [context.Process(target=_child, args=(render, job, share, barrier, answers)) for share in shares]
        for child in children:
            child.start()
        got = [answers.get() for _ in children]
        for child in children:
            child.join()
        result = got[0][1]
        report = result and {
            "milliseconds": [figure for child, _ in got for figure in child["milliseconds"]],
            "begin": min(child["begin"] for child, _ in got),
            "end": max(child["end"] for child, _ in got),
        }
    if result is None:
        print("null")
        return
    with open(job.target, "wb") as file:
        file.write(result)
    print(json.dumps({
        "milliseconds": report["milliseconds"],
        "seconds": report["end"] - report["begin"],
        "peak_rss_bytes": _peak() if measured_processes == resource.RUSAGE_SELF
        else resource.getrusage(measured_processes).ru_maxrss * 1024,
    }))


def _child(render, job, times, barrier, answers):
    answers.put(_repeat(render, job, times, barrier.wait))


def _repeat(render, job, times, begin):
    result = render(job)
    begin()
    times_taken = []
    started = time.monotonic()
    for _ in range(times if result is not None else 0):
        before = time.perf_counter()
        result = render(job)
        times_taken.append((time.perf_counter() - before) * 1000)
    return {"milliseconds": times_taken, "begin": started, "end": time.monotonic()}, result


def _peak():
    # Unlike ru_maxrss it does not begin with the size of the process that started this one.
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
