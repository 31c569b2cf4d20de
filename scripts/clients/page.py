"""The programs in docs/clients.md, run as they stand: the blocks of a section in one language are one program."""

from __future__ import annotations

import csv
import re

from clients.stage import PROJECT, Stage, expect

PAGE = PROJECT / "docs/clients.md"


OUTPUTS = ("small.webp", "sepia.webp", "gray.jpg", "results.csv")


def blocks(section: str, language: str) -> str:
    """The blocks of a section that are in this language, one after the other."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    text = dict(zip(["", *parts[1::2]], parts[::2]))[section]
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
    expect(found, f"no {language} in “{section}”")
    return "\n".join(found)


def run(stage: Stage, section: str, language: str, *words: str) -> str:
    """Runs what a section has in a language as one program, whose file is the last word. -> what it printed"""
    for name in OUTPUTS:
        (stage.folder / name).unlink(missing_ok=True)
    (stage.folder / "products.csv").write_text(stage.here(blocks("", "csv")), encoding="utf-8")
    (stage.folder / words[-1]).write_text(stage.here(blocks(section, language)), encoding="utf-8")
    return stage.run(*words).stdout


def expect_outputs(stage: Stage):
    """The files that a whole round leaves."""
    for name, start in (("small.webp", b"RIFF"), ("gray.jpg", b"\xff\xd8\xff")):
        expect((stage.folder / name).read_bytes().startswith(start), name)
    with (stage.folder / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["product_name"], row["status"]) for row in csv.DictReader(file)]
    expect(rows == [("Lake", "complete"), ("Hills", "complete"), ("Hills", "complete")], rows)


def expect_round(stage: Stage, printed: str):
    """What each language leaves, and what it prints."""
    expect_outputs(stage)
    expect("Image Description:\n- Dimensions: 240x160 pixels" in printed and "3 done, 0 failed" in printed, printed)


def the_page_in_curl(stage: Stage):
    """docs/clients.md in curl"""
    expect_round(stage, run(stage, "curl", "sh", "bash", "-euo", "pipefail", "round.sh"))


def the_page_in_python(stage: Stage):
    """docs/clients.md in Python"""
    expect_round(stage, run(stage, "Python", "python", "python3", "round.py"))


def the_page_in_javascript(stage: Stage):
    """docs/clients.md in JavaScript"""
    expect_round(stage, run(stage, "JavaScript", "js", "node", "round.mjs"))


def the_page_in_swift(stage: Stage):
    """docs/clients.md in Swift, compiled without a warning"""
    (stage.folder / "round").unlink(missing_ok=True)
    run(stage, "Swift", "swift", "swiftc", "-swift-version", "6", "-warnings-as-errors", "-o", "round", "round.swift")
    expect_round(stage, stage.run("./round").stdout)


def the_page_on_the_command_line(stage: Stage):
    """docs/clients.md on the command line, and with the class of scripts/client.py"""
    printed = run(stage, "The command line", "sh", "bash", "-euo", "pipefail", "round.sh")
    expect_outputs(stage)
    expect(printed.startswith("Image Description:"), printed)
    made = sorted(path.name for path in (stage.folder / "small").iterdir())
    expect(made == ["one.webp", "two.webp"], made)
    run(stage, "The command line", "python", "python3", "round.py")
    expect((stage.folder / "sepia.webp").read_bytes().startswith(b"RIFF"), "no WebP")


CHECKS = [
    the_page_in_curl, the_page_in_python, the_page_in_javascript, the_page_in_swift, the_page_on_the_command_line,
]
