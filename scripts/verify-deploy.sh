#!/usr/bin/env bash
# Checks what brings Tintype to AWS without an account: lints the templates, holds ecs/, infra/, the Dockerfile and
# docker-compose.yml against the program's own settings, and rehearses deployments, failures included, in a cloud on
# loopback. Pushes nothing.
#
#   scripts/verify-deploy.sh path/to/tintype [--dry-run]
#
#   --dry-run   only says what would be checked
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/aws.sh
source "$root/scripts/aws.sh"

case ${1-} in
  --help) usage && exit ;;
  '' | -*) wrong_usage ;;
esac
binary=$(realpath "$1")
cd "$root"
command -v git >/dev/null || install_packages git
require_python scripts/deploy-requirements.txt
PATH=$(dirname "$python"):$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts \
  exec "$python" -W ignore -m deployment "$binary" "${@:2}"
