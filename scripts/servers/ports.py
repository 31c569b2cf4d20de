"""Which ports a folder's servers have: a block that is its own for as long as the folder is there."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import tempfile
from pathlib import Path

# A port's place in the block. The last ten belong to whoever uses the servers: proxies, the service itself.
NAMES = (
    "redis", "redis-tls", "redis-cluster-0", "redis-cluster-1", "redis-cluster-2",
    "redis-cluster-bus-0", "redis-cluster-bus-1", "redis-cluster-bus-2",
    "amqp", "amqps", "rabbitmq-api", "erlang", "epmd", "postgres", "mysql",
    "s3", "s3-tls", "s3-grpc", "master", "master-grpc", "volume", "volume-grpc", "filer", "filer-grpc", "admin",
    "admin-grpc",
)
BLOCK = 40
FIRST_SPARE = 30


def base(folder: Path) -> int:
    """The first port of the folder's block; chosen at the first call, the same ever after."""
    given = os.environ.get("TEST_SERVICES_PORT")
    if given:
        return int(given)
    chosen = folder / "port"
    if not chosen.exists():
        chosen.write_text(str(_reserve(folder)))
    return int(chosen.read_text())


def give_back(folder: Path):
    """Ends the reservation."""
    with contextlib.suppress(OSError, ValueError):
        _claim_file(int((folder / "port").read_text())).unlink()


def _reserve(folder: Path) -> int:
    # Below what the system gives to outgoing connections. One of those could sit on the port of a server that is down
    # for a moment, and a client that calls such a port again and again can even end up connected to itself.
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    blocks = list(range(10_000, max(lowest, 20_000) - BLOCK, BLOCK))
    random.shuffle(blocks)
    for first in blocks:
        if _is_ours(first, folder) and all(map(_is_free, range(first, first + BLOCK))):
            return first
    raise SystemExit("services: no free block of ports")


def _is_ours(first: int, folder: Path) -> bool:
    """Takes the block, unless another folder has it that is still there."""
    claim = _claim_file(first)
    claim.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with claim.open("x") as file:
            file.write(str(folder))
        return True
    except FileExistsError:
        with contextlib.suppress(OSError):
            if not Path(claim.read_text()).exists():
                claim.unlink()
        return False


def _claim_file(first: int) -> Path:
    # A place for each user, who can write to no other's; a block that another user's servers hold is not free.
    return Path(tempfile.gettempdir(), f"tintype-ports-{os.getuid()}", str(first))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
