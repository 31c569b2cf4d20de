#!/usr/bin/env bash
# Feeds what reads strangers' bytes with bytes that nobody would write, and says what broke.
#
#   scripts/fuzz.sh [--seconds N] [TARGET…]
#
# TARGET is one of bmp, csv, exif, gif, multipart and url: those that have a dictionary in Tests/Fuzz. Without any, each
# has its turn. Each runs for N seconds, 30 unless told, on one core. What it has learned stays in .build-fuzz/corpus,
# and the next run begins with that; what breaks a parser stays in .build-fuzz/found. Exits with 1 where something
# broke. Needs Linux: Xcode's toolchain has no libFuzzer.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

# The file that makes a target of a name; its folder is the rest of the name of the target's module.
dictionary() { find "$root/Tests/Fuzz" -name "$1.dict"; }
product() { echo "Fuzz$(basename "$(dirname "$(dictionary "$1")")")"; }

seconds=30
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds)
      [ $# -gt 1 ] || die "--seconds takes a number"
      seconds=$2
      shift
      ;;
    --help | -h)
      usage
      exit
      ;;
    *)
      [ -n "$(dictionary "$1")" ] || {
        usage >&2
        exit 2
      }
      targets+=("$1")
      ;;
  esac
  shift
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "--seconds takes a number, not '$seconds'"
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(dictionary '*' | sed 's|.*/||; s|\.dict$||' | sort)

require_swift
install_build_packages
build=$root/.build-fuzz
mkdir -p "$build"

# Bytes to begin with, written as `printf` has them: what libFuzzer would need minutes to come upon by itself.
seed() { printf '%b' "$2" >"$seeds/$1"; }
make_seeds() {
  local zeros='\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' tail
  case $1 in
    bmp)
      # 2 × 2 pixels of 24 bits, of 8 bits by run lengths, and of 16 bits by masks.
      seed 24 "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0\0\0\0\0$zeros\0\0\0\0$zeros"
      tail='\0\0\0\0\xff\xff\xff\0'
      seed 8 "BM\x46\0\0\0\0\0\0\0\x3e\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x08\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0$tail\x02\x01\0\0\0\x02\x01\0\x01\0\0\x01"
      seed 16 "BM\x4a\0\0\0\0\0\0\0\x42\0\0\0\x28\0\0\0\x02\0\0\0\xfe\xff\xff\xff\x01\0\x10\0\x03\0\0\0$zeros\0\0\0\0\0\xf8\0\0\xe0\x07\0\0\x1f\0\0\0$zeros"
      seed core 'BM\0\0\0\0\0\0\0\0\x20\0\0\0\x0c\0\0\0\x02\0\x02\0\x01\0\x01\0\0\0\0\xff\xff\xff\x40\0\0\0\x80\0\0\0'
      ;;
    csv) seed rows '\0url,steps\r\n"https://a.example/x,y",""\n"a ""b""" ;c\r\r' ;;
    exif)
      seed little 'II\x2a\0\x08\0\0\0\x03\0\x0f\x01\x02\0\x05\0\0\0\x32\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x69\x87\x04\0\x01\0\0\0\x38\0\0\0\0\0\0\0Acme\0\0\x01\0\x03\x90\x02\0\x14\0\0\0\x46\0\0\x002024:05:01 18:30:09\0'
      seed big 'Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'
      ;;
    gif)
      # 2 × 1 pixels in one frame, and in two that loop.
      seed still 'GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;'
      tail='\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0'
      seed loop "GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0!\xf9\x04\x0d\x0a\0\x01\0$tail!\xf9\x04\x08\x0a\0\0\0$tail;"
      ;;
    multipart)
      seed parts '\x03--cut\r\nContent-Disposition: form-data; name="a"; filename="b.jpg"\r\nContent-Type: image/jpeg\r\n\r\nbytes\r\n--cut\r\nContent-Disposition: form-data; name=steps\r\n\r\nresize\r\n--cut--\r\n'
      # Near the limits, which take long to come upon byte by byte.
      seed preamble "\xff$(printf '%8180s' '')\r\n--cut--"
      seed header "\xff--cut\r\nContent-Disposition: form-data; name=a\r\nX:$(printf '%8100s' '')\r\n\r\n\r\n--cut--"
      ;;
    url)
      seed name 'HTTPS://Host.example.:8443/a/../b%2F?c=d#e'
      seed address 'http://[::1]:80/'
      ;;
  esac
}

# Runs one target and says in a line what came of it.
fuzz() {
  local name=$1 log=$build/$1.log corpus=$build/corpus/$1 seeds=$build/seeds/$1 found=$build/found/ status=0 input
  local program
  program=$bin/$(product "$name")
  mkdir -p "$corpus" "$seeds" "$found"
  make_seeds "$name"
  # The toolchain's own account of a crash takes minutes, and libFuzzer has one.
  SWIFT_BACKTRACE=enable=no "$program" -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -dict="$(dictionary "$name")" -artifact_prefix="$found$name-" \
    "$corpus" "$seeds" >"$log" 2>&1 || status=$?
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%-10s %9s runs, %6s a second: ' "$name" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")"
  if [ "$status" = 0 ]; then
    echo "found nothing"
  elif [ -n "$input" ]; then
    echo "found $input; see $log, or again: SWIFT_BACKTRACE=enable=no $program $input"
  else
    echo "did not run; see $log"
  fi
  return "$status"
}

export TINTYPE_FUZZ=1
say "building (some minutes the first time)"
for name in "${targets[@]}"; do
  swift build --package-path "$root" --scratch-path "$build" -c release --product "$(product "$name")" \
    >"$build/build.log" 2>&1 || {
    tail -n 60 "$build/build.log" >&2
    die "the build failed; all that it said is in $build/build.log"
  }
done
bin=$(swift build --package-path "$root" --scratch-path "$build" -c release --show-bin-path)

failed=0
for name in "${targets[@]}"; do fuzz "$name" || failed=1; done
exit "$failed"
