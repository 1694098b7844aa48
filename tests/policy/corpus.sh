#!/bin/sh
# Cedar's corpus (62,472 requests, 7,809 verdicts, 7,750 schemas), its 22 hand-written tests, and the cases
# of cedar-go. REEVE_CORPORA names the folder that holds cedar/*.tar.gz.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
data=$REEVE_CORPORA/cedar
corpus=$("$1" policy corpus "$data")
echo "$corpus"
echo "$corpus" | grep -qx '62472 requests, 0 differences' &&
  "$1" policy corpus "$data/integration-tests.tar.gz" && "$1" policy corpus "$data/cedar-go-testdata.tar.gz"
