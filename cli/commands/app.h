#pragma once
// `swell`: its arguments and its exit status (session.h's ExitCode).

#include <span>
#include <string>

namespace swell::cli {

// `arguments` are those after the program's name. Writes to standard output and error.
int RunSwell(std::span<const std::string> arguments);

}  // namespace swell::cli
