#!/usr/bin/env bash
# Builds the image for both architectures and pushes it to Amazon ECR, under the git revision as its tag, and under the
# version too where no image has that yet. Prints the image's URI with its digest, which is what a task definition names.
#
#   scripts/ecr-push.sh [--dry-run]
#
#   ECR_REPOSITORY   name of the repository, made if it is missing (tintype-ENVIRONMENT, as scripts/deploy.sh makes it)
#   ENVIRONMENT      part of that name (prod)
#   ECR_REGISTRY     host to push to (ACCOUNT.dkr.ecr.REGION.amazonaws.com of the credentials in use)
#   PLATFORMS        what to build for (linux/amd64,linux/arm64; the machine's other one is emulated, which takes an hour)
#
# A tag is never overwritten: a revision that is there already is not built again.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/aws.sh
source "$root/scripts/aws.sh"
cd "$root"

case ${1-} in
  '') ;;
  --dry-run) dry_run=1 ;;
  --help) usage && exit ;;
  *) wrong_usage ;;
esac

need_tools git aws docker
[ -z "$(git status --porcelain)" ] || die "the work tree has changes: commit them, so that the tag says what is inside"
enter_aws

revision=$(revision)
version=$(sed -n 's/.*static let version = "\(.*\)".*/\1/p' Sources/tintype/Tintype.swift)
[ -n "$version" ] || die "no version in Sources/tintype/Tintype.swift"
platforms=${PLATFORMS:-linux/amd64,linux/arm64}
repository=${ECR_REPOSITORY:-tintype-${ENVIRONMENT:-prod}}
registry=${ECR_REGISTRY:-$account.dkr.ecr.$region.amazonaws.com}
image=$registry/$repository

tags=(-t "$image:$revision")
if ! aws ecr describe-repositories --repository-names "$repository" >/dev/null 2>&1; then
  run aws ecr create-repository --repository-name "$repository" --image-tag-mutability IMMUTABLE \
    --image-scanning-configuration scanOnPush=true >/dev/null
  tags+=(-t "$image:$version")
elif digest=$(image_digest "$repository" "$revision"); then
  say "$revision is there already"
  echo "$image@$digest"
  exit 0
elif image_digest "$repository" "$version" >/dev/null; then
  say "$version is another image already: this one is tagged $revision alone"
else
  tags+=(-t "$image:$version")
fi

if [ -z "$dry_run" ]; then
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2 ||
    die "docker login at $registry failed"
fi
arguments=(--build-arg "GIT_SHA=$revision" --build-arg "VERSION=$version" "${tags[@]}")
if docker buildx version >/dev/null 2>&1; then
  # Docker's own builder makes one architecture at a time.
  docker buildx inspect tintype >/dev/null 2>&1 ||
    run docker buildx create --name tintype --driver docker-container >/dev/null
  run docker buildx build --builder tintype --platform "$platforms" --provenance=false "${arguments[@]}" --push . >&2
else
  [[ $platforms != *,* ]] || say "docker buildx is not installed: ${platforms%%,*} alone is built"
  run docker build --platform "${platforms%%,*}" "${arguments[@]}" . >&2
  for tag in "${tags[@]}"; do
    [ "$tag" = -t ] || run docker push "$tag" >&2
  done
fi
[ -z "$dry_run" ] || exit 0
digest=$(image_digest "$repository" "$revision") || die "the registry does not have $revision after the push"
echo "$image@$digest"
