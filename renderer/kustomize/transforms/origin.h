#pragma once
// Where an object came from and what changed it: the annotations of kustomize's buildMetadata.

#include <string>
#include <string_view>

#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct Origin {
  std::string path;  // of the file, from the folder that is built
  std::string repo;  // of a remote base
  std::string ref;
  // Of what a generator made or a transformer changed: the file that configures it, and what
  // that says it is.
  std::string configured_in;
  std::string api_version;
  std::string kind;
  std::string name;
  std::string ns;

  // Of `below` in this place.
  Origin Below(std::string_view below) const;
};

inline constexpr std::string_view kOriginKey = "config.kubernetes.io/origin";
inline constexpr std::string_view kTransformationsKey =
    "alpha.config.kubernetes.io/transformations";

// Overwrites what the object says of itself.
Value WithOrigin(const Value& object, const Origin& origin);
Value WithoutAnnotation(const Value& object, std::string_view key);

// For objects that do not say yet where they are from.
Status AddOrigin(ResourceMap& map, const Origin& origin);

// For what a transformer has run over: one more transformation of every object; what has no
// origin yet was made by it.
Status AddTransformation(ResourceMap& map, const Origin& by);

}  // namespace swell::kustomize
