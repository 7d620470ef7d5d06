#include "reconciler/charts/versions.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/text/semver.h"

namespace swell::charts {
namespace {

// What exists instead, for the message.
std::string Nearest(const std::vector<std::string>& versions) {
  constexpr std::size_t kShown = 5;
  if (versions.empty()) return "there is none";
  const std::vector<std::string> first(
      versions.begin(),
      versions.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, versions.size())));
  return "the newest are " + Join(first, ", ");
}

}  // namespace

void SortNewestFirst(std::vector<std::string>& versions) {
  std::vector<std::pair<Result<Semver>, std::string>> parsed;
  for (std::string& version : versions) {
    parsed.emplace_back(Semver::ParseLenient(version), std::move(version));
  }
  std::ranges::stable_sort(parsed, [](const auto& a, const auto& b) {
    if (!a.first || !b.first) return a.first.has_value() && !b.first.has_value();
    return *a.first > *b.first;
  });
  versions.clear();
  for (auto& [semver, version] : parsed) versions.push_back(std::move(version));
}

bool IsExactVersion(const std::string& wanted) { return Semver::ParseLenient(wanted).has_value(); }

Result<std::size_t> PickVersion(const std::vector<std::string>& versions,
                                const std::string& wanted) {
  if (const auto same = std::ranges::find(versions, wanted);
      !wanted.empty() && same != versions.end()) {
    return static_cast<std::size_t>(same - versions.begin());
  }
  const auto constraint = SemverConstraint::Parse(wanted.empty() ? "*" : wanted);
  if (!constraint) {
    return Fail(InvalidArgument(Quote(wanted) + " is no version and no version constraint"));
  }
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto version = Semver::ParseLenient(versions[i]);
    if (version && constraint->Matches(*version)) return i;
  }
  return Fail(NotFound((wanted.empty() ? "no stable version" : "no version " + Quote(wanted)) +
                       "; " + Nearest(versions)));
}

}  // namespace swell::charts
