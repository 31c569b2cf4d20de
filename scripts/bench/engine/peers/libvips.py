"""libvips through pyvips, with the libvips that comes with it."""

import os

# A picture at once in each process: what the number of cores allows is measured by the number of processes.
os.environ["VIPS_CONCURRENCY"] = "1"

import pyvips  # noqa: E402

from engine.timing import serve  # noqa: E402

pyvips.cache_set_max(0)

LUMA = [[0.299, 0.587, 0.114]]
SEPIA = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]]


def _sharpen(image, intensity):
    part = intensity - 1
    kernel = [[-part, -part, -part], [-part, 13 + 8 * part, -part], [-part, -part, -part]]
    # Its floating point is faster here than its integers.
    return image.conv(pyvips.Image.new_from_array(kernel, scale=13), precision="float")


# `linear` ends by cutting fractions off, so half a level more rounds.
OPERATIONS = {
    "blur": lambda image, sigma: image.gaussblur(sigma),
    "sharpen": _sharpen,
    "grayscale": lambda image: image.recomb(LUMA).copy(interpretation="b-w"),
    "sepia": lambda image: image.recomb(SEPIA),
    "brightness": lambda image, factor: image.linear(factor, 0.5, uchar=True),
    "contrast": lambda image, factor: image.linear(factor, 127.5 - 127.5 * factor + 0.5, uchar=True),
}


def render(job):
    if job.size:
        width, height = job.size
        image = pyvips.Image.thumbnail(job.source, width, height=height, size="force")
    else:
        image = pyvips.Image.new_from_file(job.source, access="sequential")
    for name, *values in job.other_steps:
        image = OPERATIONS[name](image, *values)
    extension = os.path.splitext(job.target)[1]
    if extension == ".jpg":
        return image.jpegsave_buffer(
            Q=job.quality, optimize_coding=job.is_strongest, background=[255, 255, 255], keep="none")
    if extension == ".webp":
        return image.webpsave_buffer(Q=job.quality, effort=6 if job.is_strongest else 4, keep="none")
    return image.write_to_buffer(extension, keep="none")


if __name__ == "__main__":
    serve(render)
