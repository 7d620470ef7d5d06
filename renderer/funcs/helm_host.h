#pragma once
// What helm's own functions keep for the length of one rendering.

#include <map>
#include <string>
#include <string_view>

#include "renderer/ambient/lookup.h"
#include "renderer/ambient/stable_values.h"
#include "renderer/gotemplate/function.h"

namespace swell::funcs {

// How often one name may be included inside itself (helm's recursionMaxNums).
inline constexpr int kMaxIncludeDepth = 1000;

// All may be absent; what is given must outlive the host.
struct HelmHostOptions {
  StableSource* stable = nullptr;   // null: random values and times differ from call to call
  LookupSource* lookups = nullptr;  // null: lookup finds nothing
  Timestamp now;                    // what the clock says; epoch: the system's
};

// The host of a helm rendering: give one to the gotemplate::Session. One thread at a time.
class HelmHost : public gotemplate::Host {
 public:
  explicit HelmHost(HelmHostOptions options = {}) : options_(options) {}

  // The host of the call; nullptr where it is another one.
  static const HelmHost* Of(gotemplate::Context& context) {
    return dynamic_cast<const HelmHost*>(&context.host());
  }

  Timestamp Now() const override {
    return options_.now == Timestamp{} ? Host::Now() : options_.now;
  }
  // Functions see the host as const; what the sources note is bookkeeping, not configuration.
  StableSource* stable() const { return options_.stable; }
  LookupSource* lookups() const { return options_.lookups; }
  // Entries of `include NAME` that are running; likewise.
  int& ActiveIncludes(std::string_view name) const;

 private:
  const HelmHostOptions options_;
  mutable std::map<std::string, int, std::less<>> includes_;
};

}  // namespace swell::funcs
