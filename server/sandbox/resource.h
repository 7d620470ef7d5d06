#pragma once
// The kinds that a simulated cluster serves: the built-in table and what
// CustomResourceDefinitions add.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "renderer/schema/schema.h"

namespace swell::sandbox {

class CrdSchema;

struct Resource {
  std::string group, version, kind, plural, singular;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool has_status = false;
  bool has_scale = false;
  bool read_write = true;  // false: create only (reviews)
  bool tracks_generation = false;
  // Of custom resources: every served version; the stored objects carry `version`.
  std::vector<std::string> versions;
  bool custom = false;
  std::shared_ptr<const CrdSchema> schema;  // a custom resource's, else null
  Value columns;                            // additionalPrinterColumns, else null
  int index = -1;  // where the store keeps its objects; stable while it lives

  // How the fields merge; nullptr where nothing is known.
  const schema::FieldInfo* info() const;
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "deployments.apps", "configmaps": how the server names it in messages.
  std::string qualified() const { return group.empty() ? plural : plural + "." + group; }
  std::string qualified_kind() const { return group.empty() ? kind : kind + "." + group; }
};

// Not thread-safe: the cluster's lock guards it. Pointers to resources stay valid until the
// registry is destroyed (a removed custom resource is only unlisted).
class Registry {
 public:
  Registry();

  const Resource* Find(std::string_view group, std::string_view version,
                       std::string_view plural) const;
  const Resource* FindKind(std::string_view group, std::string_view kind) const;
  // Every group with its versions, the preferred first; "" is the core group.
  std::vector<std::pair<std::string, std::vector<std::string>>> Groups() const;
  bool HasGroupVersion(std::string_view group, std::string_view version) const;
  std::vector<const Resource*> Served(std::string_view group, std::string_view version) const;
  const std::vector<const Resource*>& all() const { return served_; }
  // Changes with every change of the table: discovery's ETag.
  std::uint64_t revision() const { return revision_; }
  std::size_t slots() const { return owned_.size(); }

  // Adds or replaces what the CustomResourceDefinition defines. Requires a valid definition.
  const Resource* AddCustom(const Value& definition);
  void RemoveCustom(std::string_view group, std::string_view plural);

 private:
  Resource* Own(Resource resource);

  std::vector<std::shared_ptr<Resource>> owned_;
  std::vector<const Resource*> served_;
  std::uint64_t revision_ = 1;
};

// The table of built-in kinds (Kubernetes 1.36's stable ones that a GitOps fleet touches).
std::vector<Resource> BuiltinResources();

}  // namespace swell::sandbox
