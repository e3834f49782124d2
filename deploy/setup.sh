#!/bin/bash
# setup.sh: what `swift build` needs besides the Swift toolchain. Installs packages if it may (root or
# sudo without a password), else prints the command and stops. A libzmq that pkg-config finds, also by
# PKG_CONFIG_PATH (conda, environment modules), is taken as it is.
#   deploy/setup.sh [PACKAGE...]    also these packages; deploy/test.sh names those its tests need
set -euo pipefail

missing=()
need() { # need PACKAGE COMMAND...: the package, unless the command succeeds
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}

case "$(uname -s)" in
  Linux) ;;
  *) echo "setup: this is for Linux; elsewhere install libzmq 4.3 and pkg-config yourself" >&2; exit 1 ;;
esac
if ! command -v swift >/dev/null; then
  echo "setup: no swift on the PATH; install Swift 6.3 or newer from https://www.swift.org/install" >&2
  exit 1
fi

need pkg-config command -v pkg-config
need libzmq3-dev pkg-config --exists 'libzmq >= 4.2'
need git command -v git
need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
for package in "$@"; do
  case $package in
    python3-numpy) need python3-numpy python3 -c 'import numpy' ;;
    iproute2) need iproute2 command -v ip ;;
    nftables) need nftables command -v nft ;;
    *) need "$package" command -v "$package" ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  as_root=()
  missing_right=1
fi
if [ -n "${missing_right:-}" ] || ! command -v apt-get >/dev/null; then
  echo "setup: missing: ${missing[*]}. Run this and try again:" >&2
  echo "  sudo apt-get install -y ${missing[*]}" >&2
  echo "(or point PKG_CONFIG_PATH at a libzmq of yours: conda install zeromq, module load zeromq)" >&2
  exit 1
fi

echo "setup: installing ${missing[*]}" >&2
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}
# The lists of a fresh machine are empty or stale.
install || { "${as_root[@]}" apt-get update -q >&2 && install; }
