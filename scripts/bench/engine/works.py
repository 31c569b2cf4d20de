"""What the engines are asked to do. A line of `WORKS` is a row of the tables for each of its pictures."""

from dataclasses import dataclass

JPEGS = ("2mp.jpg", "6mp.jpg", "12mp.jpg", "24mp.jpg")
TWO_JPEGS = ("6mp.jpg", "12mp.jpg")

# What --quick is content with.
QUICK = {"6mp.jpg", "3mp.png", "3mp.webp", "3mp.tiff", "animated.gif"}


@dataclass(frozen=True)
class Goal:
    """Beside being faster than every peer of libvips' quality."""

    # How many times as fast as libvips, for JPEGs.
    over_libvips: float = 0
    # How many times the floor's time at most.
    over_floor: float = 0


RESIZE = Goal(over_libvips=1.5, over_floor=1.3)
THUMBNAIL = Goal(over_floor=1.15)
BLUR = Goal(over_libvips=1.5)
COLOUR = Goal(over_libvips=1.5, over_floor=1.15)
COMPRESS = Goal(over_floor=1.15)


@dataclass(frozen=True)
class Work:
    name: str
    # Step texts as in docs/api.md; {half} is half the picture's width.
    plan: str
    # The extension of the result.
    format: str
    pictures: tuple
    goal: Goal = Goal()


WORKS = (
    Work("thumbnail 200", "thumbnail:200", "jpg", JPEGS, THUMBNAIL),
    Work("resize 720", "resize:720x", "jpg", JPEGS, RESIZE),
    Work("resize 800", "resize:800x", "jpg", JPEGS, RESIZE),
    Work("resize to half", "resize:{half}x", "jpg", JPEGS, RESIZE),
    Work("blur 5", "blur:5", "jpg", TWO_JPEGS, BLUR),
    Work("blur 20", "blur:20", "jpg", TWO_JPEGS, BLUR),
    Work("sharpen", "sharpen:2", "jpg", TWO_JPEGS),
    Work("grayscale", "grayscale", "jpg", TWO_JPEGS, COLOUR),
    Work("sepia", "sepia", "jpg", TWO_JPEGS, COLOUR),
    Work("brightness", "brightness:1.5", "jpg", TWO_JPEGS, COLOUR),
    Work("contrast", "contrast:1.5", "jpg", TWO_JPEGS, COLOUR),
    Work("compress 50", "compress:50", "jpg", TWO_JPEGS, COMPRESS),
    Work("JPEG → WebP", "", "webp", ("6mp.jpg",)),
    Work("resize 800, sharpen, sepia → WebP", "resize:800x,sharpen:2,sepia", "webp", TWO_JPEGS),
    Work("PNG → JPEG", "", "jpg", ("3mp.png",)),
    Work("thumbnail 200", "thumbnail:200", "png", ("3mp.png",), THUMBNAIL),
    Work("resize 800", "resize:800x", "webp", ("3mp.webp",), Goal(over_floor=1.3)),
    Work("resize 800 → JPEG", "resize:800x", "jpg", ("3mp.tiff",), Goal(over_floor=1.3)),
    Work("thumbnail 200 of the first frame → JPEG", "thumbnail:200", "jpg", ("animated.gif",), THUMBNAIL),
)

QUALITY = 80


@dataclass
class Job:
    """What a peer is told. Every member is plain, so that it travels as JSON."""

    source: str
    source_size: list
    target: str
    # By name, with what docs/api.md calls the parameters; ["resize", width, height] is the only one that changes sizes,
    # and stands first.
    steps: list
    quality: int
    # Huffman tables made for the picture, and libwebp's strongest method.
    is_strongest: bool
    times: int = 1
    # Pictures at once.
    threads: int = 1

    @property
    def size(self):
        """-> (width, height) to resize to first, or None"""
        return tuple(self.steps[0][1:]) if self.steps and self.steps[0][0] == "resize" else None

    @property
    def other_steps(self):
        return self.steps[1:] if self.size else self.steps


def job(work: Work, source, sides, target) -> Job:
    plan = plan_text(work, sides)
    texts = [text.split(":") for text in plan.split(",") if text]
    quality = next((int(values[0]) for name, *values in texts if name == "compress"), None)
    steps = [_step(name, values, sides) for name, *values in texts if name != "compress"]
    return Job(str(source), list(sides), str(target), steps, quality or QUALITY, is_strongest=quality is not None)


def plan_text(work: Work, sides) -> str:
    return work.plan.format(half=sides[0] // 2)


def _step(name, values, sides):
    width, height = sides
    if name == "thumbnail":
        scale = min(1, int(values[0]) / max(sides))
        return ["resize", _whole(width * scale), _whole(height * scale)]
    if name == "resize":
        wanted = int(values[0].removesuffix("x"))
        return ["resize", wanted, _whole(height * wanted / width)]
    return [name, *map(float, values)]


def _whole(length):
    return max(1, int(length + 0.5))
