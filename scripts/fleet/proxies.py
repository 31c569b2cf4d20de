"""Bad networks: one proxy before each server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

_PROGRAM = Path(__file__).with_name("proxy.py")


class Proxy:
    """One proxy; see proxy.py for its orders."""

    def __init__(self, port: int, target: int):
        self.port = port
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM), str(port), str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self._answer()

    def order(self, **orders) -> dict:
        """-> its state"""
        self._process.stdin.write(json.dumps(orders) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self):
        self._process.stdin.close()
        self._process.wait(10)

    def _answer(self) -> dict:
        text = self._process.stdout.readline()
        if not text:
            raise RuntimeError("a proxy has ended")
        answer = json.loads(text)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer


class Proxies:
    """One before each of the addresses."""

    def __init__(self, addresses: dict[str, str], ports: list[int]):
        self.addresses: dict[str, str] = {}
        self._proxies: dict[str, Proxy] = {}
        for (server, address), port in zip(addresses.items(), ports):
            target = urlsplit(address).port
            self._proxies[server] = Proxy(port, target)
            self.addresses[server] = address.replace(f":{target}", f":{port}", 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for proxy in self._proxies.values():
            proxy.end()

    def order(self, **orders):
        for proxy in self._proxies.values():
            proxy.order(**orders)

    @property
    def open_connections(self) -> int:
        return sum(proxy.order()["open"] for proxy in self._proxies.values())

    @property
    def accepted(self) -> int:
        """How many connections there ever were."""
        return sum(proxy.order()["accepted"] for proxy in self._proxies.values())

    @property
    def asked(self) -> dict[str, int]:
        """How often each server was asked something."""
        return {server: proxy.order()["asked"] for server, proxy in self._proxies.items()}
