#pragma once
// ConfigMaps and Secrets from key-value pairs, and the hash in their names.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct GeneratorOptions {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  bool disable_name_suffix_hash = false;
  bool immutable = false;
};

struct GeneratorArgs {
  std::string name;
  std::string ns;
  std::string behavior;
  std::string type;  // of a Secret; "" is Opaque
  GeneratorOptions options;
};

using KeyValuePairs = std::vector<std::pair<std::string, std::string>>;

// "key=value", one pair of equal quotes around the value is dropped.
Result<std::pair<std::string, std::string>> ParseLiteral(const std::string& literal);
// The lines of an env file: "KEY=value", comments and blank lines apart.
Result<KeyValuePairs> ParseEnvFile(const std::string& content);
// "[key=]path" -> key and path.
Result<std::pair<std::string, std::string>> ParseFileSource(const std::string& source);

// Errors: no name, a key twice. Keys are not checked further, as kustomize does not.
Result<Resource> MakeConfigMap(const GeneratorArgs& args, const KeyValuePairs& pairs);
Result<Resource> MakeSecret(const GeneratorArgs& args, const KeyValuePairs& pairs);

// kustomize's name suffix for an object: ten characters.
std::string ContentHash(const Value& object);
// Appends the hash to the names of all that want one.
Status AddHashes(ResourceMap& map);

}  // namespace swell::kustomize
