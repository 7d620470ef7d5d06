#!/bin/sh
# Makes the expected outputs with the real tool: see README.md.
cd "$(dirname "$0")" || exit 1
tool=${1:-kustomize}
status=0
for case in */; do
  if [ -f "$case/expected_error" ]; then
    if message=$("$tool" build "$case/build" 2>&1 >/dev/null); then
      echo "$case: $tool accepts it" >&2
      status=1
    elif ! printf '%s' "$message" | grep -qF -- "$(cat "$case/expected_error")"; then
      echo "$case: $tool says: $message" >&2
      status=1
    fi
  else
    "$tool" build --enable-helm --helm-command "${HELM:-helm}" "$case/build" >"$case/expected.yaml" 2>/dev/null || {
      echo "$case: $tool fails" >&2
      status=1
    }
    # What a build without a version calls itself.
    sed -i 's/: kustomize-(devel)$/: kustomize-v5.8.1/' "$case/expected.yaml"
  fi
done
exit $status
