#!/bin/bash
# test.sh: every test of this repository, from a fresh clone.
#   deploy/test.sh            the tests, and a simulation with a fresh seed in a release build
#   deploy/test.sh --hosts    also those with several hosts and system-call traces; needs root
# The last line says how many passed and failed; the exit code is 0 only if none failed.
set -euo pipefail
cd "$(dirname "$0")/.."
hosts=
case ${1:-} in
  --hosts) hosts=1 ;;
  "") ;;
  *) echo "usage: deploy/test.sh [--hosts]" >&2; exit 2 ;;
esac
if [ -n "$hosts" ] && [ "$(id -u)" != 0 ]; then
  echo "test: --hosts makes network namespaces and must run as root" >&2
  exit 1
fi

deploy/setup.sh python3-numpy ${hosts:+iproute2 nftables strace}
mkdir -p .build/tools
if ! python3 -c 'import numpy' 2>/dev/null; then
  # The PATH's python3 is another than the system's, whose NumPy was installed.
  ln -sf /usr/bin/python3 .build/tools/python3
  PATH=$PWD/.build/tools:$PATH
  python3 -c 'import numpy'
fi

log=$(mktemp .build/test-XXXXXX.log)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
broken=()

check() { # check NAME COMMAND...: one more check, passed if the command succeeds
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    broken+=("$name")
  fi
  echo "== $name: $((SECONDS - start)) s"
}

# Swift Testing counts for itself: "Test run with 34 tests in 7 suites passed after ...", and a line
# "Test NAME failed after ..." for each that did. A crash leaves no total, and that is one failure.
unit_tests() {
  local code=0 total bad
  swift test --skip-build --disable-xctest 2>&1 | tee "$log" || code=$?
  total=$(sed -nE 's/^[^ ]+ Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
  bad=$(grep -E '^[^ ]+ Test .* failed after [0-9.]+ seconds' "$log" | grep -cvE '^[^ ]+ Test (run|case) ' || true)
  if [ -z "$total" ] || { [ "$code" != 0 ] && [ "$bad" = 0 ]; }; then bad=1 total=${total:-1}; fi
  passed=$((passed + total - bad))
  failed=$((failed + bad))
  [ "$bad" = 0 ] || broken+=("unit tests")
}

explicit=(--explicit-target-dependency-import-check error)
check "build of the tests" swift build --build-tests "${explicit[@]}"
unit_tests
check "release build" swift build -c release
bin=$(swift build -c release --show-bin-path)
check "simulation" "$bin/spinodal-bench" simulate --schedules 2000 --json
if [ -n "$hosts" ]; then
  for script in three_hosts.sh kills.py synced_before_acknowledged.py; do
    check "$script" "Tests/Hosts/$script" "$bin/spinodal"
  done
fi

for name in "${broken[@]}"; do echo "failed: $name"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
