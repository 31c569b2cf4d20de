"""What nobody should send, and what no server of pictures or receiver of webhooks should do: it is told of with what to
change, leaves nothing behind, and keeps nobody else waiting.

How long a fetch may take in all is for Tests/FetchTests, where 30 seconds are fewer."""

from __future__ import annotations

import gzip
import re
import threading
import time
from contextlib import contextmanager
from typing import Any, BinaryIO

import requests

from clients.stage import PATIENCE, Stage, expect


def refused(answer: requests.Response, status: int, code: str, parameter: str | None, *words: str):
    """The answer is a problem, whose detail holds the words."""
    found = answer.json()
    expect(answer.headers["Content-Type"] == "application/problem+json", answer.headers)
    expect((answer.status_code, found["status"], found["code"]) == (status, status, code), (found, code))
    expect(found.get("parameter") == parameter, found)
    expect(all(word in found["detail"] for word in words) and len(found["detail"]) < 1000, (found, words))


@contextmanager
def nothing_kept(stage: Stage):
    """After the body there are the files, jobs and bytes that there were before."""
    before = kept(stage)
    yield
    expect(kept(stage) == before, (before, kept(stage)))


def kept(stage: Stage) -> tuple[set[str], ...]:
    listed = requests.get(f"{stage.service}/list?limit=1000", timeout=PATIENCE).json()["files"]
    jobs = requests.get(f"{stage.service}/jobs?limit=1000", timeout=PATIENCE).json()["jobs"]
    bytes_kept = {str(path) for path in stage.data.rglob("*") if path.is_file() and ".db" not in path.name}
    return {file["file_id"] for file in listed}, {job["job_id"] for job in jobs}, bytes_kept


def still_works(stage: Stage):
    """A picture that is at a URL is made smaller, at once."""
    answer = requests.post(
        f"{stage.service}/api/v1/images/process", headers={"Prefer": "wait=20"}, timeout=PATIENCE,
        json={"imageUrl": f"{stage.pictures}/photo.png", "transformations": ["resize:9x9"]})
    expect(answer.status_code == 200 and answer.json()["status"] == "COMPLETED", answer.text)


def send_sheet(stage: Stage, content: str | bytes, **more) -> requests.Response:
    return requests.post(
        f"{stage.service}/upload/", files={"file": ("sheet.csv", content, "text/csv")}, timeout=PATIENCE, **more)


def uploaded(stage: Stage) -> str:
    with open(stage.folder / "photo.png", "rb") as picture:
        return requests.post(f"{stage.service}/upload", files={"file": picture}, timeout=PATIENCE).json()["file_id"]


# What is sent.


def a_sheet_that_is_none(stage: Stage):
    """bad input: a CSV that cannot be used is refused with what to change"""
    url = f"{stage.pictures}/photo.png"
    unusable, good = "unusable_batch", f"product_name,url\nLake,{url}\n"
    with nothing_kept(stage):
        for content, code, *words in (
                ("", "empty_file", "first line must name the columns"), ("\r\n \n", "empty_file"),
                (good.splitlines()[0], unusable, "no rows"),
                (good.splitlines()[1], unusable, "line 1", "header seems to be missing"),
                (good.replace(",", "\t"), unusable, "tabs", "commas or semicolons"),
                (good.replace(",", "|"), unusable, "|", "commas or semicolons"),
                (good.replace("Lake", "x" * (1 << 20)), unusable, "line 2", "column 1", "65536"),
                ("x" * (1 << 20) + good, unusable, "line 1", "65536"),
                (good.replace("Lake", "La\0ke"), unusable, "line 2", "zero", "UTF-8"),
                (good.replace("Lake", "Café").encode("latin-1"), unusable, "line 2", "column 1", "UTF-8"),
                (good.encode("utf-16"), unusable, "line 1", "UTF-8"),
                ((stage.folder / "photo.png").read_bytes(), unusable, "line 1"),
                ("url\nhttp://10.0.0.1/a.png\nnowhere\nftp://example.com/\n", unusable, "line 2", "may not be asked"),
                ("url\n" + f"{url}\n" * 10_001, "too_many_rows", "10000"),
        ):
            refused(send_sheet(stage, content), 422, code, "file", *words)
        answer = send_sheet(stage, good, data={"transformations": "melt"})
        refused(answer, 422, "unknown_operation", "operation", "melt")
    still_works(stage)


def a_sheet_with_broken_rows(stage: Stage):
    """bad input: a broken row of a CSV is told of by its line, and no other row is lost by it"""
    url = f"{stage.pictures}/photo.png"
    rows = [
        ("Lake," + url, None), ("x" * (1 << 20) + "," + url, "65536"), ("Nul\0," + url, "zero"), ("Hill," + url, None),
        ("Caf\udce9," + url, "UTF-8"), ("Tab\t" + url, "no URL"), ("Many,a," + url, "3 cells"),
        ('"Quote"s,' + url, "quote"), ("Inside,http://10.0.0.1/a.png", "may not be asked"), ("Wood," + url, None),
        ('Open,"' + url, "never closed")]
    sheet = "product_name,url\n" + "\n".join(row for row, _ in rows) + "\n"
    answer = send_sheet(stage, sheet.encode(errors="surrogateescape"))
    expect(answer.status_code == 202 and answer.json()["total"] == len(rows), answer.text)
    path = f"{stage.service}/status/{answer.json()['request_id']}"
    end = requests.get(f"{path}?wait=50", timeout=PATIENCE).json()
    expect((end["status"], end["done"], end["failed"]) == ("complete", 3, len(rows) - 3), end)
    for line, ((_, reason), image) in enumerate(zip(rows, end["images"]), 2):
        if reason is None:
            expect((image["status"], image["error"], image["line"]) == ("complete", None, line), image)
        else:
            expect(image["status"] == "failed" and image["output"] is None, image)
            expect(image["error"].startswith(f"line {line}: ") and reason in image["error"], (image, reason))


def a_body_that_is_no_plan(stage: Stage):
    """bad input: JSON of wrong types, nested too deep, with numbers too large, or cut off, is refused"""
    file = uploaded(stage)
    invalid, malformed = (422, "invalid_parameter"), (400, "malformed_json")
    with nothing_kept(stage):
        for body, (status, code), parameter, *words in (
                ("[]", invalid, None, "an array", "an object"), ("null", invalid, None, "an object"),
                ('{"operation":true}', invalid, "operation", "true", "the name of an operation"),
                ('{"operations":[7]}', invalid, "operations", "7"),
                ('{"operation":"resize","width":{}}', invalid, "width", "an object", "1 to 65500"),
                ('{"operation":"resize","width":4.5}', invalid, "width", "4.5", "1 to 65500"),
                ('{"operation":"resize","width":99999999999999999999}', invalid, "width", "1e+20", "1 to 65500"),
                ('{"operation":"blur","intensity":1e308}', invalid, "intensity", "1e+308", "0 to 250"),
                ('{"operation":"blur","intensity":1e999}', malformed, None),
                ('{"transformations":["resize:99999999999999999999x2"]}', invalid, "width", "1 to 65500"),
                ('{"operation":"flip","webhook_url":7}', invalid, "webhook_url", "7", "http"),
                ('{"operation":"flip","priority":[]}', invalid, "priority", "high, normal, low"),
                ("[" * 30_000 + "]" * 30_000, malformed, None, "16 levels"),
                ('{"a":' * 9000 + "1" + "}" * 9000, malformed, None, "16 levels"),
                ('{"operation":"flip"', malformed, None), ('{"operation":"\\ud800"}', malformed, None),
                ('{"operation":"' + "x" * 70_000 + '"}', (413, "body_too_large"), None, "65536"),
        ):
            answer = requests.post(
                f"{stage.service}/process/{file}", data=body, headers={"Content-Type": "application/json"},
                timeout=PATIENCE)
            refused(answer, status, code, parameter, *words)
    still_works(stage)


def a_url_that_may_not_be_asked(stage: Stage):
    """bad input: a URL that is none, has a password in it or leads inside in whatever spelling, is refused"""
    port = stage.pictures.rpartition(":")[2]  # which is open, so that what is refused is the address

    def ask(url: str) -> requests.Response:
        return requests.post(f"{stage.service}/api/v1/images/process", json={"imageUrl": url}, timeout=PATIENCE)

    with nothing_kept(stage):
        for url, code, *words in (
                (f"http://user:secret@127.0.0.1:{port}/photo.png", "forbidden_url", "a password"),
                (f"http://127.0.0.1:{port}\\@127.0.0.2:{port}/", "forbidden_url"),
                ("ftp://example.com/a.png", "forbidden_url", "http://"), ("file:///etc/passwd", "forbidden_url"),
                ("data:image/png;base64,AAAA", "forbidden_url"), ("//example.com/a.png", "forbidden_url"),
                (f"http://example.com:{int(port) - 1}/", "forbidden_url", "port"),
                (f"http://example.com:{port}/{'a' * 8192}", "invalid_parameter", "2048"),
                (f"http://é.example:{port}/{'é' * 600}", "invalid_parameter", "2048"),  # once it is escaped
                (f"http://{'a' * 64}.example:{port}/", "invalid_parameter", "host"),
                ("http://example.com:99999/", "invalid_parameter", "65535"),
                (f"http://256.256.256.256:{port}/", "invalid_parameter", "host"),
                (f"http://%31%32%37.0.0.2:{port}/", "invalid_parameter", "host"),
                (f"http://[fe80::1%25lo]:{port}/", "invalid_parameter", "host"),
                (f"http://exa\tmple.com:{port}/", "invalid_parameter", "control character"),
        ):
            refused(ask(url), 422, code, "imageUrl", *words)
        for host in (
                "127.0.0.2", "127.2", "2130706434", "0x7f.0.0.2", "0177.0.0.02", "127.0.0.2.", "0", "10.0.0.1", "[::]",
                "[::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[fd00::1]",
                "169.254.169.254", "0xa9fea9fe", "100.100.100.200"):
            refused(ask(f"http://{host}:{port}/"), 422, "forbidden_url", "imageUrl", "must lead to a public")
            answer = send_sheet(stage, f"url\nhttp://{host}:{port}/\n")
            refused(answer, 422, "unusable_batch", "file", "line 2", "may not be asked")
    # What stands behind # is not sent, and the rest is asked for as ever.
    end = ended(stage, ask(f"{stage.pictures}/photo.png#top").json()["jobId"])
    expect(end["status"] == "done" and end["source_url"] == f"{stage.pictures}/photo.png", end)
    # A name is looked up first, and so are digits of which only IDNA makes an address.
    stage = stage.closed()
    for host in ("localhost", "LOCALHOST", "１２７.０.０.１", "127。0。0。1"):
        end = ended(stage, ask(f"http://{host}:{port}/photo.png").json()["jobId"])
        expect(end["error"]["code"] == "forbidden_url" and not end["error"]["retryable"], (host, end))
        expect(end["attempts"] <= 1, end)


def ended(stage: Stage, id: str) -> dict[str, Any]:
    """The job's status, once it is final."""
    status = requests.get(f"{stage.service}/status/{id}?wait=0", timeout=PATIENCE).json()
    over = time.monotonic() + PATIENCE
    while status["status"] in ("queued", "processing"):
        expect(time.monotonic() < over, status)
        status = requests.get(f"{stage.service}/status/{id}?wait=20", timeout=PATIENCE).json()
    return status


def a_submission_of_no_picture(stage: Stage):
    """bad input: /submit of two pictures, of none, of something else or with a field it does not know, is refused"""
    picture = ("a.png", (stage.folder / "photo.png").read_bytes())
    with nothing_kept(stage):
        for files, form, status, code, parameter in (
                ([("file", picture)] * 2, {}, 422, "too_many_parts", "file"),
                ([("note", (None, "x"))], {}, 422, "unknown_parameter", "note"),
                ([("priority", (None, "low"))], {}, 422, "missing_file", "file"),
                (None, {"file": "x"}, 415, "unsupported_media_type", None),
                ([("file", ("a.png", b"no picture"))], {}, 415, "unsupported_media_type", "file"),
                ([("file", ("a.jpg", picture[1]))], {}, 415, "unsupported_media_type", "file"),
                ([("file", ("a.png", b""))], {}, 422, "empty_file", "file"),
                ([("file", ("a.png", picture[1][:20]))], {}, 422, "undecodable_image", None),
                ([("file", ("a.csv", b"url\nx"))], {}, 415, "unsupported_media_type", "file"),
                ([("file", picture)], {"operation": "flip"}, 422, "unknown_parameter", "operation"),
                ([("file", picture)], {"priority": "urgent"}, 422, "invalid_parameter", "priority"),
        ):
            answer = requests.post(f"{stage.service}/submit", files=files, data=form, timeout=PATIENCE)
            refused(answer, status, code, parameter)
    still_works(stage)


def one_key_for_two_requests(stage: Stage):
    """bad input: another request under an Idempotency-Key is refused on each route, and the first one is as it was"""
    file, url = uploaded(stage), f"{stage.pictures}/photo.png"
    pictures = [(stage.folder / name).read_bytes() for name in ("photo.png", "photo.jpg")]
    for path, first, second in (
            (f"/process/{file}", {"json": {"operation": "flip"}}, {"json": {"operation": "flop"}}),
            ("/api/v1/images/process", {"json": {"imageUrl": url}}, {"json": {"imageUrl": f"{url}?other"}}),
            ("/submit", *({"files": {"file": ("a", picture)}} for picture in pictures)),
            ("/upload", *({"files": {"file": ("a.csv", f"url\n{url}?{n}\n", "text/csv")}} for n in range(2))),
    ):
        def ask(request, path=path):
            key = {"Idempotency-Key": f"key-{path[1:4]}"}
            return requests.post(f"{stage.service}{path}", headers=key, timeout=PATIENCE, **request)

        made = ask(first)
        expect(made.status_code == 202 and "Idempotency-Replayed" not in made.headers, made.text)
        with nothing_made(stage):
            refused(ask(second), 422, "idempotency_key_reused", "Idempotency-Key", "another request")
        again = ask(first)
        expect(again.status_code in (200, 202) and again.headers["Idempotency-Replayed"] == "true", again.text)
        ids = {"processing_id", "jobId", "job_id", "request_id"} & made.json().keys()
        expect(ids and all(again.json()[id] == made.json()[id] for id in ids), (made.text, again.text))


@contextmanager
def nothing_made(stage: Stage):
    """As `nothing_kept`, while earlier jobs may still leave their results."""
    before = kept(stage)[:2]
    yield
    expect(kept(stage)[:2] == before, (before, kept(stage)))


# What a server of pictures does.


def head(status: str, **fields: Any) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items()]
    return f"HTTP/1.1 {status}\r\n{''.join(lines)}Connection: close\r\n\r\n".encode()


def without_end(out: BinaryIO):
    out.write(head("200 OK", Content_Type="image/png"))
    while True:
        out.write(bytes(1 << 16))


def a_bad_server_of_pictures(stage: Stage):
    """bad input: a picture's server that lies, never ends or leads inside, fails its job for a reason that is told"""
    port = stage.pictures.rpartition(":")[2]
    picture = (stage.folder / "photo.png").read_bytes()
    # 1 GiB in 1 MiB.
    bomb = gzip.compress(bytes(1 << 24)) * 64
    answers = {
        "endless": (without_end, "file_too_large", "10485760"),
        "announced": (head("200 OK", Content_Length=1 << 40), "file_too_large", "10485760"),
        "short": (head("200 OK", Content_Length=len(picture) // 2) + picture, "undecodable_image"),
        "empty": (head("200 OK", Content_Length=0), "undecodable_image"),
        "gzip": (head("200 OK", Content_Encoding="gzip", Content_Length=len(bomb)) + bomb, "undecodable_image"),
        "html": (head("200 OK", Content_Type="image/png") + b"<!doctype html><p>sign in", "undecodable_image"),
        "no-http": (b"what?\r\n\r\n", "fetch_failed"), "404": (head("404 Not Found"), "fetch_failed", "404"),
        "loop": (head("302 Found", Location="/loop"), "fetch_failed", "redirect"),
        "inside": (head("302 Found", Location=f"http://127.0.0.2:{port}/photo.png"), "forbidden_url"),
        "inside6": (head("307 Temporary Redirect", Location=f"//[::1]:{port}/photo.png"), "forbidden_url"),
        "metadata": (head("301 Moved Permanently", Location="http://169.254.169.254/"), "forbidden_url"),
        "local": (head("302 Found", Location="file:///etc/passwd"), "fetch_failed", "http://"),
    }
    for name, (answer, *_) in answers.items():
        stage.answers[f"/{name}"] = answer if callable(answer) else lambda out, answer=answer: out.write(answer)
    still_works(stage)
    before = resident(stage)
    jobs = {name: fetching(stage, name) for name in answers}
    for name, (_, code, *words) in answers.items():
        end = ended(stage, jobs[name])
        error = end["error"]
        expect(end["status"] == "failed" and end["attempts"] <= 1, (name, end))
        expect(error["code"] == code and not error["retryable"], (name, end))
        expect(all(word in error["message"] for word in words), (name, end))
    expect(resident(stage) - before < 64 << 20, (before, resident(stage)))
    still_works(stage)


def fetching(stage: Stage, name: str) -> str:
    answer = requests.post(
        f"{stage.service}/api/v1/images/process", json={"imageUrl": f"{stage.pictures}/{name}"}, timeout=PATIENCE)
    expect(answer.status_code == 202, answer.text)
    return answer.json()["jobId"]


def resident(stage: Stage) -> float:
    """The service's memory, in bytes."""
    metrics = requests.get(f"{stage.service}/metrics", timeout=PATIENCE).text
    return float(re.search(r"^process_resident_memory_bytes (\S+)", metrics, re.M)[1])


def a_server_that_may_recover(stage: Stage):
    """bad input: a picture whose server fails, or cuts it short, is tried again and then made"""
    picture = (stage.folder / "photo.png").read_bytes()
    whole = head("200 OK", Content_Length=len(picture)) + picture
    first = {
        "500": head("500 Internal Server Error"), "long": head("200 OK", Content_Length=len(picture) + 9) + picture,
        "nothing": b""}
    asked = {name: 0 for name in first}

    def answer(out: BinaryIO, name: str):
        asked[name] += 1
        out.write(first[name] if asked[name] == 1 else whole)

    for name in first:
        stage.answers[f"/{name}"] = lambda out, name=name: answer(out, name)
    jobs = {name: fetching(stage, name) for name in first}
    for name, job in jobs.items():
        end = ended(stage, job)
        expect(end["status"] == "done" and asked[name] == 2, (name, asked, end))


def a_server_that_trickles(stage: Stage):
    """bad input: a picture that comes a byte a second keeps no other waiting, and its job can be canceled"""
    gone = threading.Event()

    def trickle(out: BinaryIO):
        out.write(head("200 OK", Content_Length=1000))
        try:
            while True:
                out.write(b"\x89")
                time.sleep(1)
        except OSError:
            gone.set()
            raise

    stage.answers["/trickle"] = trickle
    job = fetching(stage, "trickle")
    status = f"{stage.service}/status/{job}"
    while requests.get(status, timeout=PATIENCE).json()["status"] == "queued":
        time.sleep(0.01)
    still_works(stage)
    expect(requests.get(status, timeout=PATIENCE).json()["status"] == "processing", "it did not trickle")
    answer = requests.delete(f"{stage.service}/jobs/{job}", timeout=PATIENCE)
    expect(answer.status_code == 200 and answer.json()["status"] == "canceled", answer.text)
    expect(gone.wait(25), "it is still fetched")
    expect(requests.get(status, timeout=PATIENCE).json()["status"] == "canceled", "it is not canceled")


# What a receiver of webhooks does.


def a_bad_receiver(stage: Stage):
    """bad input: a receiver that leads inside, closes at once or wants no more, is told of as its delivery's error"""
    file, port = uploaded(stage), stage.pictures.rpartition(":")[2]
    stage.answers |= {
        "/inside": lambda out: out.write(head("307 Temporary Redirect", Location=f"http://127.0.0.2:{port}/hooks")),
        "/closes": lambda out: None,
        "/gone": lambda out: out.write(head("410 Gone")),
    }
    for place, url, state, code, words in (
            (stage, f"{stage.pictures}/inside", "queued", "webhook_failed", "redirects are not followed"),
            (stage, f"{stage.pictures}/closes", "queued", "webhook_failed", "sending the webhook failed"),
            (stage, f"{stage.pictures}/gone", "failed", "webhook_refused", "410"),
            (stage.closed(), f"http://localhost:{port}/hooks", "failed", "webhook_refused", "not allowed"),
    ):
        job = delivery(place, url)
        expect((job["status"], job["error"]["code"]) == (state, code), job)
        expect(words in job["error"]["message"] and "127.0.0" not in job["error"]["message"], job)
        expect(bool(job["next_try_at"]) == (state == "queued"), job)
    expect(stage.webhooks.empty(), "a webhook came inside")
    with nothing_made(stage):
        for path, request in (
                (f"/process/{file}", {"json": {"operation": "flop", "webhook_url": f"http://127.0.0.2:{port}/"}}),
                ("/submit", {
                    "files": {"file": (stage.folder / "photo.png").read_bytes()},
                    "data": {"webhook_url": "http://10.0.0.1/"}}),
                ("/api/v1/images/process", {"json": {
                    "imageUrl": f"{stage.pictures}/photo.png", "webhook_url": f"http://[::1]:{port}/"}}),
                ("/upload", {
                    "files": {"file": ("a.csv", f"url\n{stage.pictures}/photo.png\n", "text/csv")},
                    "data": {"webhook_url": f"http://2130706434:{port}/"}}),
        ):
            answer = requests.post(f"{stage.service}{path}", timeout=PATIENCE, **request)
            refused(answer, 422, "forbidden_url", "webhook_url", "public")


def delivery(stage: Stage, url: str) -> dict[str, Any]:
    """What becomes of a webhook to there, once it has been tried: its job's status. The picture is made in any case."""
    answer = requests.post(
        f"{stage.service}/process/{uploaded(stage)}", json={"operation": "flip", "webhook_url": url},
        headers={"Prefer": "wait=20"}, timeout=PATIENCE)
    expect(answer.status_code == 200 and answer.json()["status"] == "done", answer.text)
    over = time.monotonic() + PATIENCE
    while True:
        # The newest comes first.
        listed = requests.get(f"{stage.service}/jobs?kind=webhook", timeout=PATIENCE).json()["jobs"]
        if listed and listed[0]["delivers"] == {"job_id": answer.json()["job_id"]} and listed[0]["error"]:
            return listed[0]
        expect(time.monotonic() < over, listed)
        time.sleep(0.05)


CHECKS = [
    a_sheet_that_is_none, a_sheet_with_broken_rows, a_body_that_is_no_plan, a_url_that_may_not_be_asked,
    a_submission_of_no_picture, one_key_for_two_requests, a_bad_server_of_pictures, a_server_that_may_recover,
    a_server_that_trickles, a_bad_receiver,
]
