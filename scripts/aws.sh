# Shared by the scripts for Amazon's cloud; read with `source`, after common.sh.
# shellcheck shell=bash

[ "${BASH_VERSINFO[0]}" -ge 4 ] || die "bash 4 or later is needed; macOS has 3: brew install bash"

dry_run=
# Prints the comment at the head of the script that runs.
usage() { sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; }
wrong_usage() {
  usage >&2
  exit 64
}

# Changes nothing in a dry run, only says what it would do.
run() { if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi; }

need_tools() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is needed and not installed"
  done
}

# Sets `account` and `region`, or says what is missing.
enter_aws() {
  region=$(aws configure get region || true)
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$region}}
  [ -n "$region" ] || die "no region: set AWS_REGION"
  # The first version of the command line reads one of them, the second the other. And neither shall open a pager.
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=''
  # shellcheck disable=SC2034  # for those who read this
  account=$(aws sts get-caller-identity --query Account --output text 2>/dev/null) ||
    die "no usable AWS credentials: aws sts get-caller-identity says why"
}

# What the newest template made, as a list of OutputKey and OutputValue; fails where there is no such stack.
stack_outputs() {
  aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].Outputs' --output json 2>/dev/null
}
stack_status() {
  aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>/dev/null || true
}
stack_failures() {
  aws cloudformation describe-stack-events --stack-name "$1" --output text --max-items 20 \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2 || true
}

# The digest that a tag of a repository has; fails where there is no such tag.
image_digest() {
  aws ecr describe-images --repository-name "$1" --image-ids imageTag="$2" \
    --query 'imageDetails[0].imageDigest' --output text 2>/dev/null | grep '^sha256:'
}
# Of the working directory.
revision() { git rev-parse --short=12 HEAD; }
