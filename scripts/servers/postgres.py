"""PostgreSQL, with and without TLS."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
from pathlib import Path

from servers.certificates import Certificates
from servers.server import PASSWORD, USER, Server

_SETTINGS = {
    # Against the death of processes, which is what tests bring about, the system's memory is as good as its disk. What
    # is not put off is the write itself: with synchronous_commit off, a crash would lose what was committed.
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "on",
    # No socket in a folder: its lock file would outlive a crash.
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "300", "ssl": "on",
}


class Postgres(Server):
    name = "postgres"
    # Its SIGTERM waits for the clients to leave.
    stop_signal = signal.SIGINT

    def missing_packages(self):
        return [] if self._programs else ["postgresql", "openssl"]

    @property
    def _programs(self) -> Path | None:
        """Where the newest version's programs are; Debian puts them in no PATH."""
        versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
        return max(versions, key=lambda path: float(path.parent.name), default=None)

    @property
    def _user(self):
        """It refuses to run as root."""
        return "postgres" if os.getuid() == 0 else None

    def launch(self):
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._make(data)
        # After a crash this names a process that has died, and that may still be there as a zombie, or as another one.
        with contextlib.suppress(FileNotFoundError):
            (data / "postmaster.pid").unlink()
        settings = _SETTINGS | {
            "port": self.run.port("postgres"), "ssl_cert_file": data / "server.crt",
            "ssl_key_file": data / "server.key"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.processes.launch(
            [self._programs / "postgres", "-D", data, *words], user=self._user, folder=self.folder)

    def _make(self, data: Path):
        tls = Certificates(self.run.folder)
        tls.make()
        (self.folder / "password").write_text(PASSWORD)
        self._give(self.folder, self.folder / "password")
        self._run(self._programs / "initdb", "-D", data, "-U", USER, f"--pwfile={self.folder / 'password'}",
                  "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        for source, target in ((tls.certificate, data / "server.crt"), (tls.key, data / "server.key")):
            target.write_bytes(source.read_bytes())
            target.chmod(0o600)
            self._give(target)
        # The database called as its user, made while no server runs yet.
        self._run(self._programs / "postgres", "--single", "-D", data, "postgres", text=f"CREATE DATABASE {USER};\n")

    def _give(self, *paths: Path):
        if self._user:
            for path in paths:
                os.chown(path, *self._owner)

    @property
    def _owner(self):
        entry = pwd.getpwnam(self._user)
        return entry.pw_uid, entry.pw_gid

    def _run(self, *words, text=""):
        user = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        with self.log.open("ab") as log:
            made = subprocess.run(
                list(map(str, words)), input=text.encode(), stdout=log, stderr=log, cwd=self.folder, check=False,
                **user)
        if made.returncode != 0:
            raise RuntimeError(f"{Path(words[0]).name} ended with {made.returncode}")

    def is_ready(self):
        return self._ask("SELECT 1") == "1"

    def variables(self):
        place = f"{USER}:{PASSWORD}@127.0.0.1:{self.run.port('postgres')}/{USER}"
        return {"TEST_POSTGRESQL_URL": f"postgresql://{place}"}

    def wipe(self):
        self._ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public", must_work=True)

    def client(self):
        return ["psql", "-X", "-h", "127.0.0.1", "-p", str(self.run.port("postgres")), "-U", USER, "-d", USER], {
            "PGPASSWORD": PASSWORD}

    def _ask(self, statement, must_work=False) -> str:
        words, environment = self.client()
        return subprocess.run(
            [*words, "-Atqc", statement], env=os.environ | environment, capture_output=True, text=True, check=must_work
        ).stdout.strip()
