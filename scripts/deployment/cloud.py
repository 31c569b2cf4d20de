"""A cloud on loopback: moto's server, which knows only some of what CloudFormation makes, and what is added to it here. Each
addition hands its properties to boto3, so that names and types are checked as AWS would."""

import json
import re

import boto3
from moto.cloudformation import models as stacks
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.core.utils import pascal_to_camelcase, remap_nested_keys
from moto.ec2.models.vpcs import VPC
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup
from moto.logs.models import LogGroup
from moto.rds.models import DBInstance
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
KEYS = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_REGION": REGION}

# How the next change of a service goes: "done", "stuck" (its tasks never come up) or "breaker" (ECS puts the old one back).
outcome = "done"
# What CloudFormation asked ECS for, by the name of the service, and what it asked for scaling.
services = {}
scaling = []

_server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)


def start():
    _server.start()
    parsing.parse_and_update_resource = _update_unless_condition(parsing.parse_and_update_resource)
    stacks.ChangeSet.apply = _apply_with_outputs(stacks.ChangeSet.apply)
    VPC.delete_from_cloudformation_json = classmethod(_delete_network)
    # An ARN ends with them.
    _answer(FakeLoadBalancer, "LoadBalancerFullName", lambda balancer: balancer.arn.split(":loadbalancer/")[1])
    _answer(FakeTargetGroup, "TargetGroupFullName", lambda group: group.arn.split(":")[-1])
    _answer(LogGroup, "Arn", lambda group: f"{group.arn.removesuffix(':*')}:*")
    _answer(DBInstance, "Endpoint", lambda database: f"{database.db_instance_identifier}.rds.internal")


def stop():
    _server.stop()


def url():
    host, port = _server.get_host_and_port()
    return f"http://{host}:{port}"


def client(service):
    return boto3.client(
        service, endpoint_url=url(), region_name=REGION, aws_access_key_id="rehearsal", aws_secret_access_key="rehearsal")


def _answer(model, attribute, value):
    others = getattr(model, "get_cfn_attribute", None)
    known = model.has_cfn_attr
    model.has_cfn_attr = classmethod(lambda cls, name: name.startswith(attribute) or known(name))
    model.get_cfn_attribute = lambda self, name: value(self) if name.startswith(attribute) else others(self, name)


def _update_unless_condition(update):
    def updated(logical_id, resource_json, resources_map, **rest):
        condition = resource_json.get("Condition")
        if condition and not resources_map.lazy_condition_map[condition]:
            return None
        return update(logical_id, resource_json, resources_map, **rest)
    return updated


def _apply_with_outputs(apply):
    def applied(change_set):
        apply(change_set)
        stack = change_set.stack
        stack.output_map = parsing.OutputMap(stack.resource_map, change_set.template_dict, stack.stack_id)
    return applied


def _delete_network(cls, resource_name, *_, **__):
    """moto forgets the route tables, and then refuses."""
    ec2 = client("ec2")
    for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [resource_name]}])["RouteTables"]:
        if not any(association.get("Main") for association in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    ec2.delete_vpc(VpcId=resource_name)


def _numbers(node):
    """Parameters of templates are texts, which AWS turns into the numbers that a property wants."""
    if isinstance(node, dict):
        return {key: _numbers(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_numbers(item) for item in node]
    return int(float(node)) if isinstance(node, (str, float)) and re.fullmatch(r"\d+(\.0)?", str(node)) else node


def _resolved(text):
    """With the secrets that a template names put in."""
    return re.sub(
        r"\{\{resolve:secretsmanager:(arn:[^}]+)\}\}",
        lambda match: client("secretsmanager").get_secret_value(SecretId=match[1])["SecretString"], text)


class _Added:
    """What becomes of one type: `make` returns what Ref and GetAtt answer."""

    def __init__(self, reference, attributes):
        self.physical_resource_id = reference
        self.attributes = attributes

    def get_cfn_attribute(self, name):
        return self.attributes[name.split(".")[0]]

    @classmethod
    def has_cfn_attr(cls, name):
        return True

    @classmethod
    def cloudformation_type(cls):
        return cls.TYPE

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        return cls(*cls.make(resource_name, cloudformation_json.get("Properties", {})))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        cls.change(original_resource.physical_resource_id, cloudformation_json.get("Properties", {}))
        return original_resource

    @classmethod
    def change(cls, reference, properties):
        pass

    @classmethod
    def delete_from_cloudformation_json(cls, *_, **__):
        pass

    def delete(self, *_, **__):
        pass


class Secret(_Added, CloudFormationModel):
    TYPE = "AWS::SecretsManager::Secret"

    @staticmethod
    def make(name, properties):
        secrets = client("secretsmanager")
        text = properties.get("SecretString")
        if text is None:
            rules = properties["GenerateSecretString"]
            text = secrets.get_random_password(**_numbers(rules))["RandomPassword"]
        return secrets.create_secret(Name=name, SecretString=_resolved(text))["ARN"], {}


class BucketPolicy(_Added, CloudFormationModel):
    TYPE = "AWS::S3::BucketPolicy"

    @staticmethod
    def make(name, properties):
        client("s3").put_bucket_policy(
            Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"]))
        return name, {}


class Egress(_Added, CloudFormationModel):
    TYPE = "AWS::EC2::SecurityGroupEgress"

    @staticmethod
    def make(name, properties):
        properties = _numbers(properties)
        pair = {"GroupId": properties["DestinationSecurityGroupId"], "Description": properties["Description"]}
        client("ec2").authorize_security_group_egress(GroupId=properties["GroupId"], IpPermissions=[
            {key: properties[key] for key in ("IpProtocol", "FromPort", "ToPort")} | {"UserIdGroupPairs": [pair]}])
        return name, {}


class CacheSubnets(_Added, CloudFormationModel):
    TYPE = "AWS::ElastiCache::SubnetGroup"

    @staticmethod
    def make(name, properties):
        client("elasticache").create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription=properties["Description"],
            SubnetIds=properties["SubnetIds"])
        return name, {}


class CacheParameters(_Added, CloudFormationModel):
    TYPE = "AWS::ElastiCache::ParameterGroup"

    @staticmethod
    def make(name, properties):
        return name, {}  # moto has none


class Cache(_Added, CloudFormationModel):
    TYPE = "AWS::ElastiCache::ReplicationGroup"

    @staticmethod
    def make(name, properties):
        properties = _numbers(properties) | {"EngineVersion": properties["EngineVersion"]}
        client("elasticache").create_replication_group(
            ReplicationGroupId=name[-20:], **properties | {"AuthToken": _resolved(properties["AuthToken"])})
        return name[-20:], {"PrimaryEndPoint": f"{name[-20:].lower()}.cache.internal"}


class Service(_Added, CloudFormationModel):
    TYPE = "AWS::ECS::Service"

    @staticmethod
    def asked(properties):
        asked = _numbers(remap_nested_keys(properties, pascal_to_camelcase))
        services[asked["serviceName"]] = asked
        return asked

    @classmethod
    def make(cls, name, properties):
        asked = cls.asked(properties)
        made = client("ecs").create_service(**{"desiredCount": 1} | asked)["service"]
        cls.settle(asked)
        return made["serviceArn"], {"Name": asked["serviceName"], "ServiceArn": made["serviceArn"]}

    @classmethod
    def change(cls, reference, properties):
        asked = cls.asked(properties)
        if outcome != "breaker":
            client("ecs").update_service(
                cluster=asked["cluster"], service=asked["serviceName"], taskDefinition=asked["taskDefinition"])
        cls.settle(asked)

    @staticmethod
    def settle(asked):
        from moto.ecs.models import ecs_backends
        service = ecs_backends["123456789012"][REGION].services[f"{asked['cluster']}:{asked['serviceName']}"]
        service.running_count = 0 if outcome == "stuck" else service.desired_count
        service.deployments[0]["rolloutState"] = "IN_PROGRESS" if outcome == "stuck" else "COMPLETED"

    def delete(self, *_, **__):
        cluster, name = self.physical_resource_id.split("/")[-2:]
        client("ecs").delete_service(cluster=cluster, service=name, force=True)


class ScalableTarget(_Added, CloudFormationModel):
    TYPE = "AWS::ApplicationAutoScaling::ScalableTarget"

    @staticmethod
    def make(name, properties):
        target = _numbers(properties)
        scaling.append(target)
        client("application-autoscaling").register_scalable_target(**target)
        return "|".join((target["ResourceId"], target["ScalableDimension"], target["ServiceNamespace"])), {}


class ScalingPolicy(_Added, CloudFormationModel):
    TYPE = "AWS::ApplicationAutoScaling::ScalingPolicy"

    @staticmethod
    def make(name, properties):
        policy = _numbers(properties)
        target = dict(zip(("ResourceId", "ScalableDimension", "ServiceNamespace"), policy.pop("ScalingTargetId").split("|")))
        policy |= target
        scaling.append(policy)
        return client("application-autoscaling").put_scaling_policy(**policy)["PolicyARN"], {}


class Alarm(_Added, CloudFormationModel):
    TYPE = "AWS::CloudWatch::Alarm"

    @staticmethod
    def make(name, properties):
        client("cloudwatch").put_metric_alarm(AlarmName=name, **_numbers(properties))
        return name, {}


class Dashboard(_Added, CloudFormationModel):
    TYPE = "AWS::CloudWatch::Dashboard"

    @staticmethod
    def make(name, properties):
        client("cloudwatch").put_dashboard(**properties)
        return properties["DashboardName"], {}


class Subscription(_Added, CloudFormationModel):
    TYPE = "AWS::SNS::Subscription"

    @staticmethod
    def make(name, properties):
        return client("sns").subscribe(**properties)["SubscriptionArn"], {}
