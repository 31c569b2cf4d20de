"""What a line is given to work with, and what it hands back."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.pictures import tiny_png
from chaos.work import GRAYSCALE, Work
from fleet.pairings import Pairing
from fleet.processes import Fleet
from fleet.servers import Servers


@dataclass
class Stage:
    """One line on one pairing."""

    pairing: Pairing
    servers: Servers
    binary: Path
    folder: Path
    work: Work
    dice: random.Random
    is_short: bool
    # Where each server is reached, if not where it is: at a proxy, say.
    addresses: dict[str, str] | None = None

    @property
    def api_ports(self) -> list[int]:
        return self.servers.spare_ports(2)

    def fleet(self, apis: int, workers: int, **settings: str) -> Fleet:
        """Processes over the pairing, all of them ready."""
        variables = self.servers.variables
        addresses = self.addresses or self.pairing.addresses(variables)
        fleet = Fleet(self.binary, self.folder, self.pairing.settings(addresses, variables, self.folder) | settings)
        try:
            for port in self.api_ports[:apis]:
                fleet.start("api", port).await_start()
            for _ in range(workers):
                fleet.start("worker").await_start()
        except BaseException:
            fleet.__exit__()
            raise
        return fleet

    def jobs(self, count: int, plan: dict | None = None, name: str = "good", first: int = 0):
        """What `Ledger.submit` takes: pictures that differ, so that none is answered with the result of another."""
        return [(f"{name}-{number}", f"{name}-{number}.png", tiny_png(number), plan or GRAYSCALE)
                for number in range(first, first + count)]


@dataclass
class Verdict:
    """What a line found."""

    facts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str):
        if not holds:
            self.problems.append(problem)


def until(holds, patience: float = 60, pause: float = 0.02) -> bool:
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
