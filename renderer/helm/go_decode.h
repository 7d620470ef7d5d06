#pragma once
// YAML into typed fields as sigs.k8s.io/yaml and encoding/json decode it: keys match whatever
// their case, null leaves a field alone, scalars become strings where a string is wanted, and
// errors have Go's words.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::helm {

// One decoded struct.
class GoStruct {
 public:
  // `name` and `type` as Go's messages name them: "Metadata", "v2.Metadata".
  static Result<GoStruct> Parse(std::string_view yaml, std::string name, std::string type);
  static Result<GoStruct> Of(const Value& value, std::string name, std::string type);
  // A struct in a field of this one.
  Result<GoStruct> Nested(std::string_view field, std::string_view type, const Value& value) const;

  bool Has(std::string_view field) const { return !Find(field).is_null(); }
  // The field's value or null.
  const Value& Find(std::string_view field) const;

  Status Read(std::string_view field, std::string& out) const;
  Status Read(std::string_view field, bool& out) const;
  Status Read(std::string_view field, std::vector<std::string>& out) const;
  Status Read(std::string_view field, std::map<std::string, std::string>& out) const;
  Result<std::vector<Value>> Items(std::string_view field) const;

 private:
  Error Mismatch(const Value& value, std::string_view field, std::string_view type) const;
  Result<std::string> ScalarText(const Value& value, std::string_view field) const;

  Value value_;
  std::string name_;
  std::string path_;  // of fields from the outermost struct: "maintainers."
};

}  // namespace swell::helm
