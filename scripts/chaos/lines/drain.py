"""Line 7."""

from __future__ import annotations

import datetime
import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict, until
from fleet.balancer import Balancer

GRACE = 3
# Jobs that outlast the grace time, in each turn: as many as there are workers, so that most workers have one.
LONG = 3
# What an exit takes beyond the grace time: the end of a process, and its parent's look at it.
MARGIN = 0.5
HANDOVER = 2
# Longer than the balancer takes to notice.
DELAY = 1
# Seconds in which a client on a busy machine learns that the connection it has just used again was closed before.
CLOSED_BEFORE = 0.1


def drain(stage: Stage) -> Verdict:
    """SIGTERM under load, 50 times: exit 0 within the grace time, no request in flight is reset, released jobs run
    elsewhere within 2 s and are not charged an attempt"""
    times = 6 if stage.is_short else 50
    verdict = Verdict()
    with stage.fleet(
            apis=2, workers=3, LEASE_SECONDS="10", WORKERS="2", SHUTDOWN_GRACE_SECONDS=str(GRACE),
            DRAIN_DELAY_SECONDS=str(DELAY)) as fleet, Balancer(stage.api_ports) as balancer, Ledger(
                balancer) as ledger:
        # Some that outlast the grace time and are handed over, and many small ones; together less than the machine can
        # do, so that what is released finds a free slot.
        long_plan = stage.work.plan(1.5 * GRACE)
        slowest = {"api": 0.0, "worker": 0.0}
        for turn in range(times):
            first = turn * 1000
            small = ledger.submit(stage.jobs(100, first=first), rate=50)
            long = ledger.submit(stage.jobs(LONG, long_plan, name="long", first=first + 500))
            time.sleep(stage.dice.uniform(0.3, 1))
            process = stage.dice.choice(fleet.living("worker" if turn % 3 else "api"))
            port = process.port if process.role == "api" else 0
            process.terminate()
            asked = time.monotonic()
            code = process.wait(GRACE + MARGIN + 20)
            slowest[process.role] = max(slowest[process.role], time.monotonic() - asked)
            verdict.expect(code == 0, f"{process.name} ended with {code}")
            fleet.start(process.role, port).await_start()
            small.finish()
            long.finish()
            until(lambda: len(ledger.unfinished) < 3, patience=30)
        verdict.expect(max(slowest.values()) <= GRACE + MARGIN, f"the slowest exits took, in seconds: {slowest}")
        verdict.expect(ledger.await_ends(60), "jobs did not end")
        verdict.problems += ledger.problems(fleet, stage.dice)

        # A connection that lay idle may be closed at the very moment it is used again (RFC 9112, 9.3.1): its client may
        # send the request once more. Nothing else may be cut off.
        cut = [entry for entry in ledger.notes.broken if not _is_idle_close(entry)]
        verdict.expect(not cut, f"{len(cut)} requests were cut off: {cut[:3]}")
        excused = len(ledger.notes.broken) - len(cut)
        verdict.expect(excused <= 1 + times // 10, f"{excused} idle connections were closed under a request")
        handed, longest = _handovers(ledger, fleet)
        verdict.expect(handed > 0, "no job was handed over")
        verdict.expect(longest <= HANDOVER, f"a released job waited {longest:.1f} s")
        charged = [job_id for job_id, end in ledger.ends.items() if end["attempts"]]
        verdict.expect(not charged, f"attempts were charged: {charged[:3]}")
        forced = ledger.said(fleet, "the drain took too long, and is ended")
        verdict.expect(not forced, f"{len(forced)} processes ended only because their time was up")
        lost = ledger.said(fleet, "leases expired")
        verdict.expect(not lost, f"{len(lost)} sweeps found jobs that were not handed back")
        verdict.facts = [
            f"{times} stops", f"exits within {slowest['api']:.1f} s (api) and {slowest['worker']:.1f} s (worker)",
            f"{handed} jobs handed over", f"the longest waited {longest:.1f} s", f"{len(ledger.ids)} jobs",
            f"{excused} idle connections closed under a request"]
    return verdict


def _is_idle_close(entry) -> bool:
    return entry.was_reused and entry.seconds < CLOSED_BEFORE


def _handovers(ledger, fleet) -> tuple[int, float]:
    """How many jobs were handed back, and how long the slowest of them waited to be begun again, in seconds."""
    released = {}
    for event in ledger.said(fleet, "job handed back"):
        job_id = event["job_id"]
        released[job_id] = max(released.get(job_id, event["time"]), event["time"])
    waits = [
        (_time(ledger.ends[job_id]["started_at"]) - _time(time_)).total_seconds()
        for job_id, time_ in released.items() if job_id in ledger.ends]
    return len(waits), max(waits, default=0.0)


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
