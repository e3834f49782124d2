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
echo "The first rows of $run/table.csv:"
head -n 6 "$run/table.csv"
echo
echo "The table: $run/table.npy and $run/table.csv. In Python:"
echo "  import numpy as np; table = np.load('$run/table.npy'); print(table.dtype.names)"
echo "The same command again continues an interrupted run: $spinodal run sweeps/quickstart.yaml --out $run"
