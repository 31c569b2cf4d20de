"""Redis: alone, behind TLS, and as a cluster of three. Every write is in the append-only file before it is answered."""

from __future__ import annotations

import subprocess

from servers.certificates import Certificates
from servers.server import PASSWORD, USER, Server

_DURABLE = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
SLOTS = 16384


class Redis(Server):
    name = "redis"
    programs = {"redis-server": "redis-server", "redis-cli": "redis-tools"}

    def _launch(self, folder, *words):
        folder.mkdir(exist_ok=True)
        self.processes.launch([self.find("redis-server"), "--bind", "127.0.0.1", "--dir", folder, *_DURABLE, *words])

    def launch(self):
        self._launch(self.folder, "--port", self.run.port("redis"))

    def is_ready(self):
        return self._ask("ping") == "PONG"

    def variables(self):
        return {"TEST_REDIS_URL": f"redis://127.0.0.1:{self.run.port('redis')}/0"}

    def wipe(self):
        self._ask("flushall", must_work=True)

    def client(self):
        return [self.find("redis-cli"), "-h", "127.0.0.1", "-p", str(self.run.port("redis"))], {}

    def _ask(self, *words, port=None, must_work=False) -> str:
        client, environment = self.client()
        place = ["-p", str(port)] if port else []
        return subprocess.run(
            [*client, "-e", *place, *map(str, words)], env=environment, capture_output=True, text=True, check=must_work
        ).stdout.strip()


class RedisTLS(Redis):
    name = "redis-tls"
    programs = Redis.programs | {"openssl": "openssl"}

    @property
    def _certificates(self):
        return Certificates(self.run.folder)

    def launch(self):
        tls = self._certificates
        tls.make()
        self._launch(
            self.folder, "--port", 0, "--tls-port", self.run.port("redis-tls"), "--tls-auth-clients", "no",
            "--tls-cert-file", tls.certificate, "--tls-key-file", tls.key, "--tls-ca-cert-file", tls.authority,
            "--requirepass", PASSWORD, "--user", USER, "on", f">{PASSWORD}", "~*", "&*", "+@all")

    def variables(self):
        port = self.run.port("redis-tls")
        return {"TEST_REDIS_TLS_URL": f"rediss://{USER}:{PASSWORD}@localhost:{port}/0"}

    def client(self):
        words = [self.find("redis-cli"), "-h", "127.0.0.1", "-p", str(self.run.port("redis-tls")), "--tls",
                 "--cacert", str(self._certificates.authority)]
        return words, {"REDISCLI_AUTH": PASSWORD}


class RedisCluster(Redis):
    """Three primaries with a third of the slots each, no replicas."""

    name = "redis-cluster"

    @property
    def _ports(self):
        return [self.run.port(f"redis-cluster-{node}") for node in range(3)]

    def launch(self):
        for node, port in enumerate(self._ports):
            self._launch(
                self.folder / str(node), "--port", port, "--cluster-enabled", "yes",
                "--cluster-port", self.run.port(f"redis-cluster-bus-{node}"), "--cluster-config-file", "nodes.conf",
                "--cluster-node-timeout", 2000)

    def is_ready(self):
        ports = self._ports
        if any(self._ask("ping", port=port) != "PONG" for port in ports):
            return False
        # A node that knows its slots has them in its own file; they are given out once.
        if "cluster_slots_assigned:0" in self._ask("cluster", "info", port=ports[0]).split():
            self._join(ports)
        return all("cluster_state:ok" in self._ask("cluster", "info", port=port).split() for port in ports)

    def _join(self, ports):
        for node, port in enumerate(ports):
            first, last = SLOTS * node // 3, SLOTS * (node + 1) // 3 - 1
            self._ask("cluster", "addslots", *range(first, last + 1), port=port)
            # Nodes with one epoch would first have to settle which of them is right.
            self._ask("cluster", "set-config-epoch", node + 1, port=port)
        for node in (1, 2):
            self._ask("cluster", "meet", "127.0.0.1", ports[node], self.run.port(f"redis-cluster-bus-{node}"),
                      port=ports[0])

    def variables(self):
        return {"TEST_REDIS_CLUSTER_URL": f"redis://127.0.0.1:{self._ports[0]}"}

    def wipe(self):
        for port in self._ports:
            self._ask("flushall", port=port, must_work=True)

    def client(self):
        return [self.find("redis-cli"), "-c", "-h", "127.0.0.1", "-p", str(self._ports[0])], {}
