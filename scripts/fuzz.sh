#!/usr/bin/env bash
# Feeds what reads strangers' bytes with bytes that nobody would write, and says what broke.
#
#   scripts/fuzz.sh [--seconds N] [TARGET…]
#
# TARGET is one of bmp, csv, exif, gif, multipart, png and url: those that have a dictionary in Tests/Fuzz/Dictionaries. Without
# any, each has its turn. Each runs for N seconds, 30 unless told, on one core. What it has learned stays in .build-fuzz/corpus,
# and the next run begins with that; what breaks a parser stays in .build-fuzz/found. Exits with 1 where something
# broke. Needs Linux: Xcode's toolchain has no libFuzzer.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

dictionaries=$root/Tests/Fuzz/Dictionaries
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
      [ -f "$dictionaries/$1.dict" ] || {
        usage >&2
        exit 2
      }
      targets+=("$1")
      ;;
  esac
  shift
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "--seconds takes a number, not '$seconds'"
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(basename -s .dict "$dictionaries"/*)

require_swift
install_build_packages
build=$root/.build-fuzz
mkdir -p "$build"

# Runs one target and says in a line what came of it.
fuzz() {
  local name=$1 log=$build/$1.log corpus=$build/corpus/$1 seeds=$build/seeds/$1 found=$build/found/ status=0 input
  mkdir -p "$corpus" "$seeds" "$found"
  "$program" "$name" --write-seeds "$seeds"
  # The toolchain's own account of a crash takes minutes, and libFuzzer has one.
  SWIFT_BACKTRACE=enable=no "$program" "$name" -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -dict="$dictionaries/$name.dict" -artifact_prefix="$found$name-" \
    "$corpus" "$seeds" >"$log" 2>&1 || status=$?
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%-10s %9s runs, %6s a second: ' "$name" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")"
  if [ "$status" = 0 ]; then
    echo "found nothing"
  elif [ -n "$input" ]; then
    echo "found $input; see $log, or again: SWIFT_BACKTRACE=enable=no $program $name $input"
  else
    echo "did not run; see $log"
  fi
  return "$status"
}

export TINTYPE_FUZZ=1
say "building (some minutes the first time)"
build() { swift build --package-path "$root" --scratch-path "$build" -c release --product Fuzz "$@"; }
build >"$build/build.log" 2>&1 || {
  tail -n 60 "$build/build.log" >&2
  die "the build failed; all that it said is in $build/build.log"
}
program=$(build --show-bin-path)/Fuzz

failed=0
for name in "${targets[@]}"; do fuzz "$name" || failed=1; done
exit "$failed"
