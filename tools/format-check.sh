#!/usr/bin/env bash
# Fails, naming each file, when a C++ file is not as clang-format-19 would write it.
set -euo pipefail
git ls-files '*.cpp' '*.hpp' | xargs -r -n 40 -P "$(nproc)" clang-format-19 --dry-run --Werror
