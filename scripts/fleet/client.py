"""A client of several API processes: keeps its connections, tries again where it may, and writes down what it saw."""

from __future__ import annotations

import http.client
import json
import select
import threading
import time
import uuid
from dataclasses import dataclass, field

from fleet.balancer import Balancer

# Longer than any answer may take; a request that reaches it has hung.
TIMEOUT = 70


@dataclass
class Broken:
    """A request that was sent and not answered."""

    request: str
    seconds: float
    was_reused: bool
    reason: str


@dataclass
class Refusal:
    """A 5xx."""

    at: float
    status: int
    seconds: float
    has_retry_after: bool
    text: str


@dataclass
class Notes:
    """What clients saw. Lists only grow, which threads may do at once."""

    broken: list[Broken] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    # Seconds of those that did not ask to wait.
    durations: list[float] = field(default_factory=list)


class Unanswered(Exception):
    """Nobody answered within the time that was given."""


class Client:
    """For one thread. Asks one port after another, of those that a balancer says are ready where there is one."""

    def __init__(
            self, ports: list[int] | Balancer, notes: Notes, first: int = 0, over: threading.Event | None = None):
        """Once `over` is set nothing is tried again."""
        self._ports, self._notes, self._next = ports, notes, first
        self._over = over or threading.Event()
        self._connections: dict[int, http.client.HTTPConnection] = {}

    def once(self, method, path, body=None, headers=None):
        """One request to the next process. -> status, headers, bytes

        Raises OSError or HTTPException where there is no answer."""
        ports = self._ports.ports if isinstance(self._ports, Balancer) else self._ports
        port = ports[self._next % len(ports)]
        self._next += 1
        connection = self._connections.pop(port, None)
        if connection and _is_closed(connection):
            connection.close()
            connection = None
        was_reused = connection is not None
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
            connection.connect()
        sent_at = time.monotonic()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._notes.broken.append(
                Broken(f"{method} {path}", time.monotonic() - sent_at, was_reused, repr(error)))
            raise
        seconds = time.monotonic() - sent_at
        if not answer.will_close:
            self._connections[port] = connection
        if "wait=" not in path:
            self._notes.durations.append(seconds)
        if answer.status >= 500:
            self._notes.refusals.append(Refusal(
                sent_at, answer.status, seconds, answer.getheader("Retry-After") is not None, content.decode()[:200]))
        return answer.status, answer.headers, content

    def ask(self, method, path, body=None, headers=None, patience=120):
        """The same until there is an answer that is no 503. For requests that may be sent twice."""
        end = time.monotonic() + patience
        while True:
            try:
                status, fields, content = self.once(method, path, body, headers)
                if status != 503:
                    return status, fields, content
                last = content.decode()
            except (OSError, http.client.HTTPException) as error:
                last = repr(error)
            if self._over.is_set() or time.monotonic() > end:
                raise Unanswered(f"{method} {path}: {last}")
            time.sleep(0.05)

    def get(self, path, patience=120):
        """The JSON behind a path; raises where it is not 200."""
        status, _, content = self.ask("GET", path, patience=patience)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {content.decode()[:300]}")
        return json.loads(content)

    def upload(self, name: str, picture: bytes) -> str:
        """-> the file's id"""
        return self.send("/upload", name, picture)["file_id"]

    def send(
            self, path: str, name: str, content: bytes, fields: dict[str, str] | None = None,
            key: str | None = None) -> dict:
        """A file to a path that takes one, and what stands in the form beside it; raises where it is refused."""
        boundary = uuid.uuid4().hex
        parts = "".join(_part(boundary, field) + value + "\r\n" for field, value in (fields or {}).items())
        head = parts + _part(boundary, f'file"; filename="{name}')
        return self._post(
            path, head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
            f"multipart/form-data; boundary={boundary}", key)

    def order(self, path: str, wish: dict, key: str) -> dict:
        """JSON to a path that makes a job of it; raises where it is refused."""
        return self._post(path, json.dumps(wish).encode(), "application/json", key)

    def submit(self, file_id: str, plan: dict, key: str) -> str:
        """-> the job's id"""
        return self.order(f"/process/{file_id}", plan, key)["job_id"]

    def _post(self, path, body, content_type, key):
        status, _, content = self.ask(
            "POST", path, body, {"Content-Type": content_type} | ({"Idempotency-Key": key} if key else {}))
        if status not in (200, 201, 202):
            raise RuntimeError(f"POST {path}: {status} {content.decode()[:300]}")
        return json.loads(content)

    def jobs(self, query: str = "") -> list[dict]:
        """The status of every job there is; with a query such as `&kind=webhook`, of these alone."""
        found, cursor = [], ""
        while True:
            page = self.get(f"/jobs?limit=1000{query}{cursor}")
            found += page["jobs"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def close(self):
        for connection in self._connections.values():
            connection.close()


def _part(boundary: str, name: str) -> str:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'


def _is_closed(connection) -> bool:
    """Whether the server has ended an idle connection: there is something to read, which can only be its end."""
    return bool(select.select([connection.sock], [], [], 0)[0])
