#pragma once
// What helm's own functions keep for the length of one rendering.

#include <map>
#include <string>
#include <string_view>

#include "renderer/gotemplate/function.h"

namespace swell::funcs {

// How often one name may be included inside itself (helm's recursionMaxNums).
inline constexpr int kMaxIncludeDepth = 1000;

// The host of a helm rendering: give one to the gotemplate::Session. One thread at a time.
class HelmHost : public gotemplate::Host {
 public:
  // Entries of `include NAME` that are running. Functions see the host as const; the count is
  // bookkeeping, not configuration.
  int& ActiveIncludes(std::string_view name) const;
  // Some template called lookup: what it renders depends on the cluster.
  bool used_lookup() const { return used_lookup_; }
  void NoteLookup() const { used_lookup_ = true; }

 private:
  mutable std::map<std::string, int, std::less<>> includes_;
  mutable bool used_lookup_ = false;
};

}  // namespace swell::funcs
