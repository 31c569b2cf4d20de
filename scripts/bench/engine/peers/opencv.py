"""OpenCV, which has no Lanczos filter to shrink with: INTER_AREA is what its users take."""

import cv2
import numpy

from engine.timing import serve

cv2.setNumThreads(1)

# Blue first.
SEPIA = numpy.array([[0.131, 0.534, 0.272], [0.168, 0.686, 0.349], [0.189, 0.769, 0.393]])
REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


def _sharpen(image, intensity):
    kernel = numpy.full((3, 3), -(intensity - 1) / 13)
    kernel[1, 1] = 1 + 8 * (intensity - 1) / 13
    return cv2.filter2D(image, -1, kernel)


OPERATIONS = {
    "blur": lambda image, sigma: cv2.GaussianBlur(image, (0, 0), sigma),
    "sharpen": _sharpen,
    "grayscale": lambda image: image,
    "sepia": lambda image: cv2.transform(image, SEPIA),
    "brightness": lambda image, factor: cv2.convertScaleAbs(image, alpha=factor),
    "contrast": lambda image, factor: cv2.LUT(
        image, numpy.clip((numpy.arange(256) - 127.5) * factor + 128, 0, 255).astype(numpy.uint8)),
}


def render(job):
    # It knows nothing of transparency.
    if job.source.endswith((".png", ".gif")):
        return None
    if job.source.endswith(".jpg") and job.size:
        image = cv2.imread(job.source, REDUCED.get(_reduction(job), cv2.IMREAD_COLOR))
    else:
        gray = job.steps and job.steps[0][0] == "grayscale"
        image = cv2.imread(job.source, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR)
    if job.size:
        image = cv2.resize(image, job.size, interpolation=cv2.INTER_AREA)
    for name, *values in job.other_steps:
        image = OPERATIONS[name](image, *values)
    extension = "." + job.target.rpartition(".")[2]
    options = {
        ".jpg": [cv2.IMWRITE_JPEG_QUALITY, job.quality, cv2.IMWRITE_JPEG_OPTIMIZE, int(job.is_strongest)],
        ".webp": [cv2.IMWRITE_WEBP_QUALITY, job.quality],
    }
    return cv2.imencode(extension, image, options[extension])[1].tobytes()


def _reduction(job):
    width = job.source_size[0]
    return next((scale for scale in (8, 4, 2) if width / scale >= job.size[0] * 2), 1)


if __name__ == "__main__":
    serve(render)
