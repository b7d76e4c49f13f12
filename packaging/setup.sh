#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From a fresh Debian to the report of a sample capture: installs what is missing, builds into
# build/, runs tshark with the plugin just built. See --help.
set -eu

usage() {
  cat <<'END'
usage: packaging/setup.sh [--tests] [--no-install] [--no-report] [-DNAME=VALUE…]

  --tests       also install what the tests need, and build them
  --no-install  install nothing (fail later if something is missing)
  --no-report   stop after the build
  -DNAME=VALUE  handed to cmake

Environment: BUILD_DIR (default: build), BUILD_TYPE (default: RelWithDebInfo), JOBS.
END
}

tests=no install=yes report=yes settings=
for option in "$@"; do
  case $option in
    --tests) tests=yes ;;
    --no-install) install=no ;;
    --no-report) report=no ;;
    -D*=*) settings="$settings $option" ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
build_dir=${BUILD_DIR:-build}

listed_packages() {
  set -- packaging/packages/build.txt packaging/packages/run.txt
  if [ "$tests" = yes ]; then
    set -- "$@" packaging/packages/test.txt tests/*/packages.txt
  fi
  sed 's/#.*//' "$@"
}

missing_packages() {
  listed=$(listed_packages) || exit 1
  printf '%s\n' "$listed" | tr -s ' \t' '\n' | sort -u | while read -r package; do
    [ -n "$package" ] || continue
    status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    case $status in
      ii*) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    echo "setup.sh: packages must be installed: run this as root, or install sudo" >&2
    exit 1
  fi
}

if [ "$install" = yes ]; then
  if ! command -v apt-get >/dev/null; then
    echo "setup.sh: no apt-get here: install the packages of packaging/packages/ by hand," >&2
    echo "setup.sh: then run it again with --no-install" >&2
    exit 1
  fi
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    echo "setup.sh: installing $missing"
    # The index may be absent or older than the mirror; no standard input, so that no maintainer
    # script waits for an answer.
    as_root apt-get -q update </dev/null
    # shellcheck disable=SC2086 # one word for each package
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y --no-install-recommends install $missing </dev/null
  fi
fi

# A build folder remembers its source folder: one that was copied along with the tree is stale.
cache=$build_dir/CMakeCache.txt
if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" "$cache"; then
  echo "setup.sh: $build_dir belongs to another tree: remove it, or set BUILD_DIR" >&2
  exit 1
fi
# shellcheck disable=SC2086 # one word for each setting
cmake -S . -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE="${BUILD_TYPE:-RelWithDebInfo}" \
  -DBUILD_TESTING=ON $settings
if [ "$tests" = yes ]; then target=all; else target=smtp_session; fi
cmake --build "$build_dir" --target "$target" --parallel ${JOBS:+"$JOBS"}

if [ "$report" = yes ]; then
  # Standard input, because the ordinary user that tshark runs as may not enter this folder.
  BUILD_DIR=$build_dir packaging/tshark -q -z smtp_session,report -r - <sample_pcaps/plain.pcap
fi
