"""The five published designs whose clients must work unchanged, each asked as with curl by hand, and as a program asks
with `requests`. Paths, methods and the names of fields are theirs, word for word."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from clients.stage import PATIENCE, Stage, expect, size_of


Answer = dict[str, Any]


def until(ask: Callable[[], Answer], *ends: str) -> Answer:
    """Asks for a status again and again, as these clients do, until it is one of the ends."""
    over = time.monotonic() + PATIENCE
    while (status := ask())["status"] not in ends:
        expect(time.monotonic() < over, status)
        time.sleep(0.05)
    return status


def fields(answer: Answer, *names: str) -> Answer:
    """The answer, which has at least these."""
    missing = set(names) - answer.keys()
    expect(not missing, {"missing": missing, "answer": answer})
    return answer


# Upload, process, status, download.


def one_operation_with_curl(stage: Stage):
    """one operation a job, with curl: a file, its plan as JSON, as a query and as form fields, status, download"""
    status, file = stage.curl("curl -X POST http://localhost:8000/upload -F 'file=@photo.png'")
    expect(status == 201, (status, file))
    fields(file, "file_id", "filename", "content_type", "format", "width", "height", "size")
    expect((file["filename"], file["width"], file["height"]) == ("photo.png", 64, 48), file)

    process = f"http://localhost:8000/process/{file['file_id']}"
    plan = """{"operation": "resize", "width": 32, "height": 32}"""
    for request in (
            f"curl -X POST {process} -H 'Content-Type: application/json' -d '{plan}'",
            f"curl -X POST '{process}?operation=resize&width=33&height=32'",
            f"curl -X POST {process} -F operation=resize -F width=34 -F height=32",
            f"curl -X POST {process} -d operation=resize -d width=35 -d height=32"):
        status, job = stage.curl(request)
        expect(status == 202, (request, status, job))
        id = fields(job, "processing_id", "file_id", "status")["processing_id"]
        end = until(lambda id=id: stage.curl(f"curl http://localhost:8000/status/{id}")[1], "done", "failed")
        expect(end["status"] == "done" and end["progress"] == 1 and end["error"] is None, end)
        status, picture = stage.curl(f"curl http://localhost:8000/download/{id}")
        width = end["result"]["width"]
        # Both sides given mean exactly these, as these clients know it.
        expect(status == 200 and size_of(picture) == (width, 32), (request, status, end))


def one_operation_with_requests(stage: Stage):
    """one operation a job, with Python: the same, and a refusal that says why"""
    with open(stage.folder / "photo.png", "rb") as picture:
        answer = requests.post(f"{stage.service}/upload", files={"file": picture}, timeout=PATIENCE)
    expect(answer.status_code == 201, answer.text)
    process = f"{stage.service}/process/{answer.json()['file_id']}"
    plan = {"operation": "resize", "width": 20, "height": 10, "format": "webp", "quality": 80}
    for arguments in ({"json": plan}, {"params": plan | {"width": 21}}, {"data": plan | {"width": 22}}):
        answer = requests.post(process, timeout=PATIENCE, **arguments)
        expect(answer.status_code == 202, answer.text)
        id = answer.json()["processing_id"]
        end = until(
            lambda id=id: requests.get(f"{stage.service}/status/{id}", timeout=PATIENCE).json(), "done", "failed")
        fields(end, "processing_id", "file_id", "status", "progress", "error")
        answer = requests.get(f"{stage.service}/download/{id}", timeout=PATIENCE)
        expect(answer.status_code == 200 and answer.headers["Content-Type"] == "image/webp", answer.headers)
        expect(answer.content.startswith(b"RIFF"), answer.content[:40])

    answer = requests.post(process, json={"operation": "melt"}, timeout=PATIENCE)
    expect(answer.status_code == 422 and "melt" in answer.json()["detail"], answer.text)
    answer = requests.post(
        f"{stage.service}/upload", files={"file": ("notes.txt", b"no picture")}, timeout=PATIENCE)
    expect(answer.status_code == 415 and fields(answer.json(), "detail"), answer.text)


# Descriptions.


def a_description_with_curl(stage: Stage):
    """descriptions, with curl: submit, status, result"""
    status, job = stage.curl("curl -X POST http://localhost:8000/submit -F 'file=@photo.jpg'")
    expect(status == 202 and job["status"] == "queued", (status, job))
    id = fields(job, "job_id", "status")["job_id"]
    end = until(lambda: stage.curl(f"curl http://localhost:8000/status/{id}")[1], "done", "failed")
    expect(end["job_id"] == id and end["status"] == "done", end)
    status, result = stage.curl(f"curl http://localhost:8000/result/{id}")
    fields(result, "job_id", "status", "description", "_generated_by")
    expect(status == 200 and result["_generated_by"] == "vision-node-gpt", (status, result))
    expect(result["description"].startswith("Image Description:\n- Dimensions: 240x160 pixels\n"), result)


def a_description_with_requests(stage: Stage):
    """descriptions, with Python: the same, and an id that is none"""
    with open(stage.folder / "photo.png", "rb") as picture:
        answer = requests.post(f"{stage.service}/submit", files={"file": picture}, timeout=PATIENCE)
    expect(answer.status_code == 202, answer.text)
    id = answer.json()["job_id"]
    until(lambda: requests.get(f"{stage.service}/status/{id}", timeout=PATIENCE).json(), "done")
    result = requests.get(f"{stage.service}/result/{id}", timeout=PATIENCE).json()
    expect(result["status"] == "done" and "64x48" in result["description"], result)
    expect(requests.get(f"{stage.service}/result/none", timeout=PATIENCE).status_code == 404, "no 404")


# Pictures at URLs, under /api/v1.


def an_image_url_with_curl(stage: Stage):
    """pictures at URLs, with curl: the job, its status in upper case, its result"""
    plan = """{"imageUrl": "https://example.com/photo.png", "transformations": ["resize:30x20", "grayscale"]}"""
    status, job = stage.curl(
        "curl -X POST http://localhost:8000/api/v1/images/process "
        f"-H 'Content-Type: application/json' -d '{plan}'")
    expect(status == 202, (status, job))
    id = fields(job, "jobId")["jobId"]
    end = until(
        lambda: stage.curl(f"curl http://localhost:8000/api/v1/images/jobs/{id}")[1], "COMPLETED", "FAILED")
    fields(end, "jobId", "status", "resultUrl", "errorMessage")
    expect((end["jobId"], end["status"], end["errorMessage"]) == (id, "COMPLETED", None), end)
    status, picture = stage.curl(f"curl {end['resultUrl']}")
    expect(status == 200 and size_of(picture) == (30, 20), status)


def an_image_url_with_requests(stage: Stage):
    """pictures at URLs, with Python: one that is there, one that is not, one that may not be asked"""

    def ask(url: str) -> requests.Response:
        return requests.post(
            f"{stage.service}/api/v1/images/process",
            json={"imageUrl": url, "transformations": ["resize:100x100", "grayscale"]}, timeout=PATIENCE)

    def end_of(answer: requests.Response) -> Answer:
        expect(answer.status_code == 202, answer.text)
        path = f"{stage.service}/api/v1/images/jobs/{answer.json()['jobId']}"

        def status():
            found = requests.get(path, timeout=PATIENCE).json()
            expect(found["status"] in ("PENDING", "PROCESSING", "COMPLETED", "FAILED"), found)
            return found

        return until(status, "COMPLETED", "FAILED")

    end = end_of(ask(f"{stage.pictures}/photo.png"))
    expect(size_of(requests.get(end["resultUrl"], timeout=PATIENCE).content) == (100, 100), end)
    end = end_of(ask(f"{stage.pictures}/none.png"))
    expect(end["status"] == "FAILED" and end["resultUrl"] is None and "404" in end["errorMessage"], end)
    answer = ask("http://169.254.169.254/latest/meta-data/")
    expect(answer.status_code == 422 and answer.json()["code"] == "forbidden_url", answer.text)


# CSVs of products.

SHEET = """S. No.,Product Name,Input Image Urls
1,Lake,"https://example.com/lake.jpg, https://example.com/hills.jpg"
2,Gone,https://example.com/none.jpg
3,Square,https://example.com/photo.png
"""


def expect_products(stage: Stage, end: Answer, read: Callable[[str], bytes]):
    """What became of the sheet, in its order."""
    fields(end, "request_id", "status", "total", "done", "failed", "images")
    expect((end["status"], end["total"], end["done"], end["failed"]) == ("complete", 4, 3, 1), end)
    found = [
        (image["product_name"], image["input"].removeprefix(stage.pictures), image["status"])
        for image in end["images"]]
    expect(found == [
        ("Lake", "/lake.jpg", "complete"), ("Lake", "/hills.jpg", "complete"), ("Gone", "/none.jpg", "failed"),
        ("Square", "/photo.png", "complete")], end)
    for image in end["images"]:
        if image["status"] == "complete":
            expect(image["error"] is None and len(read(image["output"])) > 50, image)
        else:
            expect(image["output"] is None and "404" in image["error"], image)


def a_sheet_with_curl(stage: Stage):
    """CSVs of products, with curl: upload, status with each image's input and output"""
    (stage.folder / "sheet.csv").write_text(stage.here(SHEET), encoding="utf-8")
    status, batch = stage.curl("curl -X POST http://localhost:8000/upload/ -F 'file=@sheet.csv'")
    expect(status == 202, (status, batch))
    id = fields(batch, "request_id")["request_id"]
    end = until(lambda: stage.curl(f"curl http://localhost:8000/status/{id}")[1], "complete")
    expect_products(stage, end, lambda url: stage.curl(f"curl {url}")[1])


def a_sheet_with_requests(stage: Stage):
    """CSVs of products, with Python: the same with the other names of its columns, and a sheet that is none"""
    sheet = SHEET.replace("S. No.,Product Name,Input Image Urls", "serial_number,product_name,input_urls")
    answer = requests.post(
        f"{stage.service}/upload/", files={"file": ("sheet.csv", stage.here(sheet), "text/csv")}, timeout=PATIENCE)
    expect(answer.status_code == 202, answer.text)
    path = f"{stage.service}/status/{answer.json()['request_id']}"
    end = until(lambda: requests.get(path, timeout=PATIENCE).json(), "complete")
    expect_products(stage, end, lambda url: requests.get(url, timeout=PATIENCE).content)

    answer = requests.post(
        f"{stage.service}/upload/", files={"file": ("sheet.csv", "name;price\nLake;3\n", "text/csv")}, timeout=PATIENCE)
    expect(answer.status_code == 422 and answer.json()["detail"], answer.text)


# Upload, process, list.


def a_chain_with_curl(stage: Stage):
    """chains of operations, with curl: a file, its plan, the list, the result, the health"""
    _, file = stage.curl("curl -X POST -F 'file=@photo.jpg' http://localhost:8000/upload")
    plan = """{"operations": [{"type": "resize", "width": 80}, {"type": "grayscale"}],
        "output": {"format": "png", "quality": 80}}"""
    status, job = stage.curl(
        f"curl -X POST http://localhost:8000/process/{file['file_id']} -H 'Content-Type: application/json' -d '{plan}'")
    expect(status == 202, (status, job))
    id = fields(job, "job_id", "file_id", "status", "status_url", "download_url")["job_id"]
    until(lambda: stage.curl(f"curl http://localhost:8000/status/{id}")[1], "done")
    status, picture = stage.curl(f"curl http://localhost:8000/download/{id}")
    expect(status == 200 and size_of(picture) == (80, 53), status)

    status, listing = stage.curl("curl http://localhost:8000/list")
    expect(status == 200 and fields(listing, "files", "next_cursor")["files"], listing)
    listed = {each["file_id"]: each for each in listing["files"]}
    fields(listed[file["file_id"]], "filename", "content_type", "width", "height", "size", "created_at")

    status, health = stage.curl("curl http://localhost:8000/health")
    expect(status == 200 and health["status"] == "healthy" and health["redis"] == "not configured", (status, health))
    fields(health, "version", "uptime_seconds", "components", "queue", "workers", "backlog_per_worker")


def a_chain_with_requests(stage: Stage):
    """chains of operations, with Python: several files at once, the list in pages, dead letters"""
    with open(stage.folder / "photo.png", "rb") as one, open(stage.folder / "photo.jpg", "rb") as other:
        answer = requests.post(
            f"{stage.service}/upload", files=[("file", one), ("file", other)], timeout=PATIENCE)
    expect(answer.status_code == 201, answer.text)
    ids = [file["file_id"] for file in answer.json()["files"]]
    listed, cursor = [], None
    for _ in ids:
        page = requests.get(f"{stage.service}/list", params={"limit": 1, "cursor": cursor}, timeout=PATIENCE).json()
        listed += [file["file_id"] for file in page["files"]]
        cursor = page["next_cursor"]
    expect(set(listed) == set(ids), (listed, ids))

    def end_of(file_id: str) -> Answer:
        plan = {"operations": [{"type": "thumbnail", "size": 40}, {"type": "blur", "intensity": 1}]}
        job = requests.post(f"{stage.service}/process/{file_id}", json=plan, timeout=PATIENCE).json()
        path = f"{stage.service}/status/{job['job_id']}"
        return until(lambda: requests.get(path, timeout=PATIENCE).json(), "done", "failed")

    for id in ids:
        result = fields(end_of(id), "result")["result"]
        expect(result and max(result["width"], result["height"]) == 40, result)

    truncated = {"file": ("cut.png", (stage.folder / "photo.png").read_bytes()[:-20])}
    file = requests.post(f"{stage.service}/upload", files=truncated, timeout=PATIENCE).json()
    end = end_of(file["file_id"])
    expect(end["status"] == "failed" and end["result"] is None and end["error"]["message"], end)
    letter = requests.get(f"{stage.service}/dead-letters", timeout=PATIENCE).json()["dead_letters"][0]
    fields(letter, "job_id", "reason", "attempts", "timestamp")
    expect(letter["job_id"] == end["job_id"], (letter, end))


CHECKS = [
    one_operation_with_curl, one_operation_with_requests, a_description_with_curl, a_description_with_requests,
    an_image_url_with_curl, an_image_url_with_requests, a_sheet_with_curl, a_sheet_with_requests, a_chain_with_curl,
    a_chain_with_requests,
]
