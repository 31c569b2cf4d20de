"""Checks the API description of a built binary: that it is valid, and that the service does what it says, whatever it is
sent (schemathesis). Usage: python -m contract path/to/tintype [--seed N] [--examples N] [schemathesis' own arguments]"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from fleet.client import Client, Notes
from fleet.processes import Fleet
from openapi_spec_validator import OpenAPIV31SpecValidator

from test_picture import png

TOKEN = "a-token-of-the-tests"
HERE = Path(__file__).parent


def things(client: Client, url: str) -> dict[str, str]:
    """Makes one of each thing that a route asks for. -> their ids and URLs, by the names that schemathesis.toml and the
    hooks have for them"""
    file_id, broken = client.upload("a.png", png(8, 8)), client.upload("b.png", png(8, 8)[:-20])
    made = {
        "FILE_ID": file_id, "SPARE_ID": client.upload("c.png", png(2, 2)),
        "JOB_ID": client.submit(file_id, {"operation": "grayscale"}, "done"),
        "FAILED_ID": client.submit(broken, {"operation": "grayscale"}, "failed"),
        "DESCRIPTION_ID": client.send("/submit", "a.png", png(9, 9))["job_id"],
    }
    made["IMAGE_URL"] = f"{url}/download/{made['JOB_ID']}"
    made["BATCH_ID"] = client.send("/upload", "a.csv", f"url\n{made['IMAGE_URL']}\nnowhere\n".encode())["batch_id"]
    for name in ("JOB_ID", "FAILED_ID", "DESCRIPTION_ID"):
        client.get(f"/status/{made[name]}?wait=30")
    return made


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of an earlier run, to repeat it")
    parser.add_argument("--examples", type=int, default=20, help="requests at most of each kind for an operation")
    options, more = parser.parse_known_args()

    port = free_port()
    # It fetches pictures from nobody but itself.
    settings = {
        "ADMIN_TOKEN": TOKEN, "LOG_LEVEL": "warning", "FETCH_ALLOW_NETWORKS": "127.0.0.1/32",
        "FETCH_ALLOWED_PORTS": str(port),
    }
    with tempfile.TemporaryDirectory() as folder, Fleet(options.binary.resolve(), Path(folder), settings) as fleet:
        service = fleet.start("serve", port)
        client = Client([service.port], Notes())
        description = client.get("/openapi.json")
        for error in (errors := list(OpenAPIV31SpecValidator(description).iter_errors())):
            print(f"/openapi.json: {error.message} at {'/'.join(map(str, error.absolute_path))}", file=sys.stderr)
        if errors:
            return 1

        made = things(client, f"http://127.0.0.1:{port}")
        client.close()

        print(f"schemathesis, seed {options.seed}")
        ended = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
                f"http://127.0.0.1:{port}/openapi.json", "--checks", "all", "--seed", str(options.seed),
                "--max-examples", str(options.examples),
                # Two threads that parse Python at the same time break each other (CPython 3.11, gh-106905).
                "--workers", "1", *more,
            ],
            cwd=folder, env=os.environ | made | {
                "ADMIN_TOKEN": TOKEN, "SCHEMATHESIS_HOOKS": "contract.hooks", "PYTHONPATH": str(HERE.parent),
            }, check=False)
        if not service.is_alive:
            print(f"the service has died:\n{service.log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
            return 1
        return ended.returncode


sys.exit(main())
