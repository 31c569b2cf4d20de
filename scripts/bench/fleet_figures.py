"""Measures a fleet: jobs a second with several workers on each pairing, how long a job takes, what claiming costs while
many wait, and what an idle worker asks of its servers."""

import datetime
import http.client
import json
import statistics
import time
import uuid

import pictures
from fleet.client import Client, Notes
from fleet.pairings import Pairing
from fleet.processes import Fleet
from fleet.proxies import Proxies
from http_figures import GRAYSCALE
from services import until

# A job that costs next to nothing, and is not the same as another one.
NEXT_TO_NOTHING = {"operation": "resize", "width": "$x", "height": "$y", "fit": "fill"}
PACE = 100  # jobs a second while the time of each is measured
IDLE_SECONDS = 60


class Deployment:
    """One API process and some workers over a pairing; for `Load` and what else takes a service."""

    def __init__(self, pairing: Pairing, servers, binary, folder, workers: int):
        variables = servers.variables
        servers.wipe(*pairing.servers)
        addresses = pairing.addresses(variables)
        if "postgres" in addresses:
            # As with all other servers here, the peer's too: libpq alone takes TLS wherever it is offered.
            addresses["postgres"] += "?sslmode=disable"
        settings = pairing.settings(addresses, variables, folder) | {"LOG_LEVEL": "warning"}
        self.fleet = Fleet(binary, folder, settings)
        self.port = servers.spare_ports(1)[0]
        self._workers = workers

    def __enter__(self):
        try:
            self.fleet.start("api", self.port).await_start()
            for _ in range(self._workers):
                self.fleet.start("worker").await_start()
        except BaseException:
            self.fleet.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.fleet.__exit__()

    def ask(self, path, connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else None


def jobs_a_second(service, load, records, count) -> float:
    """From the first job that is asked for until all are done; the pictures are there before."""
    files = load.files(service, records, "a.png")
    figures, jobs = load.plans(service, files, count, GRAYSCALE)
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    # They end about in their order: whoever has waited for the last ones will find the others done.
    for job in sorted(jobs[-200:]):
        until(lambda job=job: service.ask(f"/status/{job}", connection)["status"] == "done", pause=0.002)
    ended = time.monotonic()
    for job in jobs:
        if service.ask(f"/status/{job}", connection)["status"] != "done":
            raise SystemExit(f"job {job} is not done long after others")
    connection.close()
    return count / (ended - figures["started"])


def times_to_done(service, numbers) -> tuple[float, float]:
    """p50 and p99 in milliseconds, from asking for a job to its being done, at a steady pace."""
    client = Client([service.port], Notes())
    files = [client.upload("a.png", pictures.tiny_png(number)) for number in numbers]
    began, asked = time.monotonic(), {}
    for index, file in enumerate(files):
        time.sleep(max(0, began + index / PACE - time.monotonic()))
        now = time.time()
        asked[client.submit(file, GRAYSCALE, str(uuid.uuid4()))] = now
    until(lambda: all(client.get(f"/status/{job}")["status"] == "done" for job in asked))
    taken = [_ended_at(client.get(f"/status/{job}")) - start for job, start in asked.items()]
    client.close()
    cuts = statistics.quantiles(taken, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def _ended_at(status) -> float:
    """When a job was done, in seconds, by the clock of this machine."""
    return datetime.datetime.fromisoformat(status["finished_at"].replace("Z", "+00:00")).timestamp()


def claiming(pairing, servers, binary, folder, load, waiting, measured) -> float:
    """Milliseconds that a job takes with one worker, claimed and done, of so many that wait."""
    with Deployment(pairing, servers, binary, folder, workers=0) as service:
        file = load.files(service, pictures.write_records(load.scratch / "one", [pictures.tiny_png(1)]), "a.png")
        _, jobs = load.plans(service, file, waiting, NEXT_TO_NOTHING)
        jobs.sort()  # by the time they were made
        service.fleet.start("worker", WORKERS="1")
        client = Client([service.port], Notes())
        # The first few find a process that has just started.
        first, last = jobs[50], jobs[50 + measured]
        until(lambda: client.get(f"/status/{last}?wait=50")["status"] == "done")
        taken = _ended_at(client.get(f"/status/{last}")) - _ended_at(client.get(f"/status/{first}"))
        client.close()
    return taken / measured * 1000


def idle_round_trips(pairing, servers, binary, folder) -> dict[str, float]:
    """How often in a second one idle worker asks each server something, counted between the two of them."""
    servers.wipe(*pairing.servers)
    variables = servers.variables
    with Proxies(pairing.addresses(variables), servers.spare_ports(10)) as proxies:
        settings = pairing.settings(proxies.addresses, variables, folder) | {"LOG_LEVEL": "warning"}
        with Fleet(binary, folder, settings) as fleet:
            fleet.start("worker").await_start()
            time.sleep(3)  # what it asks at its start is no habit
            before = proxies.asked
            time.sleep(IDLE_SECONDS)
            return {server: (count - before[server]) / IDLE_SECONDS for server, count in proxies.asked.items()}
