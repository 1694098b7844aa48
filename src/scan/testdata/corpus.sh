#!/bin/sh
# What five open scanners call secrets; REEVE_CORPORA names the folder that holds secrets/corpus.tar.gz.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tar -xzf "$REEVE_CORPORA/secrets/corpus.tar.gz" -C "$dir" || exit 1
"$1" "$dir/corpus"
