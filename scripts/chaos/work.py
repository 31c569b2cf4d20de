"""Jobs of a known length: a tiny picture in, a tiny picture out, and as much computing in between as is wanted."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench.pictures import tiny_png

GRAYSCALE = {"operation": "grayscale"}
_MEASURED = 6  # of the sides, for the picture that is measured
_STEPS = 62  # with the two resizes, as many as a plan may have
_SIDES = (12_000, 8000)  # as much as MAX_OUTPUT_PIXELS and MAX_OUTPUT_SIDE allow


class Work:
    """Plans for this machine and this binary."""

    def __init__(self, binary: Path, folder: Path):
        self._binary, self._folder = binary, folder
        (folder / "tiny.png").write_bytes(tiny_png(0))
        # What a step takes for a pixel, without the start of a process. The best of a few: others may be busy.
        start, work = (min(self._seconds(shrink) for _ in range(3)) for shrink in (100, _MEASURED))
        self._seconds_a_pixel = (work - start) / _STEPS / (_SIDES[0] * _SIDES[1] / _MEASURED ** 2)

    def plan(self, seconds: float) -> dict:
        """One that takes about so long on a processor of its own."""
        pixels = seconds / self._seconds_a_pixel / _STEPS
        shrink = (_SIDES[0] * _SIDES[1] / pixels) ** 0.5
        if shrink < 1:
            raise ValueError(f"no plan takes {seconds} s here")
        return _plan(shrink)

    def _seconds(self, shrink: float) -> float:
        words = [step["type"] + (f":{step['width']}x{step['height']}" if "width" in step else "")
                 for step in _plan(shrink)["operations"]]
        began = time.monotonic()
        subprocess.run(
            [str(self._binary), "render", "--plan", ",".join(words), "tiny.png", "out.png"], cwd=self._folder,
            check=True, capture_output=True)
        return time.monotonic() - began


def _plan(shrink: float) -> dict:
    width, height = (max(1, round(side / shrink)) for side in _SIDES)
    return {"operations": [
        {"type": "resize", "width": width, "height": height}, *[{"type": "sharpen"}] * _STEPS,
        {"type": "resize", "width": 32, "height": 32}]}
