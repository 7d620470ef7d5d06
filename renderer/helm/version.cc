#include "renderer/helm/version.h"

#include "base/text/semver.h"

namespace swell::helm {

bool IsCompatibleRange(std::string_view constraint, std::string_view version) {
  const auto parsed = Semver::ParseLenient(version);
  const auto range = SemverConstraint::Parse(constraint);
  return parsed && range && range->Matches(*parsed);
}

}  // namespace swell::helm
