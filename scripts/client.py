#!/usr/bin/env python3
"""Tintype from the command line: sends pictures, folders, URLs and CSVs, waits, and fetches what became of them.

  python3 -m venv .venv && . .venv/bin/activate && pip install -r scripts/client-requirements.txt    (Python 3.10 or later)
  scripts/client.py process holiday/ --resize 800x --format webp -o small/

In Python: `from client import Client`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

DEFAULT_SERVER = "http://127.0.0.1:8000"
ENDED = {"done", "failed", "canceled", "complete"}
# Answers of a service, or of the balancer before it, that is away for a moment.
AWAY = {429, 502, 503, 504}
HOLD = 30  # seconds that the service may hold a status until it changes
TIMEOUTS = (10, HOLD + 30)  # to connect, to read


class Problem(Exception):
    """The service refused, or a job came to nothing. `code` is one of docs/api.md's, where there is one."""

    def __init__(self, message: str, code: str | None = None, status: int | None = None):
        super().__init__(message)
        self.code, self.status = code, status

    @classmethod
    def of(cls, answer: requests.Response) -> Problem:
        try:
            fields = answer.json()
            return cls(fields["detail"], fields["code"], answer.status_code)
        except (ValueError, KeyError, TypeError):  # something between us and the service has answered
            return cls(f"{answer.status_code} {answer.reason}", status=answer.status_code)


class Unreachable(Exception):
    """The service was away for longer than the client's patience."""


class Client:
    """The service's routes as methods, each answering what the service answers. Any thread may call them.

    A request that finds the service away is sent again, under the same Idempotency-Key where it begins something, so
    that nothing is begun twice. What is refused raises Problem."""

    def __init__(self, server: str | None = None, patience: float = 30):
        """
        :param server: its URL; where there is none, TINTYPE_URL's, else this machine's
        :param patience: for how many seconds to try again while it is away
        """
        server = server or os.environ.get("TINTYPE_URL") or DEFAULT_SERVER
        self.server = (server if "://" in server else f"http://{server}").rstrip("/")
        self.patience = patience
        self._sessions = threading.local()  # requests does not promise that threads may share one

    def upload(self, path: Path | str) -> dict[str, Any]:
        """-> the file, with its `file_id`"""
        return self._send("/upload", path)

    def process(
            self, file_id: str, steps: Iterable[str], format: str | None = None, quality: int | None = None
    ) -> dict[str, Any]:
        """Begins a job on an uploaded file.

        :param steps: such as `resize:800x600` and `blur:2.5`
        """
        output = {name: value for name, value in (("format", format), ("quality", quality)) if value is not None}
        plan = {"transformations": list(steps)} | ({"output": output} if output else {})
        return self._ask("POST", f"/process/{file_id}", json=plan).json()

    def process_url(self, url: str, steps: Iterable[str]) -> dict[str, Any]:
        """Begins a job on a picture that the service fetches. -> its `jobId`"""
        body = {"imageUrl": url, "transformations": list(steps)}
        return self._ask("POST", "/api/v1/images/process", json=body).json()

    def batch(self, path: Path | str, steps: Iterable[str] = ()) -> dict[str, Any]:
        """Begins a job for each URL in a CSV; without steps the pictures are made smaller."""
        form = {"transformations": text} if (text := ",".join(steps)) else None
        return self._send("/upload", path, form, "text/csv")

    def describe(self, path: Path | str) -> dict[str, Any]:
        """-> the description of a picture, once it is there"""
        job_id = self._send("/submit", path)["job_id"]
        self.wait(job_id)
        return self._ask("GET", f"/result/{job_id}").json()

    def status(self, id: str, hold: int = 0, limit: int | None = None) -> dict[str, Any]:
        """
        :param id: a job's or a batch's
        :param hold: seconds that the service may hold its answer until something changes
        :param limit: how many of a batch's images to tell of
        """
        query = {"wait": hold or None, "limit": limit}
        return self._ask("GET", f"/status/{id}", params=query).json()

    def wait(self, id: str) -> dict[str, Any]:
        """-> the last status of a job or a batch, once it has ended, in whatever way"""
        while (status := self.status(id, HOLD))["status"] not in ENDED:
            pass
        return status

    def download(self, job_id: str, to: Path | str) -> None:
        """Saves a job's result; raises Problem where it came to nothing."""
        self._ask("GET", f"/download/{job_id}", to=Path(to))

    def download_batch(self, batch_id: str, to: Path | str) -> None:
        """Saves a batch's rows with what has become of them, as CSV."""
        self._ask("GET", f"/batches/{batch_id}.csv", to=Path(to))

    def _send(self, path: str, file: Path | str, form: dict[str, str] | None = None, kind: str | None = None) -> Any:
        file = Path(file)
        part = (file.name, file.read_bytes()) + ((kind,) if kind else ())
        return self._ask("POST", path, files={"file": part}, data=form).json()

    def _ask(self, method: str, path: str, to: Path | None = None, **arguments: Any) -> requests.Response:
        """
        :param to: where the body goes, whole or not at all
        """
        if method == "POST":
            arguments["headers"] = {"Idempotency-Key": uuid.uuid4().hex}
        end = time.monotonic() + self.patience
        pause = 0.25
        while True:
            asked = 0.0
            try:
                with self._session.request(
                        method, self.server + path, timeout=TIMEOUTS, stream=to is not None, **arguments) as answer:
                    if answer.status_code not in AWAY:
                        if not answer.ok:
                            raise Problem.of(answer)
                        if to:
                            _save(answer, to)
                        return answer
                    reason = str(Problem.of(answer))
                    asked = _retry_after(answer)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                reason = _root(error)
            rest = max(asked, pause * random.uniform(0.5, 1))
            if time.monotonic() + rest > end:
                raise Unreachable(f"{self.server} is away: {reason}")
            time.sleep(rest)
            pause = min(2 * pause, 8)

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._sessions, "own"):
            self._sessions.own = requests.Session()
        return self._sessions.own


def _save(answer: requests.Response, to: Path) -> None:
    part = to.with_name(f".{to.name}.part")
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            for piece in answer.iter_content(1 << 16):
                file.write(piece)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)


def _retry_after(answer: requests.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0


def _root(error: BaseException) -> str:
    """What lies at the bottom of an error of requests, which wraps it three times."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return getattr(error, "strerror", None) or str(error)


# MARK: The command line

SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp"}
FORMATS = {".jpg": "jpeg", ".tif": "tiff"}  # of suffixes that are not called like them
CONSOLE = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Misuse(Exception):
    """A command line that cannot be meant."""


class Board:
    """Shows how far a command is: a bar on a terminal, plain lines elsewhere; failures as lines on both."""

    def __init__(self, progress: Progress, title: str, total: int):
        self._progress = progress
        self._task = progress.add_task(title, total=total, failed="")
        self.over = self.failed = 0

    def done(self, line: str) -> None:
        if not CONSOLE.is_terminal:
            CONSOLE.print(line)
        self.count(self.over + 1, self.failed)

    def fail(self, line: str) -> None:
        complain(line)
        self.count(self.over + 1, self.failed + 1)

    def count(self, over: int, failed: int) -> None:
        """Says how many are over in all, and how many of those have failed."""
        self.over, self.failed = over, failed
        self._progress.update(self._task, completed=over, failed=f"{failed} failed" if failed else "")


@contextmanager
def board(title: str, total: int, noun: str) -> Iterator[Board]:
    """Shows a board while the body runs, and in a line what came of it."""
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}", style="red"), TimeElapsedColumn(), TimeRemainingColumn(),
        console=CONSOLE, disable=not CONSOLE.is_terminal)
    began = time.monotonic()
    with progress:
        shown = Board(progress, title, total)
        yield shown
    seconds, things = time.monotonic() - began, noun if total == 1 else f"{noun}s"
    CONSOLE.print(f"{total} {things}: {total - shown.failed} done, {shown.failed} failed, in {seconds:.1f} s")


def complain(line: str) -> None:
    # As a text, since a style of the print would colour the bar below it too.
    CONSOLE.print(Text(f"failed: {line}", style="red"))


def each(options: argparse.Namespace, title: str, work: dict[str, Callable[[], tuple[str, Any]]]) -> dict[str, Any]:
    """Does all of the named work, several at once.

    :param work: answers what to say of it, and its result
    :return: the results of what did not fail, in the order of the work
    """
    results = {}
    pool = ThreadPoolExecutor(options.parallel)
    try:
        with board(title, len(work), "picture") as shown:
            futures = {pool.submit(job): name for name, job in work.items()}
            for future in as_completed(futures):
                name = futures[future]
                try:
                    line, results[name] = future.result()
                    shown.done(f"{name}{line}")
                except (Problem, OSError) as error:
                    shown.fail(f"{name}: {error}")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    options.failed = shown.failed
    return {name: results[name] for name in work if name in results}


def process(client: Client, options: argparse.Namespace) -> None:
    sources = list(pictures(options.paths, Path(options.out)))
    targets: Sequence[Path | None]
    if Path(options.paths[0]).is_dir() or not names_a_file(options.out, len(sources)):
        targets, format = distinct(target for _, target in sources), options.format
    else:
        targets, format = [None], format_of_one(options)
    if not (options.steps or format or options.quality):
        raise Misuse("say what to do with the pictures, for example --resize 800x (see process --help)")
    originals = {source.resolve() for source, _ in sources}

    def job(source: Path, target: Path | None) -> tuple[str, None]:
        file = client.upload(source)
        begun = client.process(file["file_id"], options.steps, format, options.quality)
        return fetch(client, begun["job_id"], options.out, target, originals)

    each(options, "Processing", {
        str(source): partial(job, source, target) for (source, _), target in zip(sources, targets)})


def url(client: Client, options: argparse.Namespace) -> None:
    targets: Sequence[Path | None]
    if names_a_file(options.out, len(options.urls)):
        targets, format = [None], format_of_one(options)
    else:
        names = (PurePosixPath(unquote(urlsplit(address).path)).name for address in options.urls)
        targets, format = distinct(Path(name or "picture") for name in names), options.format
    steps = options.steps + ([f"convert:{format}"] if format else [])

    def job(address: str, target: Path | None) -> tuple[str, None]:
        return fetch(client, client.process_url(address, steps)["jobId"], options.out, target)

    each(options, "Processing", {
        address: partial(job, address, target) for address, target in zip(options.urls, targets)})


def fetch(
        client: Client, job_id: str, out: str, target: Path | None, originals: Collection[Path] = ()
) -> tuple[str, None]:
    """Waits for a job and saves its result.

    :param target: its place below `out`, without a suffix; where there is none, `out` is the file
    :param originals: what may not be written over
    """
    status = client.wait(job_id)
    if status["status"] != "done":
        raise Problem(status["error"]["message"] if status["error"] else status["status"])
    result = status["result"]
    path = Path(out)
    if target:
        suffix = "jpg" if result["format"] == "jpeg" else result["format"]
        path = path / target.parent / f"{target.name}.{suffix}"
    if path.resolve() in originals:
        raise Problem(f"the result would take the place of {path}")
    client.download(job_id, path)
    return f" -> {path} ({result['width']} × {result['height']}, {result['size']:,} bytes)", None


def describe(client: Client, options: argparse.Namespace) -> None:
    sources = [source for source, _ in pictures(options.paths)]

    def job(source: Path) -> tuple[str, Any]:
        return "", client.describe(source)

    results = each(options, "Describing", {str(source): partial(job, source) for source in sources})
    for name, result in results.items():
        if options.json:
            print(json.dumps({"file": name} | result, ensure_ascii=False))
        else:
            print(f"{name}\n{result['description']}\n" if len(sources) > 1 else result["description"])


def batch(client: Client, options: argparse.Namespace) -> None:
    out = Path(options.out or Path(options.file).with_suffix(".results.csv"))
    begun = client.batch(options.file, options.steps)
    CONSOLE.print(f"batch {begun['batch_id']}")
    with board("Processing", begun["total"], "image") as shown:
        pause = 0.1
        while True:
            status = client.status(begun["batch_id"], limit=1)
            shown.count(status["done"] + status["failed"], status["failed"])
            if status["status"] in ENDED:
                break
            time.sleep(pause)
            pause = min(1.5 * pause, 2)
        client.download_batch(begun["batch_id"], out)
        with out.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["status"] == "failed":
                    complain(f"{row['product_name']} {row['input_url']}: {row['error']}".lstrip())
    CONSOLE.print(f"every row with its result: {out}")
    options.failed = shown.failed


def status(client: Client, options: argparse.Namespace) -> None:
    for id in options.ids:
        found = client.wait(id) if options.wait else client.status(id)
        print(json.dumps(found, indent=2, ensure_ascii=False))
        options.failed += found.get("failed", found["status"] in ("failed", "canceled"))


def pictures(paths: list[str], out: Path | None = None) -> Iterator[tuple[Path, Path]]:
    """-> each picture that is named or lies in a named folder, and where it lies below that

    Results of an earlier run, in a folder `out` below a named one, do not count."""
    for path in map(Path, paths):
        results = out.resolve() if out and path.resolve() in out.resolve().parents else None
        if not path.is_dir():
            yield path, Path(path.name)
            continue
        found = False
        for file in sorted(path.rglob("*")):
            place = file.relative_to(path)
            if results in file.resolve().parents or any(part.startswith(".") for part in place.parts):
                continue
            if file.suffix.lower() in SUFFIXES and file.is_file():
                found = True
                yield file, place
        if not found:
            raise Misuse(f"no picture is in {path}")


def distinct(places: Iterable[Path]) -> list[Path]:
    """The places without their suffixes, which go with the format, and with a number where two would be the same."""
    found: dict[Path, None] = {}
    for place in places:
        name = stem = place.with_suffix("")
        number = 1
        while name in found:
            number += 1
            name = stem.with_name(f"{stem.name}-{number}")
        found[name] = None
    return list(found)


def names_a_file(out: str, count: int) -> bool:
    """Whether this is the one result itself, and no folder for it."""
    return count == 1 and not out.endswith("/") and not Path(out).is_dir()


def format_of_one(options: argparse.Namespace) -> str | None:
    """--format's, the plan's, or that of OUT, which is the one result itself, by its suffix, in this order."""
    suffix = Path(options.out).suffix.lower()
    if options.format or suffix not in SUFFIXES or any(step.startswith("convert:") for step in options.steps):
        return options.format
    return FORMATS.get(suffix, suffix[1:])


def parser() -> argparse.ArgumentParser:
    steps = argparse.ArgumentParser(add_help=False)
    steps.set_defaults(steps=[])
    group = steps.add_argument_group("steps, taken in the order in which they stand")
    shortcuts = {
        "resize": ("WxH", "800x600 (stretches; 800x600:fit=cover, contain, inside or outside does not), 800x or x600"),
        "thumbnail": ("SIZE", "fits into a square, never enlarges"), "crop": ("X:Y:WxH", ""),
        "rotate": ("ANGLE", "90, 180 or 270"), "blur": ("SIGMA", "0 to 250"), "grayscale": (None, "")}
    for name, (value, text) in shortcuts.items():
        if value:
            group.add_argument(
                f"--{name}", metavar=value, help=text, dest="steps", action="append",
                type=f"{name}:{{}}".format)
        else:
            group.add_argument(f"--{name}", help=text, dest="steps", action="append_const", const=name)
    group.add_argument(
        "--plan", metavar="STEPS", dest="steps", action="extend", type=lambda text: text.split(","),
        help="any steps, as in docs/api.md: sepia:0.5,sharpen:3")

    format = argparse.ArgumentParser(add_help=False)
    format.add_argument("--format", help="jpeg, png, webp, gif, bmp or tiff; the picture's own without it")

    service = argparse.ArgumentParser(add_help=False)
    group = service.add_argument_group("the service")
    group.add_argument("--server", metavar="URL", help=f"where it is; else TINTYPE_URL's, else {DEFAULT_SERVER}")
    group.add_argument(
        "--patience", type=float, default=30, metavar="S", help="seconds to try again while it is away (30)")

    several = argparse.ArgumentParser(add_help=False)
    several.add_argument("--parallel", type=int, default=8, metavar="N", help="pictures at once (8)")

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Ends with 0 if all was done, 1 if something failed, 2 if the command line is wrong.")
    parser.set_defaults(failed=0)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "process", parents=[steps, format, several, service], help="files and folders of pictures")
    command.add_argument("paths", nargs="+", metavar="PATH")
    command.add_argument("--quality", type=int, help="1 to 100, for JPEG and WebP (80)")
    command.add_argument("-o", "--out", required=True, help="a folder, or a file where there is one picture")
    command.set_defaults(run=process)

    command = commands.add_parser("describe", parents=[several, service], help="what is to be seen on pictures")
    command.add_argument("paths", nargs="+", metavar="PATH")
    command.add_argument("--json", action="store_true", help="one JSON object a line, with all that was measured")
    command.set_defaults(run=describe)

    command = commands.add_parser(
        "url", parents=[steps, format, several, service], help="pictures that the service fetches")
    command.add_argument("urls", nargs="+", metavar="URL")
    command.add_argument("-o", "--out", required=True, help="a folder, or a file where there is one picture")
    command.set_defaults(run=url)

    command = commands.add_parser(
        "csv", parents=[steps, service], help="all URLs of a CSV; without steps they become smaller")
    command.add_argument("file", metavar="FILE")
    command.add_argument("-o", "--out", help="what became of each row (FILE.results.csv)")
    command.set_defaults(run=batch)

    command = commands.add_parser("status", parents=[service], help="how jobs and batches stand, as JSON")
    command.add_argument("ids", nargs="+", metavar="ID")
    command.add_argument("--wait", action="store_true", help="until they have ended")
    command.set_defaults(run=status)
    return parser


def main() -> int:
    options = parser().parse_args()
    try:
        options.run(Client(options.server, options.patience), options)
    except Misuse as error:
        parser().error(str(error))
    except (Problem, Unreachable, OSError) as error:
        CONSOLE.print(f"client.py: {error}", style="red")
        return 1
    except KeyboardInterrupt:
        # Threads that still wait for the service would hold the exit up.
        os._exit(130)
    return 1 if options.failed else 0


if __name__ == "__main__":
    sys.exit(main())
