"""Line 2."""

from __future__ import annotations

import hashlib
import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict, until

LEASE = 1
# Workers of one slot each, so that every stop is of one job; a part of them is stopped at a time.
WORKERS, STOPPED = 6, 4


def late_finish(stage: Stage) -> Verdict:
    """SIGSTOP a worker in mid-job for three leases, another finishes, SIGCONT: each late finish is refused, no result
    changes"""
    rounds = 20 if stage.is_short else 200
    verdict = Verdict()
    with stage.fleet(apis=1, workers=WORKERS, LEASE_SECONDS=str(LEASE), WORKERS="1") as fleet, Ledger(
            stage.api_ports[:1]) as ledger:
        client = ledger.client()
        plan = stage.work.plan(0.2)
        workers = fleet.living("worker")
        stops = submitted = blocked = 0
        while len(_refused(ledger, fleet)) < rounds and stops < 6 * rounds:
            # Enough for every worker to be in mid-job when it is stopped.
            ledger.submit(stage.jobs(2 * WORKERS, plan, first=submitted)).finish()
            submitted += 2 * WORKERS
            chosen = []
            # Where nothing rings, workers find their jobs one after the other.
            while len(chosen) < STOPPED and ledger.unfinished:
                busy = _busy([worker for worker in workers if worker not in chosen])
                for worker in stage.dice.sample(busy, min(len(busy), STOPPED - len(chosen))):
                    worker.pause()
                    chosen.append(worker)
            stops += len(chosen)
            held = [job["job_id"] for job in client.get("/jobs?status=processing&limit=1000")["jobs"]]
            time.sleep(3 * LEASE)
            # Who is stopped in the midst of a write to SQLite holds the file: then nobody can go on, and there is nothing
            # to compare.
            others_finished = until(lambda held=held: not ledger.unfinished.intersection(held), patience=5)
            blocked += not others_finished
            before = {job_id: _result(client, job_id) for job_id in held} if others_finished else {}
            for worker in chosen:
                worker.resume()
            verdict.expect(ledger.await_ends(30), "jobs did not end once all workers went on")
            time.sleep(LEASE)
            changed = [job_id for job_id, result in before.items() if _result(client, job_id) != result]
            verdict.expect(not changed, f"results changed by a late finish: {changed}")
        refused = _refused(ledger, fleet)
        verdict.expect(len(refused) >= rounds, f"only {len(refused)} late workers in {stops} stops")
        finishes = sum(event["step"] == "finish" for event in refused)
        # Most notice at their next renewal; one in forty is faster with the rest of its job, but hardly ever faster than a
        # look into a file.
        verdict.expect(
            finishes > 0 or stage.is_short or stage.pairing.store == "sqlite", "nobody was so late as to finish")
        verdict.expect(
            not blocked or stage.pairing.store == "sqlite", f"in {blocked} turns the others did not finish meanwhile")
        verdict.problems += ledger.problems(fleet, stage.dice)
        verdict.facts = [f"{stops} stops", f"{len(refused)} late workers refused, {finishes} of them at the finish",
                         f"{submitted} jobs",
                         *([f"in {blocked} turns the others did not finish meanwhile"] if blocked else [])]
    return verdict


def _busy(workers) -> list:
    """Those that compute at this moment; an idle one hardly ever does."""
    before = [worker.computed for worker in workers]
    time.sleep(0.05)
    return [worker for worker, ticks in zip(workers, before) if worker.computed > ticks]


def _refused(ledger, fleet) -> list[dict]:
    """What workers said that were told, when they renewed their claim or finished, that it is another's."""
    return ledger.said(fleet, "claim lost, work discarded")


def _result(client, job_id):
    status = client.get(f"/status/{job_id}")
    _, _, content = client.ask("GET", f"/download/{job_id}")
    return status["finished_at"], status["result"], hashlib.sha256(content).hexdigest()
