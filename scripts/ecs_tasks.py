#!/usr/bin/env python3
"""Runs the tasks of ecs/ as Amazon ECS would: contained, with the environment of their definitions, beside an agent and a
credentials endpoint on loopback whose keys change every few seconds, on a real Redis and a real S3.

Usage: ecs_tasks.py path/to/tintype
"""

import contextlib
import datetime
import glob
import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

import contained
from fleet.servers import Servers
from servers import s3
from test_picture import png

BINARY = os.path.abspath(sys.argv[1])
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATIENCE = 60  # seconds for anything that should take one
TOKEN = "as-the-agent-gave-it"
# Of keys: one is handed out for so many seconds, and is good for so many after that.
TURN, GRACE = 4, 8
# Of CloudWatch's embedded metric format: dimensions, metrics and values that a line may have, and its bytes.
DIMENSIONS, METRICS, VALUES, LINE = 30, 100, 100, 16 * 1024


class Loopback(http.server.ThreadingHTTPServer):
    """A server of one function: method, path, headers and body in, status, headers and body out."""

    daemon_threads = True

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, content = answer(self.command, self.path, self.headers, body)
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if not any(name.lower() == "content-length" for name, _ in headers):
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Agent:
    """What ECS has beside a task: the state of its protection."""

    def __init__(self):
        self.heard = []  # time, whether protection was asked for
        self.url = f"{Loopback(self.answer).url}/api/0123"

    def answer(self, method, path, _, body):
        asked = json.loads(body)
        if (method, path) != ("PUT", "/api/0123/task-protection/v1/state"):
            return 404, [], b"{}"
        self.heard.append((time.time(), asked["ProtectionEnabled"]))
        return 200, [], json.dumps({"protection": {
            "ProtectionEnabled": asked["ProtectionEnabled"], "TaskArn": "arn:aws:ecs:eu-central-1:123456789012:task/t/0",
            "ExpirationDate": "2030-01-01T00:00:00Z"}}).encode()


class Keys:
    """The role's keys: another one every TURN seconds, each of them good for GRACE more."""

    def __init__(self):
        self.given, self.refused = set(), []
        self.url = f"{Loopback(self.answer).url}/role"

    @staticmethod
    def turn(now):
        return int(now / TURN)

    def answer(self, _, __, headers, ___):
        if headers["Authorization"] != TOKEN:
            self.refused.append(headers["Authorization"])
            return 401, [], b""
        turn = self.turn(time.time())
        key, secret = s3.ROTATING_KEYS[turn % len(s3.ROTATING_KEYS)]
        self.given.add(turn)
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((turn + 1) * TURN + GRACE))
        return 200, [], json.dumps({"AccessKeyId": key, "SecretAccessKey": secret, "Expiration": end}).encode()

    def are_good(self, key):
        """Whether it was handed out lately."""
        names = [name for name, _ in s3.ROTATING_KEYS]
        now = time.time()
        newest, oldest = self.turn(now), self.turn(now - GRACE)
        return key in {names[turn % len(names)] for turn in range(oldest, newest + 1)}


class Gate:
    """Stands before S3, passes requests on whose key is good, and counts what fails."""

    def __init__(self, url, keys):
        self.target, self.keys = urllib.parse.urlsplit(url).netloc, keys
        self.passed, self.failed = 0, []
        self.url = Loopback(self.answer).url

    def answer(self, method, path, headers, body):
        key = re.search(r"Credential=([^/]+)/", headers.get("Authorization", ""))
        if not key or not self.keys.are_good(key[1]):
            self.failed.append(f"{method} {path} with a key that has expired: {key and key[1]}")
            return 403, [], b"<Error><Code>ExpiredToken</Code></Error>"
        connection = http.client.HTTPConnection(self.target, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in ("connection", "expect"):
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        # What is not there may be asked for.
        if answer.status >= 400 and answer.status != 404:
            self.failed.append(f"{method} {path}: {answer.status} {content[:200]}")
        self.passed += 1
        drop = ("connection", "transfer-encoding", "keep-alive")
        return answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in drop], content


class Task:
    """One container of a task definition."""

    def __init__(self, definition, folder, secrets, **around):
        [container] = definition["containerDefinitions"]
        self.name, self.folder = container["name"], os.path.join(folder, container["name"])
        os.mkdir(self.folder)
        given = {pair["name"]: pair["value"] for pair in container["environment"]}
        given |= {pair["name"]: secrets[pair["name"]] for pair in container["secrets"]}
        # Ports and folders are the machine's own here.
        self.environment = {"PATH": os.environ["PATH"]} | image_environment() | given | around | {
            "HOST": "127.0.0.1", "PORT": "0", "DATA_DIR": self.folder}
        if "LD_LIBRARY_PATH" in os.environ:
            self.environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        self.check = container["healthCheck"]["command"][2:]
        self.log = os.path.join(folder, f"{self.name}.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                contained.command(self.folder, BINARY, *container["command"]), env=self.environment, stdout=log,
                stderr=subprocess.STDOUT)
        self.port = int(until(self.told, rf"{self.name} listens")[1])

    def lines(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read().splitlines()

    def told(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended: {self.lines()[-5:]}")
        return re.search(r"listens on http://[^:]+:(\d+)", "\n".join(self.lines()))

    def is_healthy(self):
        """As the definition's own health check has it."""
        command = contained.command(self.folder, BINARY, *self.check)
        return subprocess.run(
            command, env=self.environment | {"PORT": str(self.port)}, capture_output=True, check=False).returncode == 0

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def stop(self):
        """SIGTERM, to process 1; its exit code and how long that took."""
        started = time.monotonic()
        os.kill(contained.inner_process(self.process.pid), signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - started

    def metrics(self):
        """Its lines for CloudWatch, as text."""
        return [line for line in self.lines() if line.startswith("{") and '"_aws"' in line]


def image_environment():
    with open(f"{PROJECT}/Dockerfile", encoding="utf-8") as file:
        return dict(pair.split("=") for pair in re.search(r"^ENV (.*)", file.read(), re.M)[1].split())


def definitions(folder, values):
    """The task definitions, filled by the script that fills them for a deployment."""
    values_file = f"{folder}/values.json"
    with open(values_file, "w", encoding="utf-8") as file:
        json.dump(values, file)
    subprocess.run(
        [f"{PROJECT}/scripts/render_ecs.py", "--values", values_file, "--into", folder,
         *glob.glob(f"{PROJECT}/ecs/task-definition-*.json")], check=True)
    for role in ("api", "worker"):
        with open(f"{folder}/task-definition-{role}.json", encoding="utf-8") as file:
            yield json.load(file)


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not in time: {what}")


def expect(holds, found):
    if not holds:
        raise AssertionError(f"found {found!r}")


def upload(api, seed):
    picture = png(96, 64, seed)
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{seed}.png"\r\n\r\n'
    status, answer = api.request(
        "POST", "/upload", head.encode() + picture + f"\r\n--{boundary}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    expect(status == 201, (status, answer))
    return json.loads(answer)["file_id"]


def submit(api, file, plan):
    status, answer = api.request("POST", f"/process/{file}", json.dumps(plan), {"Content-Type": "application/json"})
    expect(status == 202, (status, answer))
    return json.loads(answer)["job_id"]


def finished(api, job):
    """Its status at its end, which must be a good one, with a result that is there."""
    def ended():
        status = json.loads(api.request("GET", f"/status/{job}?wait=20")[1])
        return status if status["finished_at"] else None

    status = until(ended, f"the end of {job}")
    expect(status["status"] == "done", status)
    code, content = api.request("GET", f"/download/{job}")
    expect(code == 200 and content.startswith(b"\x89PNG"), (code, content[:80]))
    return status


def check_line(text):
    """That CloudWatch takes it: User Guide, "Specification: Embedded metric format"."""
    expect(len(text.encode()) < LINE, len(text))
    line = json.loads(text)
    about = line["_aws"]
    expect(isinstance(about["Timestamp"], int) and abs(about["Timestamp"] / 1000 - time.time()) < 3600, about)
    for directive in about["CloudWatchMetrics"]:
        expect(1 <= len(directive["Namespace"]) <= 1024, directive)
        expect(len(directive["Metrics"]) <= METRICS, directive)
        for names in directive["Dimensions"]:
            expect(len(names) <= DIMENSIONS and all(isinstance(line[name], str) and line[name] for name in names), line)
        for metric in directive["Metrics"]:
            values = line[metric["Name"]] if isinstance(line[metric["Name"]], list) else [line[metric["Name"]]]
            expect(values and len(values) <= VALUES and all(isinstance(value, (int, float)) for value in values), line)
    return line


def rehearse(folder, place):
    keys, agent = Keys(), Agent()
    gate = Gate(place["TEST_S3_URL"], keys)
    values = {name: "none" for name in (
        "IMAGE_URI", "EXECUTION_ROLE_ARN", "API_TASK_ROLE_ARN", "WORKER_TASK_ROLE_ARN", "API_LOG_GROUP", "WORKER_LOG_GROUP",
        "REDIS_URL_SECRET", "ADMIN_TOKEN_SECRET")}
    values |= {"AWS_REGION": "us-east-1", "ENVIRONMENT": "rehearsal", "PUBLIC_URL": "https://pictures.example",
               "STORAGE_URL": f"s3://{place['TEST_S3_BUCKET']}/redis", "DATABASE_URL_SECRET": ""}
    secrets = {"REDIS_URL": place["TEST_REDIS_URL"], "ADMIN_TOKEN": "rehearsal"}
    around = {"AWS_ENDPOINT_URL_S3": gate.url, "AWS_CONTAINER_CREDENTIALS_FULL_URI": keys.url,
              "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN, "ECS_AGENT_URI": agent.url}
    for_api, for_worker = definitions(folder, values)
    tasks = []
    try:
        tasks.append(worker := Task(for_worker, folder, secrets, **around))
        # A load balancer notices sooner here.
        tasks.append(api := Task(for_api, folder, secrets, **around, DRAIN_DELAY_SECONDS="1"))
        yield from follow(api, worker, agent, gate, keys)
    except BaseException:
        for task in tasks:
            sys.stderr.write("".join(f"{task.name}: {line[:300]}\n" for line in task.lines()[-15:]))
        raise
    finally:
        for task in tasks:
            task.process.kill()
            task.process.wait()


def follow(api, worker, agent, gate, keys):
    """The rehearsal, step by step; says what has been seen."""
    for task in (api, worker):
        until(task.is_healthy, f"{task.name} healthy")
    yield "both tasks start with a root that cannot be written, as user 10001, and their health checks pass"

    began = time.monotonic()
    until(lambda: agent.heard, "a first word to the agent")
    expect(agent.heard[0][1] is False, agent.heard)
    file = upload(api, 1)
    at = time.time()
    jobs = [submit(api, file, {"operations": [{"type": "resize", "width": 3000, "height": 2000}]})]
    until(lambda: len(agent.heard) > 1, "protection")
    expect(agent.heard[1][1] and agent.heard[1][0] - at < 1, (at, agent.heard))
    status = finished(api, jobs[0])
    until(lambda: len(agent.heard) > 2, "protection lifted")
    lifted = agent.heard[2][0] - datetime.datetime.fromisoformat(status["finished_at"].replace("Z", "+00:00")).timestamp()
    expect(not agent.heard[2][1] and lifted < 1, (lifted, status["finished_at"], agent.heard))
    yield f"protection is set {agent.heard[1][0] - at:.2f} s after the first job came, and lifted {lifted:.2f} s after its end"

    # Until the fleet's figures have been printed twice.
    seed = 2
    while time.monotonic() - began < 49:
        file = upload(api, seed)
        jobs.append(submit(api, file, {"operations": [{"type": "resize", "width": 40 + seed % 50}]}))
        finished(api, jobs[-1])
        seed += 1
        time.sleep(0.1)
    expect(len(keys.given) > 5 and not keys.refused, (keys.given, keys.refused))
    expect(not gate.failed, gate.failed)
    yield f"keys changed {len(keys.given) - 1} times, and none of {gate.passed} calls to S3 failed"

    for task in (worker, api):
        code, seconds = task.stop()
        expect(code == 0 and seconds < 20, (task.name, code, seconds))
    yield "SIGTERM to process 1 ends both with 0"

    lines = {task.name: [check_line(text) for text in task.metrics()] for task in (api, worker)}
    fleet = sorted(line["_aws"]["Timestamp"] for found in lines.values() for line in found if "QueueDepth" in line)
    expect(len(fleet) >= 2 and all(b - a > 14_000 for a, b in zip(fleet, fleet[1:])), fleet)
    wanted = {"QueueDepth", "InProgress", "OldestJobSeconds", "DeadLetters", "BacklogPerWorker"}
    expect(all(wanted <= line.keys() for found in lines.values() for line in found if "QueueDepth" in line), lines)
    done = sum(line.get("JobsDone", 0) for line in lines["worker"])
    expect(done == len(jobs), (done, len(jobs)))
    yield f"{sum(map(len, lines.values()))} lines for CloudWatch keep the format's limits, and count all {done} jobs once"


def main():
    with tempfile.TemporaryDirectory() as folder, Servers(pathlib.Path(folder)) as servers:
        servers.start("redis", "s3")
        for seen in rehearse(folder, servers.variables):
            print(f"passed  {seen}", flush=True)


main()
