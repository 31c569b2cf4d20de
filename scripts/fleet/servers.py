"""The real servers, by scripts/services."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

_COMMAND = Path(__file__).parent.parent / "services"


class Servers:
    """A set of servers over a folder of its own; none of them runs at first."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        # They run under users of their own, which must find their way to their data.
        folder.chmod(0o711)
        self._environment = os.environ | {"TEST_SERVICES_DIR": str(folder / "services")}
        self._used: list[str] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clean()

    def start(self, *names: str):
        if names:
            self._used += [name for name in names if name not in self._used]
            self._run("install", *names)
            self._run("start", *names)

    def crash(self, name: str):
        self._run("crash", name)

    def wipe(self, *names: str):
        if names:
            self._run("wipe", *names)

    def client(self, name: str, *words: str) -> str:
        """What the server's own command line prints."""
        return self._run("client", name, *words)

    def objects(self, folder: str) -> list[str]:
        """The keys of all that lies in S3 below a folder."""
        found, place = [], self.variables
        # Encoded, as it is signed.
        base = f"{place['TEST_S3_URL']}/{place['TEST_S3_BUCKET']}/?list-type=2&prefix={quote(f'{folder}/', safe='')}"
        page = base
        while page:
            listing = self.client("s3", page)
            if "<ListBucketResult" not in listing:
                raise RuntimeError(f"the bucket cannot be listed: {listing}")
            found += re.findall(r"<Key>([^<]*)</Key>", listing)
            more = re.search(r"<NextContinuationToken>([^<]*)</NextContinuationToken>", listing)
            # In the order of their names, as they are signed.
            page = more and base.replace("/?", f"/?continuation-token={quote(more[1], safe='')}&", 1)
        return found

    def clean(self):
        self._run("clean")

    @property
    def variables(self) -> dict[str, str]:
        """Where those that run are found; plain values, none of them is quoted."""
        lines = self._run("env").splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)

    def spare_ports(self, count: int) -> list[int]:
        """Ports that no server has, and no other run."""
        first = int(self._run("ports"))
        return list(range(first, first + count))

    def _run(self, *words: str) -> str:
        made = subprocess.run(
            [str(_COMMAND), *words], env=self._environment, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise RuntimeError(f"services {' '.join(words)}: {made.stderr or made.stdout}")
        return made.stdout
