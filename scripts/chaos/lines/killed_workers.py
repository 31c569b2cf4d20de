"""Line 1."""

from __future__ import annotations

import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict

LEASE, SLOTS, CRASHES = 5, 2, 3
# Claims that one worker may hold at its death: for each slot one at work, and eight small ones ahead.
HELD = 9 * SLOTS
# A lease, the sweep that notices it, and the work itself.
RECOVERY = 15


def killed_workers(stage: Stage) -> Verdict:
    """kill -9 a random worker of four every 2 s: 0 lost, 0 doubled, all final within 15 s of the last kill"""
    count, seconds = (300, 0.08) if stage.is_short else (5000, 0.012)
    verdict = Verdict()
    with stage.fleet(apis=1, workers=4, LEASE_SECONDS=str(LEASE), WORKERS=str(SLOTS)) as fleet, Ledger(
            stage.api_ports[:1]) as ledger:
        submission = ledger.submit(stage.jobs(count, stage.work.plan(seconds)))
        kills, last_kill = 0, time.monotonic()
        # To the end, but for the last few jobs: only when nobody kills can all of them end.
        while not submission.is_over or len(ledger.unfinished) > count // 20:
            time.sleep(max(0, last_kill + 2 - time.monotonic()))
            stage.dice.choice(fleet.living("worker")).kill()
            kills, last_kill = kills + 1, time.monotonic()
            fleet.start("worker")
        submission.finish()
        ledger.await_ends(RECOVERY + 45)
        recovery = max([*ledger.ended_at.values(), last_kill]) - last_kill
        verdict.expect(recovery <= RECOVERY, f"the last job ended {recovery:.1f} s after the last kill")
        # Longer than any lease: whoever still held a job would have to speak up now.
        time.sleep(LEASE)
        # A job that three dead workers had is given up: rare, and bounded by what was killed.
        given_up = {key for key, ids in ledger.answers.items() if ids & _given_up(ledger)}
        verdict.expect(len(given_up) * CRASHES <= kills, f"{len(given_up)} jobs were given up")
        verdict.problems += ledger.problems(fleet, stage.dice, may_fail=given_up)
        verdict.expect(kills > 2, f"only {kills} kills: the jobs were too small")
        # A worker may die between its last step and its word of it; nobody else is silent.
        silent = len(ledger.ends.keys() - ledger.said_endings(fleet).keys())
        verdict.expect(silent <= SLOTS * kills, f"the logs do not tell how {silent} jobs ended")
        expired = sum(int(event["count"]) for event in ledger.said(fleet, "leases expired"))
        verdict.expect(expired <= kills * HELD, f"{expired} leases of {kills} dead workers expired")
        verdict.facts = [f"{count} jobs", f"{kills} kills", f"{expired} leases expired",
                         f"all final {recovery:.1f} s after the last kill"]
        if given_up:
            verdict.facts.append(f"{len(given_up)} jobs killed {CRASHES} times and given up")
    return verdict


def _given_up(ledger) -> set[str]:
    return {job_id for job_id, end in ledger.ends.items() if end["error"] and end["error"]["code"] == "crashed"}
