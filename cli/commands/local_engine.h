#pragma once
// The local commands over the engine's pure rooms: `swell diff` and `swell health`. Offline;
// the same code as the server's, so the same answers.

#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::cli {

// `swell diff --desired FILE --live FILE [--last-applied FILE] [--field-manager NAME]
//  [--crd FILE]… [--ignore POINTER]… [--ignore-jq EXPR]… [--ignore-manager NAME]…
//  [--side-by-side | --causes] [--exit-code] [-o json]`.
// `arguments` are those after "diff". The exit status: 0 whether or not there are
// differences (5 with --exit-code where an apply would change something), 1 with a message on
// standard error.
int DiffLocal(std::span<const std::string> arguments);

// `swell health -f FILE [--check FILE.lua] [-o json]`; as above.
int HealthLocal(std::span<const std::string> arguments);

// Walks `--flag value`, `--flag=value` arguments.
class ArgumentReader {
 public:
  explicit ArgumentReader(std::span<const std::string> arguments) : rest_(arguments) {}
  bool AtEnd() const { return rest_.empty(); }
  // Goes on to the next argument; flag() is its name. kInvalidArgument for what is no flag.
  Status Next();
  const std::string& flag() const { return flag_; }
  // The flag's value; kInvalidArgument where it has none.
  Result<std::string> Value();
  // The error for a flag that the command does not know.
  Error Unknown(std::string_view command) const;

 private:
  std::span<const std::string> rest_;
  std::string flag_;
  std::string inline_value_;
  bool has_inline_value_ = false;
};

enum class OutputFormat { kText, kJson };
Result<OutputFormat> ParseOutputFormat(std::string_view text);

// A file's text ("-": standard input). kNotFound; more than 64 MiB is kResourceExhausted.
Result<std::string> ReadTextFile(const std::string& path);

// The one Kubernetes object in a JSON or YAML file ("-": standard input). kNotFound,
// kInvalidArgument with the place; more than 64 MiB is kResourceExhausted.
Result<Value> ReadObjectFile(const std::string& path);

}  // namespace swell::cli
