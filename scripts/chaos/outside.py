"""What lies outside of the service: pictures that it is sent for, and receivers that it has to tell."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import random
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.pictures import tiny_png

_KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(_KEY).decode()
# How a receiver treats the first try of a webhook, and none after it: the second comes after 5 s, the third only after
# 5 min. Who forgets has taken it, and cuts the connection without a word; who cuts has not even listened.
_MANNERS = ("answer", "answer", "linger", "fail", "forget", "cut")
_TOLERANCE = 300  # seconds that a webhook's time may be off


@dataclass
class Told:
    """A webhook that came, once for each try."""

    webhook: str  # its id
    body: bytes
    is_signed: bool
    status: int | None  # what was answered; None: nothing


class Outside:
    """One server for all of it, with a receiver for each key, whose manner is drawn by the seed."""

    def __init__(self, seed: str, lingering: float):
        """:param lingering: how long those take to answer who linger, in seconds"""
        # By key. It only grows, which threads may do at once.
        self.told: dict[str, list[Told]] = defaultdict(list)
        self.lingering, self._seed = lingering, seed
        self._lock, self._asked = threading.Lock(), set()
        self._server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"outside": self}))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        """What the service is told, so that it comes here."""
        return {"FETCH_ALLOW_NETWORKS": "127.0.0.1/32", "FETCH_ALLOWED_PORTS": str(self.port), "WEBHOOK_SECRET": SECRET}

    def hook(self, key: str) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/{key}"

    def picture(self, number: int, kind: str = "good") -> str:
        """A URL. A picture that is `shaky` is answered with 503 at first, one that is `gone` always with 404."""
        return f"http://127.0.0.1:{self.port}/{kind}/{number}.png"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def is_first(self, path: str) -> bool:
        """Whether nobody has asked there before."""
        with self._lock:
            is_first = path not in self._asked
            self._asked.add(path)
            return is_first

    def manner(self, key: str) -> str:
        """How the next try of a webhook is treated."""
        is_first = self.is_first(f"/hooks/{key}")
        return random.Random(f"{self._seed} {key}").choice(_MANNERS) if is_first else "answer"


class _Server(ThreadingHTTPServer):
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    outside: Outside

    def do_GET(self):
        kind, number = re.fullmatch(r"/(\w+)/(\d+)\.png", self.path).groups()
        if kind == "gone" or (kind == "shaky" and self.outside.is_first(self.path)):
            self._answer(404 if kind == "gone" else 503)
        else:
            self._answer(200, tiny_png(int(number)))

    def do_POST(self):
        key = self.path.removeprefix("/hooks/")
        manner = self.outside.manner(key)
        if manner == "cut":
            return
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # the sender was killed over it
        status = {"fail": 503, "forget": None}.get(manner, 204)
        self.outside.told[key].append(Told(self.headers["webhook-id"], body, _is_signed(self.headers, body), status))
        if manner == "linger":
            time.sleep(self.outside.lingering)
        if status:
            self._answer(status)

    def _answer(self, status, content=b""):
        # Whoever asked may have been killed meanwhile.
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def _is_signed(fields, body) -> bool:
    moment = fields["webhook-timestamp"]
    code = hmac.digest(_KEY, f"{fields['webhook-id']}.{moment}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(code).decode()
    return signature == fields["webhook-signature"] and abs(int(moment) - time.time()) < _TOLERANCE
