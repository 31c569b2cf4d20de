"""Pillow."""

import io

from PIL import Image, ImageFilter

from engine.timing import serve

# The largest of our own pictures is no attack.
Image.MAX_IMAGE_PIXELS = None

SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def _sharpen(image, intensity):
    part = intensity - 1
    return image.filter(ImageFilter.Kernel((3, 3), [-part] * 4 + [13 + 8 * part] + [-part] * 4, scale=13))


def _levels(image, function):
    return image.point([min(max(int(function(level) + 0.5), 0), 255) for level in range(256)] * 3)


OPERATIONS = {
    "blur": lambda image, sigma: image.filter(ImageFilter.GaussianBlur(sigma)),
    "sharpen": _sharpen,
    "grayscale": lambda image: image.convert("L"),
    "sepia": lambda image: image.convert("RGB", SEPIA),
    "brightness": lambda image, factor: _levels(image, lambda level: level * factor),
    "contrast": lambda image, factor: _levels(image, lambda level: (level - 127.5) * factor + 127.5),
}


def render(job):
    image = Image.open(job.source)
    if job.size:
        # As Image.thumbnail does it.
        scaled = image.draft(None, tuple(side * 2 for side in job.size))
        image = _colors(image).resize(job.size, Image.Resampling.LANCZOS, scaled and scaled[1], reducing_gap=2.0)
    elif job.steps and job.steps[0][0] == "grayscale":
        image.draft("L", None)
    image = _colors(image)
    for name, *values in job.other_steps:
        image = OPERATIONS[name](image, *values)
    target = job.target.rpartition(".")[2]
    if target == "jpg" and image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    result = io.BytesIO()
    if target == "webp":
        image.save(result, "WEBP", quality=job.quality, method=6 if job.is_strongest else 4)
    else:
        image.save(result, FORMATS[target], quality=job.quality, optimize=job.is_strongest)
    return result.getvalue()


def _colors(image):
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


if __name__ == "__main__":
    serve(render)
