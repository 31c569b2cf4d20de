#!/usr/bin/env bash
# Kills, stops and starves a fleet of Tintype's processes and the servers behind it, and looks whether what was promised
# holds. Prints a line of text for each try, with the seed that repeats its choices; ends with 1 if a promise was broken.
#
#   scripts/chaos.sh [line …] [--short] [--seed N] [--pairing store[+queue][+s3]]… [--binary path/to/tintype]
#
# The lines are listed by --help. Without --pairing each line runs on all that it is for; --short takes two, for
# some lines one, and 300 jobs. On Debian or Ubuntu; the release binary is built where none is named.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages python3
case " $* " in
  *" --binary"* | *" --help "* | *" -h "*) ;;
  *)
    build_release
    set -- --binary "$binary" "$@"
    ;;
esac
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/scripts exec python3 -m chaos "$@"
