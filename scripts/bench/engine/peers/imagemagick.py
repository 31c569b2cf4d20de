"""ImageMagick, as it is used: a process for each picture, whose start counts."""

import os
import resource
import shutil
import subprocess

from engine.timing import serve

# Version 7, or 6 by the name that Debian gives it.
COMMAND = shutil.which("magick") or shutil.which("convert-im6.q16") or "convert"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "MAGICK_THREAD_LIMIT": "1"}


def _sharpen(intensity):
    part = (intensity - 1) / 13
    return ["-morphology", "Convolve", f"3x3:{','.join([str(-part)] * 4 + [str(1 + 8 * part)] + [str(-part)] * 4)}"]


OPERATIONS = {
    "blur": lambda sigma: ["-blur", f"0x{sigma}"],
    "sharpen": _sharpen,
    "grayscale": lambda: ["-grayscale", "Rec601Luma"],
    "sepia": lambda: ["-color-matrix", "0.393 0.769 0.189 0.349 0.686 0.168 0.272 0.534 0.131"],
    "brightness": lambda factor: ["-evaluate", "Multiply", str(factor)],
    "contrast": lambda factor: ["-function", "Polynomial", f"{factor},{0.5 - 0.5 * factor}"],
}


def render(job):
    command = [COMMAND]
    if job.size:
        width, height = job.size
        # Twice the size: what its own documentation decodes a thumbnail at.
        command += ["-define", f"jpeg:size={width * 2}x{height * 2}"]
    command.append(job.source + ("[0]" if job.source.endswith(".gif") else ""))
    if job.size:
        command += ["-filter", "Lanczos", "-resize", f"{width}x{height}!"]
    for name, *values in job.other_steps:
        command += OPERATIONS[name](*values)
    extension = job.target.rpartition(".")[2]
    if extension == "jpg":
        command += ["-background", "white", "-flatten", "-sampling-factor", "4:2:0"]
        command += ["-define", f"jpeg:optimize-coding={str(job.is_strongest).lower()}"]
    elif extension == "webp":
        command += ["-define", f"webp:method={6 if job.is_strongest else 4}"]
    command += ["-strip", "-quality", str(75 if extension == "png" else job.quality), f"{extension}:-"]
    return subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    serve(render, measured_processes=resource.RUSAGE_CHILDREN)
