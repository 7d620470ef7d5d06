// YAML writers: what toYaml and toYamlPretty print reads as the value that was printed, and a
// second printing changes nothing. The input is JSON, or text that becomes one string.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/check.h"
#include "base/text/utf8.h"
#include "base/value/json.h"
#include "base/value/yaml.h"

namespace {

using namespace swell;

// What Marshal changes on purpose: texts with U+0085 (folded as go-yaml folds them) or bytes that
// are no UTF-8; keys with a newline at their end lose it to the block's indicator; a key "<<" is
// printed plain, as go-yaml prints it, and merges when it is read.
bool IsChangedOnPurpose(const Value& value) {
  if (value.is_string()) {
    return !IsValidUtf8(value.as_string()) ||
           value.as_string().find("\u0085") != std::string_view::npos;
  }
  for (const Value& item : value.items()) {
    if (IsChangedOnPurpose(item)) return true;
  }
  for (const Member& m : value.members()) {
    if (m.name() == "<<" || IsChangedOnPurpose(m.key) || IsChangedOnPurpose(m.value)) return true;
  }
  return false;
}

// go-yaml v3 prints such texts in a block that it then refuses to read: the tab stands where the
// block's indentation is looked for. We print what it prints.
bool BeginsWithTab(const Value& value) {
  if (value.is_string()) {
    const std::string_view text = value.as_string();
    const std::size_t at = text.find_first_not_of(" \n");
    return at != std::string_view::npos && text[at] == '\t' && text.contains('\n');
  }
  for (const Value& item : value.items()) {
    if (BeginsWithTab(item)) return true;
  }
  for (const Member& m : value.members()) {
    if (BeginsWithTab(m.key) || BeginsWithTab(m.value)) return true;
  }
  return false;
}

// 1e3 is printed as 1000, and -0 as 0: numbers are compared by value.
bool SameValue(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a.as_float() == b.as_float();
  if (a.type() != b.type() || a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!SameValue(a[i], b[i])) return false;
  }
  for (const Member& m : a.members()) {
    const Value* other = b.Find(m.name());
    if (other == nullptr || !SameValue(m.value, *other)) return false;
  }
  return a.is_array() || a.is_object() || a == b;
}

void Check(const Value& value) {
  const auto marshalled = yaml::Marshal(value);
  if (!marshalled || IsChangedOnPurpose(value)) return;
  const std::string& text = *marshalled;
  const auto read = yaml::Parse(text, {.max_depth = 2'000});
  SWELL_CHECK(read.has_value());
  SWELL_CHECK(SameValue(value, *read));
  SWELL_CHECK(yaml::Write(*read) == text);
  if (BeginsWithTab(value)) return;
  const std::string pretty = yaml::Write(value, {.printer = yaml::Printer::kGoYaml3});
  const auto again = yaml::Parse(pretty, {.max_depth = 2'000});
  if (!again || !SameValue(value, *again)) {
    std::fprintf(stderr, "value:  %s\npretty: %s\n", json::Write(value).c_str(), pretty.c_str());
  }
  SWELL_CHECK(again.has_value());
  SWELL_CHECK(SameValue(value, *again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::Parse(text, {.max_depth = 100});
  Check(value ? *value : Value(text));
  Check(Value::Object({{text.substr(0, 100), Value(text)}, {"list", Value::Array({Value(text)})}}));
  return 0;
}
