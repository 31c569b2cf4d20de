"""Runs the lines that are asked for and prints a line of text for each."""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from chaos.lines.bad_network import bad_network
from chaos.lines.drain import drain
from chaos.lines.killed_api import killed_api
from chaos.lines.killed_backends import killed_backends
from chaos.lines.killed_workers import killed_workers
from chaos.lines.late_finish import late_finish
from chaos.lines.poison import poison
from chaos.lines.webhooks import webhooks
from chaos.stage import Stage, Verdict
from chaos.work import Work
from fleet import pairings
from fleet.pairings import Pairing
from fleet.servers import Servers


def _has_servers(pairing: Pairing) -> bool:
    return bool(pairing.servers)


def _can_be_behind_a_proxy(pairing: Pairing) -> bool:
    # One in front of a cluster would be left behind by its first redirection.
    return _has_servers(pairing) and pairing.store != "redis-cluster"


# What a line harms; on other pairings it would hold without a try.
_NEEDS = {4: _has_servers, 5: _can_be_behind_a_proxy}

# Each line, and the pairings that it is for where none is named.
LINES = {
    1: (killed_workers, pairings.ALL),
    2: (late_finish, pairings.STORES_ALONE),
    3: (killed_api, pairings.ALL),
    4: (killed_backends, pairings.ALL),
    5: (bad_network, pairings.ALL),
    6: (poison, pairings.STORES_ALONE),
    7: (drain, pairings.STORES_AND_BELLS),
    8: (webhooks, pairings.STORES_AND_BELLS),
}


def main() -> int:
    # What was started ends with us, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = _options()
    tries = [(number, pairing) for number in options.lines for pairing in _pairings(options, number)]
    folder = Path(tempfile.mkdtemp(prefix="tintype-chaos-"))
    held = True
    with Servers(folder) as servers:
        servers.start(*sorted({name for _, pairing in tries for name in pairing.servers}))
        work = Work(options.binary, folder)
        for number, pairing in tries:
            servers.start(*pairing.servers)  # those that the last line has left for dead
            servers.wipe(*pairing.servers)
            stage = Stage(
                pairing, servers, options.binary, folder / f"line-{number}-{pairing}".replace("+", "-"), work,
                random.Random(f"{options.seed} {number} {pairing}"), options.short)
            held &= _run(number, stage, options.seed)
    if held:
        shutil.rmtree(folder)
        return 0
    print(f"the logs are in {folder}", file=sys.stderr)
    return 1


def _run(number: int, stage: Stage, seed: int) -> bool:
    began = time.monotonic()
    try:
        verdict = LINES[number][0](stage)
    except Exception as error:  # pylint: disable=broad-except  # a line that could not be tried has not held
        traceback.print_exc()
        verdict = Verdict(problems=[f"{type(error).__name__}: {error}"])
    print(f"line {number}  {str(stage.pairing):20}  {'held    ' if not verdict.problems else 'VIOLATED'}  "
          f"{', '.join(verdict.facts)}  (seed {seed}, {time.monotonic() - began:.0f} s)", flush=True)
    for problem in verdict.problems:
        print(f"        {problem}", flush=True)
    return not verdict.problems


# Lines that a short run tries on one pairing, to be done in minutes; on which, the seed says.
_ONCE = (2, 4, 5, 6, 7, 8)


def _pairings(options, number) -> list[Pairing]:
    chosen = options.pairing or (pairings.SHORT if options.short else LINES[number][1])
    found = list(filter(_NEEDS.get(number), chosen))
    if options.short and not options.pairing and number in _ONCE:
        found = [found[(options.seed + number) % len(found)]]
    for pairing in options.pairing or []:
        if pairing not in found:
            print(f"line {number}  {str(pairing):20}  has nothing to harm there")
    return found


def _options():
    parser = argparse.ArgumentParser(
        prog="scripts/chaos.sh", formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {number}  {line.__doc__}" for number, (line, _) in LINES.items()))
    parser.add_argument("lines", nargs="*", type=int, metavar="line", help="all, if none is named")
    parser.add_argument("--short", action="store_true", help="300 jobs on two pairings, some lines on one of them")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10 ** 6), help="repeats the choices of a run")
    parser.add_argument("--pairing", type=Pairing.parse, action="append", help="store[+queue][+s3], instead of all")
    parser.add_argument("--binary", type=lambda path: Path(path).resolve(), required=True, help="the tintype to try")
    options = parser.parse_args()
    options.lines = options.lines or list(LINES)
    for line in set(options.lines) - LINES.keys():
        parser.error(f"there is no line {line}")
    return options


sys.exit(main())
