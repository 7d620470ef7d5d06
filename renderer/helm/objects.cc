#include "renderer/helm/objects.h"

#include <unordered_map>

namespace swell::helm {
namespace {

using gotemplate::Any;
using gotemplate::Map;

class ValuesMaker {
 public:
  Any Make(const TablePtr& table, const gotemplate::Type* type) {
    if (auto known = known_.find(table.get()); known != known_.end()) return known->second;
    Any map = Any::NewMap(type);
    known_.emplace(table.get(), map);
    for (const auto& [key, node] : table->entries()) {
      map.as_map()->Set(key, node.is_table()
                                 ? Make(node.table, gotemplate::types::kAnyMap)
                                 : gotemplate::FromValue(node.leaf, gotemplate::Numbers::kKeep));
    }
    return map;
  }

 private:
  std::unordered_map<const Table*, Any> known_;
};

void Set(Any& map, std::string_view key, Any value) { map.as_map()->Set(key, std::move(value)); }

Any StringItems(const std::vector<std::string>& items) {
  std::vector<Any> out;
  for (const std::string& item : items) out.push_back(Any::String(item));
  return Any::List(std::move(out));
}

Any DependencyMap(const Dependency& d) {
  Any out = Any::NewMap();
  Set(out, "Name", Any::String(d.name));
  Set(out, "Version", Any::String(d.version));
  Set(out, "Repository", Any::String(d.repository));
  Set(out, "Condition", Any::String(d.condition));
  Set(out, "Tags", StringItems(d.tags));
  Set(out, "Enabled", Any::Bool(d.enabled));
  std::vector<Any> imports;
  for (const Value& import : d.import_values) {
    // ProcessDependencies leaves the strings in their long form.
    Any entry = Any::NewMap(gotemplate::types::kStringMap);
    Set(entry, "child",
        Any::String(import.is_string() ? "exports." + import.str() : import["child"].str()));
    Set(entry, "parent", Any::String(import.is_string() ? "." : import["parent"].str()));
    imports.push_back(std::move(entry));
  }
  Set(out, "ImportValues", Any::List(std::move(imports)));
  Set(out, "Alias", Any::String(d.alias));
  return out;
}

}  // namespace

Any MakeValues(const TablePtr& values) {
  return ValuesMaker().Make(values, gotemplate::types::kValues);
}

Any MakeChart(const Metadata& md, bool is_root) {
  Any out = Any::NewMap();
  Set(out, "Name", Any::String(md.name));
  Set(out, "Home", Any::String(md.home));
  Set(out, "Sources", StringItems(md.sources));
  Set(out, "Version", Any::String(md.version));
  Set(out, "Description", Any::String(md.description));
  Set(out, "Keywords", StringItems(md.keywords));
  std::vector<Any> maintainers;
  for (const Maintainer& m : md.maintainers) {
    Any entry = Any::NewMap();
    Set(entry, "Name", Any::String(m.name));
    Set(entry, "Email", Any::String(m.email));
    Set(entry, "URL", Any::String(m.url));
    maintainers.push_back(std::move(entry));
  }
  Set(out, "Maintainers", Any::List(std::move(maintainers)));
  Set(out, "Icon", Any::String(md.icon));
  Set(out, "APIVersion", Any::String(md.api_version));
  Set(out, "Condition", Any::String(md.condition));
  Set(out, "Tags", Any::String(md.tags));
  Set(out, "AppVersion", Any::String(md.app_version));
  Set(out, "Deprecated", Any::Bool(md.deprecated));
  Any annotations = Any::NewMap(gotemplate::types::kStringMap);
  for (const auto& [key, value] : md.annotations) Set(annotations, key, Any::String(value));
  Set(out, "Annotations", std::move(annotations));
  Set(out, "KubeVersion", Any::String(md.kube_version));
  std::vector<Any> dependencies;
  for (const Dependency& d : md.dependencies) dependencies.push_back(DependencyMap(d));
  Set(out, "Dependencies", Any::List(std::move(dependencies)));
  Set(out, "Type", Any::String(md.type));
  Set(out, "IsRoot", Any::Bool(is_root));
  return out;
}

}  // namespace swell::helm
