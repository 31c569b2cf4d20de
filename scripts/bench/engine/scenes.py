"""The pictures that the engines work on, as their users have them: made once, the same on every machine.

They are no photographs, but weigh as much as photographs do: soft light whose detail halves with each octave, things of
all sizes with sharp edges before each other, and grain. At quality 90 that is 1.5 to 2 bits a pixel.
"""

import json
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageDraw, ImageFilter


def scene(width: int, height: int) -> Image.Image:
    dice = numpy.random.default_rng(width * height)
    pixels = numpy.asarray(_things(width, height, dice), numpy.float32)
    pixels += _clouds(width, height, dice, strength=50, finest=1)[..., None]
    for channel, strength in ((0, 18), (2, 22)):
        pixels[..., channel] += _clouds(width, height, dice, strength, finest=16)
    for channel in range(3):
        pixels[..., channel] += dice.standard_normal((height, width), numpy.float32) * 7
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8)).filter(ImageFilter.GaussianBlur(0.5))


def _things(width, height, dice):
    image = Image.new("RGB", (width, height), (124, 130, 138))
    draw = ImageDraw.Draw(image)
    for reach in sorted(dice.pareto(1.2, 1500) * width / 400 + 3, reverse=True):
        reach = min(reach, width / 3)
        x, y = dice.uniform(0, width), dice.uniform(0, height)
        luma = dice.uniform(60, 220)
        color = tuple(int(luma + dice.normal(0, 22)) for _ in range(3))
        corners = dice.uniform(-reach, reach, (int(dice.integers(3, 7)), 2)) + (x, y)
        if dice.random() < 0.5:
            draw.ellipse((x - reach, y - reach * 0.7, x + reach, y + reach * 0.7), fill=color)
        else:
            draw.polygon([tuple(corner) for corner in corners], fill=color)
    return image


def _clouds(width, height, dice, strength, finest):
    total = numpy.zeros((height, width), numpy.float32)
    cells, longer = 2, max(width, height)
    while cells * finest <= longer:
        shape = (max(2, cells * height // longer), max(2, cells * width // longer))
        octave = Image.fromarray(dice.standard_normal(shape, numpy.float32))
        total += numpy.asarray(octave.resize((width, height), Image.Resampling.BICUBIC)) * strength * cells ** -0.5
        cells *= 2
    return total


def _jpeg(width, height, path):
    # As phones and cameras write: 4:2:0, Huffman tables of the standard's.
    scene(width, height).save(path, quality=90)


def _mirrored_jpeg(width, height, path):
    """Larger than a scene can be made in memory that everyone has: one, and its three reflections."""
    quarter = scene(width // 2, height // 2)
    image = Image.new("RGB", (width, height))
    flipped = quarter.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    for top, row in ((0, quarter), (height // 2, flipped)):
        image.paste(row, (0, top))
        image.paste(row.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (width // 2, top))
    image.save(path, quality=90)


def _cutout_png(width, height, path):
    """A thing before nothing, with a soft edge: as shops have them."""
    image = scene(width, height).convert("RGBA")
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((width // 10, height // 10, width - width // 10, height - height // 10), fill=255)
    image.putalpha(mask.filter(ImageFilter.GaussianBlur(width / 200)))
    image.save(path)


def _webp(width, height, path):
    scene(width, height).save(path, quality=85)


def _tiff(width, height, path):
    scene(width, height).save(path, compression="tiff_lzw", tiffinfo={317: 2})


def _animated_gif(width, height, path):
    whole = scene(width + 96, height)
    frames = [whole.crop((step * 4, 0, step * 4 + width, height)).quantize(256) for step in range(24)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=60, loop=0)


# The name, what makes it, and its sides.
SCENES = {
    "2mp.jpg": (_jpeg, 1632, 1224),
    "6mp.jpg": (_jpeg, 2725, 2225),
    "12mp.jpg": (_jpeg, 4032, 3024),
    "24mp.jpg": (_jpeg, 6000, 4000),
    "100mp.jpg": (_mirrored_jpeg, 11_600, 8_700),
    "3mp.png": (_cutout_png, 2000, 1500),
    "3mp.webp": (_webp, 2000, 1500),
    "3mp.tiff": (_tiff, 2000, 1500),
    "animated.gif": (_animated_gif, 480, 360),
}


def _made(path: Path):
    """-> its sides; what is no scene of ours is there already"""
    scene_is_old = not path.exists() or path.stat().st_mtime < Path(__file__).stat().st_mtime
    if path.name in SCENES and scene_is_old:
        path.parent.mkdir(parents=True, exist_ok=True)
        make, *sides = SCENES[path.name]
        unfinished = path.with_stem("unfinished")
        make(*sides, unfinished)
        unfinished.rename(path)
    with Image.open(path) as image:
        return image.size


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = None
    print(json.dumps([_made(Path(path)) for path in sys.argv[1:]]))
