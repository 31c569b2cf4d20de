"""Keeps count of jobs: what was answered for each, how each ended, and whether that stays so.

What would show that a job ended twice: two processes say in their logs that they ended it, or its status, once final,
changes (each ending has a time of its own and a result of its own). What would show that one was lost: an id that was
answered and does not end. And whatever was recorded must have been answered: one job for each key.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

from fleet.balancer import Balancer
from fleet.client import Client, Notes, Unanswered
from fleet.processes import Fleet

FINAL = ("done", "failed", "canceled")
# What a process says of a job that it has ended, once the store has taken it.
_ENDINGS = ("job done", "job failed")
_FACTS = ("status", "finished_at", "result", "error")


class Ledger:
    """The jobs of one try, submitted to and asked for at several API processes."""

    def __init__(self, ports: list[int] | Balancer, watchers: int = 4):
        self.ports, self.notes = ports, Notes()
        self.answers: dict[str, set[str]] = defaultdict(set)  # the ids that were answered for each key
        self.ends: dict[str, dict] = {}  # the first final status that was seen
        self.ended_at: dict[str, float] = {}
        self._to_watch: queue.SimpleQueue = queue.SimpleQueue()
        self.is_over = threading.Event()
        self._watchers = [threading.Thread(target=self._watch, args=(n,), daemon=True) for n in range(watchers)]
        for watcher in self._watchers:
            watcher.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over.set()

    def client(self, first: int = 0) -> Client:
        return Client(self.ports, self.notes, first, self.is_over)

    # MARK: Submitting

    def submit(self, jobs, clients: int = 8, rate: float = 1e9, times: int = 1) -> Submission:
        """Begins to submit: `jobs` are tuples of key, file name, picture and plan; at most `rate` a second. What is sent
        several times goes to the next process each time."""
        return Submission(self, jobs, clients, rate, times)

    def record(self, key: str, job_id: str):
        if job_id not in self.answers[key]:
            self.answers[key].add(job_id)
            self._to_watch.put(job_id)

    @property
    def ids(self) -> set[str]:
        return {job_id for ids in self.answers.values() for job_id in ids}

    @property
    def unfinished(self) -> set[str]:
        return self.ids - self.ends.keys()

    # MARK: Ends

    def _watch(self, number):
        client = self.client(number)
        while not self.is_over.is_set():
            try:
                job_id = self._to_watch.get(timeout=1)
            except queue.Empty:
                continue
            try:
                status = client.get(f"/status/{job_id}?wait=10")
            except (Unanswered, RuntimeError) as error:
                status = {"status": str(error)}
                time.sleep(0.1)
            if status["status"] in FINAL:
                self.ended_at[job_id] = time.monotonic()
                self.ends[job_id] = status
            else:
                self._to_watch.put(job_id)

    def await_ends(self, patience: float) -> bool:
        """Whether all that were answered end in time."""
        end = time.monotonic() + patience
        while self.unfinished:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    # MARK: The reckoning

    def problems(self, fleet: Fleet, dice: random.Random, may_fail=frozenset()) -> list[str]:
        """What does not hold, for people to read; empty is what is wanted. `may_fail` are keys whose jobs must fail."""
        found = []
        client = self.client()
        found += listed("lost, never final", self.unfinished)
        for key, ids in self.answers.items():
            if len(ids) > 1:
                found.append(f"two jobs for the key {key}: {sorted(ids)}")
        failures = {job_id for key in may_fail for job_id in self.answers[key]}
        found += listed("ended otherwise than they should", (
            f"{job_id} {end['status']} {end['error']}" for job_id, end in self.ends.items()
            if end["status"] != ("failed" if job_id in failures else "done")))

        # Deliveries are jobs that nobody has asked for.
        now = {job["job_id"]: job for job in client.jobs() if job["kind"] != "webhook"}
        found += listed("recorded, but nobody was told", now.keys() - self.ids)
        found += listed("answered, but not recorded", self.ids - now.keys())
        found += listed("changed after their end", (
            f"{job_id}: {_facts(end)} then {_facts(now[job_id])}" for job_id, end in self.ends.items()
            if job_id in now and _facts(end) != _facts(now[job_id])))
        found += listed("ended twice, say the logs", (
            job_id for job_id, count in self.said_endings(fleet).items() if count > 1))
        done = sorted(job_id for job_id, end in self.ends.items() if end["status"] == "done")
        for job_id in dice.sample(done, min(50, len(done))):
            status, _, content = client.ask("GET", f"/download/{job_id}")
            if status != 200 or len(content) != self.ends[job_id]["result"]["size"]:
                found.append(f"the result of {job_id} cannot be had: {status}, {len(content)} bytes")
        return found

    @staticmethod
    def said_endings(fleet: Fleet) -> Counter:
        """How often the logs say of each job that it has ended."""
        return Counter(event["job_id"] for _, event in fleet.events() if event["message"] in _ENDINGS)

    @staticmethod
    def said(fleet: Fleet, message: str, **metadata: str) -> list[dict]:
        return [event for _, event in fleet.events()
                if event["message"] == message and metadata.items() <= event.items()]


class Submission:
    """Clients at work."""

    def __init__(self, ledger: Ledger, jobs, clients: int, rate: float, times: int):
        self._ledger, self._jobs, self._times = ledger, enumerate(jobs), times
        self._lock = threading.Lock()
        self._began, self._rate = time.monotonic(), rate
        self._pool = ThreadPoolExecutor(clients)
        self._clients = [self._pool.submit(self._work, number) for number in range(clients)]
        self._pool.shutdown(wait=False)

    @property
    def is_over(self) -> bool:
        return all(client.done() for client in self._clients)

    def finish(self):
        """Waits for the clients; what stopped one of them is raised."""
        for client in self._clients:
            client.result()

    def _work(self, number):
        client = self._ledger.client(number)
        while not self._ledger.is_over.is_set():
            with self._lock:
                index, job = next(self._jobs, (None, None))
            if job is None:
                client.close()
                return
            time.sleep(max(0, self._began + index / self._rate - time.monotonic()))
            key, name, picture, plan = job
            file_id = client.upload(name, picture)
            for _ in range(self._times):
                self._ledger.record(key, client.submit(file_id, plan, key))


def _facts(status: dict) -> tuple:
    return tuple(str(status[name]) for name in _FACTS)


def listed(what, cases) -> list[str]:
    cases = sorted(cases)
    return [f"{len(cases)} {what}: {'; '.join(cases[:3])}{' …' if len(cases) > 3 else ''}"] if cases else []
