#!/usr/bin/env python3
"""Checks that the documents agree with the program: the settings in .env.example and the README, the pictures that the
README shows, and the routes, operations and error codes in docs/api.md. Usage: check_documents.py path/to/tintype"""

import glob
import os
import re
import subprocess
import sys

MAXIMUM_PICTURE = 20_000  # bytes

# Where each kind of word that docs/api.md must hold stands in the sources.
WORDS = {
    "route": ("Sources/Server/Routes/*.swift", r'Route\(\.\w+, "([^"\\]+)"'),
    "page": ("Sources/Server/Routes/PageResource.swift", r'PageResource\(\s*"(\w+)"'),
    "operation": ("Sources/Imaging/Operations/*.swift", r'OperationSpecification\(\s*name: "(\w+)"'),
    "error code": ("Sources/Server/Errors/ProblemCode.swift", r'^    case (?:\w+ = ")?(\w+)"?$'),
}


def problems(binary):
    yield from problems_of_settings_and_pictures(binary)
    interface = open("docs/api.md", encoding="utf-8").read()
    for kind, (files, pattern) in WORDS.items():
        sources = "".join(open(path, encoding="utf-8").read() for path in glob.glob(files))
        words = re.findall(pattern, sources, re.M)
        if not words:
            yield f"no {kind} was found in {files}"
        for word in words:
            if not re.search(rf"[`/ ]{re.escape(word)}`", interface):
                yield f"docs/api.md does not hold the {kind} {word}"


def problems_of_settings_and_pictures(binary):
    table = subprocess.run([binary, "config", "--markdown"], capture_output=True, text=True, check=True).stdout.strip()
    readme = open("README.md", encoding="utf-8").read()
    if table not in readme:
        yield "README.md does not hold the table that `tintype config --markdown` prints"

    rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? ?\|", table, re.M)
    example = dict(re.findall(r"^#(\w+)=(.*)$", open(".env.example", encoding="utf-8").read(), re.M))
    for name, default in rows:
        if example.pop(name, None) != default:
            yield f".env.example does not hold #{name}={default}"
    for name in example:
        yield f".env.example holds {name}, which the binary does not know"

    for path in re.findall(r"docs/pictures/[\w.-]+", readme):
        if not os.path.exists(path):
            yield f"README.md shows {path}, which is not there"
        elif os.path.getsize(path) > MAXIMUM_PICTURE:
            yield f"{path} has more than {MAXIMUM_PICTURE} bytes"


def main():
    found = list(problems(sys.argv[1]))
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)


main()
