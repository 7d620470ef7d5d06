#pragma once
// The local commands that are drop-in for their peers: same arguments, same output, offline.

#include <span>
#include <string>

namespace swell::cli {

// `swell helm template NAME CHART …`: what `helm template` prints. `args` come after
// "helm template". Exit status: 0, or 1 with a message on standard error and nothing on
// standard output.
int HelmTemplate(std::span<const std::string> args);

// `swell kustomize build DIR|URL [--load-restrictor LoadRestrictionsNone] [--enable-helm]
//  [--enable-remote [--repository FILE]…]`: what `kustomize build` prints; offline but for
// --enable-remote. `args` come after "kustomize build"; exit status as above.
int KustomizeBuild(std::span<const std::string> args);

}  // namespace swell::cli
