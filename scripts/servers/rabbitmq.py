"""RabbitMQ: one node, which is enough for quorum queues; AMQP with and without TLS, and the management API."""

from __future__ import annotations

import base64
import http.client
import json

from servers.certificates import Certificates
from servers.server import PASSWORD, USER, Server

# Past the wrappers in /usr/sbin, which change the user and the folder.
_PROGRAMS = "/usr/lib/rabbitmq/bin"


class RabbitMQ(Server):
    name = "rabbitmq"
    programs = {"rabbitmq-server": "rabbitmq-server", "openssl": "openssl"}

    def launch(self):
        tls = Certificates(self.run.folder)
        tls.make()
        (self.folder / "plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq.conf").write_text(f"""\
listeners.tcp.default = 127.0.0.1:{self.run.port("amqp")}
listeners.ssl.default = 127.0.0.1:{self.run.port("amqps")}
ssl_options.cacertfile = {tls.authority}
ssl_options.certfile = {tls.certificate}
ssl_options.keyfile = {tls.key}
ssl_options.verify = verify_none
management.tcp.ip = 127.0.0.1
management.tcp.port = {self.run.port("rabbitmq-api")}
default_user = {USER}
default_pass = {PASSWORD}
log.console = true
log.file = false
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
""")
        environment = self._environment
        # Its own name server, on its own port: the one that it would start by itself is the whole machine's, and stays.
        self.processes.launch(
            [self.find("epmd"), "-address", "127.0.0.1", "-port", self.run.port("epmd")], environment=environment)
        self.processes.launch(
            [f"{_PROGRAMS}/rabbitmq-server", "-noinput"], folder=self.folder,
            # With it the script becomes the server, so that the process id is the server's own.
            environment=environment | {"RABBITMQ_ALLOW_INPUT": "1"})

    @property
    def _environment(self):
        return {
            "HOME": str(self.folder), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "ERL_EPMD_PORT": str(self.run.port("epmd")), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self.run.port("erlang")),
            "RABBITMQ_NODENAME": f"tintype-{self.run.port('amqp')}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            # Schedulers that wait must not spin: the processors are wanted by what is tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        }

    def is_ready(self):
        # It listens before it knows its users; asked as one of them it answers when all is there.
        try:
            return self._call("GET", f"/health/checks/port-listener/{self.run.port('amqp')}")[0] == 200
        except OSError:
            return False

    def variables(self):
        amqp, amqps = self.run.port("amqp"), self.run.port("amqps")
        api = self.run.port("rabbitmq-api")
        return {"TEST_RABBITMQ_URL": f"amqp://{USER}:{PASSWORD}@127.0.0.1:{amqp}/%2F",
                "TEST_RABBITMQ_TLS_URL": f"amqps://{USER}:{PASSWORD}@localhost:{amqps}/%2F",
                "TEST_RABBITMQ_API": f"http://{USER}:{PASSWORD}@127.0.0.1:{api}/api"}

    def wipe(self):
        for queue in json.loads(self._call("GET", "/queues/%2F")[1]):
            status, answer = self._call("DELETE", f"/queues/%2F/{queue['name']}")
            # One that a dying client has just let go of is gone by itself.
            if status >= 300 and status != 404:
                raise RuntimeError(f"RabbitMQ kept the queue {queue['name']}: {status} {answer.decode()}")

    def client(self):
        return [f"{_PROGRAMS}/rabbitmqctl"], self._environment

    def _call(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.run.port("rabbitmq-api"), timeout=20)
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        try:
            connection.request(method, f"/api{path}", headers={"Authorization": f"Basic {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
