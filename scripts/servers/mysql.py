"""MariaDB, or MySQL where that is what is installed; with and without TLS."""

from __future__ import annotations

import os
import pwd
import subprocess

from servers.certificates import Certificates
from servers.server import PASSWORD, USER, Server


class MySQL(Server):
    name = "mysql"

    def missing_packages(self):
        if self._server and self._client:
            return []
        # Debian has MariaDB alone.
        return ["mariadb-server", "mariadb-client", "openssl"]

    @property
    def _server(self):
        return self.find("mariadbd") or self.find("mysqld")

    @property
    def _client(self):
        return self.find("mariadb") or self.find("mysql")

    def launch(self):
        data = self.folder / "data"
        user = pwd.getpwuid(os.getuid()).pw_name
        tls = Certificates(self.run.folder)
        tls.make()
        statements = self.folder / "init.sql"
        # One statement a line: the server reads it so, at each start.
        statements.write_text(f"""\
CREATE DATABASE IF NOT EXISTS {USER} CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS '{USER}_ssl'@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL;
GRANT ALL ON {USER}.* TO '{USER}_ssl'@'%';
""")
        if not data.exists():
            self._make(data, user)
        self.processes.launch([
            self._server, "--no-defaults", f"--user={user}", f"--datadir={data}",
            f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}", "--bind-address=127.0.0.1",
            f"--port={self.run.port('mysql')}", "--skip-name-resolve", f"--init-file={statements}",
            # Each commit is written at once and synced later: enough against the death of the process.
            "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--max-connections=300",
            f"--ssl-ca={tls.authority}", f"--ssl-cert={tls.certificate}", f"--ssl-key={tls.key}"])

    def _make(self, data, user):
        installer = self.find("mariadb-install-db")
        if installer:
            words = [installer, "--no-defaults", f"--user={user}", f"--datadir={data}", "--skip-test-db",
                     "--auth-root-authentication-method=normal"]
        else:
            words = [self._server, "--no-defaults", f"--user={user}", f"--datadir={data}", "--initialize-insecure"]
        with self.log.open("ab") as log:
            made = subprocess.run(list(map(str, words)), stdout=log, stderr=log, check=False)
        if made.returncode != 0:
            raise RuntimeError("the database could not be made")

    def is_ready(self):
        return self._ask("SELECT 1") == "1"

    def variables(self):
        return {"TEST_MYSQL_URL": f"mysql://{USER}:{PASSWORD}@127.0.0.1:{self.run.port('mysql')}/{USER}"}

    def wipe(self):
        self._ask(f"DROP DATABASE {USER}; CREATE DATABASE {USER} CHARACTER SET utf8mb4", must_work=True)

    def client(self):
        words = [self._client, "--no-defaults", "-h", "127.0.0.1", "-P", str(self.run.port("mysql")), "-u", USER, USER]
        return words, {"MYSQL_PWD": PASSWORD}

    def _ask(self, statement, must_work=False) -> str:
        words, environment = self.client()
        return subprocess.run(
            [*words, "-BNe", statement], env=os.environ | environment, capture_output=True, text=True, check=must_work
        ).stdout.strip()
