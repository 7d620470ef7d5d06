#pragma once
// A rollout followed to its end, and shown meanwhile.

#include <cstdint>
#include <optional>
#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "cli/commands/commands.h"
#include "cli/commands/session.h"

namespace swell::cli {

enum class Shown { kProgress, kNothing };
struct FollowOptions {
  std::string application;
  std::int64_t number = 0;  // 0: whatever runs or comes next
  Waiting until_finished = Waiting::kYes;
  std::optional<Duration> timeout;
  Shown shown = Shown::kProgress;
};

struct Followed {
  v1::Rollout rollout;  // as last seen; without id where none was
  bool timed_out = false;
};

// Shows, by the session's format and terminal: a picture that is redrawn, one line a step, or
// one document a message. A server that goes away in between (a restart) is waited for, a
// minute at most; the rollout itself goes on without anybody watching.
Result<Followed> Follow(const Session& session, const FollowOptions& options);

// kOk for a rollout that succeeded; otherwise says on standard error how it ended.
int ExitOf(const Session& session, const std::string& application, const Followed& followed,
           Duration timeout);

}  // namespace swell::cli
