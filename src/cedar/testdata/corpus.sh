#!/bin/sh
# The 62,472 requests of Cedar's own corpus; REEVE_CORPORA names the folder that holds cedar/*.tar.gz.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
exec "$1" "$REEVE_CORPORA/cedar/corpus-tests.tar.gz"
