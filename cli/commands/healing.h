#pragma once
// The commands about drift and deletions: swell drift, tolerate, tolerations, untolerate, deleted,
// undelete. As those of commands.h.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "cli/commands/commands.h"

namespace swell::cli {

// application "": of all.
Result<int> ShowDrift(const Session& session, const std::string& application);

struct TolerationOptions {
  std::string application;
  std::string object;   // KIND/NAME
  std::string pointer;  // "" is the whole object; of untolerate: any
  std::string ns;
  std::string cluster;  // "" is every one
  Duration length{0};
  std::string reason;
};
Result<int> Tolerate(const Session& session, const TolerationOptions& options);
Result<int> Untolerate(const Session& session, const TolerationOptions& options);
Result<int> ListTolerations(const Session& session, const std::string& application);

Result<int> ListDeleted(const Session& session, const std::string& application);

struct UndeleteOptions {
  std::string application;
  std::vector<std::string> objects;  // KIND/NAME; none are all
  std::string cluster;               // "" is every one
  std::int64_t rollout = 0;
  std::optional<Duration> since;
  DryRun dry_run = DryRun::kNo;
  std::string reason;
};
// 1 where an object could not be restored.
Result<int> Undelete(const Session& session, const UndeleteOptions& options);

}  // namespace swell::cli
