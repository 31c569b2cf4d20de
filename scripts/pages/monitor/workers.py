"""Who works."""

from __future__ import annotations

import time

from pages.monitor.view import (
    NOTICED, agree, anywhere, develop, develop_url, elsewhere, ended, open_view, press, serve, status, title)
from pages.stage import Stage, expect

GONE = 15  # seconds until a worker that was killed is shown as gone, or no more


def states(stage: Stage) -> list[str]:
    return [row.get_attribute("data-state") for row in stage.all("main tr[data-id]")]


def killed(stage: Stage):
    """monitor: two workers are listed with what they do, and one that is killed is gone within 15 seconds"""
    with anywhere(stage) as place:
        # A job lasts as long as its picture is on the way.
        place.delay = 25
        shared = {"DATA_DIR": "shared", "ALLOW_LOCAL": "1", "FETCH_ALLOWED_PORTS": str(place.port)}
        serve(stage, "api", **shared)
        workers = [stage.fleet.start("worker", WORKERS="1", **shared) for _ in range(2)]
        for worker in workers:
            worker.await_start()
        open_view(stage, "workers")
        stage.until(lambda: states(stage) == ["working", "working"])
        jobs = {develop_url(stage, f"{place.url}/{number}.png") for number in range(2)}
        stage.until(lambda: {task.get_attribute("data-job") for task in stage.all(".tasks li")} == jobs)
        expect(all(" of 1" in row.text for row in stage.all("main tr[data-id]")), stage.one("main").text)
        workers[1].kill()
        killed_at = time.monotonic()
        stage.until(lambda: states(stage).count("working") == 1, GONE + 10)
        took = time.monotonic() - killed_at
        expect(took < GONE, f"it took {took:.1f} s")
        stage.until(lambda: states(stage) == ["working"])
        expect(stage.one("main .sheet p").text.startswith("1 worker,"), stage.one("main").text)


def at_work(stage: Stage):
    """monitor: what a worker does leads to that job's story"""
    with elsewhere(stage) as place:
        place.delay = 8
        job = develop_url(stage, f"{place.url}/a.png")
        open_view(stage, "workers")
        stage.until(lambda: [task.get_attribute("data-job") for task in stage.all(".tasks li")] == [job])
        stage.one(".tasks a").click()
        stage.until(lambda: title(stage) == "Job" and "processing" in stage.one(".story-head").text)
        expect("At work now" in stage.one(".story-tries").text, stage.one(".story-tries").text)
        stage.until(lambda: "done" in stage.one(".story-head").text)


def drained(stage: Stage):
    """monitor: a worker drained by click takes no job until it takes up again"""
    first, second = (stage.upload(stage.picture(f"{seed}.png", seed=seed))["file_id"] for seed in range(2))
    open_view(stage, "workers")
    stage.until(lambda: states(stage) == ["working"])
    expect(develop(stage, first)["status"] == "done", "not done")
    press(stage, "Drain")
    agree(stage, "Drain")
    stage.until(lambda: states(stage) == ["draining"])
    time.sleep(NOTICED)
    job = develop(stage, second, wait=0)["job_id"]
    expect(status(stage, job, 4) == "queued", "it took the job")
    press(stage, "Take up again")
    stage.until(lambda: states(stage) == ["working"])
    expect(ended(stage, job) == "done", job)


CHECKS = [killed, at_work, drained]
