#!/usr/bin/env bash
# Starts Tintype from its sources: installs the libraries that are missing, builds if anything changed, and runs.
#
#   ./start.sh                  the service: the API and its workers in one process
#   ./start.sh worker           any other command of the binary; `./start.sh --help` lists them
#
# Settings come from the environment and from .env in this folder, which the binary reads itself; .env.example lists
# them. Ctrl-C lets running jobs finish, then ends.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

build_release
# The service finds .env and ./data here, wherever it is started from; these two are given paths as their user sees them.
case ${1-} in render | describe) ;; *) cd "$root" ;; esac
exec "$binary" "$@"
