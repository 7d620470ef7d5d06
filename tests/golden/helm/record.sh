#!/bin/sh
# Writes the expected files from the real helm: record.sh PATH_OF_HELM
set -eu
helm=$(realpath "$1")
cd "$(dirname "$0")"
for args in */cases/*.args; do
  chart=${args%%/*}
  case=$(basename "$args" .args)
  (
    cd "$chart"
    set --
    while IFS= read -r line || [ -n "$line" ]; do
      [ -n "$line" ] || continue
      set -- "$@" "${line%% *}"
      case $line in *" "*) set -- "$@" "${line#* }" ;; esac
    done < "cases/$case.args"
    rm -f "cases/$case.yaml" "cases/$case.err"
    if TZ=UTC "$helm" template rel chart -n space "$@" > "cases/$case.yaml" 2> "cases/$case.err"; then
      rm "cases/$case.err"
    else
      rm "cases/$case.yaml"
      grep -v '^level=' "cases/$case.err" | sed -n '1s/^Error: //p' > "cases/$case.tmp"
      mv "cases/$case.tmp" "cases/$case.err"
    fi
  )
done
