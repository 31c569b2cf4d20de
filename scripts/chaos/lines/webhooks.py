"""Line 8."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from chaos.ledger import Ledger, listed
from chaos.outside import Outside
from chaos.stage import Stage, Verdict, until

LEASE, SLOTS, CRASHES = 5, 2, 3
# A lease, the sweep that notices it, and the work itself.
RECOVERY = 15
# From the last end to the last delivery: the look for what is owed, a second try 6 s later, the look for that.
TELLING = 20
# Of a try that died with its worker: until another has it.
DELIVERY_LEASE = 70


@dataclass(frozen=True)
class Size:
    uploads: int
    urls: int
    sheets: int
    rows: int
    seconds: float  # over which all of it is sent


SHORT, FULL = Size(200, 40, 6, 10, 10), Size(1500, 300, 30, 20, 50)


def webhooks(stage: Stage) -> Verdict:
    """kill -9 of workers (in full of API processes too) while jobs by upload, by URL and by CSV end, and receivers fail
    at first: each end is told, under one id and in the same words, and nobody else is told; batches add up"""
    size = SHORT if stage.is_short else FULL
    verdict = Verdict()
    is_alone = str(stage.pairing) == "sqlite"  # of which one process does everything
    roles = ("serve",) if is_alone else ("worker",) if stage.is_short else ("worker", "worker", "api")
    ports = stage.api_ports[:1 if is_alone or stage.is_short else 2]
    with Outside(f"{stage.dice.random()}", 0.2 if stage.is_short else 2) as outside, stage.fleet(
            apis=0 if is_alone else len(ports), workers=0 if is_alone else 3, LEASE_SECONDS=str(LEASE),
            WORKERS=str(SLOTS), **outside.settings) as fleet, Ledger(ports) as ledger:
        if is_alone:
            fleet.start("serve", ports[0]).await_start()
        orders = _Orders(outside, size)
        sending = ledger.submit(orders.uploads(stage), rate=size.uploads / size.seconds)
        with ThreadPoolExecutor() as pool:
            others = [pool.submit(send, ledger) for send in (orders.send_urls, orders.send_sheets)]
            kills, killed_at = 0, time.time()
            while not (sending.is_over and all(other.done() for other in others)) or (
                    len(ledger.unfinished) > size.uploads // 20):
                time.sleep(stage.dice.uniform(1.5, 3))
                victim = stage.dice.choice(fleet.living(stage.dice.choice(roles)))
                port = 0 if victim.role == "worker" else victim.port
                victim.kill()
                kills, killed_at = kills + 1, time.time()
                fleet.start(victim.role, port).await_start()
            for step in (sending.finish, *(other.result for other in others)):
                step()

        orders.await_sheets(ledger, RECOVERY)
        verdict.expect(
            ledger.await_ends(RECOVERY), f"not all has ended {time.time() - killed_at:.1f} s after the last kill")
        final_after = time.time() - killed_at
        mail = _Mail(orders, outside, ledger, killed_at if stage.is_short else None)
        until(mail.is_out, patience=TELLING if stage.is_short else TELLING + DELIVERY_LEASE, pause=0.5)
        told_after = time.time() - killed_at

        given_up = {key for key, ids in ledger.answers.items() if any(
            ledger.ends[job_id]["error"] and ledger.ends[job_id]["error"]["code"] == "crashed"
            for job_id in ids & ledger.ends.keys())}
        # Rare, and bounded by what was killed: the jobs that a worker was at.
        verdict.expect(len(given_up) * CRASHES <= kills * SLOTS, f"{len(given_up)} jobs were given up")
        verdict.problems += ledger.problems(fleet, stage.dice, may_fail=orders.bad | given_up)
        verdict.problems += orders.problems(ledger) + mail.problems()
        verdict.expect(kills > 2, f"only {kills} kills: the jobs were too small")
        repeated = [tries for tries in outside.told.values() if len(tries) > 1]
        known = [tries for tries in repeated if any(told.status == 204 for told in tries[:-1])]
        verdict.facts = [
            f"{len(ledger.ids)} jobs", f"{len(orders.sheets)} batches", f"{kills} kills",
            f"{len(outside.told)} ends told, {len(repeated)} of them again",
            f"{len(known)} though the receiver had said 204",
            *([f"{len(mail.held)} deliveries wait for the lease of the dead"] if mail.held else []),
            *([f"{len(given_up)} jobs killed {CRASHES} times and given up"] if given_up else []),
            f"all final {final_after:.1f} s and told {told_after:.1f} s after the last kill"]
    return verdict


class _Orders:
    """What is sent, and what is to come of it. A key names one order and its receiver."""

    def __init__(self, outside, size):
        self._outside, self._size = outside, size
        self.hooked: set[str] = set()  # the keys whose receivers are to be told
        self.bad: set[str] = set()  # the keys of jobs that must fail
        self.sheets: dict[str, set[str]] = {}  # the ids that were answered for each key
        self.reports: dict[str, dict] = {}  # how each batch ended

    def uploads(self, stage):
        plan = stage.work.plan(0.03)
        return [(key, name, picture, plan | self._hook(key, number))
                for number, (key, name, picture, plan) in enumerate(stage.jobs(self._size.uploads, plan, "upload"))]

    def send_urls(self, ledger):
        client = ledger.client()
        for number in range(self._size.urls):
            key, kind = f"url-{number}", _kind(number)
            if kind == "gone":
                self.bad.add(key)
            order = {"imageUrl": self._outside.picture(10 ** 6 + number, kind), "transformations": ["grayscale"]}
            job = client.order("/api/v1/images/process", order | self._hook(key, number), key)
            ledger.record(key, job["jobId"])
            time.sleep(self._size.seconds / self._size.urls)
        client.close()

    def send_sheets(self, ledger):
        client = ledger.client()
        for number in range(self._size.sheets):
            key = f"sheet-{number}"
            sheet = "Product Name,Input Image Urls\n" + "".join(
                f"{key},{self._outside.picture(2 * 10 ** 6 + number * 1000 + row, _kind(row))}\n"
                for row in range(self._size.rows))
            fields = {"transformations": "grayscale"} | self._hook(key, number)
            # Twice, as by somebody who has seen no answer to the first.
            answers = [client.send("/upload", f"{key}.csv", sheet.encode(), fields, key) for _ in range(2)]
            self.sheets[key] = {answer["batch_id"] for answer in answers}
            time.sleep(self._size.seconds / self._size.sheets)
        client.close()

    def _hook(self, key, number) -> dict[str, str]:
        """For three of four; nobody is to be told of the others."""
        if number % 4 == 3:
            return {}
        self.hooked.add(key)
        return {"webhook_url": self._outside.hook(key)}

    def await_sheets(self, ledger, patience):
        """Waits for batches to be complete, and hands their jobs to the ledger."""
        client, end = ledger.client(), time.monotonic() + patience
        for key, ids in self.sheets.items():
            for batch in ids:
                while True:
                    report = client.get(f"/status/{batch}?limit=1000&wait=5")
                    if report["status"] == "complete":
                        break
                    if time.monotonic() > end:
                        return
                self.reports[key] = report
                for row, image in enumerate(report["images"]):
                    if _kind(row) == "gone":
                        self.bad.add(f"{key}-{row}")
                    ledger.record(f"{key}-{row}", image["job_id"])

    def problems(self, ledger) -> list[str]:
        """What does not hold of batches."""
        found = listed("batches for one key", (f"{key} {ids}" for key, ids in self.sheets.items() if len(ids) != 1))
        found += listed("batches not complete", self.sheets.keys() - self.reports.keys())
        for key, report in self.reports.items():
            states = Counter(image["status"] for image in report["images"])
            ends = Counter(ledger.ends.get(image["job_id"], {}).get("status") for image in report["images"])
            counts = (report["done"], report["failed"], report["total"])
            if not counts == (states["complete"], states["failed"], self._size.rows) == (
                    ends["done"], ends["failed"], report["done"] + report["failed"]):
                found.append(f"{key} counts {counts}, its images are {states}, its jobs {ends}")
        return found


def _kind(number) -> str:
    return {5: "gone", 6: "shaky"}.get(number % 10, "good")


class _Mail:
    """What became of webhooks."""

    def __init__(self, orders, outside, ledger, killed_at: float | None):
        """:param killed_at: when the last worker was killed, where those deliveries are not waited for that died with
            one: their lease is a minute"""
        self._orders, self._outside, self._ledger, self._killed_at = orders, outside, ledger, killed_at
        self._ids = {key: ledger.answers.get(key) or orders.sheets[key] for key in orders.hooked}
        self._deliveries: list[dict] = []

    def is_out(self) -> bool:
        """Whether all ends have their deliveries, and nothing more is to come of these."""
        self._deliveries = self._ledger.client().jobs("&kind=webhook")
        return len(self._deliveries) >= len(self._ids) and all(
            delivery["status"] == "done" for delivery in self._deliveries if not self._is_held(delivery))

    @property
    def held(self) -> set[str]:
        """The ids of what a delivery is held of, by a worker that is dead."""
        return {subject for delivery in self._deliveries if self._is_held(delivery)
                for subject in delivery["delivers"].values()}

    def _is_held(self, delivery) -> bool:
        return self._killed_at is not None and delivery["status"] == "processing" and (
            datetime.fromisoformat(delivery["started_at"]).timestamp() < self._killed_at)

    def problems(self) -> list[str]:
        told = self._outside.told
        arrived = {key for key, tries in told.items() if any(try_.status == 204 for try_ in tries)}
        found = listed("told who was not to be", told.keys() - self._ids.keys())
        found += listed("never told", (key for key in self._ids.keys() - told.keys() if not self._ids[key] & self.held))
        found += listed("deliveries that failed", (
            f"{delivery['job_id']} {delivery['status']} {delivery['error']}" for delivery in self._deliveries
            if delivery["status"] != "done" and not self._is_held(delivery)))
        for key in self._ids.keys() & told.keys():
            found += self._problems(key, told[key])

        subjects = Counter(subject for delivery in self._deliveries for subject in delivery["delivers"].values())
        wanted = Counter(subject for ids in self._ids.values() for subject in ids)
        found += listed("delivered though not owed, or twice", (subjects - wanted).keys())
        found += listed("owed and no delivery", (wanted - subjects).keys())
        found += listed("done, but not told", (
            key for key in self._ids.keys() - arrived for delivery in self._deliveries
            if delivery["status"] == "done" and set(delivery["delivers"].values()) & self._ids[key]))
        return found

    def _problems(self, key, tries) -> list[str]:
        subject = min(self._ids[key])
        delivered = [delivery["job_id"] for delivery in self._deliveries if subject in delivery["delivers"].values()]
        found = []
        names = {told.webhook for told in tries}
        if names != set(delivered):
            found.append(f"{key} was told as {sorted(names)}, its deliveries are {delivered}")
        if len({told.body for told in tries}) > 1:
            found.append(f"{key} was told one thing and then another")
        if not all(told.is_signed for told in tries):
            found.append(f"{key} was told with a signature that does not fit")
        body, end = json.loads(tries[0].body), self._orders.reports.get(key) or self._ledger.ends.get(subject, {})
        wrong = {name for name in body.keys() & end.keys() if body[name] != end[name]}
        if wrong or not {"job_id", "batch_id"} & body.keys() & end.keys():
            found.append(f"{key} was told otherwise than {subject} ended: {sorted(wrong)}")
        return found
