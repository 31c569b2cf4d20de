#!/usr/bin/env python3
"""Checks docker-compose.yml without a container engine: against the Compose Specification's schema, and for what that
does not know: that the variables are settings of the program, that every dependency is there and can become what is
waited for, that secrets are marked as such, that each profile chooses its backend, and that no two job stores share a
prefix. Where the command line of Docker Compose is installed, it reads the file as well.

Usage: check_compose.py path/to/tintype     needs what scripts/compose-requirements.txt names
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

from ruamel.yaml import YAML

FILE = "docker-compose.yml"
MARK = "development-only"
OWN = ("api", "worker")
# Every client of AWS reads these; they are no settings of ours alone.
AWS = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3"}
# What each profile sets, and to what kind of URL.
PROFILES = {
    "postgres": ("DATABASE_URL", "postgresql"), "mysql": ("DATABASE_URL", "mysql"), "rabbitmq": ("RABBITMQ_URL", "amqp")}
SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY$")


def problems(binary):
    # It brings the schema with it.
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        yield (checked.stdout + checked.stderr).strip()
    with open(FILE, encoding="utf-8") as file:
        compose = YAML(typ="safe").load(file)
    services = compose["services"]
    for name, service in services.items():
        yield from (f"{name}: {problem}" for problem in problems_of_service(name, service, services))
    known = set(re.findall(r"^(\w+)=", output(binary, "config"), re.M))
    for name in OWN:
        yield from (f"{name}: {problem}" for problem in problems_of_our_own(services[name], known))
    yield from problems_of_profiles(services)
    used = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    if used != set(compose["volumes"]):
        yield f"volumes that are declared and used differ: {used ^ set(compose['volumes'])}"
    if shutil.which("docker") and has_compose():
        for profiles in ([], *([profile] for profile in PROFILES)):
            flags = [word for profile in profiles for word in ("--profile", profile)]
            read = subprocess.run(
                ["docker", "compose", "-f", FILE, *flags, "config", "-q"], capture_output=True, text=True, check=False)
            if read.returncode != 0:
                yield f"docker compose {' '.join(flags)} config: {read.stderr.strip()}"


def problems_of_service(name, service, services):
    ends = is_one_shot(name, services)
    if "healthcheck" not in service and not ends:
        yield "no health check"
    if "image" in service and name not in OWN and not re.search(r":[\w.-]*\d", service["image"]):
        yield f"{service['image']} is not pinned"
    for other, dependency in service.get("depends_on", {}).items():
        if other not in services:
            yield f"depends on {other}, which is not there"
            continue
        wanted = dependency["condition"]
        if wanted == "service_healthy" and "healthcheck" not in services[other]:
            yield f"waits for the health of {other}, which has no check"
        # A dependency of a profile that is off may be left out only where it says so.
        if "profiles" in services[other] and dependency.get("required", True):
            yield f"cannot do without {other}, which is in a profile"
    for port in service.get("ports", []):
        if not port.startswith("127.0.0.1:"):
            yield f"port {port} is open to other machines"
    for variable, value in service.get("environment", {}).items():
        text = str(value)
        if SECRET.search(variable) and variable != "AWS_ACCESS_KEY_ID" and text not in (MARK, "yes"):
            yield f"{variable} is a secret that is not marked {MARK}"
    for text in strings(service):
        for url in re.findall(r"\w+://[^\s\"']+@[^\s\"']+", text):
            if urlsplit(url).password != MARK:
                yield f"a password in a URL is not marked {MARK}: {url}"


def problems_of_our_own(service, known):
    environment = service["environment"]
    unknown = environment.keys() - known - AWS
    if unknown:
        yield f"no settings of the program: {', '.join(sorted(unknown))}"
    dockerfile = open("Dockerfile", encoding="utf-8").read()
    if service["user"] != re.search(r"^USER (\S+)", dockerfile, re.M)[1]:
        yield "the user is not the Dockerfile's"
    check = json.loads(re.search(r"^HEALTHCHECK .*?CMD (\[.*\])", dockerfile, re.M)[1])
    if service["healthcheck"]["test"][1:] != check:
        yield "the health check is not the Dockerfile's"
    if environment["HOST"] != "0.0.0.0" or environment["PORT"] != re.search(r"\bPORT=(\d+)", dockerfile)[1]:
        yield "HOST or PORT would leave it out of reach"
    if not service.get("read_only") or service.get("cap_drop") != ["ALL"]:
        yield "it has more rights than it needs"
    if service.get("stop_grace_period") != "30s":
        yield "stop_grace_period is not 30s"


def problems_of_profiles(services):
    """Runs the entrypoint as a container of each profile would, with stand-ins for the name server and the program."""
    stores = {}
    for profiles in ([], ["postgres"], ["mysql"], ["rabbitmq"], ["postgres", "rabbitmq"]):
        names = [alias for profile in profiles for alias in services[profile]["networks"]["default"]["aliases"]]
        found = chosen(services["api"], names)
        storage = found.pop("STORAGE_URL", services["api"]["environment"]["STORAGE_URL"])
        stores.setdefault(storage, set()).add(found.get("DATABASE_URL"))
        for profile in profiles:
            variable, scheme = PROFILES[profile]
            url = urlsplit(found.pop(variable, ""))
            if url.scheme != scheme or url.hostname not in names:
                yield f"profile {profile}: {variable} is {url.geturl() or 'not set'}"
        if found:
            yield f"profiles {profiles}: set without need: {found}"
    for storage, owners in stores.items():
        if len(owners) > 1:
            yield f"{storage} belongs to more than one job store, and each deletes what it does not know"


def chosen(service, names):
    """The backends' variables that the program is started with while these names are known, and later while none is."""
    shell, flags, script, *words = (word.replace("$$", "$") for word in service["entrypoint"])
    with tempfile.TemporaryDirectory() as folder:
        script = script.replace("/data/", f"{folder}/").replace("/app/", f"{folder}/")
        answers = []
        for known in (names, []):
            tools = {"getent": f'case " {" ".join(known)} " in *" $2 "*) ;; *) exit 2 ;; esac', "tintype": "exec env"}
            for tool, body in tools.items():
                with open(f"{folder}/{tool}", "w", encoding="utf-8") as file:
                    file.write(f"#!/bin/sh\n{body}\n")
                os.chmod(f"{folder}/{tool}", 0o755)
            answer = output(shell, flags, script, *words, environment={"PATH": f"{folder}:/usr/bin:/bin"})
            answers.append(dict(re.findall(r"^(DATABASE_URL|RABBITMQ_URL|STORAGE_URL)=(.*)$", answer, re.M)))
    if answers[0] != answers[1]:
        raise SystemExit(f"{FILE}: a container that starts again chooses otherwise: {answers}")
    return answers[0]


def is_one_shot(name, services):
    """Whether others wait for its end."""
    return any(
        service.get("depends_on", {}).get(name, {}).get("condition") == "service_completed_successfully"
        for service in services.values())


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def output(*words, environment=None):
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout


def has_compose():
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


def main():
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(f"{FILE}: {problem}", file=sys.stderr)
    sys.exit(1 if found else 0)


main()
