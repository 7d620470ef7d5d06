#pragma once
// Strict reading of a kustomization's structures, with the messages of Go's encoding/json:
// unknown fields are refused by name, names match without regard to case, null is no value.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::kustomize {

// Reads the value of the field `where` ("Kustomization.namespace").
using FieldReader = std::function<Status(const Value&, const std::string& where)>;

struct FieldRule {
  std::string_view name;
  FieldReader read;
};

// What to do with fields that a structure does not have. The configurations of plugins are read
// leniently all the way down, kustomizations strictly.
enum class UnknownFields : std::uint8_t { kRefuse, kIgnore };

// `type` is Go's name of the structure, for messages.
Status ReadStruct(const Value& value, const std::string& type, const std::vector<FieldRule>& rules,
                  UnknownFields unknown = UnknownFields::kRefuse);

FieldReader Into(std::string& out);
FieldReader Into(bool& out);
FieldReader Into(std::int64_t& out);
FieldReader Into(std::vector<std::string>& out);
FieldReader Into(std::map<std::string, std::string>& out);
FieldReader Into(std::optional<std::string>& out);
// Keeps whatever is there.
FieldReader Into(Value& out);

Error WrongType(const Value& value, const std::string& where, std::string_view wanted);

// Each item of a list by `read(item, element, unknown)`.
template <class T>
FieldReader IntoList(std::vector<T>& out, Status (*read)(const Value&, T&, UnknownFields),
                     UnknownFields unknown) {
  return [&out, read, unknown](const Value& value, const std::string& where) -> Status {
    if (!value.is_array()) return Fail(WrongType(value, where, "[]types." + where));
    for (const Value& item : value.items()) {
      T element;
      TRY(read(item, element, unknown));
      out.push_back(std::move(element));
    }
    return {};
  };
}

template <class T>
FieldReader IntoOptional(std::optional<T>& out, Status (*read)(const Value&, T&, UnknownFields),
                         UnknownFields unknown) {
  return [&out, read, unknown](const Value& value, const std::string&) -> Status {
    T element;
    TRY(read(value, element, unknown));
    out = std::move(element);
    return {};
  };
}

}  // namespace swell::kustomize
