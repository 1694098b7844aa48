#!/usr/bin/env bash
# screen-svg.sh: a terminal's text (standard input) as an SVG picture (standard output), for the README.
set -euo pipefail
awk '
  function escape(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); return text }
  { line[NR] = $0; if (length($0) > widest) widest = length($0) }
  END {
    glyph = 7.8; height = 17; edge = 16
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"the first screen\">\n",
      widest * glyph + 2 * edge, NR * height + 2 * edge
    print "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#14181f\"/>"
    print "<g font-family=\"ui-monospace,DejaVu Sans Mono,monospace\" font-size=\"13\" fill=\"#d7dde8\" xml:space=\"preserve\">"
    for (n = 1; n <= NR; n++) {
      colour = line[n] ~ /critical/ ? "#ff8f8f" : line[n] ~ / high / ? "#ffc27a" : line[n] ~ /^ +(reeve|apt-get|sudo|GRANT|SELECT) / ? "#8fd3ff" : ""
      printf "<text x=\"%d\" y=\"%d\"%s>%s</text>\n", edge, edge + n * height - 4, colour == "" ? "" : " fill=\"" colour "\"", escape(line[n])
    }
    print "</g>\n</svg>"
  }'
