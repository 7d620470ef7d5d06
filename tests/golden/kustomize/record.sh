#!/bin/sh
# Makes the expected outputs with the real tool: see README.md.
cd "$(dirname "$0")" || exit 1
KUSTOMIZE=$(command -v "${1:-kustomize}") || exit 1
export KUSTOMIZE
status=0

# Builds a case; one with an edit.sh in a copy where the kustomization was edited.
build() {
  case=$1
  shift
  if [ ! -f "$case/edit.sh" ]; then
    "$KUSTOMIZE" build "$@" "$case/build"
    return
  fi
  copy=$(mktemp -d) || return
  cp -R "$case/." "$copy" && (cd "$copy/build" && sh -e ../edit.sh) &&
    "$KUSTOMIZE" build "$@" "$copy/build"
  result=$?
  rm -rf "$copy"
  return $result
}

for case in */; do
  if [ -f "$case/expected_error" ]; then
    if message=$(build "$case" 2>&1 >/dev/null); then
      echo "$case: $KUSTOMIZE accepts it" >&2
      status=1
    elif ! printf '%s' "$message" | grep -qF -- "$(cat "$case/expected_error")"; then
      echo "$case: $KUSTOMIZE says: $message" >&2
      status=1
    fi
  else
    build "$case" --enable-helm --helm-command "${HELM:-helm}" >"$case/expected.yaml" 2>/dev/null || {
      echo "$case: $KUSTOMIZE fails" >&2
      status=1
    }
    # What a build without a version calls itself.
    sed -i 's/: kustomize-(devel)$/: kustomize-v5.8.1/' "$case/expected.yaml"
  fi
done
exit $status
