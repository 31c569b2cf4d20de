"""Runs the measurements and prints them as Markdown tables. Started by scripts/bench.sh."""

import argparse
import datetime
import os
import platform
import signal
import sys
import tempfile
from pathlib import Path

import fleet_figures
import http_figures
import monitor_figures
import pictures
import store_figures
from engine import figures as engine_figures
from fleet import pairings
from fleet.pairings import Pairing
from fleet.servers import Servers
from services import Reference, Tintype

MIB = 1 << 20


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, ours, theirs, unit, goal="", more_is_better=False):
        """A row; `ratio` says how many times better ours is."""
        ratio = ""
        if theirs and ours:
            ratio = f"{ours / theirs if more_is_better else theirs / ours:.2f} ×"
        row = [what, _figure(ours, unit), _figure(theirs, unit) if theirs is not None else "", ratio, goal]
        self.rows.append(row)
        print("| " + " | ".join(row) + " |", flush=True)

    @staticmethod
    def head(peer):
        print(f"\n| | tintype | {peer} | better by | goal |\n|---|--:|--:|--:|---|", flush=True)


def _figure(value, unit):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def over_http(table, options, scratch):
    load = http_figures.Load(options.load, scratch)
    quick = options.quick
    peer = Reference(scratch / "reference", options.redis)
    own = Tintype(scratch / "own", options.binary)
    table.head("FastAPI + Celery + Redis + Pillow")

    folders = iter(scratch / f"start-{number}" for number in range(100))
    times = 3 if quick else 9
    table.add("start to first answer",
              http_figures.start_ups(lambda: Tintype(next(folders), options.binary), times),
              http_figures.start_ups(lambda: Reference(next(folders), options.redis), 1 if quick else 3),
              "ms", "< 150 ms")

    tiny = pictures.write_records(scratch / "tiny", map(pictures.tiny_png, range(2000 if quick else 10_000)))
    tiny_few = pictures.write_records(scratch / "tiny-few", map(pictures.tiny_png, range(400 if quick else 2000)))
    photo = pictures.photo(scratch / "2mp.jpg", 1632, 1224).read_bytes()
    counts = (200, 40) if quick else (1000, 150)
    photos, photos_few = (
        pictures.write_records(scratch / f"photos-{n}", (pictures.distinct_jpeg(photo, i) for i in range(n)))
        for n in counts)

    measured = {}
    for service, tiny_records, photo_records in ((own, tiny, photos), (peer, tiny_few, photos_few)):
        with service:
            figures = measured[service.name] = {}
            # What has just started settles first: the peer's workers are there a while after its first answer.
            http_figures.lone_job(service, range(10**6, 10**6 + 10))
            figures["resident"] = service.resident_alone() if service is own else service.resident()
            figures["lone"] = http_figures.lone_job(service, range(10**7, 10**7 + (20 if quick else 100)))
            figures["health"] = _rate(load.get(service, "/health", seconds=1 if quick else 4))
            figures["tiny"] = http_figures.jobs_per_second(
                service, load, tiny_records, "a.png", http_figures.GRAYSCALE)
            figures["photos"] = http_figures.jobs_per_second(
                service, load, photo_records, "a.jpg", http_figures.RESIZE)
            figures["resident after"] = service.resident_alone() if service is own else service.resident()

    ours, theirs = measured["tintype"], measured["reference"]
    rows = [
        ("resident when idle", "resident", "MiB", "< 40 MiB", False),
        ("resident after all jobs", "resident after", "MiB", "", False),
        ("jobs: 16 × 16 PNG → grayscale", "tiny", "/s", "10 ×", True),
        ("jobs: 2 MP JPEG → 800 × 600", "photos", "/s", "3.5 ×", True),
        ("GET /health, 16 clients", "health", "/s", "", True),
    ]
    for what, key, unit, goal, more_is_better in rows:
        table.add(what, ours[key], theirs[key], unit, goal, more_is_better)
    table.add("lone job: accepted", ours["lone"][0], theirs["lone"][0], "ms")
    table.add("lone job: done", ours["lone"][1], theirs["lone"][1], "ms")
    uploads(table, options, scratch, load)


def uploads(table, options, scratch, load):
    limit = str(200 * MIB)
    records = scratch / "big"
    cases = [("10 MB", 1860, 16 if options.quick else 64, True)]
    if not options.quick:
        cases.append(("100 MB", 5800, 16, False))
    for size, side, count, compared in cases:
        pictures.write_records(records, (pictures.bmp(side, number) for number in range(count)))
        with Tintype(scratch / f"upload-{side}", options.binary, MAX_FILE_SIZE=limit) as service:
            http_figures.lone_job(service, range(3))
            rate, growth = http_figures.upload_growth(service, load, records, 8, "a.bmp")
        peer_rate = peer_growth = None
        if compared:
            with Reference(scratch / f"reference-upload-{side}", options.redis) as service:
                http_figures.lone_job(service, range(3))
                peer_rate, peer_growth = http_figures.upload_growth(service, load, records, 8, "a.bmp")
        table.add(f"upload of {size} files, 8 at a time", rate, peer_rate, "MB/s", "", True)
        table.add(f"memory growth meanwhile ({size})", growth, peer_growth, "MiB", "< 32 MiB")
    records.unlink()


def _rate(figures):
    return figures["requests"] / figures["seconds"]


def of_the_engine(table, options, scratch):
    measured = engine_figures.Options(options.binary, options.floors, *((1, 150) if options.quick else (5, 300)))
    own_picture = None
    if options.picture:
        own_picture = scratch / (Path(options.picture).stem + ".jpg")
        own_picture.write_bytes(pictures.bare_jpeg(Path(options.picture).read_bytes()))
    engine_figures.measure(measured, options.pictures, scratch, options.quick, own_picture)


def of_the_store(table, options, scratch):
    load = http_figures.Load(options.load, scratch)
    many = 4000 if options.quick else 20_000
    print(f"\n| with this many jobs in the store | 20 | {many:,} | slower by |\n|---|--:|--:|--:|", flush=True)
    (few, _), (full, all_jobs) = (
        store_figures.questions(scratch / f"store-{count}", options.binary, load, count, 1) for count in (20, many))
    for question, few_ms in few.items():
        _print_slower(f"{question}, one client", few_ms, full[question])
    # Twenty jobs are over too soon to be measured: as few as can be stand for them.
    measured = 1000
    _, some_jobs = store_figures.questions(scratch / "some", options.binary, load, measured + 100, 0.1)
    some_ms = store_figures.claiming(scratch / "some", options.binary, some_jobs, measured)
    full_ms = store_figures.claiming(scratch / f"store-{many}", options.binary, all_jobs, measured)
    _print_slower(f"a job claimed and done, of {len(some_jobs):,} and {many:,}", some_ms, full_ms)


def of_the_monitor(table, options, scratch):
    load = http_figures.Load(options.load, scratch)
    count, pages, seconds = (20_000, 100, 5) if options.quick else (100_000, 100, 10)
    paths, share, rate = monitor_figures.measure(
        scratch / "monitor", options.binary, load, count, pages, seconds)
    _print_head(f"with {count:,} jobs, one client", "p50", "p99", "goal")
    for path, figures in paths.items():
        _print_row(f"`GET {path}`", f"{figures['p50_ms']:.1f} ms", f"{figures['p99_ms']:.1f} ms", "< 50 ms")
    _print_head(f"{pages} pages that watch", "", "goal")
    _print_row("of one core, all together", f"{share * 100:.1f} %", "< 5 %")
    _print_row("told of changes, each", f"{rate:.2f} /s", "≤ 1 /s")


def of_a_fleet(table, options, scratch):
    load = http_figures.Load(options.load, scratch)
    chosen = options.pairing or pairings.ALL
    count = 1000 if options.quick else 10_000
    tiny = pictures.write_records(scratch / "tiny", map(pictures.tiny_png, range(count)))
    few = pictures.write_records(scratch / "few", map(pictures.tiny_png, range(count // 5)))
    paced = range(10**6, 10**6 + (100 if options.quick else 1000))
    _print_head("16 × 16 PNG, grayscale", "1 worker", "2", "4", "better by", "p50", "p99")
    with Reference(scratch / "reference", options.redis) as peer:
        http_figures.lone_job(peer, range(10))
        their_rate = fleet_figures.jobs_a_second(peer, load, few, count // 5)
        their_times = fleet_figures.times_to_done(peer, paced)
    _print_row("FastAPI + Celery + Redis", "", f"{their_rate:,.0f} /s", "", "", *map("{:.1f} ms".format, their_times))
    with Servers(scratch / "servers") as servers:
        servers.start(*{name for pairing in chosen for name in pairing.servers})
        folders = iter(scratch / f"fleet-{number}" for number in range(1000))
        for pairing in chosen:
            rates = []
            for workers in (1, 2, 4):
                with fleet_figures.Deployment(pairing, servers, options.binary, next(folders), workers) as service:
                    http_figures.lone_job(service, range(10**7, 10**7 + 10))
                    rates.append(fleet_figures.jobs_a_second(service, load, tiny, count))
                    if workers == 2:
                        times = fleet_figures.times_to_done(service, paced)
            _print_row(pairing, *map("{:,.0f} /s".format, rates), f"{max(rates) / their_rate:.1f} ×",
                       *map("{:.1f} ms".format, times))

        waiting = (1000, 10_000) if options.quick else (1000, 100_000, 1_000_000)
        _print_head("a job claimed and done, of so many that wait", *map("{:,}".format, waiting))
        measured = 500
        for pairing in options.pairing or map(Pairing, ("redis", "postgresql")):
            took = [fleet_figures.claiming(pairing, servers, options.binary, next(folders), load, many, measured)
                    for many in waiting]
            _print_row(pairing, *map("{:.3f} ms".format, took))

        _print_head("what an idle worker asks of its servers", "")
        for pairing in chosen:
            if pairing.store == "redis-cluster":
                continue  # its redirections lead past the proxy that counts
            asked = fleet_figures.idle_round_trips(pairing, servers, options.binary, next(folders))
            for server, rate in asked.items():
                _print_row(f"{pairing}: {server}", f"{rate:.2f} /s")


def _print_head(*words):
    print(f"\n| {' | '.join(words)} |\n|---|{'--:|' * (len(words) - 1)}", flush=True)


def _print_row(*words):
    print(f"| {' | '.join(map(str, words))} |", flush=True)


def _print_slower(what, few_ms, full_ms):
    print(f"| {what} | {few_ms:.3f} ms | {full_ms:.3f} ms | {full_ms / few_ms:.2f} × |", flush=True)


def main():
    # What was started ends with us, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="scripts/bench.sh")
    parser.add_argument("what", nargs="?", choices=["http", "engine", "store", "monitor", "fleet", "all"], default="all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and pictures, rougher figures")
    parser.add_argument("--pairing", type=Pairing.parse, action="append", help="of a fleet: store[+queue][+s3]")
    for tool in ("--binary", "--load", "--redis", "--floors"):
        parser.add_argument(tool, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pictures", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.picture = os.environ.get("BENCH_PICTURE")

    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
    print(f"{datetime.date.today()}, {model or platform.machine()}, {os.cpu_count()} cores, {platform.system()} "
          f"{platform.release()}, load before {os.getloadavg()[0]:.2f}")
    parts = {"http": over_http, "engine": of_the_engine, "store": of_the_store, "monitor": of_the_monitor,
             "fleet": of_a_fleet}
    with tempfile.TemporaryDirectory(prefix="tintype-bench-") as scratch:
        # Servers run under users of their own, which must find their way to their data.
        Path(scratch).chmod(0o711)
        table = Table()
        for name, part in parts.items():
            # A fleet takes the better part of an hour, and is measured when it is asked for.
            if options.what == name or (options.what == "all" and name != "fleet"):
                (Path(scratch) / name).mkdir()
                part(table, options, Path(scratch) / name)


main()
