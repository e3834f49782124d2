#!/bin/bash
# quickstart.sh: from a fresh clone to a table: set-up, release build, the sweep of
# sweeps/quickstart.yaml on all cores, and what came out of it.
#   deploy/quickstart.sh [RUN]      RUN: the run directory, runs/quickstart unless named
set -euo pipefail
cd "$(dirname "$0")/.."
run=${1:-runs/quickstart}

deploy/setup.sh
echo "building (the first time takes a few minutes) ..." >&2
swift build -c release --product spinodal >&2
spinodal=$(swift build -c release --show-bin-path)/spinodal

"$spinodal" run sweeps/quickstart.yaml --out "$run"
"$spinodal" verify "$run"
"$spinodal" collect "$run" --to "$run/table.npy"
"$spinodal" collect "$run" --to "$run/table.csv"

echo
echo "The first rows of $run/table.csv, some of its columns:"
awk -F, -v names="unit beta sigma2 epsilon learned_cubic phase status" '
  NR == 1 { count = split(names, wanted, " "); for (i = 1; i <= NF; i++) place[$i] = i }
  { for (i = 1; i <= count; i++) printf "%" (length(wanted[i]) > 8 ? 15 : 10) "s", substr($place[wanted[i]], 1, 13)
    print "" }
  NR == 6 { exit }' "$run/table.csv"
echo
echo "The table: $run/table.npy and $run/table.csv. In Python:"
echo "  import numpy as np; table = np.load('$run/table.npy'); print(table.dtype.names)"
echo "The same command again continues an interrupted run: $spinodal run sweeps/quickstart.yaml --out $run"
