"""Line 4."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict, until
from chaos.work import GRAYSCALE

LEASE = 5
RESUMED = 10  # seconds from the server's return to the next job that is done
RUNG_AGAIN = 15
REFUSED = 2  # seconds within which a request is refused while a server is away
# What this machine, busy as it is, may add to a time that is measured from outside.
SLACK = 0.5


def killed_backends(stage: Stage) -> Verdict:
    """kill -9 and restart each server five times, then delete the queue: 0 lost, 0 doubled; work goes on within 10 s,
    lost rings within 15 s; meanwhile requests get 503 with Retry-After within 2 s"""
    count, times = (300, 2) if stage.is_short else (2000, 5)
    # What a kill and a restart take, and the work after it; RabbitMQ is slow to rise.
    each = 20 if "rabbitmq" in stage.pairing.servers else 12
    seconds = each * times * len(stage.pairing.servers)
    verdict = Verdict()
    with stage.fleet(apis=2, workers=2, LEASE_SECONDS=str(LEASE)) as fleet, Ledger(
            stage.api_ports) as ledger:
        over = threading.Event()
        prober = threading.Thread(target=_probe, args=(ledger, over))
        submission = ledger.submit(stage.jobs(count, stage.work.plan(0.01)), rate=count / seconds)
        prober.start()
        slowest = 0.0
        try:
            for server in stage.pairing.servers * times:
                verdict.expect(not submission.is_over, f"{server} was killed after all jobs had been sent")
                stage.servers.crash(server)
                time.sleep(stage.dice.uniform(1, 4))
                stage.servers.start(server)
                slowest = max(slowest, _until_resumed(stage, ledger))
            submission.finish()
            rung = _lose_rings(stage, ledger)
        finally:
            over.set()
            prober.join()
        verdict.expect(ledger.await_ends(60), "jobs did not end")
        verdict.problems += ledger.problems(fleet, stage.dice)
        charged = [job_id for job_id, end in ledger.ends.items() if end["attempts"]]
        verdict.expect(not charged, f"{len(charged)} jobs were charged an attempt: {charged[:3]}")
        verdict.expect(slowest <= RESUMED, f"work went on only after {slowest:.1f} s")
        verdict.expect(
            rung is None or rung <= RUNG_AGAIN, f"jobs with lost rings were done only after {rung} s")
        refusals = ledger.notes.refusals
        # A queue only rings: while it is away, the store takes jobs all the same.
        verdict.expect(
            bool(refusals) or stage.pairing.store == "sqlite", "nothing was refused while servers were away")
        wrong = [entry for entry in refusals if entry.status != 503 or not entry.has_retry_after]
        verdict.expect(not wrong, f"{len(wrong)} refusals are no 503 with Retry-After: {wrong[:2]}")
        longest = max(ledger.notes.durations, default=0)
        verdict.expect(longest <= REFUSED + SLACK, f"an answer took {longest:.1f} s")
        verdict.expect(not ledger.notes.broken, f"requests were cut off: {ledger.notes.broken[:2]}")
        verdict.facts = [
            f"{count} jobs", f"{times} × {', '.join(stage.pairing.servers)} killed", f"resumed within {slowest:.1f} s",
            *([] if rung is None else [f"lost rings made good in {rung:.1f} s"]), f"{len(refusals)} refusals",
            f"slowest answer {longest:.2f} s"]
    return verdict


def _probe(ledger, over):
    """Asks for what every request needs, again and again, so that an absence is seen from its first moment."""
    client = ledger.client()
    while not over.wait(0.1):
        with contextlib.suppress(OSError, http.client.HTTPException):  # the client has noted it
            client.once("GET", "/list?limit=1")


def _until_resumed(stage, ledger) -> float:
    """Seconds until a job that is submitted now is done, before those that have gathered meanwhile."""
    began = time.monotonic()
    first = 10 ** 6 + len(ledger.answers)
    ledger.submit(stage.jobs(1, GRAYSCALE | {"priority": "high"}, name="after", first=first)).finish()
    (job_id,) = ledger.answers[f"after-{first}"]
    # Asked for itself: the ledger learns of one end after the other.
    client = ledger.client()
    until(lambda: client.get(f"/status/{job_id}?wait=10")["status"] == "done", patience=60)
    client.close()
    return time.monotonic() - began


def _lose_rings(stage, ledger) -> float | None:
    """Deletes the queue while jobs wait in it. -> seconds until they are done all the same; None where the store rings,
    with nothing of its own that could be deleted"""
    queue = stage.pairing.queue or stage.pairing.store
    if queue not in ("rabbitmq", "redis", "redis-cluster"):
        return None
    # Nothing else is to be done then: what is measured is how long rings are missed.
    ledger.await_ends(60)
    if queue == "rabbitmq" and not stage.servers.client(queue, "list_queues", "--silent", "name").strip():
        raise RuntimeError("there is no queue to be deleted")
    # Some seconds of work for all slots, so that most of them still wait when the queue goes.
    ledger.submit(stage.jobs(100, stage.work.plan(0.1), name="rung", first=2 * 10 ** 6)).finish()
    _delete_queue(stage, queue)
    began = time.monotonic()
    until(lambda: not ledger.unfinished, patience=60)
    return time.monotonic() - began


def _delete_queue(stage, queue):
    if queue == "rabbitmq":
        stage.servers.wipe("rabbitmq")
        return
    streams = [f"{{tintype}}:rings:{priority}" for priority in ("high", "normal", "low")]
    waiting = sum(int(stage.servers.client(queue, "xlen", stream)) for stream in streams)
    if int(stage.servers.client(queue, "del", *streams)) == 0 or waiting == 0:
        raise RuntimeError("there was no stream to be deleted, or nothing in it")
