#!/usr/bin/env python3
"""Checks ECS task definitions: that they are JSON, agree with the image, and that the AWS command line, where there is
one, knows every field. Usage: check_tasks.py FILE…"""

import json
import re
import shutil
import subprocess
import sys

# What Fargate offers: memory in MiB for each CPU share that is used here.
MEMORY = {"512": range(1024, 4097, 1024), "1024": range(2048, 8193, 1024), "2048": range(4096, 16385, 1024)}


def problems(path, image):
    with open(path, encoding="utf-8") as file:
        task = json.load(file)
    if int(task["memory"]) not in MEMORY.get(task["cpu"], []):
        yield f"cpu {task['cpu']} with memory {task['memory']} is no Fargate size"
    for container in task["containerDefinitions"]:
        if container["user"] != image["user"]:
            yield f"user is {container['user']}; the Dockerfile says {image['user']}"
        if container["healthCheck"]["command"] != ["CMD", *image["healthcheck"]]:
            yield "the health check is not the Dockerfile's"
        if not container["readonlyRootFilesystem"]:
            yield "the root file system is writable"
        if container["stopTimeout"] > 120:
            yield "stopTimeout is over Fargate's 120 seconds"
        names = [item["name"] for item in container["environment"] + container["secrets"]]
        if len(names) != len(set(names)):
            yield "a variable is set twice"
        for mapping in container["portMappings"]:
            if mapping["containerPort"] != int(image["port"]):
                yield f"port {mapping['containerPort']}; the Dockerfile says {image['port']}"
    if shutil.which("aws"):
        known = subprocess.run(
            ["aws", "ecs", "register-task-definition", "--region", "eu-central-1", "--generate-cli-skeleton", "output",
             "--cli-input-json", f"file://{path}"],
            capture_output=True, text=True, check=False)
        if known.returncode != 0:
            yield known.stderr.strip()


def image_settings():
    with open("Dockerfile", encoding="utf-8") as file:
        text = file.read()
    return {
        "user": re.search(r"^USER (\S+)", text, re.M)[1],
        "port": re.search(r"\bPORT=(\d+)", text)[1],
        "healthcheck": json.loads(re.search(r"^HEALTHCHECK .*?CMD (\[.*\])", text, re.M)[1]),
    }


def main():
    image = image_settings()
    found = [(path, problem) for path in sys.argv[1:] for problem in problems(path, image)]
    for path, problem in found:
        print(f"{path}: {problem}", file=sys.stderr)
    sys.exit(1 if found else 0)


main()
