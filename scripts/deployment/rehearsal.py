"""A deployment and what may befall it, by the project's own scripts, in a cloud on loopback."""

import ast
import json
import os
import subprocess
import sys
import tempfile
from fnmatch import fnmatchcase

from . import cloud

ROLES = ("api", "worker")
# What the program asks of S3 and of the agent of ECS, and ECS of AWS before it starts a task.
S3_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
PROTECTION = ("ecs:UpdateTaskProtection",)
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
WRITE_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
# Does nothing, and says so.
SHIM = '#!/bin/sh\necho "docker $*" >>"$DOCKER_CALLS"\n'
# A work tree may have changes while it is worked on.
GIT = '#!/bin/sh\n[ "$1" = status ] && exit\nPATH=${PATH#*:} exec git "$@"\n'


class Rehearsal:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()  # goes with this object
        self.scratch = self.folder.name
        for name, text in (("docker", SHIM), ("git", GIT)):
            path = os.path.join(self.scratch, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ECR_"))}
        self.environment = kept | cloud.KEYS | {
            "PATH": f"{self.scratch}:{os.environ['PATH']}", "DOCKER_CALLS": f"{self.scratch}/calls",
            "AWS_ENDPOINT_URL": cloud.url(), "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "CERTIFICATE_ARN": cloud.client("acm").request_certificate(DomainName="pictures.example")["CertificateArn"],
            "DATABASE": "multi-zone", "PUBLIC_URL": "https://pictures.example", "ALARM_EMAIL": "you@pictures.example",
            "DEPLOY_TIMEOUT": "0"}
        self.images = 0

    def run(self, *command, answer="", **environment):
        self.last = subprocess.run(
            command, env=self.environment | environment, input=answer, capture_output=True, text=True, check=False)
        return self.last

    def outputs(self, environment="prod"):
        stacks = cloud.client("cloudformation").describe_stacks(
            StackName=f"tintype-{environment}-foundation")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def image(self):
        """Another one each time."""
        self.images += 1
        return f"{self.outputs()['RepositoryUri']}@sha256:{self.images:064}"

    def running(self):
        services = cloud.client("ecs").describe_services(
            cluster="tintype-prod", services=[f"tintype-{role}" for role in ROLES])["services"]
        return {service["serviceName"].removeprefix("tintype-"): service["taskDefinition"] for service in services}

    def revisions(self):
        return {role: int(arn.split(":")[-1]) for role, arn in self.running().items()}

    def expect_exit(self, code, words=""):
        if self.last.returncode != code or words not in self.last.stderr:
            yield f"exit {self.last.returncode}, not {code} with “{words}”: {self.last.stderr[-1500:]}"

    # --- The checks, in order ---

    def says_what_is_missing(self):
        for script in ("deploy.sh", "destroy.sh", "ecr-push.sh"):
            words = ["service"] if script == "deploy.sh" else []
            self.run("/bin/bash", f"scripts/{script}", *words, PATH=self.only("dirname", "sed", "git"))
            yield from self.expect_exit(1, "aws is needed and not installed")
            self.run(f"scripts/{script}", *words, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
            yield from self.expect_exit(1, "no usable AWS credentials")
            if len(self.last.stderr.strip().splitlines()) != 1:
                yield f"{script} says more than one line: {self.last.stderr}"
        self.run("scripts/deploy.sh", "service")
        yield from self.expect_exit(1, "no stack tintype-prod-foundation")

    def only(self, *tools):
        folder = os.path.join(self.scratch, "only")
        os.makedirs(folder, exist_ok=True)
        for tool in tools:
            path = os.path.join(folder, tool)
            if not os.path.exists(path):
                os.symlink(subprocess.check_output(["which", tool], text=True).strip(), path)
        return folder

    def names_its_checks(self):
        self.run("scripts/verify-deploy.sh", sys.argv[1], "--dry-run")
        yield from self.expect_exit(0)
        if missing := CHECKS.keys() - set(self.last.stdout.splitlines()):
            yield f"a dry run does not name {missing}"

    def makes_the_foundation(self):
        self.run("scripts/deploy.sh", "foundation", "--dry-run")
        yield from self.expect_exit(0, "would run: aws cloudformation deploy")
        if cloud.client("cloudformation").describe_stacks()["Stacks"]:
            yield "a dry run made a stack"
        self.run("scripts/deploy.sh", "foundation")
        yield from self.expect_exit(0)
        values = {name: self.secret(f"{name}Secret") for name in ("RedisUrl", "DatabaseUrl")}
        if not values["RedisUrl"].startswith("rediss://:") or not values["RedisUrl"].endswith(":6379/0"):
            yield "REDIS_URL is no URL with TLS and a password"
        if "://tintype:" not in values["DatabaseUrl"] or not values["DatabaseUrl"].endswith("?sslmode=require"):
            yield "DATABASE_URL is no URL with TLS and a password"

    def makes_another_beside_it(self):
        """As cheap as a trial may be: another environment, with as little as there can be."""
        little = {"ENVIRONMENT": "trial", "CERTIFICATE_ARN": "", "PUBLIC_URL": "", "DATABASE": "none", "TASKS_IN": "public",
                  "CACHE_NODES": "1"}
        self.run("scripts/deploy.sh", "foundation", **little)
        yield from self.expect_exit(0)
        outputs = self.outputs("trial")
        if not outputs["PublicUrl"].startswith("http://") or outputs["DatabaseUrlSecret"]:
            yield f"a trial has {outputs}"
        if shared := set(outputs.values()) & set(self.outputs().values()) - {"ENABLED", "DISABLED", ""}:
            yield f"both environments have {shared}"

    def secret(self, name):
        return cloud.client("secretsmanager").get_secret_value(SecretId=self.outputs()[name])["SecretString"]

    def pushes_nothing_in_a_dry_run(self):
        self.run("scripts/ecr-push.sh", "--dry-run")
        yield from self.expect_exit(0, "--platform linux/amd64,linux/arm64")
        if "would run: docker buildx build" not in self.last.stderr or "--push" not in self.last.stderr:
            yield f"no push would be: {self.last.stderr}"
        with open(f"{self.scratch}/calls", encoding="utf-8") as file:
            if calls := [line for line in file if " login " in line or " build --" in line or " push " in line]:
                yield f"a dry run did {calls}"
        # What is there is not built again.
        revision = subprocess.check_output(["git", "rev-parse", "--short=12", "HEAD"], text=True).strip()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": f"sha256:{0:064}", "size": 1}, "layers": []}
        pushed = cloud.client("ecr").put_image(
            repositoryName="tintype-prod", imageTag=revision, imageManifest=json.dumps(manifest))
        digest = pushed["image"]["imageId"]["imageDigest"]
        self.run("scripts/ecr-push.sh")
        yield from self.expect_exit(0, "is there already")
        if not self.last.stdout.strip().endswith(f"/tintype-prod@{digest}"):
            yield f"the digest is {digest}, and it printed {self.last.stdout}"

    def deploys_the_services(self):
        # Without an image: the one of this revision.
        self.run("scripts/deploy.sh", "service")
        yield from self.expect_exit(0, "running at https://pictures.example")
        if self.revisions() != {"api": 1, "worker": 1}:
            yield f"{self.running()} run"
        rendered = self.rendered()
        for role in ROLES:
            asked = dict(cloud.services[f"tintype-{role}"])
            told = rendered[f"service-{role}.json"]
            del told["desiredCount"]
            told["taskDefinition"] = self.running()[role]
            if asked != told:
                yield f"infra/service.yaml and ecs/service-{role}.json differ: {difference(asked, told)}"
        told = [content for name, content in rendered.items() if name.startswith("scaling-")]
        for scaled in cloud.scaling:
            if scaled not in told:
                yield f"infra/service.yaml asks for {scaled}, which no file of ecs/ says"
        if len(cloud.scaling) != len(told):
            yield "ecs/ holds scaling that infra/service.yaml does not"
        alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
        for alarm in ("DeadLetters", "OldestJob", "ServerError", "NoWorkers", "NoApi"):
            if not any(f"{alarm}Alarm" in found["AlarmName"] for found in alarms):
                yield f"no alarm {alarm}"
        json.loads(cloud.client("cloudwatch").get_dashboard(DashboardName="tintype-prod")["DashboardBody"])

    def rendered(self):
        values = f"{self.scratch}/values.json"
        with open(values, "w", encoding="utf-8") as file:
            json.dump(self.outputs() | {"ApiTaskDefinition": "", "WorkerTaskDefinition": ""}, file)
        names = [name for name in os.listdir("ecs") if name.startswith(("service-", "scaling-"))]
        folder = f"{self.scratch}/rendered"
        os.makedirs(folder, exist_ok=True)
        self.run("scripts/render_ecs.py", "--values", values, "--into", folder, *(f"ecs/{name}" for name in names))
        rendered = {}
        for name in names:
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                rendered[name] = json.load(file)
        return rendered

    def roles_allow_what_is_needed(self):
        outputs = self.outputs()
        bucket = f"arn:aws:s3:::{outputs['BucketName']}"
        prefix = outputs["StorageUrl"].removeprefix(f"s3://{outputs['BucketName']}/")
        repository = f"arn:aws:ecr:eu-central-1:123456789012:repository/{outputs['RepositoryUri'].split('/', 1)[1]}"
        allowed = {role: self.allowed(outputs[f"{role}RoleArn"]) for role in ("Execution", "ApiTask", "WorkerTask")}
        needed = [("Execution", ("ecr:GetAuthorizationToken",), "*"), ("Execution", PULL, repository)]
        for role in ROLES:
            task = cloud.client("ecs").describe_task_definition(taskDefinition=f"tintype-prod-{role}")["taskDefinition"]
            [container] = task["containerDefinitions"]
            group = container["logConfiguration"]["options"]["awslogs-group"]
            needed.append(
                ("Execution", WRITE_LOG, f"arn:aws:logs:eu-central-1:123456789012:log-group:{group}:log-stream:a"))
            needed += [("Execution", ("secretsmanager:GetSecretValue",), secret["valueFrom"])
                       for secret in container["secrets"]]
            needed += [(f"{role.title()}Task", S3_OBJECTS, f"{bucket}/{prefix}/results/a"),
                       (f"{role.title()}Task", ("s3:ListBucket",), bucket)]
        needed.append(("WorkerTask", PROTECTION, "arn:aws:ecs:eu-central-1:123456789012:task/tintype-prod/a"))
        for role, actions, resource in needed:
            for action in actions:
                if not any(action == a and fnmatchcase(resource, r) for a, r in allowed[role]):
                    yield f"{role}Role may not {action} on {resource}"
        used = {(role, action) for role, actions, _ in needed for action in actions}
        for role, action in {(role, action) for role in allowed for action, _ in allowed[role]} - used:
            yield f"{role}Role may {action}, which nothing needs"
        for role in allowed:
            for action, resource in allowed[role]:
                if resource == "*" and action != "ecr:GetAuthorizationToken":
                    yield f"{role}Role may {action} everywhere"

    def allowed(self, arn):
        """Pairs of an action and a resource."""
        iam, name = cloud.client("iam"), arn.split("/")[-1]
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]]
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            documents.append(
                iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"])
        # moto keeps some as Python prints them.
        documents = [ast.literal_eval(text) if isinstance(text, str) else text for text in documents]
        return [
            (action, resource) for document in documents for statement in listed(document["Statement"])
            for action in listed(statement["Action"]) for resource in listed(statement["Resource"])]

    def rolls_back_what_is_not_stable(self):
        cloud.outcome = "stuck"
        self.run("scripts/deploy.sh", "service", self.image())
        cloud.outcome = "done"
        yield from self.expect_exit(1, "is not stable in time")
        yield from self.expect_exit(1, "rolled back to")
        if self.revisions() != {"api": 1, "worker": 1}:
            yield f"{self.running()} run"

    def says_so_where_ecs_rolled_back(self):
        cloud.outcome = "breaker"
        self.run("scripts/deploy.sh", "service", self.image())
        cloud.outcome = "done"
        yield from self.expect_exit(1, "ECS has put back")

    def goes_forth_and_back(self):
        self.run("scripts/deploy.sh", "service", self.image())
        yield from self.expect_exit(0)
        if self.revisions() != {"api": 4, "worker": 4}:
            yield f"{self.running()} run, not the fourth"
        # The second and third never ran: they are not gone back to.
        self.run("scripts/deploy.sh", "rollback")
        yield from self.expect_exit(0, "rolled back to")
        if self.revisions() != {"api": 1, "worker": 1}:
            yield f"{self.running()} run, not the first"

    def asks_before_it_destroys(self):
        self.run("scripts/destroy.sh", answer="no\n")
        yield from self.expect_exit(1, "nothing was deleted")
        # moto does not know EmptyOnDelete.
        ecr = cloud.client("ecr")
        ecr.batch_delete_image(
            repositoryName="tintype-prod", imageIds=ecr.list_images(repositoryName="tintype-prod")["imageIds"])
        self.run("scripts/destroy.sh", "--data", answer="prod\n")
        yield from self.expect_exit(0)
        stacks = [stack["StackName"] for stack in cloud.client("cloudformation").describe_stacks()["Stacks"]]
        buckets = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
        if stacks != ["tintype-trial-foundation"] or buckets != [self.outputs("trial")["BucketName"]]:
            yield f"of all but the trial, {stacks} and {buckets} are still there"


def listed(value):
    return value if isinstance(value, list) else [value]


def difference(one, other):
    return {key: (one.get(key), other.get(key)) for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


# In order.
CHECKS = {
    "one line says which tool, credential or stack is missing": Rehearsal.says_what_is_missing,
    "a dry run of these checks names them and makes none": Rehearsal.names_its_checks,
    "the foundation stands, and a dry run makes nothing": Rehearsal.makes_the_foundation,
    "another environment stands beside it": Rehearsal.makes_another_beside_it,
    "ecr-push builds both architectures, and no revision twice": Rehearsal.pushes_nothing_in_a_dry_run,
    "the services are what infra/ and ecs/ both say": Rehearsal.deploys_the_services,
    "the roles allow what is needed and no more": Rehearsal.roles_allow_what_is_needed,
    "what does not become stable is rolled back": Rehearsal.rolls_back_what_is_not_stable,
    "what ECS rolled back by itself is no success": Rehearsal.says_so_where_ecs_rolled_back,
    "a new image goes out, and back to the last that ran": Rehearsal.goes_forth_and_back,
    "destroy asks, then leaves nothing but the other environment": Rehearsal.asks_before_it_destroys,
}
