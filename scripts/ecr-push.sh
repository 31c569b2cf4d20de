#!/usr/bin/env bash
# Builds the image and pushes it to Amazon ECR, under the git revision as its tag. Prints the image's URI with its
# digest, which is what a task definition should name.
#
#   scripts/ecr-push.sh [--dry-run]
#
#   ECR_REPOSITORY   name of the repository, made if it is missing (tintype)
#   ECR_REGISTRY     host to push to (ACCOUNT.dkr.ecr.REGION.amazonaws.com of the credentials in use)
#   PLATFORM         what to build for (linux/amd64)
#
# A tag is never overwritten: a revision that is there already is not built again.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"

dry_run=
case ${1-} in
  '') ;;
  --dry-run) dry_run=1 ;;
  *) sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "$0"; [ "$1" = --help ] && exit 0 || exit 64 ;;
esac
# Changes nothing in a dry run, only says what it would do.
run() { if [ -n "$dry_run" ]; then say "would run: $*"; else "$@"; fi; }

for tool in git aws docker; do
  command -v "$tool" >/dev/null || die "$tool is needed and not installed"
done
[ -z "$(git status --porcelain)" ] || die "the work tree has changes: commit them, so that the tag says what is inside"

revision=$(git rev-parse --short=12 HEAD)
repository=${ECR_REPOSITORY:-tintype}
registry=${ECR_REGISTRY-}
region=$(aws configure get region || true)
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$region}}
[ -n "$region" ] || die "no region: set AWS_REGION"
# The first version of the command line reads one of them, the second the other.
export AWS_REGION=$region AWS_DEFAULT_REGION=$region
if [ -z "$registry" ]; then
  account=$(aws sts get-caller-identity --query Account --output text) || die "no usable AWS credentials"
  registry=$account.dkr.ecr.$region.amazonaws.com
fi
image=$registry/$repository

# Prints the digest of what the registry has under this revision; fails where it has nothing.
digest() {
  aws ecr describe-images --repository-name "$repository" --image-ids imageTag="$revision" \
    --query 'imageDetails[0].imageDigest' --output text 2>/dev/null | grep '^sha256:'
}

if ! aws ecr describe-repositories --repository-names "$repository" >/dev/null 2>&1; then
  run aws ecr create-repository --repository-name "$repository" --image-tag-mutability IMMUTABLE \
    --image-scanning-configuration scanOnPush=true >/dev/null
elif pushed=$(digest); then
  say "$revision is there already"
  echo "$image@$pushed"
  exit 0
fi

if [ -z "$dry_run" ]; then
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2
fi
run docker build --platform "${PLATFORM:-linux/amd64}" --build-arg "GIT_SHA=$revision" -t "$image:$revision" . >&2
run docker push "$image:$revision" >&2
[ -n "$dry_run" ] && exit
pushed=$(digest) || die "the registry does not have $revision after the push"
echo "$image@$pushed"
