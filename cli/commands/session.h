#pragma once
// What every command is given, and how it ends.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "cli/commands/client.h"
#include "cli/output/format.h"
#include "cli/output/terminal.h"

namespace swell::cli {

// The exit status of `swell`; documented in --help and docs/cli.md.
enum ExitCode : int {
  kOk = 0,
  kError = 1,
  kUsage = 2,
  kRolloutFailed = 3,  // failed, was rolled back or was cancelled
  kTimedOut = 4,
  kFoundChanges = 5,  // diff --exit-code
};

// A command returns its exit code, or the error that Run prints on standard error. It writes
// what it has to say once it is complete.
struct Session {
  Client& client;
  const Clock& clock;
  Format format = Format::kTable;
  Terminal terminal;                               // of standard output
  std::string actor;                               // who asks; the server records it
  std::function<void(std::string_view)> write;     // standard output
  std::function<void(std::string_view)> complain;  // a line on standard error
  std::function<void(Duration)> sleep;
  // Puts a question to the person at the terminal; nothing where there is none to ask.
  std::function<std::optional<bool>(std::string_view)> ask = {};
};

}  // namespace swell::cli
