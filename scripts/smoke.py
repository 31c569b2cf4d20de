#!/usr/bin/env python3
"""Tries a built binary from outside, as its users and its operators do: over HTTP, with kill -9 and with SIGTERM.

Usage: smoke.py path/to/tintype [--contained]

--contained runs it as a container platform would: see contained.py
"""

import base64
import contextlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid

import checks
import contained
from test_picture import png

BINARY = os.path.abspath(sys.argv[1])
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONTAINED = "--contained" in sys.argv[2:]
PATIENCE = 60  # seconds for anything that should take one


def tintype(folder, *words):
    """The command that runs it over a folder."""
    return contained.command(folder, BINARY, *words) if CONTAINED else [BINARY, *words]


def pid_of(process):
    return contained.inner_process(process.pid) if CONTAINED else process.pid


class Service:
    """One running `tintype serve` over a data folder of the caller's."""

    def __init__(self, folder, **settings):
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        environment = inherited | {"PORT": "0", "DATA_DIR": os.path.join(folder, "data")} | settings
        # In the folder, so that no .env of a developer's is read.
        self.process = subprocess.Popen(
            tintype(folder, "serve"), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = []
        self.address = None
        self.listening = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.listening.wait(PATIENCE) or self.address is None:
            self.process.kill()
            raise AssertionError("the service printed no URL:\n" + "".join(self.log))
        until(lambda: self.get("/health/ready")[0] == 200)

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)
            if self.address is None and (url := re.search(r"http://([0-9.]+):(\d+)", line)):
                self.address = (url[1], int(url[2]))
                self.listening.set()
        self.listening.set()

    def request(self, method, path, body=None, headers=None):
        """-> status, headers in lower case, bytes"""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def upload(self, name, content, part="file"):
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        status, _, answer = self.request(
            "POST", "/upload", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        return status, json.loads(answer)

    def submit(self, file_id, plan):
        status, _, answer = self.request(
            "POST", f"/process/{file_id}", json.dumps(plan), {"Content-Type": "application/json"})
        return status, json.loads(answer)

    def finished(self, job_id):
        """The job's last status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status = json.loads(self.get(f"/status/{job_id}?wait=10")[2])
            if status["status"] in ("done", "failed", "canceled"):
                return status
        raise AssertionError(f"job {job_id} did not end: {status}")

    def terminate(self):
        """Asks it to stop, and answers its exit code."""
        os.kill(pid_of(self.process), signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()


def until(holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if holds():
                return
        time.sleep(0.02)
    raise AssertionError("it did not come to hold in time")


@contextlib.contextmanager
def serving(folder, **settings):
    service = Service(folder, **settings)
    try:
        yield service
    except BaseException:
        sys.stderr.write("".join(service.log[-30:]))
        raise
    finally:
        service.kill()


def expect(holds, found):
    if not holds:
        raise AssertionError(f"found {found!r}")


# Takes a good part of a second, from an upload of a few bytes.
HEAVY = {"operation": "resize", "width": 2400, "height": 1800}


# The checks: each has a folder of its own; its docstring is the promise.


def a_picture_goes_round(folder):
    """a picture goes in, comes out processed, and is deleted"""
    with serving(folder) as service:
        status, file = service.upload("square.png", png(64, 48, 7))
        expect(status == 201 and (file["width"], file["height"], file["format"]) == (64, 48, "png"), (status, file))

        status, job = service.submit(file["file_id"], {"operation": "resize", "width": 32, "height": 24})
        expect(status == 202, (status, job))
        end = service.finished(job["job_id"])
        expect(end["status"] == "done" and (end["result"]["width"], end["result"]["height"]) == (32, 24), end)

        path = f"/download/{job['job_id']}"
        status, headers, picture = service.get(path)
        expect(status == 200 and headers["content-type"] == "image/png", (status, headers))
        expect(struct.unpack(">II", picture[16:24]) == (32, 24), picture[:32])
        status, _, part = service.get(path, Range="bytes=0-7")
        expect(status == 206 and part == picture[:8], (status, part))
        status, _, _ = service.get(path, If_None_Match=headers["etag"])
        expect(status == 304, status)

        status, _, _ = service.request("DELETE", f"/files/{file['file_id']}")
        expect(status == 204, status)
        status, _, listing = service.get("/list")
        expect(status == 200 and json.loads(listing)["files"] == [], listing)
        status, _, _ = service.get(path)
        expect(status in (404, 410), status)


def every_format_comes_out(folder):
    """every output format comes out with its own first bytes"""
    starts = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG", "webp": b"RIFF", "gif": b"GIF8", "bmp": b"BM", "tiff": b"II*"}
    with serving(folder) as service:
        _, file = service.upload("square.png", png(40, 30, 3))
        for name, start in starts.items():
            _, job = service.submit(file["file_id"], {"transformations": ["grayscale", f"convert:{name}"]})
            end = service.finished(job["job_id"])
            expect(end["status"] == "done" and end["result"]["format"] == name, end)
            picture = service.get(f"/download/{job['job_id']}")[2]
            expect(picture.startswith(start), (name, picture[:8]))


def bad_requests_are_refused(folder):
    """bad requests are answered with a 4xx that has a code, and nothing is kept of them"""
    with serving(folder, MAX_FILE_SIZE="1000") as service:
        refusals = [
            (415, "unsupported_media_type", service.upload("text.jpg", b"no picture at all")),
            (413, "file_too_large", service.upload("big.png", png(200, 200, 5) + bytes(2000))),
            (404, "not_found", service.submit(str(uuid.uuid4()), {"operation": "grayscale"})),
        ]
        for wanted, code, (status, problem) in refusals:
            expect((status, problem.get("code")) == (wanted, code), (wanted, code, status, problem))
        expect(json.loads(service.get("/list")[2])["files"] == [], "a file was kept")
        _, file = service.upload("small.png", png(8, 8, 5))
        for plan in ({"operation": "melt"}, {"operation": "resize", "width": 0}, {"operation": "resize", "wide": 8}):
            status, problem = service.submit(file["file_id"], plan)
            expect(status == 422 and problem["code"] and problem["request_id"], (status, problem))


def submit_heavy(service, count):
    """-> the jobs' ids"""
    jobs = []
    for number in range(count):
        _, file = service.upload("one.png", png(40, 30, number + 1))
        status, job = service.submit(file["file_id"], HEAVY)
        expect(status == 202, (status, job))
        jobs.append(job["job_id"])
    return jobs


def a_killed_service_loses_nothing(folder):
    """after kill -9 in the midst of 30 jobs and a restart, each of them ends as done"""
    with serving(folder, LEASE_SECONDS="1") as service:
        jobs = submit_heavy(service, 30)
        until(lambda: json.loads(service.get("/jobs?status=processing")[2])["jobs"])
        service.kill()
    with serving(folder, LEASE_SECONDS="1") as service:
        expect(service.finished(jobs[-1])["status"] == "done", jobs[-1])
        ends = [service.finished(job_id) for job_id in jobs]
        expect(all(end["status"] == "done" and end["result"]["width"] == 2400 for end in ends), ends)
        for job_id in jobs:
            status, _, picture = service.get(f"/download/{job_id}")
            expect(status == 200 and picture.startswith(b"\x89PNG"), status)


def a_stop_is_clean(folder):
    """SIGTERM in the midst of 12 jobs ends with exit code 0, and those that were left are done after the next start"""
    with serving(folder) as service:
        jobs = submit_heavy(service, 12)
        code = service.terminate()
        expect(code == 0, code)
    with serving(folder) as service:
        left = [job for job in jobs if json.loads(service.get(f"/status/{job}")[2])["finished_at"] is None]
        expect(left, "all were done before the stop")
        for job_id in jobs:
            end = service.finished(job_id)
            expect(end["status"] == "done" and end["attempts"] == 0, end)


def catches(pid, number):
    """Whether a process has a handler for a signal."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^SigCgt:\s*(\w+)", file.read(), re.M)[1], 16) >> number - 1 & 1


def a_start_can_be_stopped(folder):
    """SIGTERM while it waits for a backend at its start ends it at once, with exit code 0"""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = {"PORT": "0", "DATA_DIR": folder, "REDIS_URL": f"redis://127.0.0.1:{nobody.getsockname()[1]}"}
        process = subprocess.Popen(
            tintype(folder, "serve"), cwd=folder, env=os.environ | settings, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            until(lambda: catches(pid_of(process), signal.SIGTERM))
            os.kill(pid_of(process), signal.SIGTERM)
            code = process.wait(5)
            expect(code == 0, code)
        finally:
            process.kill()


def what_it_may_not_write_it_does_not_need(folder):
    """where it is contained, only its folder and /tmp can be written, and it is nobody"""
    found = subprocess.run(
        contained.command(folder, "/bin/sh", "-c", "id -u; grep CapEff /proc/self/status; touch /etc/a /usr/a"),
        capture_output=True, text=True, check=False)
    expect(found.stdout.split() == ["10001", "CapEff:", "0" * 16], found)
    expect(found.stderr.count("Read-only file system") == 2, found)


def a_full_disk_loses_nothing(folder):
    """while the disk is full uploads and jobs are refused, or else done later, and once there is room all goes on"""
    # The container's own /tmp, which is small.
    with serving(folder, DATA_DIR="/tmp/data") as service:
        jobs = submit_heavy(service, 8)
        _, file = service.upload("two.png", png(200, 100, 99))
        filler = f"/proc/{pid_of(service.process)}/root/tmp/filler"
        with open(filler, "wb", buffering=0) as hoard:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while hoard.write(bytes(size)) == size:
                        pass
        refused = 0
        for width in range(1, 41):
            status, problem = service.upload("three.png", png(300, 200, 100 + width))
            expect(status < 300 or (status in (503, 507) and problem["code"]), (status, problem))
            refused += status >= 300
            status, job = service.submit(file["file_id"], {"operation": "resize", "width": width, "height": 90})
            expect(status in (202, 503, 507), (status, job))
            if status == 202:
                jobs.append(job["job_id"])
        expect(refused, "nothing was refused")
        until(lambda: any("a request was refused" in line and "full" in line for line in service.log))
        expect(service.get("/health/live")[0] == 200, "it does not live")
        os.remove(filler)
        until(lambda: service.upload("four.png", png(30, 20, 7))[0] < 300)
        ends = [service.finished(job_id) for job_id in jobs]
        expect(all(end["status"] == "done" and end["attempts"] == 0 for end in ends), ends)
        expect(all(service.get(f"/download/{job_id}")[0] == 200 for job_id in jobs), "a result is missing")


@contextlib.contextmanager
def few_open_files(count):
    """Lowers the limit for programs that are started meanwhile, as a shell's is; they may raise it again."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def idle_clients_starve_nobody(folder):
    """started with few open files allowed, it makes pictures while 600 clients do nothing but connect"""
    with few_open_files(256):
        service = Service(folder)
    with contextlib.ExitStack() as clients:
        clients.callback(service.kill)
        for _ in range(600):
            clients.enter_context(socket.create_connection(service.address, PATIENCE))
        began = time.monotonic()
        _, file = service.upload("one.png", png(40, 30, 1))
        _, job = service.submit(file["file_id"], {"operation": "grayscale"})
        expect(service.finished(job["job_id"])["status"] == "done", job)
        # A server that has no number left for another client first waits until it gives up some.
        took = time.monotonic() - began
        expect(took < 10, f"it took {took:.0f} s")


def an_operator_sees_how_it_is(folder):
    """/health, /metrics and `tintype healthcheck` tell how it is"""
    with serving(folder) as service:
        status, _, health = service.get("/health")
        health = json.loads(health)
        expect(status == 200 and health["status"] == "healthy", health)
        expect({"depth", "in_progress", "dead"} <= health["queue"].keys() and health["workers"]["live"] == 1, health)
        status, headers, metrics = service.get("/metrics")
        expect(status == 200 and headers["content-type"].startswith("text/plain"), headers)
        expect(b"# TYPE tintype_" in metrics, metrics[:400])
        port = str(service.address[1])
        check = subprocess.run(tintype(folder, "healthcheck"), cwd=folder, env=os.environ | {"PORT": port}, check=False)
        expect(check.returncode == 0, check)
    check = subprocess.run(
        tintype(folder, "healthcheck"), cwd=folder, env=os.environ | {"PORT": port}, check=False, stderr=subprocess.DEVNULL)
    expect(check.returncode != 0, "healthcheck passed with no service there")


def what_is_not_used_is_not_loaded(folder):
    """where no other engine is named, none of their client libraries is in memory"""
    with serving(folder) as service:
        _, file = service.upload("a.png", png(16, 16, 1))
        _, job = service.submit(file["file_id"], {"operation": "grayscale"})
        service.finished(job["job_id"])
        with open(f"/proc/{pid_of(service.process)}/maps", encoding="utf-8") as file:
            loaded = {word.rpartition("/")[2].partition(".so")[0] for word in file.read().split() if ".so" in word}
        expect("libsqlite3" in loaded, loaded)
        expect(not loaded & {"libcurl", "libcrypto", "libmariadb", "libpq", "librabbitmq"}, loaded)


def a_bad_setting_ends_the_start(folder):
    """a bad setting ends the start with code 78 and one line that names it"""
    settings = {"PORT": "eighty", "WORKERS": "-1", "MAX_FILE_SIZE": "lots", "LOG_FORMAT": "xml"}
    for name, value in settings.items():
        run = subprocess.run(
            tintype(folder, "serve"), cwd=folder, env=os.environ | {name: value}, capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        lines = (run.stdout + run.stderr).strip().splitlines()
        expect(run.returncode == 78 and len(lines) == 1, (name, run))
        expect(name in lines[0] and value in lines[0], lines)


def no_secret_is_logged(folder):
    """its log holds no secret, not even where it holds everything else"""
    secret = b"nobody shall see this in a log"
    settings = {
        "ADMIN_TOKEN": secret.hex(), "OPENAI_API_KEY": secret.hex(),
        "WEBHOOK_SECRET": "whsec_" + base64.b64encode(secret).decode()}
    with serving(folder, LOG_LEVEL="trace", **settings) as service:
        expect(service.get("/dead-letters", Authorization=f"Bearer {secret.hex()}")[0] == 200, "no dead letters")
        expect(service.terminate() == 0, "another exit code")
        service.reader.join(PATIENCE)
        expect(any(" debug " in line or " trace " in line for line in service.log), service.log)
        told = [line for line in service.log if any(value in line for value in settings.values())]
        expect(not told, told)


def a_file_is_rendered_in_place(folder):
    """`tintype render` works on local files and says what is wrong with a bad one"""
    source, folder_out = os.path.join(folder, "in.png"), os.path.join(folder, "out")
    with open(source, "wb") as file:
        file.write(png(80, 60, 9))
    os.mkdir(folder_out)
    command = [*tintype(folder, "render"), "--plan", "resize:40x30,grayscale", "--format", "jpeg"]
    run = subprocess.run([*command, source, folder_out], cwd=folder, capture_output=True, text=True, check=False)
    expect(run.returncode == 0 and os.listdir(folder_out) == ["in.jpg"], (run, os.listdir(folder_out)))
    run = subprocess.run(
        [*command, os.path.join(folder, "none.png"), folder_out], cwd=folder, capture_output=True, text=True, check=False)
    expect(run.returncode != 0 and "none.png" in run.stderr, run)


def an_interrupted_file_leaves_nothing(folder):
    """`tintype render` that is interrupted ends by the signal, and leaves nothing half-made"""
    names = [f"{number}.png" for number in range(8)]
    for name in names:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(png(80, 60, 9))
    for number in (signal.SIGINT, signal.SIGTERM):
        out = os.path.join(folder, f"out-{number}")
        command = tintype(folder, "render", *names, out, "--plan", "resize:3000x2400,median:9")
        with subprocess.Popen(command, cwd=folder, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
            until(lambda out=out: any(name.endswith(".png") for name in os.listdir(out)))
            os.kill(pid_of(process), number)
            _, errors = process.communicate(timeout=PATIENCE)
        left = os.listdir(out)
        # What starts the contained one ends with a code of its own.
        expect(process.returncode == (128 + number if CONTAINED else -number) and not errors, (process.returncode, errors))
        expect(all(name.endswith(".png") for name in left) and len(left) < len(names), left)


def values(text):
    """The JSON values in a text, one after the other."""
    found, rest = [], text.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def the_readme_works(folder):
    """the round in the README works word for word, and its answers have the fields that it shows"""
    with open(os.path.join(PROJECT, "README.md"), encoding="utf-8") as file:
        section = file.read().split("## One round")[1]
    commands = re.search(r"```sh\n(.*?)```", section, re.S)[1]
    shown = re.search(r"```json\n(.*?)```", section, re.S)[1]
    with serving(folder) as service:
        os.symlink(os.path.join(PROJECT, "docs"), os.path.join(folder, "docs"))
        host = f"{service.address[0]}:{service.address[1]}"
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands.replace("localhost:8000", host)], cwd=folder,
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        expect(run.returncode == 0, run)
    answers = values(run.stdout)
    expect([list(answer) for answer in answers] == [list(answer) for answer in values(shown)], answers)
    with open(os.path.join(folder, "small.webp"), "rb") as file:
        expect(file.read(4) == b"RIFF", "no WebP")


CHECKS = [
    a_picture_goes_round,
    every_format_comes_out,
    bad_requests_are_refused,
    a_killed_service_loses_nothing,
    a_stop_is_clean,
    a_start_can_be_stopped,
    idle_clients_starve_nobody,
    an_operator_sees_how_it_is,
    what_is_not_used_is_not_loaded,
    a_bad_setting_ends_the_start,
    no_secret_is_logged,
    a_file_is_rendered_in_place,
    an_interrupted_file_leaves_nothing,
    the_readme_works,
]

CONTAINED_CHECKS = [what_it_may_not_write_it_does_not_need, a_full_disk_loses_nothing]

sys.exit(checks.run(CONTAINED_CHECKS * CONTAINED + CHECKS, lambda check, folder: check(str(folder))))
