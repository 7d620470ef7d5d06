// The keywords that look at one kind of value.

#include <cmath>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "base/value/number.h"
#include "renderer/jsonschema/validator.h"

namespace swell::jsonschema {
namespace {

// Numbers are compared by value: 1 and 1.0 are the same. Counts what it looks at in `steps`.
bool SameJson(const Value& a, const Value& b, std::uint64_t& steps) {
  ++steps;
  if (a.is_number() && b.is_number()) {
    if (a.is_int() && b.is_int()) return a.as_int() == b.as_int();
    return a.as_float() == b.as_float();
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!SameJson(a[i], b[i], steps)) return false;
    }
    return true;
  }
  if (a.is_object()) {
    for (const Member& m : a.members()) {
      const Value* other = b.Find(m.name());
      if (other == nullptr || !SameJson(m.value, *other, steps)) return false;
    }
    return true;
  }
  steps += a.as_string().size() / 256;
  return a == b;
}

std::string_view TypeName(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "null";
    case Value::Type::kBool:
      return "boolean";
    case Value::Type::kInt:
    case Value::Type::kFloat:
      return "number";
    case Value::Type::kString:
      return "string";
    case Value::Type::kArray:
      return "array";
    case Value::Type::kObject:
      return "object";
  }
  return "";
}

bool HasType(const Value& value, std::string_view type) {
  if (type == TypeName(value)) return true;
  return type == "integer" && value.is_number() &&
         (value.is_int() || std::floor(value.as_float()) == value.as_float());
}

std::string NumberText(const Value& value) {
  return value.is_int() ? std::to_string(value.as_int()) : FormatFloatG(value.as_float());
}

// Scalars as messages show them.
std::string Display(const Value& value) {
  if (value.is_string()) return QuoteSingle(value.as_string());
  if (value.is_null()) return "<nil>";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  return NumberText(value);
}

bool IsComposite(const Value& value) { return value.is_array() || value.is_object(); }

std::string TypeMismatch(const Value& types, const Value& instance) {
  std::string want;
  for (const char* name : {"null", "boolean", "number", "integer", "string", "array", "object"}) {
    bool listed = types.as_string() == name;
    for (const Value& type : types.items()) listed = listed || type.as_string() == name;
    if (!listed) continue;
    if (!want.empty()) want += " or ";
    want += name;
  }
  return "got " + std::string(TypeName(instance)) + ", want " + want;
}

std::string EnumMismatch(const Value& values) {
  std::string want;
  for (const Value& value : values.items()) {
    if (IsComposite(value)) return "'enum' failed";
    if (!want.empty()) want += ", ";
    want += Display(value);
  }
  return (values.size() == 1 ? "value must be " : "value must be one of ") + want;
}

std::size_t RuneCount(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    i += static_cast<std::size_t>(DecodeRune(text.substr(i)).length);
  }
  return count;
}

}  // namespace

Result<bool> Validator::AreEqual(const Value& a, const Value& b) {
  std::uint64_t steps = 0;
  const bool same = SameJson(a, b, steps);
  TRY(Spend(steps));
  return same;
}

Result<bool> Validator::CheckValue(Frame& frame) {
  const Value& instance = frame.instance;
  // Before 2019-09 a reference hides everything beside it.
  if (compiled_.draft < Draft::k2019 && frame.schema.Has("$ref")) return true;
  if (const Value* types = frame.Find("type")) {
    TRY(Spend(types->items().size() / 16));
    bool matched = types->is_string() && HasType(instance, types->as_string());
    for (const Value& type : types->items())
      matched = matched || HasType(instance, type.as_string());
    if (!matched && !(types->is_array() && types->empty())) {
      frame.Add(TypeMismatch(*types, instance));
      return false;
    }
  }
  if (const Value* wanted = frame.Find("const");
      wanted != nullptr && !TRY(AreEqual(instance, *wanted))) {
    frame.Add(IsComposite(*wanted) ? "'const' failed" : "value must be " + Display(*wanted));
    return false;
  }
  if (const Value* values = frame.Find("enum")) {
    bool matched = false;
    for (const Value& value : values->items()) matched = matched || TRY(AreEqual(instance, value));
    if (!matched) {
      frame.Add(EnumMismatch(*values));
      return false;
    }
  }
  // Formats are asserted up to draft-07.
  const Value* format = frame.Find("format");
  if (format != nullptr && compiled_.draft <= Draft::k7 && instance.is_string()) {
    TRY(Spend(instance.as_string().size() / 16));
    const std::string violation = FormatViolation(format->as_string(), instance.as_string());
    if (!violation.empty()) {
      frame.Add(Display(instance) + " is not valid " + format->str() + ": " + violation);
      return false;
    }
  }
  return true;
}

Status Validator::CheckString(Frame& frame) {
  if (!frame.instance.is_string()) return {};
  const std::string_view text = frame.instance.as_string();
  TRY(Spend(text.size() / 64));
  const Value* min = frame.Find("minLength");
  const Value* max = frame.Find("maxLength");
  if (min != nullptr || max != nullptr) {
    const auto length = static_cast<double>(RuneCount(text));
    if (min != nullptr && length < min->as_float()) {
      frame.Add("minLength: got " + FormatFloatJson(length) + ", want " + NumberText(*min));
    }
    if (max != nullptr && length > max->as_float()) {
      frame.Add("maxLength: got " + FormatFloatJson(length) + ", want " + NumberText(*max));
    }
  }
  if (const Value* pattern = frame.Find("pattern")) {
    const auto compiled = compiled_.patterns.find(pattern->as_string());
    if (compiled == compiled_.patterns.end()) return {};
    TRY(Spend(compiled->second->Steps(text.size())));
    if (!compiled->second->Matches(text)) {
      frame.Add(QuoteSingle(text) + " does not match pattern " + QuoteSingle(pattern->as_string()));
    }
  }
  return {};
}

void Validator::CheckNumber(Frame& frame) {
  if (!frame.instance.is_number()) return;
  const double number = frame.instance.as_float();
  const auto report = [&](std::string_view keyword, const Value& limit) {
    frame.Add(std::string(keyword) + ": got " + NumberText(frame.instance) + ", want " +
              NumberText(limit));
  };
  const Value* min = frame.Find("minimum");
  const Value* max = frame.Find("maximum");
  const Value* above = frame.Find("exclusiveMinimum");
  const Value* below = frame.Find("exclusiveMaximum");
  // In draft 4 these are flags on minimum and maximum.
  const bool open_min = above != nullptr && above->is_bool() && above->as_bool();
  const bool open_max = below != nullptr && below->is_bool() && below->as_bool();
  if (min != nullptr && (open_min ? number <= min->as_float() : number < min->as_float())) {
    report(open_min ? "exclusiveMinimum" : "minimum", *min);
  }
  if (max != nullptr && (open_max ? number >= max->as_float() : number > max->as_float())) {
    report(open_max ? "exclusiveMaximum" : "maximum", *max);
  }
  if (above != nullptr && above->is_number() && number <= above->as_float()) {
    report("exclusiveMinimum", *above);
  }
  if (below != nullptr && below->is_number() && number >= below->as_float()) {
    report("exclusiveMaximum", *below);
  }
  if (const Value* step = frame.Find("multipleOf"); step != nullptr && step->as_float() > 0) {
    const double quotient = number / step->as_float();
    // 0.3 is a multiple of 0.1, whatever binary fractions say.
    if (std::abs(quotient - std::round(quotient)) > 1e-9 * std::max(1.0, std::abs(quotient))) {
      report("multipleOf", *step);
    }
  }
}

Status Validator::CheckArray(Frame& frame) {
  if (!frame.instance.is_array()) return {};
  const auto items = frame.instance.items();
  const auto size = static_cast<double>(items.size());
  if (const Value* min = frame.Find("minItems"); min != nullptr && size < min->as_float()) {
    frame.Add("minItems: got " + std::to_string(items.size()) + ", want " + NumberText(*min));
  }
  if (const Value* max = frame.Find("maxItems"); max != nullptr && size > max->as_float()) {
    frame.Add("maxItems: got " + std::to_string(items.size()) + ", want " + NumberText(*max));
  }
  TRY(CheckUnique(frame));
  TRY(CheckItems(frame));
  return CheckContains(frame);
}

Status Validator::CheckUnique(Frame& frame) {
  const Value* unique = frame.Find("uniqueItems");
  if (unique == nullptr || !unique->as_bool()) return {};
  const auto items = frame.instance.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = i + 1; j < items.size(); ++j) {
      if (!TRY(AreEqual(items[i], items[j]))) continue;
      frame.Add("items at " + std::to_string(i) + " and " + std::to_string(j) + " are equal");
      return {};
    }
  }
  return {};
}

Status Validator::CheckItems(Frame& frame) {
  const auto items = frame.instance.items();
  const bool new_style = compiled_.draft >= Draft::k2020;
  const Value* each = frame.Find("items");
  const Value* prefix = new_style ? frame.Find("prefixItems") : each;
  std::size_t next = 0;
  if (prefix != nullptr && prefix->is_array()) {
    for (; next < items.size() && next < prefix->size(); ++next) {
      TRY(Inside(frame, (*prefix)[next], items[next], std::to_string(next)));
      frame.evaluated.items.insert(next);
    }
    each = new_style ? each : frame.Find("additionalItems");
  }
  if (each == nullptr || each->is_array()) return {};
  if (!new_style && each->is_bool() && !each->as_bool() && next < items.size()) {
    frame.Add("last " + std::to_string(items.size() - next) + " additionalItem(s) not allowed");
    return {};
  }
  for (; next < items.size(); ++next) {
    TRY(Inside(frame, *each, items[next], std::to_string(next)));
    frame.evaluated.items.insert(next);
  }
  return {};
}

Status Validator::CheckContains(Frame& frame) {
  const Value* schema = frame.Find("contains");
  if (schema == nullptr || compiled_.draft == Draft::k4) return {};
  const auto items = frame.instance.items();
  std::size_t matched = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Evaluated ignored;
    if (TRY(Run(*schema, items[i], frame.location + "/" + std::to_string(i), frame.depth + 1,
                ignored))) {
      continue;
    }
    ++matched;
    if (compiled_.draft >= Draft::k2020) frame.evaluated.items.insert(i);
  }
  const Value* min = frame.Find("minContains");
  const Value* max = frame.Find("maxContains");
  if (min != nullptr && static_cast<double>(matched) < min->as_float()) {
    frame.Add("min " + NumberText(*min) + " items required to match contains schema, but matched " +
              std::to_string(matched));
  } else if (min == nullptr && matched == 0) {
    frame.Add("no items match contains schema");
  }
  if (max != nullptr && static_cast<double>(matched) > max->as_float()) {
    frame.Add("max " + NumberText(*max) + " items required to match contains schema, but matched " +
              std::to_string(matched));
  }
  return {};
}

}  // namespace swell::jsonschema
