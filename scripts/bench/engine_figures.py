"""Measures `tintype render` against libvips' `vipsthumbnail`: the same picture, one thread each, by turns."""

import os
import statistics
import time

from PIL import Image


def _run(command, environment) -> tuple[float, float]:
    """-> milliseconds by the clock, and of computing"""
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ | environment)
    _, status, usage = os.wait4(pid, 0)
    taken = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return taken * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def resize(binary, picture, folder, width, times):
    """-> ((clock, computing) of tintype, the same of vipsthumbnail), medians in milliseconds"""
    results = {}
    ours, theirs = folder / "ours.jpg", folder / "theirs.jpg"
    commands = {
        "ours": [str(binary), "render", str(picture), str(ours), "--plan", f"resize:{width}x", "--quality", "80"],
        "theirs": ["vipsthumbnail", str(picture), "--size", f"{width}x", "--output", f"{theirs}[Q=80,strip]"],
    }
    for turn in range(times + 1):
        for who, command in commands.items():
            figures = _run(command, {"VIPS_CONCURRENCY": "1"})
            # The first turn reads the programs and the picture from the disk.
            if turn > 0:
                results.setdefault(who, []).append(figures)
    sizes = [Image.open(path).size for path in (ours, theirs)]
    if sizes[0] != sizes[1]:
        raise SystemExit(f"the results differ in size: {sizes}")
    return tuple(tuple(statistics.median(column) for column in zip(*results[who])) for who in ("ours", "theirs"))
