"""The tables: how fast each is on one core and on all, whether all did the same work, and how much memory it took."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from engine import contenders, processes, works

MIB = 1 << 20
# Of two engines whose results are as near to the reference, either may be ahead by this much.
PSNR_TOLERANCE = 0.2
SIZE_TOLERANCE = 0.03
# In bytes, of a process that has done the same 500 times.
GROWTH_TOLERANCE = MIB


@dataclass
class Picture:
    path: Path
    sides: tuple

    @property
    def name(self):
        return self.path.name


@dataclass
class Options:
    """How it is measured, and with what."""

    binary: str
    floors: str
    rounds: int
    # What one contender works on one piece of work in each round.
    milliseconds: int


class Row:
    """One piece of work on one picture, by everyone who does it."""

    def __init__(self, work, picture, measured):
        self.name = f"{work.name}, {picture.name}"
        self.goal = work.goal
        self.is_jpeg = picture.path.suffix == ".jpg"
        self.measured = measured

    def reaches_quality(self, name):
        found, libvips = self.measured[name].psnr, self.measured["libvips"].psnr
        return found is not None and found >= libvips - PSNR_TOLERANCE

    def has_common_size(self, name):
        found, libvips = self.measured[name].bytes, self.measured["libvips"].bytes
        return abs(found - libvips) <= libvips * SIZE_TOLERANCE

    def times_as_fast(self, name, on_all_cores):
        """-> how many times as fast as `name` ours is; None where it does not do such work"""
        ours, other = self.measured["tintype"], self.measured.get(name)
        if not other:
            return None
        return ours.per_second / other.per_second if on_all_cores else other.milliseconds / ours.milliseconds

    def best_peer(self, on_all_cores):
        able = [name for name in contenders.PEERS if name in self.measured and self.reaches_quality(name)]
        return min(able, key=lambda name: self.times_as_fast(name, on_all_cores))

    def times_the_floor(self, on_all_cores):
        faster = self.times_as_fast("floor", on_all_cores)
        return faster and 1 / faster

    def misses(self):
        """-> a sentence for each goal that is missed"""
        if not self.reaches_quality("tintype"):
            ours, libvips = (self.measured[name].psnr for name in ("tintype", "libvips"))
            yield "its size is not the reference's" if ours is None else f"{ours:.2f} dB, and libvips {libvips:.2f}"
        for on_all_cores, where in ((False, "one core"), (True, "all cores")):
            yield from (f"{where}: {miss}" for miss in self.slow(on_all_cores))

    def slow(self, on_all_cores):
        best = self.best_peer(on_all_cores)
        if (faster := self.times_as_fast(best, on_all_cores)) <= 1:
            yield f"{faster:.2f} × {contenders.NAMES[best]}, goal more than 1"
        faster = self.times_as_fast("libvips", on_all_cores)
        if self.is_jpeg and faster < self.goal.over_libvips:
            yield f"{faster:.2f} × libvips, goal {self.goal.over_libvips}"
        times = self.times_the_floor(on_all_cores)
        # With all cores both wait for what the cores share.
        if not on_all_cores and self.goal.over_floor and times and times > self.goal.over_floor:
            yield f"{times:.2f} × the floor's time, goal {self.goal.over_floor}"


def measure(options: Options, folder: Path, scratch: Path, is_quick: bool, own_picture: Path | None):
    rows = []
    _head("one core, ms", *_columns(), "× libvips", "× best peer", "× the floor's time", "")
    for work, picture in _chosen(folder, is_quick, own_picture):
        row = Row(work, picture, contenders.measure(work, picture, scratch, options))
        rows.append(row)
        _print_speed(row, on_all_cores=False)
    _head(f"{len(os.sched_getaffinity(0))} cores, pictures a second", *_columns(), "× libvips", "× best peer",
          "× the floor's time", "")
    for row in rows:
        _print_speed(row, on_all_cores=True)
    _head("PSNR, bytes and peak memory", "tintype", *contenders.NAMES.values())
    for row in rows:
        _print_row(row.name, *(_quality(row, name) for name in ("tintype", *contenders.PEERS)))
    print(f"\n‡ more than {PSNR_TOLERANCE} dB below libvips, and so no peer to be measured by; * over "
          f"{SIZE_TOLERANCE:.0%} larger or smaller than libvips' result; memory includes the interpreter.")
    misses = [f"{row.name}: {miss}" for row in rows for miss in row.misses()]
    if not own_picture:
        misses += _measure_memory(options, folder, scratch, is_quick)
    misses += _measure_processes(options, own_picture or folder / "6mp.jpg", scratch, is_quick)
    print("\nNo goal is missed." if not misses else "\nMissed:\n" + "\n".join(f"- {miss}" for miss in misses))


def _chosen(folder, is_quick, own_picture):
    """-> (work, picture) for each row"""
    for work in works.WORKS:
        names = [name for name in work.pictures if name in works.QUICK or not is_quick]
        paths = [folder / name for name in names]
        if own_picture:
            paths = [own_picture] if work.pictures[0].endswith(".jpg") else []
        yield from ((work, picture) for picture in _pictures(paths))


def _pictures(paths):
    # Here and below, what needs memory is done elsewhere: what comes of this process begins as large as it is.
    sides = processes.answer([sys.executable, "-m", "engine.scenes", *paths])
    return [Picture(path, tuple(both)) for path, both in zip(paths, sides)]


# MARK: Memory and processes


def _measure_memory(options, folder, scratch, is_quick):
    _head("peak memory", "tintype", "libvips", "goal")
    large = works.Work("", "resize:800x", "jpg", ("100mp.jpg",))
    colour = works.Work("", "sepia", "jpg", ("24mp.jpg",))
    for what, work, most in (("100 MP JPEG → 800 wide", large, 48 * MIB), ("sepia of a 24 MP JPEG", colour, 32 * MIB)):
        (picture,) = _pictures([folder / name for name in work.pictures])
        ours = processes.peak([options.binary, "render", picture.path, scratch / "out.jpg", "--plan", work.plan,
                               "--threads", "1"])
        theirs = contenders.Contender("libvips", work, picture, scratch, options).measure(1, 1)["peak_rss_bytes"]
        _print_row(what, _mib(ours), _mib(theirs), f"< {most // MIB} MiB")
        if ours >= most:
            yield f"{what}: {_mib(ours)}, goal {most // MIB}"

    (picture,) = _pictures([folder / "2mp.jpg"])
    work = works.Work("", "resize:800x", "jpg", ())
    times = 100 if is_quick else 500
    run = contenders.Contender("tintype", work, picture, scratch, options).measure(times, 1)
    few, many = run["peak_rss_bytes_after_10"], run["peak_rss_bytes"]
    _print_row(f"10 plans in a row, and {times}", f"{_mib(few)}, {_mib(many)}", "", "no growth")
    if many - few > GROWTH_TOLERANCE:
        yield f"{times} plans in a row: {_mib(many - few)} more than 10, goal none"


def _measure_processes(options, picture, scratch, is_quick):
    _head("a process for each picture, one thread, ms (of computing)", "tintype render", "vipsthumbnail",
          "× vipsthumbnail")
    ours, theirs = scratch / "ours.jpg", scratch / "theirs.jpg"
    # Neither enlarges here, and both fit the picture into the box.
    for what, plan, box in (("thumbnail 200", "thumbnail:200", "200x200"), ("resize 720", "resize:720x", "720x")):
        figures = processes.by_turns({
            "tintype": [options.binary, "render", picture, ours, "--plan", plan, "--quality", works.QUALITY],
            "libvips": ["vipsthumbnail", picture, "--size", box, "--output", f"{theirs}[Q={works.QUALITY},strip]"],
        }, times=5 if is_quick else 25)
        ratio = figures["libvips"][0] / figures["tintype"][0]
        times = (f"{clock:.1f} ({computing:.1f})" for clock, computing in figures.values())
        _print_row(f"{what}, {picture.name}", *times, f"{ratio:.2f}")
        if ratio <= 1:
            yield f"{what}, a process for each picture: {ratio:.2f} × vipsthumbnail, goal more than 1"


# MARK: Printing


def _columns():
    return "tintype", *contenders.NAMES.values(), "floor"


def _print_speed(row, on_all_cores):
    def speed(name):
        measured = row.measured.get(name)
        if not measured:
            return ""
        mark = " ‡" if name in contenders.PEERS and not row.reaches_quality(name) else ""
        return _digits(measured.per_second if on_all_cores else measured.milliseconds) + mark

    best = row.best_peer(on_all_cores)
    floor = row.times_the_floor(on_all_cores)
    _print_row(row.name, *map(speed, ("tintype", *contenders.PEERS, "floor")),
               f"{row.times_as_fast('libvips', on_all_cores):.2f}",
               f"{row.times_as_fast(best, on_all_cores):.2f} ({contenders.NAMES[best]})",
               f"{floor:.2f}" if floor else "", "missed" if any(row.slow(on_all_cores)) else "")


def _quality(row, name):
    measured = row.measured.get(name)
    if not measured:
        return ""
    psnr = "other size" if measured.psnr is None else f"{measured.psnr:.2f} dB"
    return (f"{psnr}{'' if row.reaches_quality(name) else ' ‡'}, {measured.bytes / 1000:,.0f} kB"
            f"{'' if row.has_common_size(name) else ' *'}, {_mib(measured.peak)}")


def _mib(count):
    return f"{count / MIB:.1f} MiB"


def _digits(value):
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def _head(*words):
    print(f"\n| {' | '.join(words)} |\n|---|{'--:|' * (len(words) - 1)}", flush=True)


def _print_row(*words):
    print(f"| {' | '.join(map(str, words))} |", flush=True)
