"""What may stand behind the service: a store, a queue, and where bytes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STORES = ("sqlite", "postgresql", "mysql", "redis", "redis-cluster")
QUEUES = ("redis", "rabbitmq")

# The server that stands for each, and the variable of `services env` that says where it is.
_SERVERS = {
    "postgresql": ("postgres", "TEST_POSTGRESQL_URL"), "mysql": ("mysql", "TEST_MYSQL_URL"),
    "redis": ("redis", "TEST_REDIS_URL"), "redis-cluster": ("redis-cluster", "TEST_REDIS_CLUSTER_URL"),
    "rabbitmq": ("rabbitmq", "TEST_RABBITMQ_URL"), "s3": ("s3", "TEST_S3_URL"),
}
_SETTINGS = {
    "postgresql": "DATABASE_URL", "mysql": "DATABASE_URL", "redis": "REDIS_URL", "redis-cluster": "REDIS_URL",
    "rabbitmq": "RABBITMQ_URL", "s3": "AWS_ENDPOINT_URL_S3",
}


@dataclass(frozen=True)
class Pairing:
    """Spelled store[+queue][+s3]: `sqlite`, `postgresql+rabbitmq`, `redis+s3`. Without a queue the store is its own."""

    store: str
    queue: str | None = None
    is_in_s3: bool = False

    @classmethod
    def parse(cls, text: str) -> Pairing:
        store, *others = text.split("+")
        queues = [name for name in others if name in QUEUES]
        if store not in STORES or len(queues) > 1 or set(others) - set(queues) - {"s3"} or store in queues:
            raise ValueError(f"no such pairing: {text}; stores are {', '.join(STORES)}, queues {', '.join(QUEUES)}")
        return cls(store, queues[0] if queues else None, "s3" in others)

    def __str__(self):
        return "+".join(filter(None, (self.store, self.queue, "s3" if self.is_in_s3 else None)))

    @property
    def _backends(self) -> list[str]:
        """Those that are servers."""
        names = [self.store, self.queue, "s3" if self.is_in_s3 else None]
        return [name for name in names if name in _SERVERS]

    @property
    def servers(self) -> list[str]:
        """Their names as scripts/services knows them."""
        return [_SERVERS[name][0] for name in self._backends]

    def addresses(self, variables: dict[str, str]) -> dict[str, str]:
        """The URL of each server, by its name."""
        return {_SERVERS[name][0]: variables[_SERVERS[name][1]] for name in self._backends}

    def settings(self, addresses: dict[str, str], variables: dict[str, str], folder: Path) -> dict[str, str]:
        """What a process is told. Where a store or the bytes are local, all share the folder."""
        settings = {_SETTINGS[name]: addresses[_SERVERS[name][0]] for name in self._backends}
        settings |= {"DATA_DIR": str(folder / "data"), "ALLOW_LOCAL": "1"}
        if self.store == "sqlite":
            # Said aloud: without it REDIS_URL would name the store.
            settings["DATABASE_URL"] = f"sqlite:///{folder / 'data' / 'jobs.db'}"
        if self.is_in_s3:
            settings |= {
                "STORAGE_URL": f"s3://{variables['TEST_S3_BUCKET']}/{folder.name}", "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": variables["TEST_S3_ACCESS_KEY"],
                "AWS_SECRET_ACCESS_KEY": variables["TEST_S3_SECRET_KEY"],
            }
        return settings


ALL = [Pairing.parse(text) for text in (
    "sqlite", "sqlite+redis", "sqlite+rabbitmq", "postgresql", "postgresql+redis", "postgresql+rabbitmq",
    "mysql", "mysql+redis", "mysql+rabbitmq", "redis", "redis+rabbitmq", "redis-cluster", "postgresql+redis+s3")]
STORES_ALONE = [Pairing(store) for store in STORES]
# Every store and every queue, with one another or alone.
STORES_AND_BELLS = STORES_ALONE + [Pairing.parse(text) for text in ("sqlite+redis", "postgresql+rabbitmq")]
# Two that have little in common, for a run that must be short.
SHORT = [Pairing.parse(text) for text in ("postgresql+rabbitmq", "redis")]
