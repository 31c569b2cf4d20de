"""What is measured: our engine, the floor below it, and the peers in the folder of that name."""

import dataclasses
import json
import os
import statistics
import sys
from pathlib import Path

from engine import works
from engine.processes import answer

# The first is the one that goals are about.
PEERS = ("libvips", "pillow", "opencv", "imagemagick")
# So slow that it is measured once, which tells enough.
SLOW = {"imagemagick"}
NAMES = {"libvips": "libvips", "pillow": "Pillow", "opencv": "OpenCV", "imagemagick": "ImageMagick"}

_ONE_CORE = ["taskset", "--cpu-list", str(max(os.sched_getaffinity(0)))]
# What the kernel calls a process's peak begins with its parent's size, so that the parent has to be a small one.
_FROM_A_SMALL_PARENT = ["sh", "-c", '"$@"; exit $?', "sh"]


class Contender:
    """Does a piece of work on one picture, over and over."""

    def __init__(self, name, work, picture, folder: Path, options):
        self.name = name
        self.target = folder / f"{name}.{work.format}"
        self._job = works.job(work, picture.path, picture.sides, self.target)
        self._plan = works.plan_text(work, picture.sides)
        self._reference = folder / "reference.raw"
        self._options = options
        self.channels = None

    def measure(self, times, threads):
        """-> milliseconds of each, seconds of all, and peak_rss_bytes; None if it does not do such work"""
        command = self._command(dataclasses.replace(self._job, times=times, threads=threads))
        # Some libraries begin a thread more than they are asked for.
        return answer((_ONE_CORE if threads == 1 else []) + command)

    def _command(self, job):
        if self.name == "tintype":
            return [*_FROM_A_SMALL_PARENT, self._options.binary, "render", job.source, job.target, "--plan", self._plan,
                    "--quality", job.quality, "--times", job.times, "--threads", job.threads]
        if self.name == "floor":
            width, height = job.size or job.source_size
            return [*_FROM_A_SMALL_PARENT, self._options.floors, job.source, self.target.suffix[1:], width, height,
                    self.channels, self._reference, job.target, job.quality, int(job.is_strongest), job.times,
                    job.threads]
        return [sys.executable, "-m", f"engine.peers.{self.name}", json.dumps(dataclasses.asdict(job))]

    def make_reference(self):
        *_, self.channels = answer([
            sys.executable, "-m", "engine.reference", "make", json.dumps(dataclasses.asdict(self._job)),
            self._reference.with_suffix("")])


@dataclasses.dataclass
class Measured:
    """Of one contender, one piece of work, and one picture."""

    milliseconds: float
    per_second: float
    peak: int
    bytes: int
    psnr: float | None = None


def measure(work, picture, folder, options):
    """-> by contender, whoever does such work; `per_second` with all cores, `milliseconds` with one"""
    everyone = [Contender(name, work, picture, folder, options) for name in ("tintype", *PEERS, "floor")]
    # The floor does not read what few have.
    if picture.path.suffix == ".gif":
        everyone.pop()
    everyone[-1].make_reference()
    first = {contender.name: contender.measure(1, 1) for contender in everyone}
    able = [contender for contender in everyone if first[contender.name]]
    psnrs = compare(folder, [contender.target for contender in able])
    sizes = [contender.target.stat().st_size for contender in able]

    cores = len(os.sched_getaffinity(0))
    alone, together = ({contender.name: [] for contender in able} for _ in range(2))
    for number in range(options.rounds):
        for threads, results in ((1, alone), (cores, together)):
            for contender in able:
                name = contender.name
                times = min(max(round(options.milliseconds / first[name]["milliseconds"][0]), 2), 40)
                if name not in SLOW:
                    results[name].append(contender.measure(times * threads, threads))
                elif number == 0:
                    results[name].append(first[name] if threads == 1 else contender.measure(threads, threads))
    measured = {}
    for contender, psnr, size in zip(able, psnrs, sizes):
        name = contender.name
        measured[name] = Measured(
            milliseconds=statistics.median(ms for run in alone[name] for ms in run["milliseconds"]),
            per_second=statistics.median(len(run["milliseconds"]) / run["seconds"] for run in together[name]),
            peak=max(run["peak_rss_bytes"] for run in alone[name]), bytes=size, psnr=psnr)
    return measured


def compare(folder, targets):
    return answer([sys.executable, "-m", "engine.reference", "compare", folder / "reference", *targets])
