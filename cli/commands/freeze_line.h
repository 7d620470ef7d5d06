#pragma once
// The arguments of swell freeze, unfreeze, override and freezes. Included by app.cc alone.

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/commands/run.h"

namespace swell::cli {

// As app.cc has them.
struct HelpTexts {
  const char* look;
  const char* steer;
  const char* footer;
};

// `runs` says what a command does when it is given.
void AddFreezes(CLI::App& root, const HelpTexts& texts,
                const std::function<void(CLI::App&, Command)>& runs);

}  // namespace swell::cli
