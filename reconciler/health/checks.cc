#include "reconciler/health/checks.h"

#include <algorithm>

#include "base/text/glob.h"
#include "reconciler/health/lua/script.h"
#include "renderer/object/object.h"

namespace swell::health {

struct Checks::Check {
  std::string group;
  std::string kind;
  PathPattern group_pattern;  // neither a group nor a kind holds a '/'
  PathPattern kind_pattern;
  Result<lua::Script> script;

  bool IsExactly(const std::string& g, const std::string& k) const {
    return group == g && kind == k;
  }
  bool Matches(const std::string& g, const std::string& k) const {
    return group_pattern.Matches(g) && kind_pattern.Matches(k);
  }
};

namespace {

constexpr char kInvalidStatus[] = "Lua returned an invalid health status";

std::optional<HealthStatus> ParseStatus(std::string_view name) {
  for (const HealthStatus status :
       {HealthStatus::kHealthy, HealthStatus::kSuspended, HealthStatus::kProgressing,
        HealthStatus::kMissing, HealthStatus::kDegraded, HealthStatus::kUnknown}) {
    if (HealthStatusName(status) == name) return status;
  }
  return {};
}

std::string KindText(const GroupVersionKind& gvk) {
  return gvk.group.empty() ? gvk.kind : gvk.group + "/" + gvk.kind;
}

}  // namespace

Result<Checks> Checks::Compile(std::span<const HealthCheck> checks, const std::string& field) {
  Checks out;
  if (checks.empty()) return out;
  auto set = std::make_shared<Set>();
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const HealthCheck& check = checks[i];
    const std::string at = field + "[" + std::to_string(i) + "]";
    // A pattern of nothing matches the core group alone, as it should.
    PathPattern group = TRY_WRAP(PathPattern::Compile(check.group), at + ".group");
    PathPattern kind = TRY_WRAP(PathPattern::Compile(check.kind), at + ".kind");
    lua::Script script = TRY_WRAP(lua::Script::Compile(check.lua), at + ".lua");
    set->push_back({check.group, check.kind, std::move(group), std::move(kind), std::move(script)});
  }
  out.sets_.push_back(std::move(set));
  return out;
}

Result<Checks> Checks::ForEveryKind(const std::string& lua, const std::string& origin) {
  const PathPattern any = TRY(PathPattern::Compile("*"));
  lua::Script script = TRY_WRAP(lua::Script::Compile(lua), origin);
  Checks out;
  out.sets_.push_back(std::make_shared<Set>(Set{{"*", "*", any, any, std::move(script)}}));
  return out;
}

Checks Checks::Broken(const Error& why) {
  Checks out;
  const auto any = PathPattern::Compile("*");
  out.sets_.push_back(std::make_shared<Set>(Set{{"*", "*", *any, *any, Fail(why)}}));
  return out;
}

Checks Checks::Before(const Checks& others) const {
  Checks out = *this;
  out.sets_.insert(out.sets_.end(), others.sets_.begin(), others.sets_.end());
  return out;
}

const Checks::Check* Checks::Find(const std::string& group, const std::string& kind) const {
  for (const auto& set : sets_) {
    auto found =
        std::ranges::find_if(*set, [&](const Check& c) { return c.IsExactly(group, kind); });
    if (found == set->end()) {
      found = std::ranges::find_if(*set, [&](const Check& c) { return c.Matches(group, kind); });
    }
    if (found != set->end()) return &*found;
  }
  return nullptr;
}

std::optional<Health> Checks::Assess(const Value& object, Timestamp now,
                                     CheckBudget& budget) const {
  if (empty()) return {};
  const GroupVersionKind gvk =
      ParseGroupVersionKind(object["apiVersion"].as_string(), object["kind"].as_string());
  const Check* check = Find(gvk.group, gvk.kind);
  if (check == nullptr) return {};
  const auto unknown = [&](const std::string& why) {
    return Health{HealthStatus::kUnknown, "health check of " + KindText(gvk) + ": " + why};
  };
  if (!check->script) return unknown(check->script.error().ToString());
  if (budget.steps <= 0) {
    return unknown("not run: the checks of the objects before took all the steps there are");
  }
  lua::Limits limits;
  limits.steps = std::min(limits.steps, budget.steps);
  const Value shown = IsSecret(object) ? Redacted(object) : object;
  const auto answer = check->script->Run(shown, now, limits);
  // Where it failed it took what it was allowed, or little.
  const bool ran_out = !answer && answer.error().code() == ErrorCode::kResourceExhausted;
  budget.steps -= answer ? answer->steps : ran_out ? limits.steps : 1'000;
  if (!answer) return unknown(answer.error().message());
  if (answer->empty) return {};
  const auto status = ParseStatus(answer->status);
  if (!status) return Health{HealthStatus::kUnknown, kInvalidStatus};
  return Health{*status, answer->message};
}

}  // namespace swell::health
