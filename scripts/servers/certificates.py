"""The tests' own certificate authority, and one certificate for every server that speaks TLS."""

from __future__ import annotations

import subprocess
from pathlib import Path

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
_SERVER = """\
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
"""


class Certificates:
    """Files in PEM, made when they are first asked for; `stranger` is an authority that has signed nothing."""

    def __init__(self, folder: Path):
        self._folder = folder / "tls"
        self.authority = self._folder / "ca.crt"
        self.stranger = self._folder / "other-ca.crt"
        self.certificate = self._folder / "server.crt"
        self.key = self._folder / "server.key"

    @property
    def exist(self) -> bool:
        return self.certificate.exists()

    def make(self):
        if self.exist:
            return
        self._folder.mkdir(exist_ok=True)
        (self._folder / "extensions").write_text(_SERVER)
        for name in ("ca", "other-ca"):
            self._openssl("req", "-x509", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "30",
                          "-subj", f"/CN=tintype tests {name}", "-addext", "basicConstraints=critical,CA:TRUE",
                          "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._openssl("req", *_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        # Read by every server's user; they protect nothing.
        self.key.chmod(0o644)
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "30", "-extfile", "extensions", "-out", "server.crt")

    def _openssl(self, *words):
        made = subprocess.run(["openssl", *words], cwd=self._folder, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise SystemExit(f"services: openssl {words[0]}: {made.stderr}")
