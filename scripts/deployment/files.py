"""What can be seen in the files alone. Each check yields what is wrong."""

import glob
import json
import os
import re
import subprocess
import tempfile

import botocore.session
from botocore.validate import ParamValidator
from cfnlint.decode import cfn_yaml

AWS_OWN = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY$|REDIS_URL|DATABASE_URL|RABBITMQ_URL")
# Which call takes which file.
CALLS = {
    "task-definition-*.json": ("ecs", "RegisterTaskDefinition"),
    "service-*.json": ("ecs", "CreateService"),
    "scaling-api.json": ("application-autoscaling", "RegisterScalableTarget"),
    "scaling-worker.json": ("application-autoscaling", "RegisterScalableTarget"),
    "scaling-*-*.json": ("application-autoscaling", "PutScalingPolicy"),
}
# What foundation.yaml and a deployment would fill in.
SAMPLES = {
    "ImageUri": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/tintype@sha256:" + "0" * 64,
    "AwsRegion": "eu-central-1", "Environment": "prod", "ClusterName": "tintype-prod", "PublicUrl": "https://pictures.example",
    "StorageUrl": "s3://pictures/redis", "SubnetA": "subnet-0a", "SubnetB": "subnet-0b", "AssignPublicIp": "DISABLED",
    "ApiSecurityGroup": "sg-0a", "WorkerSecurityGroup": "sg-0b", "ApiLogGroup": "/tintype/prod/api",
    "WorkerLogGroup": "/tintype/prod/worker", "LoadBalancerFullName": "app/a/1", "TargetGroupFullName": "targetgroup/a/1",
    "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/1",
} | {
    f"{name}Arn": f"arn:aws:iam::123456789012:role/{name}" for name in ("ExecutionRole", "ApiTaskRole", "WorkerTaskRole")
} | {
    f"{name}Secret": f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-abcdef"
    for name in ("RedisUrl", "DatabaseUrl", "AdminToken")
} | {
    f"{name}TaskDefinition": f"arn:aws:ecs:eu-central-1:123456789012:task-definition/tintype-{name.lower()}:1"
    for name in ("Api", "Worker")
}


class Project:
    """The files, rendered and parsed, and what the program says of itself."""

    def __init__(self, binary):
        self.settings = set(re.findall(r"^(\w+)=", output(binary, "config"), re.M))
        self.commands = set(re.findall(r"^  (\w+)  ", output(binary, "--help"), re.M)) | {"serve"}
        sources = "".join(read(path) for path in glob.glob("Sources/Server/Routes/*.swift"))
        self.routes = set(re.findall(r'Route\(\.\w+, "([^"]+)"', sources))
        self.keep_alive = int(re.search(r"keepAlive\w*.*?seconds\((\d+)\)", swift("Sources/Server"))[1])
        dockerfile = read("Dockerfile")
        self.user = re.search(r"^USER (\S+)", dockerfile, re.M)[1]
        self.environment = dict(
            pair.split("=") for pair in re.search(r"^ENV (.*)", dockerfile, re.M)[1].split())
        self.exposed = re.search(r"^EXPOSE (\d+)", dockerfile, re.M)[1]
        self.volume = re.search(r"^VOLUME (\S+)", dockerfile, re.M)[1]
        self.entrypoint = json.loads(re.search(r"^ENTRYPOINT (.*)", dockerfile, re.M)[1])
        self.health_check = json.loads(re.search(r"^HEALTHCHECK .*?CMD (\[.*\])", dockerfile, re.M)[1])
        with tempfile.TemporaryDirectory() as folder:
            values = os.path.join(folder, "values")
            with open(values, "w", encoding="utf-8") as file:
                json.dump(SAMPLES, file)
            paths = [path for path in glob.glob("ecs/*.json") if not path.endswith("defaults.json")]
            subprocess.run(
                ["python3", "scripts/render_ecs.py", "--values", values, "--into", folder, *paths], check=True)
            self.files = {os.path.basename(path): json.loads(read(os.path.join(folder, os.path.basename(path))))
                          for path in paths}
        self.tasks = {role: self.files[f"task-definition-{role}.json"] for role in ("api", "worker")}
        self.foundation = cfn_yaml.load("infra/foundation.yaml")["Resources"]
        self.service = cfn_yaml.load("infra/service.yaml")["Resources"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def swift(folder):
    return "".join(read(path) for path in glob.glob(f"{folder}/**/*.swift", recursive=True))


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def as_template(task):
    """A task definition as CloudFormation spells it."""
    def spelled(node):
        if isinstance(node, dict):
            return {key[0].upper() + key[1:]: value if key == "options" else spelled(value) for key, value in node.items()}
        return [spelled(item) for item in node] if isinstance(node, list) else node
    return {"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": spelled(task)}}}


def lint(project):
    with tempfile.TemporaryDirectory() as folder:
        paths = ["infra/foundation.yaml", "infra/service.yaml"]
        for role, task in project.tasks.items():
            paths.append(os.path.join(folder, f"{role}.json"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                json.dump(as_template(task), file)
        found = subprocess.run(["cfn-lint", *paths], capture_output=True, text=True, check=False)
        yield from (found.stdout + found.stderr).strip().split("\n\n") if found.returncode else []


def fit_their_calls(project):
    session = botocore.session.get_session()
    for pattern, (service, operation) in CALLS.items():
        shape = session.get_service_model(service).operation_model(operation).input_shape
        for name, content in project.files.items():
            if re.fullmatch(pattern.replace("*", r"[a-z]+"), name):
                report = ParamValidator().validate(content, shape)
                if report.has_errors():
                    yield f"{name}: {report.generate_report()}"


def tasks_fit_the_program(project):
    for role, task in project.tasks.items():
        [container] = task["containerDefinitions"]
        variables = {item["name"]: item["value"] for item in container["environment"]}
        secrets = {item["name"] for item in container["secrets"]}
        grace, stop = int(variables.get("SHUTDOWN_GRACE_SECONDS", 25)), container["stopTimeout"]
        check = container["healthCheck"]
        options = container["logConfiguration"]["options"]
        for is_right, problem in [
            (container["user"] == project.user, f"user is {container['user']}; the Dockerfile says {project.user}"),
            (check["command"] == ["CMD", *project.health_check], "the health check is not the Dockerfile's"),
            (check["timeout"] < check["interval"], "the health check's time-out is not below its interval"),
            (container["readonlyRootFilesystem"] is True, "the root file system is writable"),
            (container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}, "it keeps capabilities"),
            (container["linuxParameters"]["initProcessEnabled"] is True, "nobody reaps children"),
            (container["memory"] == int(task["memory"]),
             "the container has no limit of its own, and the program would count on all of the machine's memory"),
            (stop <= 120, "stopTimeout is over Fargate's 120 seconds"),
            (grace < stop, f"SHUTDOWN_GRACE_SECONDS, {grace}, is not below stopTimeout"),
            (int(variables.get("DRAIN_DELAY_SECONDS", 0)) < grace, "DRAIN_DELAY_SECONDS is not below the grace"),
            (container["command"] == [role] and role in project.commands, f"its command is {container['command']}"),
            (container["name"] == role and task["family"] == f"tintype-prod-{role}", "it has another name than its role"),
            ([item["containerPath"] for item in container["mountPoints"]] == [project.volume],
             f"{project.volume} is no volume"),
            ([str(item["containerPort"]) for item in container["portMappings"]] == [project.environment["PORT"]],
             f"its port is not {project.environment['PORT']}"),
            (options.get("mode") == "non-blocking" and options["awslogs-group"] == f"/tintype/prod/{role}",
             "its log blocks or goes elsewhere"),
            (len(container["environment"]) + len(container["secrets"]) == len(set(variables) | secrets),
             "a variable is set twice"),
            (variables.get("METRICS_EMF") == "1", "it prints no metrics, by which workers are scaled"),
            (not any(map(SECRET.search, variables)), "a secret is in plain sight"),
        ]:
            if not is_right:
                yield f"{role}: {problem}"
        for name in sorted((set(variables) | secrets) - project.settings - AWS_OWN):
            yield f"{role}: the program has no setting {name}"


def image_and_compose_fit_the_program(project):
    for name in set(project.environment) - project.settings:
        yield f"Dockerfile: the program has no setting {name}"
    if project.exposed != project.environment["PORT"]:
        yield f"Dockerfile: EXPOSE {project.exposed} and PORT={project.environment['PORT']} differ"
    if project.environment["DATA_DIR"] != project.volume:
        yield f"Dockerfile: VOLUME {project.volume} and DATA_DIR={project.environment['DATA_DIR']} differ"
    if project.health_check[:1] != project.entrypoint or project.health_check[1] not in project.commands:
        yield f"Dockerfile: {project.health_check} is no command of the program"
    compose = read("docker-compose.yml")
    if f"test: [CMD, {', '.join(project.health_check)}]" not in compose:
        yield "docker-compose.yml: the health check is not the Dockerfile's"
    if f':{project.environment["PORT"]}:{project.environment["PORT"]}"' not in compose:
        yield f"docker-compose.yml: port {project.environment['PORT']} is not published"


def templates_fit_the_program(project):
    port = int(project.environment["PORT"])
    resources = project.foundation
    group = resources["TargetGroup"]["Properties"]
    attributes = {item["Key"]: item["Value"] for item in group["TargetGroupAttributes"]}
    balancer = {item["Key"]: item["Value"] for item in resources["LoadBalancer"]["Properties"]["LoadBalancerAttributes"]}
    stop = project.tasks["api"]["containerDefinitions"][0]["stopTimeout"]
    [inbound] = resources["ApiGroup"]["Properties"]["SecurityGroupIngress"]
    outbound = resources["LoadBalancerToApi"]["Properties"]
    cache = resources["Cache"]["Properties"]
    parameters = resources["CacheParameters"]["Properties"]
    listeners = [resource["Properties"]["Port"] for resource in resources.values()
                 if resource["Type"] == "AWS::ElasticLoadBalancingV2::Listener"]
    for is_right, problem in [
        (group["Port"] == port, f"the target group's port is {group['Port']}, the program's {port}"),
        (group["HealthCheckPath"] == "/health/ready", "the target group does not ask /health/ready"),
        (int(attributes["deregistration_delay.timeout_seconds"]) < stop, "deregistration takes longer than stopTimeout"),
        (group["HealthCheckTimeoutSeconds"] < group["HealthCheckIntervalSeconds"], "the health check overlaps itself"),
        (int(balancer["idle_timeout.timeout_seconds"]) < project.keep_alive,
         f"the load balancer keeps connections as long as the server, {project.keep_alive} s: it would use closed ones"),
        (inbound["FromPort"] == inbound["ToPort"] == port, f"port {port} of the API is closed"),
        (outbound["FromPort"] == outbound["ToPort"] == port, f"the load balancer cannot reach port {port}"),
        (parameters["Properties"] == {"maxmemory-policy": "noeviction"}, "Redis would forget jobs"),
        (cache["AutomaticFailoverEnabled"] == cache["MultiAZEnabled"] == {"Fn::If": ["HasCacheReplica", True, False]},
         "a failover of Redis does not depend on whether there is a replica"),
        # Conditions or not: CloudFormation makes what is new before it takes away what is old.
        (len(set(listeners)) == len(listeners), "two listeners want the same port"),
        (cache["TransitEncryptionEnabled"] is True and "AuthToken" in cache, "Redis is open"),
        (resources["Bucket"]["DeletionPolicy"] == "Retain", "deleting the stack would delete the pictures"),
    ]:
        if not is_right:
            yield f"foundation.yaml: {problem}"
    for name, role in (("ApiService", "api"), ("WorkerService", "worker")):
        service = project.service[name]["Properties"]
        [container] = project.tasks[role]["containerDefinitions"]
        for balanced in service.get("LoadBalancers", []):
            ports = [mapping["containerPort"] for mapping in container["portMappings"]]
            if balanced["ContainerName"] != container["name"] or balanced["ContainerPort"] not in ports:
                yield f"service.yaml: {name} balances a container or port that its task definition does not have"
        if bool(service.get("LoadBalancers")) != (role == "api"):
            yield f"service.yaml: {name} is or is not behind the load balancer"
        if service["DeploymentConfiguration"]["DeploymentCircuitBreaker"] != {"Enable": True, "Rollback": True}:
            yield f"service.yaml: {name} does not roll back"
    policies = json.dumps(project.service["WorkerBacklog"]["Properties"])
    if policies.count('"ReturnData": true') != 1:
        yield "service.yaml: exactly one metric of a policy returns data"


def paths_and_metrics_are_the_programs(project):
    files = glob.glob("infra/*") + glob.glob("ecs/*") + ["Dockerfile", "docker-compose.yml", *glob.glob("docs/deploy-*.md")]
    for path in files:
        for route in set(re.findall(r"(?<![\w.-])/health(?:/\w+)?\b", read(path))) - project.routes:
            yield f"{path}: the program has no route {route}"
    source = swift("Sources")
    for text in (read("infra/service.yaml"), read("ecs/scaling-worker-backlog.json")):
        names = set(re.findall(r'"Tintype", "(\w+)"', text)) | set(
            re.findall(r'Namespace"?: "?Tintype"?,?\s+"?MetricName"?: "?(\w+)', text))
        if not names:
            yield "no metric of the program is named any more"
        for name in sorted(name for name in names if f'"{name}"' not in source):
            yield f"the program prints no metric {name}"


CHECKS = {
    "cfn-lint finds nothing in the templates and task definitions": lint,
    "every file of ecs/ is what its call to AWS takes": fit_their_calls,
    "the task definitions fit the program and its image": tasks_fit_the_program,
    "the image and docker-compose.yml fit the program": image_and_compose_fit_the_program,
    "the templates fit the program and the task definitions": templates_fit_the_program,
    "health paths and metrics are those of the program": paths_and_metrics_are_the_programs,
}
