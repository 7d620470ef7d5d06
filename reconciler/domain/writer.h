#pragma once
// Writing a declared resource back, field by field. Internal to the domain.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/secret.h"
#include "base/value/value.h"
#include "reconciler/domain/application.h"

namespace swell {

// Collects members, leaving out what is at its default so that a stored resource reads like
// the one that was declared.
class Writer {
 public:
  Writer& Text(std::string_view key, const std::string& text) {
    if (!text.empty()) members_.emplace_back(key, Value(text));
    return *this;
  }
  Writer& Flag(std::string_view key, bool flag) {
    if (flag) members_.emplace_back(key, Value(true));
    return *this;
  }
  Writer& Number(std::string_view key, std::optional<int> n) {
    if (n && *n != 0) members_.emplace_back(key, Value(*n));
    return *this;
  }
  Writer& Texts(std::string_view key, const std::vector<std::string>& texts) {
    if (texts.empty()) return *this;
    std::vector<Value> items;
    for (const auto& text : texts) items.emplace_back(text);
    return Put(key, Value::Array(std::move(items)));
  }
  Writer& Map(std::string_view key, const Labels& labels) {
    if (labels.empty()) return *this;
    std::vector<Member> members;
    for (const auto& [k, v] : labels) members.emplace_back(k, Value(v));
    return Put(key, Value::Object(std::move(members)));
  }
  Writer& Time(std::string_view key, Duration d) {
    if (d.count() != 0) members_.emplace_back(key, Value(FormatDuration(d)));
    return *this;
  }
  Writer& Put(std::string_view key, Value value) {
    if (!value.is_null()) members_.emplace_back(key, std::move(value));
    return *this;
  }
  Writer& PutSecret(std::string_view key, const Secret& secret, SecretFields secrets) {
    if (secret.empty()) return *this;
    return Text(key, secrets == SecretFields::kReveal ? secret.Reveal() : kRedacted);
  }
  Value Done() { return Value::Object(std::move(members_)); }

 private:
  std::vector<Member> members_;
};

}  // namespace swell
