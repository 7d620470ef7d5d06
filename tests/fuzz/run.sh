#!/usr/bin/env bash
# Builds the fuzzers (clang-19) and runs each for a while; ends with 1 where one finds something.
#
#   tests/fuzz/run.sh [SECONDS] [NAME...]      60 seconds and all of them, if not said otherwise
#
# NAME is a fuzzer as the folders beside this file are named (renderer_helm_chart). A fuzzer begins
# with its folder's seeds and with what earlier runs added to build/fuzz/corpus/NAME. A find lies in
# build/fuzz/finds/NAME: make it small (fuzz_NAME_fuzz -minimize_crash=1 FILE), add it to the seeds,
# write a test, repair. The ordinary build replays the seeds: ctest -L fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
names=("$@")
if [ "${#names[@]}" -eq 0 ]; then
  for folder in tests/fuzz/*/; do names+=("$(basename "$folder")"); done
fi
for name in "${names[@]}"; do
  if [ ! -d "tests/fuzz/$name" ]; then
    echo "fuzz: there is no fuzzer $name; those are: $(cd tests/fuzz && echo */ | tr -d /)" >&2
    exit 2
  fi
done
if ! command -v clang++-19 >/dev/null; then
  echo "fuzz: clang++-19 is missing: apt-get install clang-19 libclang-rt-19-dev" >&2
  exit 2
fi

cmake --preset fuzz >/dev/null
targets=("${names[@]/#/fuzz_}")
cmake --build build/fuzz --parallel "$(nproc)" --target "${targets[@]/%/_fuzz}"

found=0
for name in "${names[@]}"; do
  corpus=build/fuzz/corpus/$name
  finds=build/fuzz/finds/$name
  log=build/fuzz/$name.log
  mkdir -p "$corpus" "$finds"
  echo "fuzz: $name for $seconds s, log $log"
  if ! "build/fuzz/fuzz_${name}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
      -print_final_stats=1 -artifact_prefix="$finds/" "$corpus" "tests/fuzz/$name" >"$log" 2>&1; then
    found=1
    echo "fuzz: $name found something: $(ls -t "$finds" | head -n 1) in $finds" >&2
    grep -m 3 -E 'ERROR|SUMMARY|CHECK' "$log" >&2 || true
  else
    grep -m 1 'number_of_executed_units' "$log" | sed "s/^.*: */fuzz: $name executions: /"
  fi
done
exit "$found"
