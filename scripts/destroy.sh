#!/usr/bin/env bash
# Takes away what scripts/deploy.sh made. Asks first. The bucket with the pictures stays, and so do a last snapshot of Redis
# and of PostgreSQL; all three go on costing a little.
#
#   scripts/destroy.sh [--data] [--yes] [--dry-run]
#
#   --data        the bucket too, with every picture in it
#   --yes         does not ask
#   ENVIRONMENT   which one (prod)
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/aws.sh
source "$root/scripts/aws.sh"

with_data='' sure=''
for word in "$@"; do
  case $word in
    --data) with_data=1 ;;
    --yes) sure=1 ;;
    --dry-run) dry_run=1 ;;
    --help) usage && exit ;;
    *) wrong_usage ;;
  esac
done

need_tools aws
enter_aws
environment=${ENVIRONMENT:-prod}
foundation=tintype-$environment-foundation
service=tintype-$environment-service

bucket=$(aws cloudformation describe-stacks --stack-name "$foundation" --output text \
  --query "Stacks[0].Outputs[?OutputKey=='BucketName'].OutputValue | [0]" 2>/dev/null) || bucket=
[ -n "$bucket" ] || [ -n "$(stack_status "$service")" ] || die "there is no $foundation in $region of account $account"

say "this deletes, in $region of account $account:"
say "  $service: the services, alarms, dashboard"
say "  $foundation: load balancer, Redis, PostgreSQL, images, logs, secrets, network"
[ -z "$with_data" ] || say "  s3://$bucket with every picture in it"
if [ -z "$sure$dry_run" ]; then
  printf 'type %s to go on: ' "$environment" >&2
  answer=
  read -r answer || true
  [ "$answer" = "$environment" ] || die "nothing was deleted"
fi

for stack in "$service" "$foundation"; do
  [ -n "$(stack_status "$stack")" ] || continue
  run aws cloudformation delete-stack --stack-name "$stack"
  run aws cloudformation wait stack-delete-complete --stack-name "$stack" || {
    stack_failures "$stack"
    die "$stack could not be deleted; the lines above say why"
  }
done
for family in "tintype-$environment-api" "tintype-$environment-worker"; do
  for arn in $(aws ecs list-task-definitions --family-prefix "$family" --query 'taskDefinitionArns[]' --output text); do
    run aws ecs deregister-task-definition --task-definition "$arn" >/dev/null
  done
done
if [ -n "$with_data" ] && [ -n "$bucket" ]; then
  run aws s3 rm "s3://$bucket" --recursive --only-show-errors
  run aws s3 rb "s3://$bucket" >&2
elif [ -n "$bucket" ]; then
  say "s3://$bucket is still there"
fi
