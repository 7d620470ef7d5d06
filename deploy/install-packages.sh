#!/usr/bin/env bash
# Installs the Debian packages that Swell needs, the missing ones only.
#
#   deploy/install-packages.sh [build|test|controlplane]...     (default: build)
#
# build: packages.txt; test: packages-test.txt; controlplane: packages-controlplane.txt.
# Does nothing, in a few hundredths of a second, where everything is installed. Needs root, or sudo
# without a password; otherwise it prints the command to run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

lists=()
for set in "${@:-build}"; do
  case $set in
    build) lists+=("$here/packages.txt") ;;
    test) lists+=("$here/packages-test.txt") ;;
    controlplane) lists+=("$here/packages-controlplane.txt") ;;
    *) echo "install-packages: unknown set '$set' (build, test or controlplane)" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-packages: this is not a Debian system; the packages needed are in: ${lists[*]}" >&2
  exit 1
fi

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "${lists[@]}" | sort -u)
mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}") \
  <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u))
[ "${#missing[@]}" -gt 0 ] || exit 0

apt=(apt-get)
if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then
    apt=(sudo -n DEBIAN_FRONTEND=noninteractive apt-get)
  else
    echo "install-packages: missing packages; run as root:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
export DEBIAN_FRONTEND=noninteractive

echo "install-packages: installing ${#missing[@]} packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  if ! "${apt[@]}" -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    return 1
  fi
}
# The lists of a fresh image are empty and those of an old one stale: update before the install.
if ! run update; then
  echo "install-packages: apt-get update failed (above); trying with the package lists at hand" >&2
fi
if ! run install -y --no-install-recommends "${missing[@]}"; then
  echo "install-packages: apt-get install failed (above)" >&2
  exit 1
fi
