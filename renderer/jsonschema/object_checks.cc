// The keywords that look at objects.

#include "renderer/jsonschema/validator.h"

namespace swell::jsonschema {
namespace {

std::string JoinQuoted(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += QuoteSingle(name);
  }
  return out;
}

}  // namespace

// `because`: the property that demands the others, "" for the keyword required.
Status Validator::CheckRequired(Frame& frame, const Value& names, std::string_view because) {
  TRY(Spend(names.size() / 4));
  std::vector<std::string> missing;
  for (const Value& name : names.items()) {
    if (!frame.instance.Has(name.as_string())) missing.push_back(name.str());
  }
  if (missing.empty()) return {};
  if (!because.empty()) {
    frame.Add("properties " + JoinQuoted(missing) + " required, if " + QuoteSingle(because) +
              " exists");
  } else {
    frame.Add((missing.size() == 1 ? "missing property " : "missing properties ") +
              JoinQuoted(missing));
  }
  return {};
}

Status Validator::CheckObject(Frame& frame) {
  if (!frame.instance.is_object()) return {};
  const auto size = static_cast<double>(frame.instance.size());
  const std::string got = ": got " + std::to_string(frame.instance.size()) + ", want ";
  if (const Value* min = frame.Find("minProperties"); min != nullptr && size < min->as_float()) {
    frame.Add("minProperties" + got + std::to_string(min->as_int()));
  }
  if (const Value* max = frame.Find("maxProperties"); max != nullptr && size > max->as_float()) {
    frame.Add("maxProperties" + got + std::to_string(max->as_int()));
  }
  if (const Value* names = frame.Find("required")) TRY(CheckRequired(frame, *names, ""));
  if (const Value* dependencies = frame.Find("dependencies")) {
    TRY(Spend(dependencies->size() / 4));
    for (const Member& m : dependencies->members()) {
      if (!frame.instance.Has(m.name())) continue;
      if (m.value.is_array()) {
        TRY(CheckRequired(frame, m.value, m.name()));
      } else {
        TRY(Same(frame, m.value));
      }
    }
  }
  TRY(CheckMembers(frame));
  return CheckDependent(frame);
}

Status Validator::CheckMembers(Frame& frame) {
  const Value* properties = frame.Find("properties");
  const Value* patterns = frame.Find("patternProperties");
  const Value* additional = frame.Find("additionalProperties");
  std::vector<std::string> refused;
  for (const Member& m : frame.instance.members()) {
    bool evaluated = false;
    if (const Value* schema = properties != nullptr ? properties->Find(m.name()) : nullptr) {
      evaluated = true;
      TRY(Inside(frame, *schema, m.value, m.name()));
    }
    if (patterns != nullptr) {
      for (const Member& pattern : patterns->members()) {
        const auto compiled = compiled_.patterns.find(pattern.name());
        if (compiled == compiled_.patterns.end()) continue;
        TRY(Spend(1 + compiled->second->Steps(m.name().size())));
        if (!compiled->second->Matches(m.name())) continue;
        evaluated = true;
        TRY(Inside(frame, pattern.value, m.value, m.name()));
      }
    }
    if (!evaluated && additional != nullptr) {
      evaluated = true;
      if (additional->is_bool()) {
        if (!additional->as_bool()) refused.emplace_back(m.name());
      } else {
        TRY(Inside(frame, *additional, m.value, m.name()));
      }
    }
    if (evaluated) frame.evaluated.properties.insert(m.name());
  }
  if (!refused.empty()) frame.Add("additional properties " + JoinQuoted(refused) + " not allowed");
  return {};
}

Status Validator::CheckDependent(Frame& frame) {
  if (compiled_.draft == Draft::k4) return {};
  if (const Value* schema = frame.Find("propertyNames")) {
    for (const Member& m : frame.instance.members()) {
      Evaluated ignored;
      auto failure = TRY(Run(*schema, m.key, "", frame.depth + 1, ignored));
      if (!failure) continue;
      std::vector<Failure> causes;
      causes.push_back(*std::move(failure));
      frame.Add("invalid propertyName " + QuoteSingle(m.name()), std::move(causes));
    }
  }
  if (compiled_.draft < Draft::k7) return {};
  if (const Value* schemas = frame.Find("dependentSchemas")) {
    TRY(Spend(schemas->size() / 4));
    for (const Member& m : schemas->members()) {
      if (frame.instance.Has(m.name())) TRY(Same(frame, m.value));
    }
  }
  if (const Value* required = frame.Find("dependentRequired")) {
    TRY(Spend(required->size() / 4));
    for (const Member& m : required->members()) {
      if (frame.instance.Has(m.name())) TRY(CheckRequired(frame, m.value, m.name()));
    }
  }
  return {};
}

}  // namespace swell::jsonschema
