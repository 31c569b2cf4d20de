"""What a load balancer does: asks each process whether it takes requests, and sends none to those that do not."""

from __future__ import annotations

import http.client
import threading

INTERVAL = 0.1
PATIENCE = 1


class Balancer:
    """A list of ports that grows and shrinks with the health of what listens there; all of them where none is well."""

    def __init__(self, ports: list[int]):
        self._all, self._ready = ports, list(ports)
        self._end = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def ports(self) -> list[int]:
        return self._ready or self._all

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end.set()

    def _watch(self):
        while not self._end.wait(INTERVAL):
            self._ready = [port for port in self._all if _is_ready(port)]


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
