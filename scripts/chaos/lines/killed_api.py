"""Line 3."""

from __future__ import annotations

import os
import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict, until

# How old bytes must be to be taken for orphans, and how often they are looked for, in seconds.
ORPHAN_AGE = 5


def killed_api(stage: Stage) -> Verdict:
    """kill -9 the API while jobs are submitted with Idempotency-Key and retries: every answered id exists, no key made
    two jobs, no orphan blob is left after the sweep"""
    count = 300 if stage.is_short else 2000
    verdict = Verdict()
    with stage.fleet(apis=2, workers=2, LEASE_SECONDS="5", ORPHAN_AGE_SECONDS=str(ORPHAN_AGE)) as fleet, Ledger(
            stage.api_ports) as ledger:
        submission = ledger.submit(stage.jobs(count), rate=60, times=2)
        kills = 0
        while not submission.is_over:
            time.sleep(stage.dice.uniform(0.2, 1))
            victim = stage.dice.choice(fleet.living("api"))
            port = victim.port
            victim.kill()
            kills += 1
            fleet.start("api", port).await_start()
        submission.finish()
        verdict.expect(ledger.await_ends(60), "jobs did not end")
        cut = [entry for entry in ledger.notes.broken if entry.request.startswith("POST")]
        verdict.problems += ledger.problems(fleet, stage.dice)
        verdict.expect(bool(cut), f"{kills} kills have cut off no request that makes something")
        verdict.facts = [f"{count} keys, each twice", f"{kills} kills",
                         f"{len(cut)} of {len(ledger.notes.broken)} requests that were cut off are POSTs"]
        _expect_sweep(stage, ledger, fleet, verdict)
    return verdict


def _expect_sweep(stage, ledger, fleet, verdict):
    pictures = _pictures(ledger)
    results = {job_id for job_id, end in ledger.ends.items() if end["status"] == "done"}

    def is_swept():
        names = [blob.rpartition("/")[2] for blob in _blobs(stage)]
        # That of a result begins with its job's id.
        of_results = [name[:36] for name in names if name[:36] in results]
        return len(names) == pictures + len(results) and len(of_results) == len(set(of_results)) == len(results)

    swept = until(is_swept, patience=6 * ORPHAN_AGE, pause=0.5)
    verdict.expect(
        swept, f"{len(_blobs(stage))} blobs are left after the sweep; {pictures} pictures and {len(results)} results "
        "are referred to")
    orphans = len(ledger.said(fleet, "orphan deleted"))
    verdict.expect(orphans > 0 or stage.is_short, "no kill has left bytes behind")
    verdict.facts += [f"{orphans} orphans swept", f"{pictures + len(results)} blobs kept"]


def _pictures(ledger) -> int:
    """How many different pictures there are: the bytes of each are kept once."""
    client = ledger.client()
    pictures, cursor = set(), ""
    while cursor is not None:
        page = client.get(f"/list?limit=1000{cursor}")
        pictures |= {file["sha256"] for file in page["files"]}
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    return len(pictures)


def _blobs(stage) -> list[str]:
    if stage.pairing.is_in_s3:
        return stage.servers.objects(stage.folder.name)
    data = stage.folder / "data"
    return [name for folder in ("uploads", "processed") for _, _, names in os.walk(data / folder) for name in names]
