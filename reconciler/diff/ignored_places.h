#pragma once
// Where ignore rules apply in one object, and the walk's own path. Used by the walker.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reconciler/diff/ignore.h"
#include "reconciler/domain/plan.h"

namespace swell::diff {

// One step of a path: a field of an object, or an item of a list, which may stand at another
// index in desired than in live.
struct PathStep {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  std::string_view name;  // the field; of an item its keys, "" where it has none
  bool item = false;
  std::size_t desired = kNowhere;
  std::size_t live = kNowhere;
};

// The step as a token of a JSON pointer into one of the two; "-" for what is not there.
std::string DesiredToken(const PathStep& step);
std::string LiveToken(const PathStep& step);

// A rule that names a place.
struct IgnoredBy {
  ChangeCause cause = ChangeCause::kIgnored;  // or kTolerated
  std::string note;
};

// The places that the pointers and expressions of `rules` name in the two states of an object.
class IgnoredPlaces {
 public:
  IgnoredPlaces() = default;
  // `problems`, where given, gets a line for each expression that had to be given up; it then
  // ignores nothing.
  IgnoredPlaces(const IgnoreRules& rules, const Value& desired, const Value& live, bool secret,
                std::vector<std::string>* problems);

  // The rule that names the place, or nullptr.
  const IgnoredBy* Find(std::span<const PathStep> path) const;

 private:
  struct Pattern {
    PointerTokens tokens;
    IgnoredBy rule;
  };
  void AddPointer(PointerTokens tokens, const IgnoredBy& rule);

  using Places = std::unordered_map<std::string, IgnoredBy>;  // by pointer
  Places desired_;
  Places live_;
  std::vector<Pattern> patterns_;  // pointers with a "*"
};

}  // namespace swell::diff
