#!/bin/bash
# Drives simulated clusters with a stock kubectl: what it prints and how it exits.
#   kubectl_test.sh PATH-TO-SWELL-SANDBOX
set -u
sandbox=${1:?usage: kubectl_test.sh PATH-TO-SWELL-SANDBOX}
command -v kubectl >/dev/null || { echo "no kubectl: skipped"; exit 77; }

dir=$(mktemp -d)
"$sandbox" --clusters 2 --kubeconfig-out "$dir" --step-delay 100ms >"$dir/out" 2>"$dir/err" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
for _ in $(seq 100); do grep -q ready "$dir/out" && break; sleep 0.1; done
grep -q ready "$dir/out" || { cat "$dir/err"; echo "FAIL: not ready"; exit 1; }

export KUBECONFIG="$dir/kubeconfig"
failures=0
k() { timeout 60 kubectl --cache-dir="$dir/cache" "$@" 2>&1; }
# expect TITLE EXIT-CODE REGEX OUTPUT: the last command's code and words.
check() {
  local title=$1 want=$2 pattern=$3 code=$4 text=$5
  if [ "$code" != "$want" ] || ! grep -qE -- "$pattern" <<<"$text"; then
    echo "FAIL: $title (exit $code, wanted $want; pattern $pattern)"; echo "$text"
    failures=$((failures + 1))
  else
    echo "ok: $title"
  fi
}
run() { local title=$1 want=$2 pattern=$3; shift 3; local text; text=$(k "$@"); check "$title" "$want" "$pattern" $? "$text"; }

cat >"$dir/app.yaml" <<'YAML'
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 3
  progressDeadlineSeconds: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: web:v1
        ports: [{containerPort: 80}]
        env: [{name: A, value: b}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: m, image: "m:v1"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: red}
YAML

run "version" 0 'v1.36.0\+swell-sandbox' version
run "api-resources knows short names" 0 'deployments +deploy +apps/v1' api-resources
run "second context" 0 'kube-system' --context c02 get ns
run "client-side apply" 0 'deployment.apps/web created' apply -f "$dir/app.yaml"
run "rollout status" 0 'successfully rolled out' -n shop rollout status deploy/web --timeout=30s
run "apply again changes nothing" 0 'deployment.apps/web unchanged' apply -f "$dir/app.yaml"
run "get shows readiness" 0 'web +3/3 +3 +3' -n shop get deploy
run "get -A" 0 'shop +web-' get pods -A
run "load balancer address" 0 'LoadBalancer +10\.96\.[0-9.]+ +203\.0\.113\.' -n shop get svc
run "job completes" 0 'condition met' -n shop wait --for=condition=complete job/migrate --timeout=20s
run "describe" 0 'NewReplicaSetAvailable' -n shop describe deploy web
run "yaml output" 0 'resourceVersion:' -n shop get cm settings -o yaml
run "label selector" 0 'web-' -n shop get pods -l app=web
run "field selector" 0 'settings' -n shop get cm --field-selector metadata.name=settings
run "pages" 0 'web-' -n shop get pods --chunk-size=1

sed 's/web:v1/web:v2/' "$dir/app.yaml" >"$dir/app2.yaml"
run "diff finds the image" 1 '\+ +- ?image: web:v2|\+ +image: web:v2' diff -f "$dir/app2.yaml"
run "apply a change" 0 'deployment.apps/web configured' apply -f "$dir/app2.yaml"
run "rolls over" 0 'successfully rolled out' -n shop rollout status deploy/web --timeout=30s
run "history" 0 '^2 ' -n shop rollout history deploy/web
run "undo" 0 'rolled back' -n shop rollout undo deploy/web
run "rolls back" 0 'successfully rolled out' -n shop rollout status deploy/web --timeout=30s
run "restart" 0 'restarted' -n shop rollout restart deploy/web
run "rolls once more" 0 'successfully rolled out' -n shop rollout status deploy/web --timeout=30s

sed 's/web:v1/web:broken/' "$dir/app.yaml" >"$dir/broken.yaml"
run "apply a broken image" 0 'configured' apply -f "$dir/broken.yaml"
run "misses its deadline" 1 'exceeded its progress deadline' -n shop rollout status deploy/web --timeout=30s
run "old pods serve on" 0 'web +3/3' -n shop get deploy
run "the new pod says why" 0 'ImagePullBackOff' -n shop get pods

run "server-side apply" 0 'configmap/settings serverside-applied' apply --server-side --force-conflicts -f "$dir/app2.yaml"
sed 's/colour: red/colour: blue/' "$dir/app2.yaml" >"$dir/app3.yaml"
run "conflict between managers" 1 'conflict with "kubectl".*\.data\.colour' apply --server-side --field-manager=other -f "$dir/app3.yaml"
run "force" 0 'settings serverside-applied' apply --server-side --field-manager=other --force-conflicts -f "$dir/app3.yaml"
run "ownership is recorded" 0 'manager: other' -n shop get cm settings -o yaml --show-managed-fields
run "server dry run" 0 'server dry run' apply --dry-run=server -f "$dir/app.yaml"
run "scale" 0 'scaled' -n shop scale deploy/web --replicas=5
run "strategic patch" 0 'patched' -n shop patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:v1"}]}}}}'
run "both containers" 0 'main side|side main' -n shop get deploy web -o 'jsonpath={.spec.template.spec.containers[*].name}'
run "json patch" 0 'patched' -n shop patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":1}]'
run "label" 0 'labeled' -n shop label cm settings team=a
run "immutable field" 1 'field is immutable' -n shop patch deploy web --type=merge -p '{"spec":{"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}}}}}'

timeout 4 kubectl --cache-dir="$dir/cache" -n shop get cm -w >"$dir/watch" 2>&1 &
watcher=$!
sleep 1
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, namespace: shop}\n' | kubectl apply -f - >/dev/null
wait "$watcher"
check "watch hears of what comes late" 0 'late' 0 "$(cat "$dir/watch")"

cat >"$dir/crd.yaml" <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
YAML
run "definition" 0 'created' apply -f "$dir/crd.yaml"
run "established" 0 'condition met' wait --for=condition=Established crd/things.example.com --timeout=10s
printf 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t, namespace: shop}\nspec: {size: 3}\n' >"$dir/thing.yaml"
run "custom resource" 0 'thing.example.com/t created' apply -f "$dir/thing.yaml"
run "get custom resource" 0 '^t ' -n shop get things
run "delete definition" 0 'deleted' delete crd things.example.com --timeout=20s
run "its objects are gone" 1 "doesn't have a resource type|could not find the requested resource" get things -A

run "foreground delete" 0 'deleted' -n shop delete deploy web --cascade=foreground --timeout=20s
run "dependents are gone" 0 'No resources found' -n shop get rs
run "unknown object" 1 'NotFound' -n shop get deploy web
run "delete namespace" 0 'deleted' delete ns shop --timeout=30s
run "namespace is gone" 1 'NotFound' get ns shop

kill -TERM "$pid"; wait "$pid"; check "stops on SIGTERM" 0 '.' $? "stopped"
[ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
echo "all passed"
