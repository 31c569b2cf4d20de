#!/usr/bin/env python3
"""Fills the placeholders of ecs/*.json, or the parameters of a template, from what is known.

  render_ecs.py [--values FILE]… --into FOLDER ecs/task-definition-api.json…
  render_ecs.py [--values FILE]… --parameters infra/service.yaml       prints Name=value, one a line

`${NAME}` stands for a text and "${NAME:number}" for a number. A value is looked for in FILE, which is a JSON object or what
`aws cloudformation describe-stacks --query Stacks[0].Outputs` prints (there REDIS_URL_SECRET is RedisUrlSecret), then in
the environment, then in ecs/defaults.json. A placeholder without a value is an error; a variable or secret whose value is
empty is left out.
"""

import argparse
import json
import os
import re
import sys

DEFAULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ecs", "defaults.json")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def upper_case(name):
    """REDIS_URL_SECRET of RedisUrlSecret, as templates spell it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


class Values:
    def __init__(self, files):
        with open(DEFAULTS, encoding="utf-8") as file:
            self.found = json.load(file) | os.environ
        for path in files:
            with open(path, encoding="utf-8") as file:
                values = json.load(file)
            if isinstance(values, list):
                values = {output["OutputKey"]: output["OutputValue"] for output in values}
            self.found |= {upper_case(name): str(value) for name, value in values.items()}
        self.missing = set()

    def __getitem__(self, name):
        if name not in self.found:
            self.missing.add(name)
        return self.found.get(name, "0")

    def fill(self, node):
        if isinstance(node, dict):
            return {key: self.fill(value) for key, value in node.items()}
        if isinstance(node, list):
            return [item for item in map(self.fill, node) if not is_empty_variable(item)]
        if not isinstance(node, str):
            return node
        if number := re.fullmatch(r"\$\{(\w+):number\}", node):
            return int(self[number[1]])
        return PLACEHOLDER.sub(lambda match: self[match[1]], node)


def is_empty_variable(item):
    return isinstance(item, dict) and "name" in item and "" in (item.get("value"), item.get("valueFrom"))


def parameters_of(template):
    with open(template, encoding="utf-8") as file:
        block = re.search(r"^Parameters:\n((?:(?: .*| *#.*)?\n)+)", file.read(), re.M)
    return re.findall(r"^  (\w+):", block[1], re.M)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--values", action="append", default=[], metavar="FILE")
    wanted = arguments.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--into", metavar="FOLDER")
    wanted.add_argument("--parameters", metavar="TEMPLATE")
    arguments.add_argument("files", nargs="*")
    given = arguments.parse_args()
    values = Values(given.values)
    if given.parameters:
        for name in parameters_of(given.parameters):
            if upper_case(name) in values.found:
                print(f"{name}={values[upper_case(name)]}")
        return
    rendered = {}
    for path in given.files:
        with open(path, encoding="utf-8") as file:
            rendered[os.path.basename(path)] = values.fill(json.load(file))
    if values.missing:
        sys.exit(f"no value for {', '.join(sorted(values.missing))}")
    for name, content in rendered.items():
        with open(os.path.join(given.into, name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)


if __name__ == "__main__":
    main()
