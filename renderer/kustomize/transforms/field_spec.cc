#include "renderer/kustomize/transforms/field_spec.h"

#include <algorithm>
#include <utility>

#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {
namespace {

constexpr std::size_t kPathBytesPerStep = 32;
constexpr std::size_t kComparisonsPerStep = 8;

struct Walk {
  CreateKind create;  // kNever where the spec does not create
  const FieldSetter& set;
  Budget& budget;

  Result<Value> Visit(const Value& node, std::span<const std::string> path) const {
    if (path.empty()) return Set(node);
    TRY(budget.Spend(1));
    if (node.is_null()) return node;
    if (node.is_array()) return VisitList(node, path);
    if (node.is_object()) return VisitMap(node, path);
    return Fail(InvalidArgument("expected sequence or mapping node"));
  }

 private:
  Result<Value> Set(const Value& node) const {
    Value value = TRY(set(node));
    TRY(budget.AllowChange(node, value));
    return value;
  }

  Result<Value> VisitList(const Value& node, std::span<const std::string> path) const {
    std::vector<Value> items;
    bool changed = false;
    const std::span<const Value> old = node.items();
    for (std::size_t i = 0; i < old.size(); ++i) {
      Value item = TRY(Visit(old[i], path));
      if (!changed && item == old[i]) continue;
      if (!changed) items.assign(old.begin(), old.end());
      changed = true;
      items[i] = std::move(item);
    }
    return changed ? Value::Array(std::move(items)) : node;
  }

  Result<Value> VisitMap(const Value& node, std::span<const std::string> path) const {
    std::string_view name = path[0];
    const bool is_list = name.ends_with("[]");
    if (is_list) name.remove_suffix(2);
    if (name.empty()) return Fail(InvalidArgument("cannot set or create an empty field name"));
    const Value* field = node.Find(name);
    const bool may_create = create != CreateKind::kNever && !is_list;
    if (!field || field->is_null()) {
      if (field && is_list) return node.With(name, Value::EmptyArray());
      if (!may_create) return node;
      TRY(budget.Spend(node.size()));
      const bool last = path.size() == 1;
      const Value made = last && create == CreateKind::kScalar ? Value("") : Value::EmptyObject();
      return node.With(name, TRY(Visit(made, path.subspan(1))));
    }
    Value changed = TRY(Visit(*field, path.subspan(1)));
    if (changed == *field) return node;
    TRY(budget.Spend(node.size()));
    return node.With(name, std::move(changed));
  }
};

}  // namespace

std::vector<std::string> SplitFieldPath(std::string_view path, char separator) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == separator) {
      std::string& last = parts.back();
      if (last.ends_with('\\')) {
        last.back() = separator;
      } else {
        parts.emplace_back();
      }
    } else {
      parts.back() += path[i];
    }
  }
  if (parts.size() > 1 && parts.front().empty()) parts.erase(parts.begin());
  return parts;
}

Result<Value> ApplyFieldSpec(const Value& object, const GroupVersionKind& gvk,
                             const FieldSpec& spec, CreateKind create, const FieldSetter& set,
                             Budget& budget) {
  TRY(budget.Spend(1));
  if (!IsSelected(gvk, spec.gvk)) return object;
  TRY(budget.Spend(spec.path.size() / kPathBytesPerStep));
  const std::vector<std::string> path = SplitFieldPath(spec.path);
  TRY(CheckPathLength(path.size(), spec.path));
  const Walk walk{spec.create ? create : CreateKind::kNever, set, budget};
  auto result = walk.Visit(object, path);
  if (!result) {
    const ResourceId id{gvk, object["metadata"]["name"].str(),
                        object["metadata"]["namespace"].str()};
    return Fail(std::move(result).error().Wrap("considering field '" + spec.path + "' of object " +
                                               id.ToString()));
  }
  return result;
}

Status MergeFieldSpecs(std::vector<FieldSpec>& specs, std::span<const FieldSpec> more,
                       Budget& budget) {
  // Each is compared with all; most differ in the first bytes.
  TRY(budget.Spend(specs.size() * more.size() / kComparisonsPerStep));
  for (const FieldSpec& spec : more) {
    auto same = std::ranges::find_if(specs, [&](const FieldSpec& s) {
      return IsSelected(s.gvk, spec.gvk) && s.path == spec.path;
    });
    if (same == specs.end()) {
      specs.push_back(spec);
    } else if (same->create != spec.create) {
      return Fail(InvalidArgument("conflicting fieldspecs: the path " + spec.path +
                                  " is given once with create and once without"));
    }
  }
  return {};
}

}  // namespace swell::kustomize
