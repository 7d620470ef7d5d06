#pragma once
// The words after `swell kustomize build`.

#include <span>
#include <string>

#include "base/core/result.h"
#include "cli/commands/remote_fetch.h"
#include "renderer/kustomize/kustomize.h"

namespace swell::cli {

struct KustomizeBuildRequest {
  std::string folder = ".";  // or a URL
  std::string output;        // a file, or a folder for one file an object; "" is standard output
  kustomize::Options options;
  RemoteFetchOptions remotes{.flag = "--enable-remote"};
};

// kustomize's own flags, and Swell's (docs/kustomize.md). What would run programs or containers is
// kUnimplemented and named, as is what Swell lacks; what changes nothing is taken.
Result<KustomizeBuildRequest> ParseKustomizeBuild(std::span<const std::string> args);

}  // namespace swell::cli
