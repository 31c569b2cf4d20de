#!/usr/bin/env bash
# Measures Tintype beside what else could be used, on the machine at hand, and prints tables.
#
#   scripts/bench.sh [http|engine|store|monitor|all] [--quick]
#   scripts/bench.sh fleet [--quick] [--pairing store[+queue][+s3]]…
#
#   http     start, memory, jobs a second, latency, uploads, beside the same service built of FastAPI, Celery, Redis
#            and Pillow (scripts/bench/reference), whose Redis keeps its queue in memory alone, while ours is in
#            files that outlive the process (SYNC_WRITES=1 in the environment: on the disk before it is answered)
#   engine   milliseconds, pictures a second, memory and PSNR of many kinds of work, beside libvips (pyvips), Pillow,
#            OpenCV and ImageMagick, and beside the bare libraries that decode and encode; and `tintype render` beside
#            vipsthumbnail. Each in turn, on one core and on all; goals that are missed are listed. Its pictures are made
#            once, in .build/bench. Takes half an hour, or three minutes with --quick
#   store    whether 20,000 jobs make anything slower than 20
#   monitor  what the page /monitor asks, with 100,000 jobs in the store, and what a hundred such pages cost that watch
#   fleet    jobs a second with 1, 2 and 4 workers on each pairing, and the time of a job at a steady pace; what claiming
#            costs while up to a million jobs wait; what an idle worker asks of its servers. Takes most of an hour
#
# BENCH_PICTURE=photo.jpg measures the engine on a JPEG of yours, its metadata left out. Needs Debian or Ubuntu, and the machine to itself.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_release
# redis-tools holds the server's program without the service that redis-server would start on this machine: it is one
# program that acts by the name it is called by.
install_packages gcc imagemagick libc6-dev libvips-tools python3 redis-tools
install_build_packages
tools=$root/.build/bench
mkdir -p "$tools"
ln -sf "$(command -v redis-check-rdb)" "$tools/redis-server"
cc -O2 -pthread -o "$tools/load" "$root/scripts/bench/load.c"
cc -O2 -pthread -o "$tools/floors" "$root/scripts/bench/engine/floors.c" -ljpeg -lpng -ltiff -lwebp
require_python "$root/scripts/bench-requirements.txt"

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts exec "$python" "$root/scripts/bench/run.py" \
  --binary "$binary" --load "$tools/load" --redis "$tools/redis-server" --floors "$tools/floors" \
  --pictures "$tools/pictures" "$@"
