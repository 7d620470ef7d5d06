#!/usr/bin/env bash
# Runs every test: installs what is missing, configures and builds the default preset, makes the
# control plane (cached between runs), and ends with ctest's summary.
#
#   tests/run.sh [ctest arguments]       for example: tests/run.sh -L unit
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=$(nproc)
began=$SECONDS
# stage NAME COMMAND...: runs it, then prints how long it took.
stage() {
  local name=$1 start=$SECONDS
  shift
  if ! "$@"; then
    echo "run: $name failed after $((SECONDS - start)) s" >&2
    exit 1
  fi
  echo "run: $name took $((SECONDS - start)) s"
}

# Only what is asked for; a full run needs all of it.
wants_control_plane() {
  [ "$#" -eq 0 ] || [[ " $* " == *controlplane* || " $* " == *e2e* ]]
}

control_plane() {
  KUBEBUILDER_ASSETS=$(tests/controlplane/build.sh) || return 1
  export KUBEBUILDER_ASSETS
}

stage packages deploy/install-packages.sh build test
stage configure cmake --preset default
stage build cmake --build --preset default --parallel "$jobs"
if wants_control_plane "$@"; then
  stage "control plane" control_plane
fi
echo "run: tests start after $((SECONDS - began)) s"
exec ctest --preset default --parallel "$jobs" "$@"
