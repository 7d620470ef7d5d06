#!/usr/bin/env bash
# Makes a real Kubernetes control plane for the tests and prints the folder that holds it:
# etcd, kube-apiserver and kube-controller-manager.
#
#   tests/controlplane/build.sh
#
# Where KUBEBUILDER_ASSETS is set, that folder is used as it is, whatever its version. Otherwise
# Kubernetes 1.20.2 is built from Debian's own source package (a few minutes, once) and kept under
# ${XDG_CACHE_HOME:-~/.cache}/swell/controlplane/VERSION. Two runs at a time do not race; an
# interrupted one leaves nothing half made behind.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The version and, after the plus, this recipe's own number: raise it when the result changes.
version=1.20.2+1
suite=bookworm

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  for program in etcd kube-apiserver; do
    if [ ! -x "$KUBEBUILDER_ASSETS/$program" ]; then
      echo "controlplane: KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS holds no program $program" >&2
      exit 1
    fi
  done
  echo "$KUBEBUILDER_ASSETS"
  exit 0
fi

root=${XDG_CACHE_HOME:-$HOME/.cache}/swell/controlplane
assets=$root/$version
log=$root/build-$version.log
ready() { [ -x "$assets/kube-controller-manager" ] && [ -x "$assets/etcd" ]; }
if ready; then
  echo "$assets"
  exit 0
fi

mkdir -p "$root"
exec 9>"$root/lock"
if ! flock -n 9; then
  echo "controlplane: another run is building $assets; waiting for it" >&2
  flock 9
fi
if ready; then
  echo "$assets"
  exit 0
fi

"$here/../../deploy/install-packages.sh" controlplane
go=go
if [ -x /usr/lib/go-1.19/bin/go ]; then go=/usr/lib/go-1.19/bin/go; fi

work=$(mktemp -d "$root/work.XXXXXX")
step="starting"
finish() {
  local status=$?
  chmod -R u+w "$work" 2>/dev/null || true
  rm -rf "$work"
  if [ "$status" -ne 0 ]; then
    echo "controlplane: failed while $step; the end of $log:" >&2
    tail -n 15 "$log" >&2 || true
  fi
}
trap finish EXIT
: >"$log"
begin() {
  step=$1
  echo "== $(date +%T) $step" >>"$log"
}

# A sources list of our own: the machine's configuration stays as it is, its mirror is used.
begin "downloading Debian's kubernetes source package"
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" 2>/dev/null | head -n 1)
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/download"
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
  "${mirror:-http://deb.debian.org/debian} $suite main" >"$work/apt/sources.list"
apt=(apt-get -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root
  -o Acquire::Retries=3)
"${apt[@]}" update >>"$log" 2>&1
(cd "$work/download" && "${apt[@]}" source --download-only kubernetes) >>"$log" 2>&1

begin "unpacking"
export GOPATH=$work/go GOCACHE=$work/gocache GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
unset GOROOT GOBIN
source=$GOPATH/src/k8s.io/kubernetes
mkdir -p "$source"
tar -xf "$work"/download/kubernetes_*really"${version%+*}".orig.tar.gz -C "$source" --strip-components=1
cd "$source"

begin "replacing reflect2"
# 1.0.1 crashes under Go 1.18 and later as soon as a custom resource is stored.
rm -rf vendor/github.com/modern-go/reflect2
cp -rL /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/reflect2
rm -f vendor/github.com/modern-go/reflect2/*_test.go

begin "generating the OpenAPI definitions"
# The one generated file that the package leaves out.
nice "$go" build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen >>"$log" 2>&1
packages=$(grep -rl --include='*.go' '+k8s:openapi-gen=true' staging/src/k8s.io pkg |
  grep -Ev '/(sample|example)|_test\.go$|testdata|kube-openapi/' | xargs -n 1 dirname | sort -u |
  sed -e 's|^staging/src/|vendor/|' -e 's|^|k8s.io/kubernetes/|' | paste -sd,)
"$work/openapi-gen" --logtostderr --input-dirs "$packages" \
  --output-base "$GOPATH/src" --output-package k8s.io/kubernetes/pkg/generated/openapi \
  --output-file-base zz_generated.openapi --report-filename "$work/openapi-report" \
  --go-header-file hack/boilerplate/boilerplate.generatego.txt >>"$log" 2>&1

begin "compiling kube-apiserver and kube-controller-manager"
echo "controlplane: building Kubernetes ${version%+*} (once, a few minutes; log: $log)" >&2
flags="-s -w"
for module in component-base/version client-go/pkg/version; do  # --version reads one, /version the other
  module=k8s.io/kubernetes/vendor/k8s.io/$module
  flags+=" -X $module.gitVersion=v${version%+*} -X $module.gitMajor=1 -X $module.gitMinor=20"
done
mkdir "$work/assets"
nice "$go" build -ldflags "$flags" -o "$work/assets/" \
  ./cmd/kube-apiserver ./cmd/kube-controller-manager >>"$log" 2>&1
cp "$(command -v etcd)" "$work/assets/etcd"  # a copy: the folder stays whole without the package

begin "checking the programs"
"$work/assets/kube-apiserver" --version >>"$log" 2>&1
"$work/assets/kube-controller-manager" --version >>"$log" 2>&1
rm -rf "$assets"
mv "$work/assets" "$assets"
echo "$assets"
