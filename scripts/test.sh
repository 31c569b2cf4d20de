#!/usr/bin/env bash
# Every check there is: format, shell scripts, the Swift tests, the deployment to AWS, the built binary over HTTP, in a
# browser and by its clients, and a fleet of it whose parts are killed. The tests talk to real servers, which are started
# for them and ended after them.
# Arguments go to `swift test`: scripts/test.sh --filter Resize
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"

step() { say "== $*"; }
scratch=$(mktemp -d)
# The servers' own user has to reach its data below it; nobody else can list it.
chmod 711 "$scratch"
export TEST_SERVICES_DIR=$scratch/services
starting=
pages=
# Whatever happens, the servers of this run end, those that are still starting too.
finish() {
  [ -z "$starting" ] || wait "$starting" || true
  [ -z "$pages" ] || wait "$pages" || true
  scripts/services clean || true
  rm -rf "$scratch"
}
trap finish EXIT

require_swift
install_build_packages
# procps has pkill, which ends tests that hang.
install_packages procps python3
command -v shellcheck >/dev/null || install_packages shellcheck

step format
swift format lint --strict --recursive Sources Tests Package.swift

step scripts
shellcheck -x start.sh .ci/run scripts/*.sh
PYTHONPYCACHEPREFIX=$scratch python3 -m compileall -q scripts

step servers
scripts/services install
# They start while Swift builds.
scripts/services start &
starting=$!

step "swift build"
swift build --build-tests

wait "$starting" || die "not all servers came up"
starting=
variables=$(scripts/services env)
eval "$variables"

run_tests() { python3 scripts/swift_tests.py --skip-build "$@"; }

if [ $# -gt 0 ]; then
  step "swift test $*"
  run_tests "$@"
else
  # One after the other: tests that hold a server to its time-outs cannot share two cores with all others, and those that
  # kill a server must be alone with it.
  kills="server dies"
  targets=$(swift package describe --type json | python3 -c '
import json, sys
print(*(target["name"] for target in json.load(sys.stdin)["targets"] if target["type"] == "test"))')
  for target in $targets; do
    step "swift test: $target"
    # What nobody has written is no zeros then, so that whoever reads it shows in a picture.
    case $target in CodecsTests | RenderingTests) export MALLOC_PERTURB_=165 ;; *) unset MALLOC_PERTURB_ ;; esac
    run_tests --filter "^$target\\." --skip "$kills"
  done
  step "swift test: servers that die"
  run_tests --filter "$kills"
fi

binary=$(swift build --show-bin-path)/tintype

step documents
python3 scripts/check_documents.py "$binary"

step docker-compose.yml
require_python scripts/compose-requirements.txt
"$python" scripts/check_compose.py "$binary"

# A browser waits most of the time, and so do the steps that follow: they run beside it.
install_packages curl jq
# Ubuntu has no package of it: what is there already will do.
command -v chromedriver >/dev/null || install_packages chromium chromium-driver
require_python scripts/pages-requirements.txt
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts "$python" -m pages "$binary" >"$scratch/pages" 2>&1 &
pages=$!

step "what brings it to AWS"
scripts/verify-deploy.sh "$binary"

step "its tasks, as ECS runs them"
install_packages bubblewrap
bwrap --unshare-user --unshare-pid --ro-bind / / --proc /proc true || die "bubblewrap may make no namespaces here"
python3 scripts/ecs_tasks.py "$binary"

step "the service over HTTP"
python3 scripts/smoke.py "$binary"
step "the same, contained"
python3 scripts/smoke.py "$binary" --contained

step "the service's clients"
install_packages curl jq
command -v node >/dev/null || install_packages nodejs
require_python scripts/clients-requirements.txt
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts "$python" -m clients "$binary"

step "the service as its description has it"
require_python scripts/openapi-requirements.txt
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts "$python" -m contract "$binary"

step "its pages, in a browser"
wait "$pages" || failed=1
pages=
cat "$scratch/pages"
[ -z "${failed:-}" ] || die "a page does not do what it should"

step "a fleet whose parts die"
# It starts servers of its own, and wants the machine to itself.
scripts/services clean
scripts/chaos.sh --short --binary "$binary"
