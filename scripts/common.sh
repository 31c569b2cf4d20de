# Shared by the scripts of this project; read with `source`.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# What Debian and Ubuntu call the libraries that the build links to, one a line: the Dockerfile reads the same file.
build_packages() { cat "$root/scripts/packages.txt"; }
brew_packages="curl giflib hiredis isa-l jpeg-turbo libpng libpq libtiff little-cms2 mariadb-connector-c pkgconf rabbitmq-c"
brew_packages+=" sqlite webp zlib"

# Installs the named Debian packages that are not there yet; elsewhere says what is needed and goes on, since the build
# itself tells what it misses.
install_packages() {
  local missing=() package
  if ! command -v apt-get >/dev/null; then
    if [ "$(uname)" = Darwin ]; then
      say "needed: brew install $brew_packages"
    else
      say "needed, under the names of this system: $*"
    fi
    return
  fi
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "please install as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" apt-get -qq update >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}" </dev/null >&2
}

install_build_packages() {
  # shellcheck disable=SC2046  # one word a package
  install_packages $(build_packages)
}

require_swift() {
  command -v swift >/dev/null || die "Swift 6.2 or later is needed: https://www.swift.org/install"
}

# Builds the release binary where a source is newer than the last build, and sets `binary` to its path. SwiftPM itself
# needs seconds to find that nothing changed. Folders count too: they are newer once a file in them is gone.
build_release() {
  local stamp="$root/.build/release-is-built" started log
  binary="$root/.build/release/tintype"
  if [ -x "$binary" ] && [ -e "$stamp" ] &&
    [ -z "$(find "$root/Package.swift" "$root/Sources" -newer "$stamp" -print -quit)" ]; then
    return
  fi
  require_swift
  install_build_packages
  say "building (some minutes the first time)"
  mkdir -p "$root/.build"
  started=$(mktemp "$root/.build/started.XXXXXX") log="$root/.build/release.log"
  if ! swift build --package-path "$root" -c release --product tintype >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    rm -f "$started"
    die "the build failed; all that it said is in $log"
  fi
  mv "$started" "$stamp"
}

# Sets `python` to one that has what a file of requirements asks for; it is made once, and anew where the file changes.
require_python() {
  local requirements=$1 folder
  folder=$root/.build/python/$(basename "$requirements" .txt)
  python=$folder/bin/python
  cmp -s "$requirements" "$folder/requirements.txt" && return
  install_packages python3-venv
  say "installing what $(basename "$requirements") names"
  python3 -m venv --clear "$folder"
  "$python" -m pip -q --disable-pip-version-check install -r "$requirements" >&2
  cp "$requirements" "$folder/requirements.txt"
}
