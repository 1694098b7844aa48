#!/bin/sh
# The formatter pairs of the reference: X.cedar becomes X.expected, up to blank lines at both ends.
[ -n "$REEVE_CORPORA" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar xzf "$REEVE_CORPORA/cedar/formatter-and-cli-samples.tar.gz" -C "$work" formatter
same=0 differ=0
trimmed() { awk 'NF { seen = 1 } seen { lines[++n] = $0 } NF { last = n } END { for (i = 1; i <= last; ++i) print lines[i] }'; }
for expected in "$work"/formatter/*.expected; do
  name=$(basename "$expected" .expected)
  "$1" "$work/formatter/$name.cedar" | trimmed > "$work/got"
  trimmed < "$expected" > "$work/want"
  if cmp -s "$work/got" "$work/want"; then same=$((same + 1)); else differ=$((differ + 1)); echo "differs: $name"; fi
done
echo "$same pairs equal, $differ differ"
[ "$differ" = 0 ] && [ "$same" -gt 0 ]
