#!/usr/bin/env python3
"""A TCP proxy that is as bad as it is told to be.

  proxy.py LISTEN_PORT TARGET_PORT     both on 127.0.0.1

It reads its orders from standard input, a JSON object a line, and answers each with its state; an empty one only asks.

  {"latency": 0.2, "jitter": 0.1}   seconds by which every piece is late, each way: latency ± jitter
  {"reset_every": 5}                resets all connections every so many seconds; 0: never
  {"black_hole": true}              takes connections and bytes, and passes none on until it is false again
  {"slice": 1}                      passes on at most so many bytes at once, each in a packet of its own; 0: as they come

The state adds `open` and `accepted`, the connections that are there and those that ever were, and `asked`, how often
bytes came from a client: where one waits for each answer, its round trips. It ends with its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import struct
import sys


class Proxy:
    """All connections, and how they are treated."""

    def __init__(self, target: int):
        self._target = target
        self.orders = {"latency": 0.0, "jitter": 0.0, "reset_every": 0.0, "black_hole": False, "slice": 0}
        self.accepted = 0
        self.asked = 0
        self._open: set[tuple] = set()
        # Set while bytes may pass.
        self._passing = asyncio.Event()
        self._passing.set()
        self._resets: asyncio.Task | None = None

    @property
    def state(self) -> dict:
        return self.orders | {"open": len(self._open), "accepted": self.accepted, "asked": self.asked}

    def obey(self, orders: dict):
        unknown = orders.keys() - self.orders.keys()
        if unknown:
            raise ValueError(f"no such order: {', '.join(unknown)}")
        self.orders |= orders
        if self.orders["black_hole"]:
            self._passing.clear()
        else:
            self._passing.set()
        if "reset_every" in orders:
            if self._resets:
                self._resets.cancel()
            if orders["reset_every"]:
                self._resets = asyncio.create_task(self._reset_often(orders["reset_every"]))

    async def _reset_often(self, interval: float):
        while True:
            await asyncio.sleep(interval)
            self.reset()

    def reset(self):
        """Ends every connection as a crash would."""
        for pair in list(self._open):
            for writer in pair:
                _reset(writer)

    async def serve(self, reader, writer):
        """One client, from its connect to its end."""
        self.accepted += 1
        try:
            await self._passing.wait()
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            _reset(writer)
            return
        pair = (writer, other_writer)
        self._open.add(pair)
        for side in pair:
            side.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        both = [asyncio.create_task(self._pass_on(reader, other_writer, is_question=True)),
                asyncio.create_task(self._pass_on(other_reader, writer))]
        try:
            await asyncio.gather(*both)
        # Cancelled when the proxy ends.
        except (OSError, asyncio.CancelledError):
            for side in pair:
                _reset(side)
        finally:
            for task in both:
                task.cancel()
            self._open.discard(pair)
            for side in pair:
                side.close()

    async def _pass_on(self, reader, writer, is_question=False):
        """One direction. What is read waits in a line until it is due, so that lateness takes nothing from the rate."""
        line: asyncio.Queue = asyncio.Queue(64)
        loop = asyncio.get_running_loop()

        async def read():
            due = 0.0
            while True:
                piece = await reader.read(1 << 16)
                self.asked += is_question and bool(piece)
                late = self.orders["latency"] + random.uniform(-1, 1) * self.orders["jitter"]
                due = max(due, loop.time() + late)  # a later piece never overtakes
                await line.put((due, piece))
                if not piece:
                    return

        async def write():
            while True:
                due, piece = await line.get()
                await asyncio.sleep(max(0, due - loop.time()))
                await self._passing.wait()
                if not piece:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                size = self.orders["slice"] or len(piece)
                for start in range(0, len(piece), size):
                    writer.write(piece[start:start + size])
                    await writer.drain()
                    if self.orders["slice"]:
                        await asyncio.sleep(0)  # gives the reader its chance to be early

        await asyncio.gather(read(), write())


def _reset(writer):
    """Ends a connection as a crash would: the peer gets an RST."""
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main():
    listen, target = map(int, sys.argv[1:3])
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", listen, backlog=512)
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print(json.dumps(proxy.state), flush=True)
    while text := await orders.readline():
        try:
            proxy.obey(json.loads(text))
            print(json.dumps(proxy.state), flush=True)
        except ValueError as error:
            print(json.dumps({"error": str(error)}), flush=True)
    server.close()
    proxy.reset()
    proxy.obey({"black_hole": False})
    # The connections' tasks see their end.
    await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
