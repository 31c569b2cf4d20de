#!/usr/bin/env bash
# Brings Tintype to Amazon ECS, in two stacks of CloudFormation. docs/deploy-aws.md tells the whole way.
#
#   scripts/deploy.sh foundation        network, load balancer, Redis, bucket, repository, roles (infra/foundation.yaml)
#   scripts/deploy.sh service [IMAGE]   task definitions, services, scaling, alarms (infra/service.yaml); IMAGE is what
#                                       scripts/ecr-push.sh printed, and otherwise looked up by the git revision
#   scripts/deploy.sh rollback          the task definitions before those that run
#   --dry-run                           changes nothing, says what it would do and prints the task definitions
#
#   ENVIRONMENT          part of every name (prod)
#   DEPLOY_TIMEOUT       seconds until the services must be stable (1200)
#   any parameter of the templates and any placeholder of ecs/ in upper case: CERTIFICATE_ARN, PUBLIC_URL, TASKS_IN,
#   DATABASE, ARCHITECTURE, WORKER_MAX_TASKS, …. Of a foundation that is there, what is not given stays as it was; what
#   ecs/defaults.json names is as it says there wherever it is not given.
#
# Ends with 1 where the services did not become stable on the new task definitions, after it has put back the old ones.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/aws.sh
source "$root/scripts/aws.sh"
cd "$root"

words=()
for word in "$@"; do
  case $word in
    --dry-run) dry_run=1 ;;
    --help) usage && exit ;;
    -*) wrong_usage ;;
    *) words+=("$word") ;;
  esac
done
step=${words[0]-} image=${words[1]-}
case $step in foundation | service | rollback) ;; *) wrong_usage ;; esac

need_tools aws git python3
enter_aws
export ENVIRONMENT=${ENVIRONMENT:-prod}
foundation=tintype-$ENVIRONMENT-foundation
service=tintype-$ENVIRONMENT-service
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
render() { python3 scripts/render_ecs.py "$@"; }

# Makes or changes a stack; a stack whose first try failed can only be made anew. Parameters that are not named stay as they
# were.
put_stack() {
  local stack=$1 template=$2
  shift 2
  if [ "$(stack_status "$stack")" = ROLLBACK_COMPLETE ]; then
    say "$stack was never whole: it is taken away first"
    run aws cloudformation delete-stack --stack-name "$stack"
    run aws cloudformation wait stack-delete-complete --stack-name "$stack"
  fi
  run aws cloudformation deploy --stack-name "$stack" --template-file "$template" --no-fail-on-empty-changeset \
    --capabilities CAPABILITY_IAM --tags tintype:environment="$ENVIRONMENT" --parameter-overrides "$@" >&2
}
# Sets `parameters` to all that are known of a template's.
know_parameters() {
  render "${values[@]}" --parameters "$1" >"$scratch/parameters" || return
  mapfile -t parameters <"$scratch/parameters"
}

if [ "$step" = foundation ]; then
  values=()
  # Accounts that never had a cluster lack it, and a cluster with Fargate's capacity cannot be made then.
  aws iam get-role --role-name AWSServiceRoleForECS >/dev/null 2>&1 ||
    run aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com >/dev/null || true
  know_parameters infra/foundation.yaml
  put_stack "$foundation" infra/foundation.yaml "${parameters[@]}" || {
    stack_failures "$foundation"
    die "$foundation is as it was; the lines above say why"
  }
  [ -n "$dry_run" ] || aws cloudformation describe-stacks --stack-name "$foundation" \
    --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]' --output text
  exit
fi

stack_outputs "$foundation" >"$scratch/outputs.json" || die "no stack $foundation in $region: scripts/deploy.sh foundation"
output() {
  python3 -c 'import json, sys
print({output["OutputKey"]: output["OutputValue"] for output in json.load(open(sys.argv[1]))}[sys.argv[2]])' \
    "$scratch/outputs.json" "$1"
}
values=(--values "$scratch/outputs.json")
cluster=$(output ClusterName)

# The task definition that a service runs, or nothing.
running() {
  aws ecs describe-services --cluster "$cluster" --services "tintype-$1" --output text \
    --query "services[?status=='ACTIVE'].taskDefinition | [0]" 2>/dev/null | grep '^arn:' || true
}
# Everything as it is wanted now, or as it was but for the task definitions.
put_services() {
  API_TASK_DEFINITION=$1 WORKER_TASK_DEFINITION=$2 know_parameters infra/service.yaml || return
  put_stack "$service" infra/service.yaml "${parameters[@]}"
}
put_back() { put_stack "$service" infra/service.yaml ApiTaskDefinition="$1" WorkerTaskDefinition="$2"; }
# Waits until a service runs a task definition, and that alone. "Stable" would not do: a service is stable too after ECS
# has put back the old one by itself.
settled() {
  local name=tintype-$1 wanted=$2 deadline=$((SECONDS + ${DEPLOY_TIMEOUT:-1200})) state
  while true; do
    state=$(aws ecs describe-services --cluster "$cluster" --services "$name" --output text --query \
      "services[0].[taskDefinition, deployments[?status=='PRIMARY'] | [0].rolloutState, desiredCount == runningCount]")
    case $state in
      "$wanted"$'\t'COMPLETED$'\t'True) return ;;
      "$wanted"$'\t'FAILED*) say "$name: the deployment failed" && break ;;
      "$wanted"*) ;;
      *) say "$name: ECS has put back ${state%%$'\t'*}" && break ;;
    esac
    [ "$SECONDS" -lt "$deadline" ] || { say "$name is not stable in time" && break; }
    sleep 5
  done
  aws ecs describe-services --cluster "$cluster" --services "$name" --output text \
    --query 'services[0].events[:5].[message]' >&2
  return 1
}
# What did not do is no longer offered, so that the task definition before one is always one that did.
deregister() { run aws ecs deregister-task-definition --task-definition "$1" >/dev/null; }
deregister_both() { for arn in "$@"; do deregister "$arn"; done; }

old_api=$(running api) old_worker=$(running worker)

if [ "$step" = rollback ]; then
  [[ $old_api && $old_worker ]] || die "nothing runs on $cluster"
  # The newest that is older than the one that runs.
  before() {
    aws ecs list-task-definitions --family-prefix "tintype-$ENVIRONMENT-$1" --sort DESC --query 'taskDefinitionArns[]' --output text |
      tr '\t' '\n' | awk -F : -v running="${2##*:}" '!found && $NF + 0 < running + 0 { print; found = 1 }'
  }
  api=$(before api "$old_api") worker=$(before worker "$old_worker")
  [[ $api && $worker ]] || die "there is no task definition before those that run"
  put_back "$api" "$worker" || die "CloudFormation could not; $service runs what it ran"
  [ -z "$dry_run" ] || exit 0
  if ! settled worker "$worker" || ! settled api "$api"; then die "$service does not become stable: see the events above"; fi
  deregister_both "$old_api" "$old_worker"
  say "rolled back to $api and $worker"
  exit
fi

if [ -z "$image" ]; then
  repository=$(output RepositoryUri)
  image=$repository@$(image_digest "${repository#*/}" "$(revision)") ||
    die "no image of $(revision) in $repository: scripts/ecr-push.sh"
fi
export IMAGE_URI=$image
mkdir "$scratch/ecs"
render "${values[@]}" --into "$scratch/ecs" ecs/task-definition-*.json
if [ -n "$dry_run" ]; then
  cat "$scratch"/ecs/*.json
  api="the API's new task definition" worker="the workers' new task definition"
  put_services "$api" "$worker"
  exit
fi

register() {
  aws ecs register-task-definition --cli-input-json "file://$scratch/ecs/task-definition-$1.json" \
    --query taskDefinition.taskDefinitionArn --output text
}
api=$(register api) worker=$(register worker)
say "registered $api and $worker, which run $image"

if ! put_services "$api" "$worker"; then
  stack_failures "$service"
  deregister_both "$api" "$worker"
  die "the services did not become stable: CloudFormation has rolled back to ${old_api:-nothing} and ${old_worker:-nothing}"
fi
if ! settled worker "$worker" || ! settled api "$api"; then
  [[ $old_api && $old_worker ]] || die "this was the first deployment: there is nothing to roll back to"
  put_back "$old_api" "$old_worker" || die "rolling back failed as well: see the stack $service"
  deregister_both "$api" "$worker"
  die "rolled back to $old_api and $old_worker"
fi
say "running at $(output PublicUrl)"
