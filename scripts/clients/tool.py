"""scripts/client.py from outside: what it leaves, what it says, and what it ends with."""

from __future__ import annotations

import csv
import http.server
import json
from contextlib import contextmanager

from clients.stage import PROJECT, Stage, expect, listening, size_of

CLIENT = PROJECT / "scripts/client.py"


def a_folder_is_processed(stage: Stage):
    """a folder of three pictures, one of them broken: two results in its shape, a line for the third, code 1"""
    folder = stage.folder / "holiday"
    (folder / "lake").mkdir(parents=True)
    (folder / "one.jpg").write_bytes((stage.folder / "photo.jpg").read_bytes())
    (folder / "lake/two [b].png").write_bytes((stage.folder / "photo.png").read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture at all")
    (folder / "notes.txt").write_text("no picture, and not asked about")
    ended = stage.run(
        CLIENT, "process", "holiday", "--resize", "40x30", "--grayscale", "--format", "png", "-o", "holiday/small",
        may_fail=True)
    small = folder / "small"
    made = {path.relative_to(small).as_posix(): path for path in small.rglob("*") if path.is_file()}
    expect(made.keys() == {"one.png", "lake/two [b].png"}, made)
    expect({size_of(path.read_bytes()) for path in made.values()} == {(40, 30)}, made)
    lines = ended.stderr.splitlines()
    expect(any(line.startswith("holiday/lake/two [b].png -> ") for line in lines), lines)
    failures = [line for line in lines if line.startswith("failed: ")]
    expect(len(failures) == 1 and failures[0].startswith("failed: holiday/broken.jpg: "), ended)
    expect(lines[-1].startswith("3 pictures: 2 done, 1 failed, in "), lines)
    expect(ended.returncode == 1 and "\x1b" not in ended.stderr and ended.stdout == "", ended)

    # The results of the first time are not taken for pictures to process, nor anything for the broken one.
    (folder / "broken.jpg").unlink()
    ended = stage.run(CLIENT, "process", "holiday", "--thumbnail", "10", "-o", "holiday/small")
    expect(ended.stderr.splitlines()[-1].startswith("2 pictures: 2 done, 0 failed"), ended)


def originals_stay(stage: Stage):
    """a result never takes the place of an original"""
    before = (stage.folder / "photo.png").read_bytes()
    ended = stage.run(CLIENT, "process", "photo.png", "--blur", "2", "-o", ".", may_fail=True)
    expect(ended.returncode == 1 and (stage.folder / "photo.png").read_bytes() == before, ended)


def a_sheet_is_processed(stage: Stage):
    """a CSV with one broken row: its results beside it, a line for that row, code 1"""
    sheet = "product_name,url\nLake,https://example.com/lake.jpg\n[b]Nowhere,nowhere\n"
    (stage.folder / "two.csv").write_text(stage.here(sheet), encoding="utf-8")
    ended = stage.run(CLIENT, "csv", "two.csv", "--resize", "20x", may_fail=True)
    with (stage.folder / "two.results.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["product_name"], row["status"]) for row in csv.DictReader(file)]
    expect(rows == [("Lake", "complete"), ("[b]Nowhere", "failed")], rows)
    lines = ended.stderr.splitlines()
    expect(ended.returncode == 1 and len(lines) == 4, ended)
    expect(lines[1].startswith("failed: [b]Nowhere nowhere: line 3"), ended)
    expect(lines[2].startswith("2 images: 1 done, 1 failed") and "two.results.csv" in lines[3], ended)

    batch = lines[0].removeprefix("batch ")
    ended = stage.run(CLIENT, "status", "--wait", batch, may_fail=True)
    expect(ended.returncode == 1 and json.loads(ended.stdout)["failed"] == 1, ended)


def what_cannot_be_meant_is_said(stage: Stage):
    """a command line that cannot be meant ends with 2, a service that is not there with 1; a line says why"""
    ended = stage.run(CLIENT, "process", "photo.jpg", "-o", "out", may_fail=True)
    expect(ended.returncode == 2 and "--resize" in ended.stderr, ended)
    ended = stage.run(CLIENT, "describe", "photo.jpg", "--server", "127.0.0.1:1", "--patience", "0", may_fail=True)
    lines = ended.stderr.strip().splitlines()
    expect(ended.returncode == 1 and lines[-1] == "client.py: http://127.0.0.1:1 is away: Connection refused", ended)


def a_service_that_is_away_is_asked_again(stage: Stage):
    """503 and a broken connection are asked again, under the same key; a refusal is not, and its reason is kept"""
    with away_at_first() as (url, asked):
        (stage.folder / "wish.py").write_text(
            "import sys\nsys.path.append('scripts')\nfrom client import Client, Problem\n"
            f"client = Client('{url}')\nprint(client.process_url('http://x/', [])['jobId'])\n"
            "try:\n    client.status('none')\nexcept Problem as problem:\n    print(problem, problem.code)\n")
        ended = stage.run("python3", "wish.py")
    expect(ended.stdout.splitlines() == ["found", "it is not there not_found"], ended)
    posts = [key for method, key in asked if method == "POST"]
    expect(len(posts) == 3 and len(set(posts)) == 1 and posts[0], asked)
    expect([method for method, _ in asked].count("GET") == 1, asked)


@contextmanager
def away_at_first():
    """A service that breaks the first connection, is away at the second, and refuses what is not posted.
    -> its URL, and what it was asked: method and key"""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(("POST", self.headers["Idempotency-Key"]))
            self.rfile.read(int(self.headers["Content-Length"]))
            if len(asked) == 1:
                self.close_connection = True
            elif len(asked) == 2:
                self.answer(503, {"detail": "it is away", "code": "backend_unavailable"}, ("Retry-After", "1"))
            else:
                self.answer(202, {"jobId": "found"})

        def do_GET(self):
            asked.append(("GET", None))
            self.answer(404, {"detail": "it is not there", "code": "not_found"})

        def answer(self, status, body, *fields):
            content = json.dumps(body).encode()
            self.send_response(status)
            for field in (("Content-Length", str(len(content))), *fields):
                self.send_header(*field)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with listening(Handler) as server:
        yield f"http://127.0.0.1:{server.server_port}", asked


CHECKS = [
    a_folder_is_processed, originals_stay, a_sheet_is_processed, what_cannot_be_meant_is_said,
    a_service_that_is_away_is_asked_again,
]
