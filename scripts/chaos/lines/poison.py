"""Line 6."""

from __future__ import annotations

import threading

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict

MARK = "poison"
CRASHES = 3


def poison(stage: Stage) -> Verdict:
    """20 jobs that kill the worker among 1,000 good ones: dead after exactly 3 crashes, all good ones done"""
    good, bad = (280, 20) if stage.is_short else (1000, 20)
    verdict = Verdict()
    with stage.fleet(apis=1, workers=3, LEASE_SECONDS="5", CHAOS_POISON=MARK) as fleet, Ledger(
            stage.api_ports[:1]) as ledger:
        over = threading.Event()
        supervisor = threading.Thread(target=_keep_alive, args=(fleet, 3, over))
        supervisor.start()
        try:
            # What follows the end of a PNG belongs to the file, and not to the picture.
            poisonous = [(key, name, picture + MARK.encode(), plan)
                         for key, name, picture, plan in stage.jobs(bad, name=MARK, first=good)]
            jobs = stage.jobs(good, stage.work.plan(0.02)) + poisonous
            stage.dice.shuffle(jobs)
            ledger.submit(jobs).finish()
            verdict.expect(ledger.await_ends(300), "jobs did not end")
        finally:
            over.set()
            supervisor.join()
        poisons = {f"{MARK}-{number}" for number in range(good, good + bad)}
        verdict.problems += ledger.problems(fleet, stage.dice, may_fail=poisons)
        dead = {}
        cursor = ""
        while cursor is not None:
            page = ledger.client().get(f"/dead-letters?limit=1000{cursor}")
            dead |= {letter["job_id"]: letter for letter in page["dead_letters"]}
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
        expected = {job_id for key in poisons for job_id in ledger.answers[key]}
        verdict.expect(dead.keys() == expected, f"{len(dead)} dead letters for {bad} poisons")
        others = [letter for letter in dead.values() if letter["crashes"] != CRASHES]
        verdict.expect(not others, f"not dead after {CRASHES} crashes: {others[:3]}")
        deaths = len([process for process in fleet.processes if process.role == "worker" and not process.is_alive])
        verdict.facts = [f"{good} good jobs", f"{bad} poisons", f"{deaths} workers died"]
    return verdict


def _keep_alive(fleet, count, over):
    """Starts a worker for each that died, as any supervisor does."""
    while not over.wait(0.1):
        for _ in range(count - len(fleet.living("worker"))):
            fleet.start("worker")
