#pragma once
// Reading the configurations of built-in plugins, and what runs them.

#include <map>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"
#include "renderer/kustomize/decode.h"

namespace swell::kustomize {

// What a plugin runs on.
struct Stage {
  const Target& target;
  BuildState& build;
  ResourceMap& map;
};

using Plugin = Status (*)(const Stage& stage, const Value& config);
using Plugins = std::map<std::string_view, Plugin>;  // by kind

const Plugins& GeneratorPlugins();
const Plugins& TransformerPlugins();

// The rules of the fields that a plugin's configuration has; others are ignored, as kustomize
// ignores them there.
Status ReadConfig(const Value& config, const std::vector<FieldRule>& rules);

}  // namespace swell::kustomize
