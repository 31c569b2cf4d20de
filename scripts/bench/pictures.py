"""The pictures that the measurements work on: made here, the same on every run."""

import random
import struct
import zlib
from pathlib import Path


def photo(path: Path, width: int, height: int, quality: int = 90) -> Path:
    """A JPEG that compresses like a photograph: soft gradients, shapes of all sizes, edges, and grain."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    dice = random.Random(width * height)
    small = (width // 4, height // 4)
    scene = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn).resize(small) for turn in range(3)])
    draw = ImageDraw.Draw(scene, "RGBA")
    for _ in range(600):
        x, y = dice.randrange(small[0]), dice.randrange(small[1])
        reach = int(dice.paretovariate(1.1) * 4) % (small[0] // 3) + 2
        color = tuple(dice.randrange(256) for _ in range(3)) + (dice.randrange(60, 256),)
        shape = dice.choice([draw.ellipse, draw.rectangle])
        shape((x, y, x + reach, y + reach * dice.uniform(0.3, 1.5)), fill=color)
    scene = scene.resize((width, height), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    grain = Image.frombytes("L", (width, height), dice.randbytes(width * height)).filter(ImageFilter.GaussianBlur(0.7))
    grain = grain.point(lambda level: 128 + (level - 128) // 6)
    ImageChops.add(scene, Image.merge("RGB", [grain] * 3), offset=-128).save(path, quality=quality)
    return path


def tiny_png(number: int) -> bytes:
    """16 × 16 pixels of RGB, others for each number."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\0" + struct.pack(">I", number) * 12
    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 16, 1))
            + chunk(b"IEND", b""))


def distinct_jpeg(jpeg: bytes, number: int) -> bytes:
    """The same picture with a comment of its own, so that no result of another is used for it."""
    comment = f"{number:016}".encode()
    return jpeg[:2] + struct.pack(">BBH", 0xFF, 0xFE, len(comment) + 2) + comment + jpeg[2:]


def bare_jpeg(jpeg: bytes) -> bytes:
    """The same picture without its metadata, of which engines make different things: it is as it lies in the file."""
    if not jpeg.startswith(b"\xff\xd8"):
        raise SystemExit("the picture to measure with must be a JPEG")
    parts, at = [jpeg[:2]], 2
    # Up to the first scan; Adobe's segment, 0xEE, tells how the colours are stored.
    while (marker := jpeg[at + 1]) != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2:at + 4], "big")
        if not (0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)):
            parts.append(jpeg[at:end])
        at = end
    return b"".join(parts) + jpeg[at:]


def bmp(side: int, number: int) -> bytes:
    """Uncompressed, so that its size in bytes is what is asked for: about 3 × side × side."""
    rows = (side * 3 + 3) // 4 * 4 * side
    header = struct.pack("<2sIHHI", b"BM", 54 + rows, 0, 0, 54)
    header += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, rows, 2835, 2835, 0, 0)
    return header + struct.pack("<I", number) * (rows // 4)


def write_records(path: Path, pictures) -> Path:
    """The file that `load` reads."""
    with path.open("wb") as file:
        for picture in pictures:
            file.write(struct.pack("<Q", len(picture)) + picture)
    return path
