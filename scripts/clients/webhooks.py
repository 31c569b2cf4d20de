"""Webhooks, received as their specification's own library does it."""

from __future__ import annotations

import json
import queue

import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from clients.stage import PATIENCE, SECRET, Stage, expect


def received(stage: Stage) -> tuple[dict[str, str], bytes]:
    """The next webhook that comes. -> its fields, names in lower case, and its body"""
    try:
        return stage.webhooks.get(timeout=PATIENCE)
    except queue.Empty:
        raise AssertionError("no webhook came") from None


def the_end_of_a_job(stage: Stage):
    """a webhook at a job's end, verified by the specification's library, and by the service itself"""
    with open(stage.folder / "photo.png", "rb") as picture:
        file = requests.post(f"{stage.service}/upload", files={"file": picture}, timeout=PATIENCE).json()["file_id"]
    plan = {"operation": "resize", "width": 20, "webhook_url": f"{stage.pictures}/hooks"}
    job = requests.post(f"{stage.service}/process/{file}", json=plan, timeout=PATIENCE).json()["job_id"]
    fields, body = received(stage)
    expect(Webhook(SECRET).verify(body, fields) == json.loads(body), body)
    try:
        Webhook(SECRET).verify(body.replace(b"done", b"gone"), fields)
        raise AssertionError("another body is verified too")
    except WebhookVerificationError:
        pass
    status = requests.get(f"{stage.service}/status/{job}", timeout=PATIENCE)
    expect(body == status.content and status.json()["status"] == "done", (body, status.content))

    for changed, expected in (b"", 204), (b" ", 401):
        answer = requests.post(f"{stage.service}/webhook/", data=body + changed, headers=fields, timeout=PATIENCE)
        expect(answer.status_code == expected, answer.text)
    shown = requests.get(f"{stage.service}/webhook", timeout=PATIENCE).json()["received"]
    expect([webhook["verified"] for webhook in shown] == [False, True], shown)
    expect(shown[1]["webhook_id"] == fields["webhook-id"], shown)


def the_end_of_a_sheet(stage: Stage):
    """a webhook at a CSV's end, with curl; the delivery is listed"""
    sheet = stage.here("Product Name,Input Image Urls\nLake,https://example.com/photo.png\n")
    (stage.folder / "sheet.csv").write_text(sheet, encoding="utf-8")
    status, batch = stage.curl(
        "curl -X POST http://localhost:8000/upload/ -F 'file=@sheet.csv' -F webhook_url=https://example.com/hooks")
    expect(status == 202, batch)
    fields, body = received(stage)
    told = Webhook(SECRET).verify(body, fields)
    expect((told["request_id"], told["status"], told["done"]) == (batch["request_id"], "complete", 1), told)
    status, rows = stage.curl(f"curl {told['csv_url']}")
    expect(status == 200 and b"complete" in rows, rows)
    _, listed = stage.curl(f"curl '{stage.service}/jobs?kind=webhook'")
    (delivery,) = listed["jobs"]
    expect(delivery["job_id"] == fields["webhook-id"], (listed, fields))
    expect(delivery["delivers"] == {"batch_id": batch["request_id"]}, delivery)
    _, end = stage.curl(f"curl '{stage.service}/status/{delivery['job_id']}?wait=9'")
    expect(end["status"] == "done", end)
    expect(stage.webhooks.empty(), "another webhook came")


CHECKS = [the_end_of_a_job, the_end_of_a_sheet]
