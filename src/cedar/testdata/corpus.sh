#!/bin/sh
# Cedar's own corpus: 62,472 requests, 7,809 verdicts, 7,750 schemas; REEVE_CORPORA names the folder that holds cedar/*.tar.gz.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
corpus=$REEVE_CORPORA/cedar/corpus-tests
exec "$1" "$corpus.tar.gz" "$corpus-validation.tar.gz" "$corpus-json-schemas.tar.gz"
