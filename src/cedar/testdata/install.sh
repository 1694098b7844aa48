#!/bin/sh
# Installs the library beside the build and builds and runs a program that finds it with find_package.
#   install.sh BUILD_FOLDER COMPILER FLAGS
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --component reeve-cedar --prefix "$work/prefix" >/dev/null
cmake -S "$here/consumer" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$2" -DCMAKE_CXX_FLAGS="$3" >/dev/null
cmake --build "$work/build"
"$work/build/consumer"
