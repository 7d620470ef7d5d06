#pragma once
// A schema document made ready: where references lead and what patterns compile to. Private to
// the room.

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/jsonschema/schema.h"

namespace re2 {
class RE2;
}

namespace swell::jsonschema {

enum class Draft { k4 = 4, k6 = 6, k7 = 7, k2019 = 2019, k2020 = 2020 };

// One regular expression, RE2 as Go's regexp.
class Pattern {
 public:
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view text);
  ~Pattern();
  bool Matches(std::string_view text) const;  // anywhere in it
  // What a match against so many bytes may cost.
  std::uint64_t Steps(std::size_t bytes) const;

 private:
  std::unique_ptr<re2::RE2> regex_;
};

struct Schema::Compiled {
  Value root;
  Draft draft = Draft::k2020;
  // By the node's address inside `root`.
  std::unordered_map<const Value*, const Value*> references;  // a schema with $ref -> target
  std::unordered_map<const Value*, const Value*> dynamic;     // …$dynamicRef, $recursiveRef
  std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns;
};

// Whether the draft-07 format accepts the text; unknown formats accept everything. The message
// is empty where it does.
std::string FormatViolation(std::string_view format, std::string_view text);

}  // namespace swell::jsonschema
