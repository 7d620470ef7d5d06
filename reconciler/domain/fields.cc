#include "reconciler/domain/fields.h"

#include "base/core/strings.h"
#include "base/value/pointer.h"

namespace swell {
namespace {

// "/spec/waves/1/percent" -> "spec.waves[1].percent"
std::string DisplayPath(const std::string& pointer) {
  const auto tokens = ParsePointer(pointer);
  if (!tokens) return pointer;
  std::string out;
  for (const std::string& token : *tokens) {
    const bool index = !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
    if (index) {
      out += "[" + token + "]";
    } else {
      out += (out.empty() ? "" : ".") + token;
    }
  }
  return out;
}

std::string_view TypeName(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "null";
    case Value::Type::kBool:
      return "a boolean";
    case Value::Type::kInt:
    case Value::Type::kFloat:
      return "a number";
    case Value::Type::kString:
      return "a string";
    case Value::Type::kArray:
      return "a list";
    case Value::Type::kObject:
      return "an object";
  }
  return "unknown";
}

std::string Expected(std::string_view wanted, const Value& got) {
  std::string text = "expected " + std::string(wanted) + ", got " + std::string(TypeName(got));
  if (wanted == "a string" && (got.is_number() || got.is_bool())) text += " (quote it)";
  return text;
}

}  // namespace

Error Complaint::Make(const std::string& pointer, const std::string& what) const {
  const std::string path = DisplayPath(pointer);
  return InvalidArgument((path.empty() ? "" : path + ": ") + what).At(document_.SpanOf(pointer));
}

void Complaint::Say(const std::string& pointer, const std::string& what) {
  if (!error_) error_ = Make(pointer, what);
}

void Complaint::SayMissing(const std::string& pointer, const std::string& what) {
  if (!missing_) missing_ = Make(pointer, what);
}

Fields::Fields(Complaint& complaint, const Value& value, std::string pointer)
    : complaint_(complaint), value_(value), pointer_(std::move(pointer)) {
  if (!value_.is_object() && !value_.is_null()) {
    complaint_.Say(pointer_, Expected("an object", value_));
    value_ = Value();
  }
}

std::string Fields::PointerTo(std::string_view key) const {
  return pointer_ + "/" + EscapePointerToken(key);
}

void Fields::Complain(std::string_view key, const std::string& what) {
  complaint_.Say(key.empty() ? pointer_ : PointerTo(key), what);
}

const Value* Fields::Take(std::string_view key) {
  known_.insert(std::string(key));
  const Value* found = value_.Find(key);
  return found && !found->is_null() ? found : nullptr;
}

std::string Fields::String(std::string_view key, Presence presence) {
  const Value* found = Take(key);
  if (found && !found->is_string()) Complain(key, Expected("a string", *found));
  std::string text = found ? found->str() : "";
  if (presence == Presence::kRequired && text.empty()) {
    complaint_.SayMissing(value_.Has(key) ? PointerTo(key) : pointer_,
                          std::string(key) + " is required");
  }
  return text;
}

bool Fields::Bool(std::string_view key, bool fallback) {
  const Value* found = Take(key);
  if (found && !found->is_bool()) Complain(key, Expected("true or false", *found));
  return found ? found->as_bool(fallback) : fallback;
}

std::optional<int> Fields::Int(std::string_view key, int min, int max) {
  const Value* found = Take(key);
  if (!found) return std::nullopt;
  if (!found->is_int()) {
    Complain(key, Expected("a whole number", *found));
    return std::nullopt;
  }
  const std::int64_t n = found->as_int();
  if (n < min || n > max) {
    Complain(key, std::to_string(n) + " is not between " + std::to_string(min) + " and " +
                      std::to_string(max));
    return std::nullopt;
  }
  return static_cast<int>(n);
}

Duration Fields::Time(std::string_view key, Duration fallback) {
  const Value* found = Take(key);
  if (!found) return fallback;
  if (!found->is_string()) {
    Complain(key, Expected("a duration such as \"10m\"", *found));
    return fallback;
  }
  const auto parsed = ParseDuration(found->as_string());
  if (!parsed) {
    Complain(key, parsed.error().message());
    return fallback;
  }
  return *parsed;
}

Labels Fields::StringMap(std::string_view key) {
  Labels out;
  const Value* found = Take(key);
  if (!found) return out;
  if (!found->is_object()) Complain(key, Expected("an object", *found));
  for (const Member& m : found->members()) {
    if (!m.value.is_string()) {
      complaint_.Say(PointerTo(key) + "/" + EscapePointerToken(m.name()),
                     Expected("a string", m.value));
    }
    out.emplace(m.name(), m.value.str());
  }
  return out;
}

std::vector<std::string> Fields::StringList(std::string_view key) {
  std::vector<std::string> out;
  const Value* found = Take(key);
  if (!found) return out;
  if (!found->is_array()) Complain(key, Expected("a list", *found));
  for (const Value& item : found->items()) {
    if (!item.is_string()) {
      complaint_.Say(PointerTo(key) + "/" + std::to_string(out.size()), Expected("a string", item));
    }
    out.push_back(item.str());
  }
  return out;
}

Value Fields::Object(std::string_view key) {
  const Value* found = Take(key);
  if (!found) return {};
  if (!found->is_object()) Complain(key, Expected("an object", *found));
  return *found;
}

Fields Fields::Nested(std::string_view key, Presence presence) {
  const Value* found = Take(key);
  if (!found && presence == Presence::kRequired) {
    complaint_.SayMissing(pointer_, std::string(key) + " is required");
  }
  return Fields(complaint_, found ? *found : Value(), PointerTo(key));
}

void Fields::ForEach(std::string_view key, const std::function<void(Fields&)>& read) {
  ForEach(key, nullptr, read);
}

void Fields::ForEach(std::string_view key,
                     const std::function<std::string(const std::string&)>& wrong,
                     const std::function<void(Fields&)>& read) {
  const Value* found = Take(key);
  if (!found) return;
  if (!found->is_array()) {
    Complain(key, Expected("a list", *found));
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Value& value = (*found)[i];
    const std::string pointer = PointerTo(key) + "/" + std::to_string(i);
    if (wrong && value.is_string()) {
      const std::string what = wrong(value.str());
      if (!what.empty()) complaint_.Say(pointer, what);
      continue;
    }
    Fields item(complaint_, value, pointer);
    read(item);
    item.Finish();
  }
}

bool Fields::HasText(std::string_view key) const {
  const Value* found = value_.Find(key);
  return found && found->is_string();
}

void Fields::Finish() {
  for (const Member& m : value_.members()) {
    if (known_.contains(m.name())) continue;
    std::vector<std::string> names(known_.begin(), known_.end());
    Complain(m.name(), "unknown field; known here: " + Join(names, ", "));
    return;
  }
}

}  // namespace swell
