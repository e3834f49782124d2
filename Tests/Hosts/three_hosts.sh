#!/bin/bash
# three_hosts.sh SPINODAL: a coordinator on one host and workers on two others give, byte for byte, the
# table that one host gives, (a) when a worker's cable is cut for longer than a lease and joined again,
# (b) when a worker's host is lost for good. Needs root; see netlab.sh.
set -euo pipefail
spinodal=$(realpath "${1:?the path of the spinodal program}")
here=$(cd "$(dirname "$0")" && pwd)
export NETLAB_PREFIX=spinodal-$$
lab() { "$here/netlab.sh" "$@"; }
work=$(mktemp -d)

finish() {
  local code=$? host
  for host in h1 h2 h3; do lab kill "$host" || true; done
  lab down || true
  [ "$code" = 0 ] || tail -n 15 "$work"/*.log >&2 || true
  rm -rf "$work"
}
trap finish EXIT

wait_for() { # wait_for SECONDS WHAT COMMAND...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "three_hosts: no $what in time" >&2; exit 1; }
    sleep 0.2
  done
}
status_has() { # status_has RUN EXPRESSION over the status s
  "$spinodal" status "$1" --json 2>/dev/null |
    python3 -c "import json, sys; s = json.load(sys.stdin)['status']; sys.exit(not ($2))" 2>/dev/null
}
gone() { ! kill -0 "$coordinator" 2>/dev/null; }
hash_of() { # hash_of RUN
  { "$spinodal" verify "$1" && "$spinodal" collect "$1" --to "$1.npy"; } >"$1.collect.log" 2>&1
  sha256sum <"$1.npy"
}
same_table() { # same_table NAME
  wait "$coordinator"
  [ "$(hash_of "$work/$1")" = "$expected" ] && return
  echo "three_hosts: another table after $1" >&2
  exit 1
}

printf '%s\n' 'name: three-hosts' 'solver: null' 'parameters: {sleep_milliseconds: 20}' \
  'replicates: 2400' 'seed: 11' >"$work/sweep.yaml"

serve() { # serve NAME: the coordinator on h1, and a worker on h2 and on h3
  lab exec h1 "$spinodal" serve "$work/sweep.yaml" --out "$work/$1" --listen tcp://10.77.0.1:5577 \
    --lease 3s >"$work/$1-serve.log" 2>&1 &
  coordinator=$!
  wait_for 20 "access file" test -s "$work/$1/access.json"
  local host
  for host in h2 h3; do
    lab exec "$host" "$spinodal" worker --access "$work/$1/access.json" --slots 2 >"$work/$1-$host.log" 2>&1 &
  done
  wait_for 20 "two workers" status_has "$work/$1" "len(s['workers']) == 2 and s['ended'] > 0"
}

"$spinodal" run "$work/sweep.yaml" --out "$work/one" --slots 16 >"$work/one.log" 2>&1
expected=$(hash_of "$work/one")

lab up
serve cable
lab cut h2
wait_for 20 "loss of the worker behind the cut cable" status_has "$work/cable" "len(s['workers']) == 1"
lab join h2
wait_for 30 "return of the worker" status_has "$work/cable" "len(s['workers']) == 2"
wait_for 120 "end of the sweep after the cut" gone
same_table cable

for host in h1 h2 h3; do lab kill "$host"; done
serve loss
lab cut h3
lab kill h3
wait_for 120 "end of the sweep after the loss" gone
same_table loss
echo "three_hosts: the same table each time: ${expected%% *}"
