"""Line 5."""

from __future__ import annotations

import time

from chaos.ledger import Ledger
from chaos.stage import Stage, Verdict
from fleet.proxies import Proxies

LEASE = 10
BLACK_HOLE = 30
RESETS = 5
# Of a round trip, half of it each way; in seconds.
LATENCY, JITTER = 0.2, 0.1
# Connections to a database that a process may have, as DATABASE_CONNECTIONS is, and one that listens: after slow steps a
# pool is full that was half empty before.
POOL = 8 + 1
# And to S3, which are kept for the next.
STORAGE_POOL = 32
# Connections that were just being replaced; and those of our own clients, which show in the descriptors.
PLAY, CLIENTS = 2, 24


def bad_network(stage: Stage) -> Verdict:
    """a proxy before each server, with 200 ± 100 ms a round trip, resets every 5 s, one-byte slices and a 30 s black hole: 0
    lost, 0 doubled, no growth in connections or descriptors"""
    count, hole, phase = (150, 8, 10) if stage.is_short else (500, BLACK_HOLE, 30)
    verdict = Verdict()
    real = stage.pairing.addresses(stage.servers.variables)
    with Proxies(real, stage.servers.spare_ports(10)[2:]) as proxies:
        stage.addresses = proxies.addresses
        with stage.fleet(apis=1, workers=2, LEASE_SECONDS=str(LEASE)) as fleet, Ledger(
                stage.api_ports[:1]) as ledger:
            ledger.submit(stage.jobs(50, name="calm", first=10 ** 6), clients=16).finish()
            ledger.await_ends(60)
            calm, opened = _open(fleet, proxies), proxies.accepted
            verdict.expect(calm[0] > 0, "nobody goes through the proxies")

            proxies.order(latency=LATENCY / 2, jitter=JITTER / 2, reset_every=RESETS)
            submission = ledger.submit(stage.jobs(count), clients=16, rate=count / (hole + 3 * phase))
            time.sleep(phase)
            # Silence, and no reset that would tell of it.
            proxies.order(black_hole=True, reset_every=0)
            time.sleep(hole)
            # Alone, since after a reset it would leave no time for anything but logging in.
            proxies.order(black_hole=False, slice=1)
            time.sleep(phase)
            proxies.order(slice=0, reset_every=RESETS)
            time.sleep(phase)
            proxies.order(reset_every=0)
            submission.finish()
            verdict.expect(ledger.await_ends(300), "jobs did not end")

            proxies.order(latency=0, jitter=0)
            ledger.submit(stage.jobs(50, name="calm", first=2 * 10 ** 6)).finish()
            ledger.await_ends(60)
            after = _open(fleet, proxies)
            verdict.problems += ledger.problems(fleet, stage.dice)
            reopened = proxies.accepted - opened
            verdict.expect(reopened >= 2 * (phase // RESETS), f"only {reopened} connections were opened again")
            most = calm[0] + PLAY
            if stage.pairing.store in ("postgresql", "mysql"):
                most = max(most, POOL * len(fleet.processes) + PLAY * len(real))
            if stage.pairing.is_in_s3:
                most += STORAGE_POOL * len(fleet.processes)
            verdict.expect(after[0] <= most, f"connections grew from {calm[0]} to {after[0]}")
            descriptors = calm[1] + most - calm[0] + CLIENTS
            verdict.expect(after[1] <= descriptors, f"descriptors grew from {calm[1]} to {after[1]}")
            verdict.facts = [
                f"{count} jobs", f"{hole} s of black hole", f"{reopened} connections opened again",
                f"connections {calm[0]} then {after[0]}",
                f"descriptors {calm[1]} then {after[1]}", f"{len(ledger.notes.refusals)} refusals"]
    return verdict


def _open(fleet, proxies) -> tuple[int, int]:
    return proxies.open_connections, sum(process.descriptors for process in fleet.processes)
