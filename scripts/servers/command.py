"""The command line of scripts/services."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import ports
from servers.certificates import Certificates
from servers.install import install, say
from servers.mysql import MySQL
from servers.postgres import Postgres
from servers.rabbitmq import RabbitMQ
from servers.redis import Redis, RedisCluster, RedisTLS
from servers.s3 import S3
from servers.server import Run

# Those that take longest to start come first.
SERVERS = {server.name: server for server in (RabbitMQ, RedisCluster, Postgres, MySQL, S3, Redis, RedisTLS)}
PATIENCE = 90  # seconds for a start that takes ten at most
STOP_PATIENCE = 20


def main(usage: str, program: str) -> int:
    """-> the exit code"""
    words = sys.argv[1:]
    commands = {name: globals()[f"_{name}"] for name in (
        "install", "start", "stop", "crash", "pause", "resume", "wipe", "status", "clean")}
    if not words or words[0] not in (*commands, "env", "ports", "client"):
        print(usage, file=sys.stdout if words and words[0] in ("help", "--help", "-h") else sys.stderr)
        return 0 if words and words[0] in ("help", "--help", "-h") else 64
    run = Run(_folder(), _tools())
    command, *names = words
    if command == "env":
        _env(run, Path(program).resolve())
        return 0
    if command == "ports":
        print(run.spare_port)
        return 0
    if command == "client":
        _client(run, *names)
        return 0
    if command in ("crash", "pause", "resume", "wipe") and not names:
        raise SystemExit(f"services: {command} what?")
    servers = [_server(run, name) for name in (names if names and names != ["all"] else SERVERS)]
    with _alone(run):
        return commands[command](run, servers) or 0


def _folder() -> Path:
    default = Path(tempfile.gettempdir()) / f"tintype-services-{os.getuid()}"
    return Path(os.environ.get("TEST_SERVICES_DIR") or default).resolve()


def _tools() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TEST_SERVICES_TOOLS") or Path(cache) / "tintype" / "services")


def _server(run: Run, name: str):
    if name not in SERVERS:
        raise SystemExit(f"services: no server '{name}'; there are {', '.join(SERVERS)}")
    return SERVERS[name](run)


@contextlib.contextmanager
def _alone(run: Run):
    """One command at a time for one folder."""
    with (run.folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# The commands, each with the folder and the servers that were named.


def _install(run, servers):
    install(servers, run.tools)


def _start(_, servers):
    """All are launched first, then waited for."""
    began = time.monotonic()
    waiting, failed = [], False
    for server in servers:
        if server.processes.is_running:
            continue
        _end([server])  # what a crash has left of it
        missing = server.missing_packages()
        if missing:
            say(f"{server.name} needs {' '.join(missing)}: scripts/services install {server.name}")
            failed = True
            continue
        try:
            server.start()
            waiting.append(server)
        except (OSError, RuntimeError) as error:
            failed = _report(server, f"did not start ({error})")
    while waiting:
        for server in list(waiting):
            if not server.processes.is_running:
                failed = _report(server, "ended while it started")
            elif server.is_ready():
                say(f"{server.name} is ready after {time.monotonic() - began:.1f} s")
            elif time.monotonic() - began > PATIENCE:
                failed = _report(server, f"is not ready after {PATIENCE} s")
            else:
                continue
            waiting.remove(server)
        time.sleep(0.02)
    return 1 if failed else 0


def _report(server, what) -> bool:
    say(f"{server.name} {what}; the end of {server.log}:")
    with contextlib.suppress(OSError):
        sys.stderr.writelines(f"  {line}\n" for line in server.log.read_text(errors="replace").splitlines()[-30:])
    _end([server])
    return True


def _stop(_, servers):
    _end(servers)


def _end(servers):
    for server in servers:
        server.end()
    for server in servers:
        if not server.processes.wait_until_gone(STOP_PATIENCE):
            say(f"{server.name} did not stop in {STOP_PATIENCE} s and is killed")
            server.crash()
        server.processes.forget()
        server.tidy()


def _crash(_, servers):
    for server in servers:
        server.crash()


def _pause(_, servers):
    for server in servers:
        server.processes.send(signal.SIGSTOP)


def _resume(_, servers):
    for server in servers:
        server.processes.send(signal.SIGCONT)


def _wipe(_, servers):
    for server in servers:
        try:
            server.wipe()
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"services: {server.name} was not wiped: {error} {getattr(error, 'stderr', '')}") from None


def _status(_, servers):
    for server in servers:
        ids = " ".join(str(process.pid) for process in server.processes.processes if process.is_alive)
        print(f"{server.name:14} {'running' if server.processes.is_running else 'broken' if ids else 'stopped'}  {ids}")


def _clean(run, servers):
    _end(servers)
    ports.give_back(run.folder)
    shutil.rmtree(run.folder)


def _env(run, program):
    variables = {"TEST_SERVICES": str(program), "TEST_SERVICES_DIR": str(run.folder)}
    for name in SERVERS:
        server = _server(run, name)
        if server.processes.is_running:
            variables |= server.variables()
    certificates = Certificates(run.folder)
    if certificates.exist:
        variables |= {"TEST_TLS_CA": str(certificates.authority), "TEST_TLS_OTHER_CA": str(certificates.stranger)}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _client(run, name, *words):
    own, environment = _server(run, name).client()
    os.execvpe(own[0], [*own, *words], os.environ | environment)
