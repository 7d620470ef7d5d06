#pragma once
// Users' own health checks in Lua, compiled: which one judges a kind, and what it says.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/health.h"

namespace swell::health {

// Where an Application declares its checks; for Checks::Compile.
inline constexpr char kHealthChecksField[] = "spec.healthChecks";

// What the checks of many objects may take together: a script that is slow for one object is a
// thousand times slower for a thousand. One a report; not thread-safe.
struct CheckBudget {
  std::int64_t steps = 100'000'000;  // lua::Limits::steps; a third of a second
};

// Immutable; copies share the scripts. Thread-safe.
class Checks {
 public:
  Checks() = default;  // no check for any kind

  // kInvalidArgument where a script does not compile or a glob is malformed: the error names the
  // field below `field` ("spec.healthChecks" -> "spec.healthChecks[2].lua: lua:3: …").
  static Result<Checks> Compile(std::span<const HealthCheck> checks, const std::string& field);
  // One script for every kind; `origin` is what an error names.
  static Result<Checks> ForEveryKind(const std::string& lua, const std::string& origin);
  // Checks that cannot be read any more (a newer server understands the script otherwise): every
  // object is Unknown, because of `why`.
  static Checks Broken(const Error& why);
  // These first, then `others` for kinds that these have no check for.
  [[nodiscard]] Checks Before(const Checks& others) const;

  bool empty() const { return sets_.empty(); }

  // The verdict of the one check that fits the object's kind: the first that names it exactly,
  // else the first whose globs match. Nothing: no check fits, or it returned nil or an empty
  // table. A script that fails is Unknown with the script's error. A Secret's values are hidden
  // from the script, so nothing can show them.
  std::optional<Health> Assess(const Value& object, Timestamp now, CheckBudget& budget) const;

 private:
  struct Check;
  using Set = std::vector<Check>;
  const Check* Find(const std::string& group, const std::string& kind) const;

  std::vector<std::shared_ptr<const Set>> sets_;
};

}  // namespace swell::health
