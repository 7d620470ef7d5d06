#pragma once
// labelSelector and fieldSelector of list, watch and deletecollection.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::sandbox {

// "a=b,c!=d,e in (x,y),f notin (z),g,!h": what `kubectl -l` takes.
class LabelSelector {
 public:
  static Result<LabelSelector> Parse(std::string_view text);
  // matchLabels and matchExpressions of an object; null selects nothing.
  static LabelSelector FromObject(const Value& selector);

  bool Matches(const Value& labels) const;
  bool empty() const { return terms_.empty() && !nothing_; }

 private:
  enum class Operator { kIn, kNotIn, kExists, kAbsent };
  struct Term {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  static Result<Term> ParseTerm(std::string_view text);
  std::vector<Term> terms_;
  bool nothing_ = false;
};

// "metadata.name=a,status.phase!=Running". The value is looked up by its path in the object.
class FieldSelector {
 public:
  static Result<FieldSelector> Parse(std::string_view text);
  bool Matches(const Value& object) const;
  bool empty() const { return terms_.empty(); }

 private:
  struct Term {
    std::vector<std::string> path;
    std::string value;
    bool equal;
  };
  std::vector<Term> terms_;
};

}  // namespace swell::sandbox
