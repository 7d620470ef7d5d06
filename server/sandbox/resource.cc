#include "server/sandbox/resource.h"

#include <algorithm>

#include "base/core/strings.h"
#include "server/sandbox/crd_schema.h"

namespace swell::sandbox {
namespace {

bool Serves(const Resource& resource, std::string_view version) {
  return std::find(resource.versions.begin(), resource.versions.end(), version) !=
         resource.versions.end();
}

std::vector<std::string> Texts(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) texts.push_back(item.str());
  return texts;
}

}  // namespace

const schema::FieldInfo* Resource::info() const {
  if (schema != nullptr) return &schema->root();
  const schema::TypeSchema* type = schema::FindType({group, version, kind});
  return type == nullptr ? nullptr : &type->self();
}

Registry::Registry() {
  for (Resource& resource : BuiltinResources()) served_.push_back(Own(std::move(resource)));
}

Resource* Registry::Own(Resource resource) {
  resource.index = static_cast<int>(owned_.size());
  owned_.push_back(std::make_shared<Resource>(std::move(resource)));
  return owned_.back().get();
}

const Resource* Registry::Find(std::string_view group, std::string_view version,
                               std::string_view plural) const {
  for (const Resource* resource : served_) {
    if (resource->group == group && resource->plural == plural && Serves(*resource, version)) {
      return resource;
    }
  }
  return nullptr;
}

const Resource* Registry::FindKind(std::string_view group, std::string_view kind) const {
  for (const Resource* resource : served_) {
    if (resource->group == group && resource->kind == kind) return resource;
  }
  return nullptr;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Registry::Groups() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Resource* resource : served_) {
    auto it = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& g) { return g.first == resource->group; });
    if (it == groups.end()) it = groups.insert(it, {resource->group, {}});
    for (const std::string& version : resource->versions) {
      auto& versions = it->second;
      if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
        versions.push_back(version);
      }
    }
  }
  return groups;
}

bool Registry::HasGroupVersion(std::string_view group, std::string_view version) const {
  return std::any_of(served_.begin(), served_.end(), [&](const Resource* resource) {
    return resource->group == group && Serves(*resource, version);
  });
}

std::vector<const Resource*> Registry::Served(std::string_view group,
                                              std::string_view version) const {
  std::vector<const Resource*> found;
  for (const Resource* resource : served_) {
    if (resource->group == group && Serves(*resource, version)) found.push_back(resource);
  }
  return found;
}

const Resource* Registry::AddCustom(const Value& definition) {
  const Value& spec = definition["spec"];
  const Value& names = spec["names"];
  Resource resource;
  resource.group = spec["group"].str();
  resource.kind = names["kind"].str();
  resource.plural = names["plural"].str();
  resource.singular = names.Has("singular") ? names["singular"].str() : ToLower(resource.kind);
  resource.short_names = Texts(names["shortNames"]);
  resource.categories = Texts(names["categories"]);
  resource.namespaced = spec["scope"].as_string() != "Cluster";
  resource.custom = true;
  resource.tracks_generation = true;
  for (const Value& version : spec["versions"].items()) {
    if (!version["served"].as_bool()) continue;
    resource.versions.push_back(version["name"].str());
    if (!version["storage"].as_bool() && !resource.version.empty()) continue;
    resource.version = version["name"].str();
    resource.schema = std::make_shared<const CrdSchema>(version.At({"schema", "openAPIV3Schema"}));
    resource.columns = version["additionalPrinterColumns"];
    resource.has_status = version["subresources"].Has("status");
    resource.has_scale = version["subresources"].Has("scale");
  }
  ++revision_;
  for (auto& owned : owned_) {
    if (!owned->custom || owned->group != resource.group || owned->plural != resource.plural) {
      continue;
    }
    resource.index = owned->index;
    *owned = std::move(resource);
    if (std::find(served_.begin(), served_.end(), owned.get()) == served_.end()) {
      served_.push_back(owned.get());
    }
    return owned.get();
  }
  served_.push_back(Own(std::move(resource)));
  return served_.back();
}

void Registry::RemoveCustom(std::string_view group, std::string_view plural) {
  const auto removed = std::remove_if(served_.begin(), served_.end(), [&](const Resource* r) {
    return r->custom && r->group == group && r->plural == plural;
  });
  if (removed == served_.end()) return;
  served_.erase(removed, served_.end());
  ++revision_;
}

}  // namespace swell::sandbox
