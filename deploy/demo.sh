#!/usr/bin/env bash
# Swell in a few minutes: builds it, starts a fleet of 12 simulated clusters and a sample Git
# repository, deploys, plans and merges a good change, merges a bad one, goes back, loses an object by
# mistake, brings it back, and shows what happens.
#
#   deploy/demo.sh           tells the story, then keeps serving until Ctrl-C
#   deploy/demo.sh --once    ends after the story
#
# Everything it makes is in build/demo; delete that folder to begin anew. On Debian 12 it installs
# what the build needs (deploy/packages.txt). A second run takes seconds.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

once=no
case "${1:-}" in
  "") ;;
  --once) once=yes ;;
  *) echo "usage: deploy/demo.sh [--once]" >&2; exit 2 ;;
esac

bold=''; dim=''; plain=''
if [ -t 1 ]; then bold=$'\e[1m'; dim=$'\e[2m'; plain=$'\e[0m'; fi
chapter() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
# Shows a command, then runs it.
run() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; "$@"; }

# --- build ---------------------------------------------------------------------------------------
chapter "Build (the first time takes some minutes)"
deploy/install-packages.sh build
preset=${SWELL_DEMO_PRESET:-default}
mkdir -p build/demo
# The same preset as the tests', so that they share what is compiled; what only tests need may lack.
tests=ON
[ -e /usr/include/gtest/gtest.h ] || tests=OFF
if ! { cmake --preset "$preset" -DSWELL_TESTS=$tests && cmake --build --preset "$preset" --target swelld swell swell-sandbox; } \
    >build/demo/build.log 2>&1; then
  tail -n 40 build/demo/build.log >&2
  echo "demo: the build failed; all of it is in build/demo/build.log" >&2
  exit 1
fi
export PATH="$root/build/$preset/bin:$PATH"
swell --version

# --- start ---------------------------------------------------------------------------------------
work=$root/build/demo
stop() {
  trap - EXIT INT TERM
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM
rm -rf "$work/data" "$work/fleet" "$work/repository" "$work/applications"
mkdir -p "$work/data"
export SWELL_SERVER=${SWELL_SERVER:-127.0.0.1:7420}

# Waits until a log holds the words, or says why it never will.
await() {
  local log=$1 words=$2 pid=$3
  for _ in $(seq 300); do
    if grep -q "$words" "$log" 2>/dev/null; then return; fi
    if ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$log" >&2
  echo "demo: did not start; the log is above and in $log" >&2
  exit 1
}

chapter "12 simulated clusters in three rings, and swelld"
swell-sandbox --clusters 12 --ring canary=1,early=3,rest=8 --kubeconfig-out "$work/fleet" \
  >"$work/sandbox.log" 2>&1 &
await "$work/sandbox.log" '^ready' $!
swelld --data "$work/data" --listen "$SWELL_SERVER" \
  --http-listen "${SWELL_HTTP:-127.0.0.1:7421}" --poll-interval 1s --resync-interval 30s \
  >"$work/swelld.log" 2>&1 &
await "$work/swelld.log" 'swelld is ready' $!
run swell apply -f "$work/fleet/clusters.yaml"

chapter "A Git repository with a Helm chart, a Kustomize overlay and plain YAML"
cp -r deploy/examples/repository "$work/repository"
cp -r deploy/examples/applications "$work/applications"
sed -i "s#REPOSITORY#file://$work/repository#" "$work"/applications/*.yaml
git_() { git -C "$work/repository" -c user.name="Ada" -c user.email="ada@example.com" "$@"; }
git -C "$work/repository" init --quiet --initial-branch=main
git_ add --all
git_ commit --quiet --message "First version"
(cd "$work/repository" && find . -name .git -prune -o -type f -print | sort)

# --- the story -----------------------------------------------------------------------------------
# Waits until the application's rollout number $2 has begun, and shows it to its end.
follow() {
  for _ in $(seq 300); do
    if swell rollout "$1" "$2" >/dev/null 2>&1; then break; fi
    sleep 0.1
  done
  run swell watch "$1" --until-finished || true  # 3: it failed, which is part of the story
}

chapter "Deploy: every application in waves canary, early, rest"
run swell apply -f "$work/applications"
for app in web api info; do follow "$app" 1; done
run swell status

chapter "Look first: what would this branch change, on every cluster?"
git_ checkout --quiet -b nginx-1.27
sed -i 's/tag: "1.25"/tag: "1.27"/' "$work/repository/charts/web/values.yaml"
git_ commit --quiet --all --message "Update nginx to 1.27"
run swell plan web --revision nginx-1.27

chapter "Merge it: the canary must be well, and its smoke test pass, before the next wave begins"
git_ checkout --quiet main
git_ merge --quiet --ff-only nginx-1.27
follow web 2

chapter "Merge a bad change: an image that never becomes ready"
sed -i 's/tag: "1.27"/tag: "1.28-broken"/' "$work/repository/charts/web/values.yaml"
git_ commit --quiet --all --message "Update nginx to 1.28"
follow web 3
run swell status web

chapter "What every cluster saw of it: 11 nothing, the canary is back"
run swell rollout web 3

chapter "Go back to the first version, in the same waves"
run swell rollback web --to 1 --wait
run swell history web

chapter "Merge a mistake: a ConfigMap is gone from Git, so it is pruned. Bring it back"
git_ rm --quiet apps/info/configmap.yaml
git_ commit --quiet --message "Tidy up"
follow info 2
run swell deleted info
run swell undelete info --reason "the dashboard still reads it"

chapter "Nobody edited what happened: the ledger is a hash chain"
run swell history verify

chapter "What to try next"
cat <<END
The bad revision is quarantined; automatic sync is still on, and the next good commit deploys by
itself. Next, in another terminal:

  export PATH=$root/build/$preset/bin:\$PATH SWELL_SERVER=$SWELL_SERVER
  cd $work/repository && sed -i 's/1.28-broken/1.29/' charts/web/values.yaml && git commit -qam "Fix" && swell watch web
  swell diff web                     # what a sync would change
  swell freeze web --reason "sale"   # nothing of it is written until swell unfreeze
  swell report                       # deployments, lead times, failures
  swell events web
  kubectl --kubeconfig $work/fleet/kubeconfig --context c01 -n shop get all
END

if [ "$once" = no ]; then
  printf '\nServing until Ctrl-C; logs are in %s/*.log\n' "$work"
  wait
fi
