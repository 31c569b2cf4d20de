#!/usr/bin/env bash
# Every check there is: format, shell scripts, task definitions, the Swift tests, and the built binary over HTTP.
# Arguments go to `swift test`: scripts/test.sh --filter Resize
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"

step() { say "== $*"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

require_swift
install_build_packages
install_packages python3
command -v shellcheck >/dev/null || install_packages shellcheck

step format
swift format lint --strict --recursive Sources Tests Package.swift

step scripts
shellcheck -x start.sh .ci/run scripts/*.sh
PYTHONPYCACHEPREFIX=$scratch python3 -m compileall -q scripts

step "task definitions"
python3 scripts/check_tasks.py ecs/task-definition-*.json

step "swift test"
swift test "$@" 2>&1 | tee "$scratch/log"
# A filter that matches nothing, or a test target that is not built, would pass as well.
grep -qE 'Test run with [1-9][0-9]* tests? .*passed' "$scratch/log" || die "no Swift test ran"

binary=$(swift build --show-bin-path)/tintype

step documents
python3 scripts/check_documents.py "$binary"

step "the service over HTTP"
python3 scripts/smoke.py "$binary"
