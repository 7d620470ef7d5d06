#pragma once
// A parsed command run in its surroundings: the environment, the terminal, the exit status.

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/core/result.h"
#include "cli/commands/render.h"
#include "cli/commands/session.h"

namespace swell::cli {

using Command = std::function<Result<int>(const Session&)>;

struct GlobalOptions {
  std::string server;  // "" takes SWELL_SERVER, then kDefaultServer
  Format format = Format::kTable;
};

// Runs the command; prints its error as "swell: …".
int RunCommand(const GlobalOptions& options, const Command& command);
int RunRender(const GlobalOptions& options, const RenderOptions& render);

// The commands that read their arguments themselves, because they copy a peer's or work on
// files alone; empty where the arguments are for the command line parser.
std::optional<int> RunRaw(std::span<const std::string> arguments);

// $SWELL_ACTOR, else user@host.
std::string Actor();

void Complain(std::string_view text);  // "swell: …" on standard error

}  // namespace swell::cli
