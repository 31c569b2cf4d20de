"""The usual way to build such a service, to compare with: FastAPI takes pictures in, Celery works on them over Redis."""

import hashlib
import json
import uuid
from datetime import timezone

import redis.asyncio
from celery.result import AsyncResult
from fastapi import FastAPI, HTTPException, UploadFile
from PIL import Image, UnidentifiedImageError
from tasks import REDIS_URL, UPLOADS, develop, queue

app = FastAPI()
store = redis.asyncio.from_url(REDIS_URL)


@app.get("/health")
async def health():
    return {"status": "healthy", "redis": "connected" if await store.ping() else "disconnected"}


@app.post("/upload", status_code=201)
async def upload(file: UploadFile):
    file_id = str(uuid.uuid4())
    path = UPLOADS / file_id
    digest = hashlib.sha256()
    with path.open("wb") as target:
        while chunk := await file.read(1 << 20):
            digest.update(chunk)
            target.write(chunk)
    try:
        with Image.open(path) as picture:
            facts = {"filename": file.filename, "format": picture.format, "width": picture.width,
                     "height": picture.height, "size": path.stat().st_size, "sha256": digest.hexdigest()}
    except UnidentifiedImageError:
        path.unlink()
        raise HTTPException(415, "not a picture") from None
    await store.set(f"file:{file_id}", json.dumps(facts))
    return {"file_id": file_id, **facts}


@app.post("/process/{file_id}", status_code=202)
async def process(file_id: str, plan: dict):
    if not await store.exists(f"file:{file_id}"):
        raise HTTPException(404, "no such file")
    return {"job_id": develop.delay(file_id, plan).id, "status": "queued"}


@app.get("/status/{job_id}")
async def status(job_id: str):
    result = AsyncResult(job_id, app=queue)
    states = {"SUCCESS": "done", "FAILURE": "failed", "STARTED": "processing"}
    # Some versions of Celery leave out that it is UTC.
    ended = result.date_done and result.date_done.replace(tzinfo=timezone.utc).isoformat()
    return {"job_id": job_id, "status": states.get(result.state, "queued"), "finished_at": ended}
