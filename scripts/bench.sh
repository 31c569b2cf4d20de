#!/usr/bin/env bash
# Measures Tintype beside what else could be used, on the machine at hand, and prints tables.
#
#   scripts/bench.sh [http|engine|store|all] [--quick]
#
#   http     start, memory, jobs a second, latency, uploads, beside the same service built of FastAPI, Celery, Redis
#            and Pillow (scripts/bench/reference), whose Redis keeps its queue in memory alone, while ours is in
#            files that outlive the process (SYNC_WRITES=1 in the environment: on the disk before it is answered)
#   engine   `tintype render` beside libvips' vipsthumbnail, one thread each
#   store    whether 20,000 jobs make anything slower than 20
#
#   BENCH_PICTURE=photo.jpg measures the engine on a picture of yours. Needs Debian or Ubuntu, and the
# machine to itself.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_release
# redis-tools holds the server's program without the service that redis-server would start on this machine: it is one
# program that acts by the name it is called by.
install_packages gcc libc6-dev libvips-tools python3-venv redis-tools
tools=$root/.build/bench
mkdir -p "$tools"
ln -sf "$(command -v redis-check-rdb)" "$tools/redis-server"
cc -O2 -pthread -o "$tools/load" "$root/scripts/bench/load.c"
requirements=$root/scripts/bench/reference/requirements.txt
if ! cmp -s "$requirements" "$tools/venv/requirements.txt"; then
  say "installing the reference"
  python3 -m venv --clear "$tools/venv"
  "$tools/venv/bin/pip" -q --disable-pip-version-check install -r "$requirements" >&2
  cp "$requirements" "$tools/venv/"
fi

PYTHONDONTWRITEBYTECODE=1 exec "$tools/venv/bin/python" "$root/scripts/bench/run.py" \
  --binary "$binary" --load "$tools/load" --redis "$tools/redis-server" "$@"
