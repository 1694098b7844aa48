#!/bin/sh
# Cedar's corpus (62,472 requests, 7,809 verdicts, 7,750 schemas), its 22 hand-written tests, and the cases
# of cedar-go. REEVE_CORPORA names the folder that holds cedar/*.tar.gz.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
data=$REEVE_CORPORA/cedar
"$1" "$data/corpus-tests.tar.gz" "$data/corpus-tests-validation.tar.gz" "$data/corpus-tests-json-schemas.tar.gz" &&
  "$1" "$data/integration-tests.tar.gz" && "$1" "$data/cedar-go-testdata.tar.gz"
