#pragma once
// The parsed form of custom_rules.inc, and its evaluation. Used by custom.cc alone.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/health.h"

namespace swell::health {

using Path = std::vector<std::string>;

// A number of a comparison.
struct Operand {
  enum class Take { kFirst, kSum, kCount };  // of what the path reaches
  Path path;                                 // of the object; empty for a literal
  Take take = Take::kFirst;
  std::string condition;  // of this condition's fields instead, where not empty
  std::string listed;     // with kCount: lists that hold a condition of this type (a glob)
  std::int64_t literal = 0;
};

// What else is asked of a condition.
struct Aspect {
  std::string field;
  std::vector<std::string> values;  // globs
  bool negated = false;
};
// Whether the condition is about the object's present generation.
enum class Age { kAny, kCurrent, kStale };

struct Term {
  enum class Kind {
    kCondition,
    kNoCondition,
    kPresent,
    kAbsent,
    kValue,
    kNotValue,
    kLess,
    kGreater,
    kEqual,
    kDiffers
  };
  Kind kind = Kind::kPresent;
  Path path;                         // of kCondition: where the list of conditions is
  std::string type;                  // of kCondition; a glob
  std::vector<std::string> values;   // globs; of kCondition: of its status
  std::vector<std::string> reasons;  // of kCondition; globs; empty: any
  std::vector<Aspect> aspects;       // of kCondition; all must hold
  Age age = Age::kAny;               // of kCondition
  Operand left;                      // of comparisons
  Operand right;
};

struct Rule {
  HealthStatus status = HealthStatus::kHealthy;
  std::vector<Term> terms;  // all must hold
};

struct Block {
  std::vector<std::string> kinds;  // "group/Kind", globs
  std::vector<Rule> rules;
  bool no_lag = false;
};

// Requires well-formed text (it is compiled in): CHECKs otherwise.
std::vector<Block> ParseRules(std::string_view text);

// Whether the term holds; `why` gets the reason in words, where it has one to tell.
bool Holds(const Term& term, const Value& object, std::string& why);

// "*" stands for any run of characters.
bool MatchesGlob(std::string_view glob, std::string_view text);

}  // namespace swell::health
