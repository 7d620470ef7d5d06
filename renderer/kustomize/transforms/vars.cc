#include "renderer/kustomize/transforms/vars.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/value/number.h"
#include "renderer/kustomize/transforms/path_matcher.h"

namespace swell::kustomize {
namespace {

constexpr std::size_t kComparisonsPerStep = 8;

using Values = std::map<std::string, Value>;

std::string Show(const Var& var) {
  return "{" + var.name + " " + var.object.ToString() + " {" + var.field_path + "}}";
}

// "spec.ports[0].port" -> the steps of a replacement's path.
std::vector<std::string> SplitVarPath(const std::string& path) {
  std::vector<std::string> steps;
  for (std::string& part : SplitReplacementPath(path)) {
    const std::size_t open = part.rfind('[');
    const bool index = open != part.npos && part.ends_with(']') && open + 2 < part.size() &&
                       part.find_first_not_of("0123456789", open + 1) == part.size() - 1;
    if (!index) {
      steps.push_back(std::move(part));
      continue;
    }
    if (open > 0) steps.push_back(part.substr(0, open));
    steps.push_back(part.substr(open + 1, part.size() - open - 2));
  }
  return steps;
}

Result<Values> FindValues(const ResourceMap& map, const std::vector<Var>& vars) {
  std::map<std::string, const Resource*> bound;
  for (const auto& resource : map.all()) {
    for (const std::string& name : resource->var_names) bound.emplace(name, resource.get());
  }
  Values values;
  for (const Var& var : vars) {
    auto object = bound.find(var.name);
    if (object == bound.end()) {
      return Fail(InvalidArgument("var '" + Show(var) +
                                  "' cannot be mapped to a field in the set of known resources"));
    }
    const auto found =
        FindPath(object->second->value(), SplitVarPath(var.field_path), map.budget());
    const Value* field = found ? *found : nullptr;
    if (!field) {
      return Fail(InvalidArgument("field specified in var '" + Show(var) +
                                  "' not found in corresponding resource"));
    }
    values[var.name] = *field;
  }
  return values;
}

std::string GoText(const Value& value) {
  return value.is_float() ? FormatFloatG(value.as_float()) : ScalarText(value);
}

// Expands "$(NAME)"; "$$" is a dollar sign. A text that is one reference and nothing else
// takes the value with its type.
class Expander {
 public:
  Expander(const Values& values, Budget& budget) : values_(values), budget_(budget) {}

  Result<Value> Expand(const std::string& text) const {
    std::string out;
    const std::size_t last_close = text.rfind(')');
    TRY(budget_.Allow(text.size()));
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char next = text[i + 1];
      const bool closes = next == '(' && last_close != text.npos && last_close > i + 1;
      const std::size_t close = closes ? text.find(')', i + 2) : text.npos;
      if (close == text.npos) {
        if (next != '$') out += '$';
        out += next;
        ++i;
        continue;
      }
      const std::string reference = text.substr(i, close - i + 1);
      const Value* value = Find(text.substr(i + 2, close - i - 2));
      if (value && reference == text) return *value;
      const std::string put = value ? GoText(*value) : reference;
      TRY(budget_.Allow(put.size()));
      out += put;
      // No text is larger than all objects may be.
      if (out.size() > budget_.limits().max_output_bytes) {
        TRY(budget_.AllowChange(Value(), Value(out)));
      }
      i = close;
    }
    return Value(out);
  }

  Result<Value> Set(const Value& field) const {
    if (field.is_string()) return Expand(field.str());
    if (field.is_array()) {
      std::vector<Value> items;
      for (const Value& item : field.items()) {
        if (!item.is_string()) return Fail(InvalidArgument("invalid value type expect a string"));
        items.push_back(TRY(Expand(item.str())));
      }
      return Value::Array(std::move(items));
    }
    std::vector<Member> members;
    for (const Member& member : field.members()) {
      members.emplace_back(
          member.key, member.value.is_string() ? TRY(Expand(member.value.str())) : member.value);
    }
    return field.is_object() ? Value::Object(std::move(members)) : field;
  }

 private:
  // Only scalars can be put into a text.
  const Value* Find(const std::string& name) const {
    auto it = values_.find(name);
    if (it == values_.end()) return nullptr;
    const Value& value = it->second;
    return value.is_string() || value.is_number() || value.is_bool() ? &value : nullptr;
  }

  const Values& values_;
  Budget& budget_;
};

}  // namespace

Status BindVars(ResourceMap& map, std::span<const Var> vars) {
  for (const Var& var : vars) {
    auto fits = [&](const ResourceId& id) {
      return id.gvk == var.object.gvk && id.name == var.object.name &&
             ((var.object.ns.empty() && !var.object.cluster_scoped()) ||
              id.EffectiveNamespace() == var.object.EffectiveNamespace());
    };
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < map.size(); ++i) {
      const Resource& resource = map.at(i);
      TRY(map.budget().Spend(1 + resource.previous_ids().size()));
      if (fits(resource.id()) || std::ranges::any_of(resource.previous_ids(), fits)) {
        matched.push_back(i);
      }
    }
    if (matched.size() > 1) {
      return Fail(InvalidArgument("found " + std::to_string(matched.size()) +
                                  " resId matches for var " + Show(var) +
                                  " (unable to disambiguate)"));
    }
    if (matched.size() == 1) map.Mutable(matched[0]).var_names.push_back(var.name);
  }
  return {};
}

Status MergeVars(std::vector<Var>& vars, std::span<const Var> more, Budget& budget) {
  TRY(budget.Spend((vars.size() + more.size()) * more.size() / kComparisonsPerStep));
  for (const Var& var : more) {
    if (std::ranges::find(vars, var.name, &Var::name) != vars.end()) {
      return Fail(InvalidArgument("var '" + var.name + "' already encountered"));
    }
    vars.push_back(var);
  }
  return {};
}

Status ResolveVars(ResourceMap& map, std::vector<Var> vars, std::span<const FieldSpec> specs) {
  if (vars.empty()) return {};
  std::ranges::sort(vars, {}, &Var::name);
  const Values values = TRY(FindValues(map, vars));
  const Expander expander(values, map.budget());
  const FieldSetter set = [&](const Value& field) { return expander.Set(field); };
  for (std::size_t i = 0; i < map.size(); ++i) {
    Value object = map.at(i).value();
    for (const FieldSpec& spec : specs) {
      object = TRY(
          ApplyFieldSpec(object, map.at(i).id().gvk, spec, CreateKind::kNever, set, map.budget()));
    }
    TRY(map.SetValue(i, std::move(object)));
  }
  return {};
}

}  // namespace swell::kustomize
