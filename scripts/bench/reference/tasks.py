"""The reference's worker: one Celery task that applies one operation to one picture."""

import os
from pathlib import Path

from celery import Celery
from PIL import Image, ImageOps

REDIS_URL = os.environ["REDIS_URL"]
UPLOADS = Path(os.environ["UPLOADS"])
PROCESSED = Path(os.environ["PROCESSED"])

queue = Celery("reference", broker=REDIS_URL, backend=REDIS_URL)


@queue.task(name="develop")
def develop(file_id: str, plan: dict) -> dict:
    with Image.open(UPLOADS / file_id) as source:
        form = plan.get("format", source.format).upper()
        picture = ImageOps.exif_transpose(source)
        match plan["operation"]:
            case "grayscale":
                picture = ImageOps.grayscale(picture)
            case "resize":
                picture = picture.resize((plan["width"], plan["height"]), Image.Resampling.LANCZOS)
    target = PROCESSED / f"{develop.request.id}.{form.lower()}"
    picture.save(target, form, quality=80)
    return {"format": form, "width": picture.width, "height": picture.height, "size": target.stat().st_size}
