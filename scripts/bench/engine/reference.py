"""What a result should be: all of the source decoded, every step in double precision, nothing rounded on the way.

`python -m engine.reference make JOB FILE` writes it to FILE.npy, and in 8 bits to FILE.raw, and prints its width,
height and channels. `… compare FILE PICTURE…` prints the pictures' PSNR against it in dB, null for those of another
size.
"""

import json
import math
import sys

import numpy
from PIL import Image

from engine.works import Job

Image.MAX_IMAGE_PIXELS = None

LUMA = numpy.array([[0.299, 0.587, 0.114]])
SEPIA = numpy.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


def _lanczos(distance):
    return numpy.where(numpy.abs(distance) < 3, numpy.sinc(distance) * numpy.sinc(distance / 3), 0)


def _resampled(pixels, length, axis):
    """The filter is as much wider as the result is smaller; at the edge only what is there counts."""
    scale = pixels.shape[axis] / length
    filter_scale = max(scale, 1)
    return _filtered(
        pixels, length, axis, scale, 3 * filter_scale, lambda distance: _lanczos(distance / filter_scale))


def _blurred(pixels, sigma):
    reach = math.ceil(sigma * 6)
    for axis in (0, 1):
        margins = [(reach, reach) if side == axis else (0, 0) for side in range(3)]
        padded = numpy.pad(pixels, margins, "edge")
        blurred = _filtered(
            padded, padded.shape[axis], axis, 1, reach, lambda distance: numpy.exp(-0.5 * (distance / sigma) ** 2))
        pixels = blurred[reach:-reach] if axis == 0 else blurred[:, reach:-reach]
    return pixels


def _filtered(pixels, length, axis, scale, reach, weigh):
    """Every result is the mean of its surroundings, `weigh` telling how much each counts by its distance."""
    rows = numpy.moveaxis(pixels, axis, 0)
    result = numpy.empty((length, *rows.shape[1:]))
    # So many at once that the matrix, most of which is zero, is a small one.
    for begin in range(0, length, 64):
        end = min(begin + 64, length)
        centers = (numpy.arange(begin, end) + 0.5) * scale
        first, last = max(0, math.floor(centers[0] - reach)), min(len(rows), math.ceil(centers[-1] + reach))
        weights = weigh(numpy.arange(first, last) + 0.5 - centers[:, None])
        weights /= weights.sum(axis=1, keepdims=True)
        result[begin:end] = numpy.tensordot(weights, rows[first:last], 1)
    return numpy.moveaxis(result, 0, axis)


def _sharpened(pixels, intensity):
    """The border stays as it is."""
    height, width, _ = pixels.shape
    around = sum(
        pixels[y:height - 2 + y, x:width - 2 + x] for y in range(3) for x in range(3) if (y, x) != (1, 1))
    result = pixels.copy()
    result[1:-1, 1:-1] += (pixels[1:-1, 1:-1] * 8 - around) * (intensity - 1) / 13
    return result


OPERATIONS = {
    "blur": _blurred,
    "sharpen": _sharpened,
    "grayscale": lambda pixels: pixels @ LUMA.T,
    "sepia": lambda pixels: pixels @ SEPIA.T,
    "brightness": lambda pixels, factor: pixels * factor,
    "contrast": lambda pixels, factor: (pixels - 127.5) * factor + 127.5,
}


def make(job: Job):
    """-> an array of rows, columns and channels; colours are multiplied by their opacity where there is one"""
    pixels = _opened(job.source)
    if job.size:
        width, height = job.size
        pixels = numpy.clip(_resampled(_resampled(pixels, height, 0), width, 1), 0, 255)
    for name, *values in job.other_steps:
        pixels = numpy.clip(OPERATIONS[name](pixels, *values), 0, 255)
    if pixels.shape[2] == 4 and job.target.endswith(".jpg"):
        pixels = pixels[..., :3] + 255 - pixels[..., 3:]
    return pixels


def _opened(path):
    image = Image.open(path)
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    pixels = numpy.asarray(image, numpy.float64).reshape(image.height, image.width, -1)
    if image.mode == "RGBA":
        pixels = numpy.dstack([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3]])
    return pixels


def _psnr(expected, path):
    found = _opened(path)
    if found.shape[:2] != expected.shape[:2]:
        return None
    if found.shape[2] != expected.shape[2]:
        # A gray picture may be written in colours, and one without transparency with it.
        expected, found = (_with_channels(pixels, max(expected.shape[2], found.shape[2]))
                           for pixels in (expected, found))
    return 10 * math.log10(255 ** 2 / max(numpy.mean((expected - found) ** 2), 1e-10))


def _with_channels(pixels, count):
    height, width, channels = pixels.shape
    colors = numpy.broadcast_to(pixels[..., :1], (height, width, 3)) if channels < 3 else pixels[..., :3]
    return colors if count == 3 else numpy.dstack([colors, numpy.full((height, width, 1), 255.0)])


def _write(pixels, file):
    numpy.save(f"{file}.npy", pixels)
    if pixels.shape[2] == 4:
        opacity = numpy.maximum(pixels[..., 3:], 1e-6)
        pixels = numpy.dstack([pixels[..., :3] * 255 / opacity, pixels[..., 3]])
    numpy.clip(numpy.rint(pixels), 0, 255).astype(numpy.uint8).tofile(f"{file}.raw")


def _main(what, *arguments):
    if what == "make":
        pixels = make(Job(**json.loads(arguments[0])))
        _write(pixels, arguments[1])
        height, width, channels = pixels.shape
        print(json.dumps([width, height, channels]))
    else:
        expected = numpy.load(f"{arguments[0]}.npy")
        print(json.dumps([_psnr(expected, path) for path in arguments[1:]]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
