#include <cstdio>

#include "base/value/json.h"
#include "cli/commands/local_engine.h"
#include "reconciler/health/health.h"

namespace swell::cli {
namespace {

Result<std::string> Run(std::span<const std::string> arguments) {
  std::string file;
  std::string check_file;
  OutputFormat format = OutputFormat::kText;
  ArgumentReader reader(arguments);
  while (!reader.AtEnd()) {
    TRY(reader.Next());
    if (reader.flag() == "-f" || reader.flag() == "--filename") {
      file = TRY(reader.Value());
    } else if (reader.flag() == "--check") {
      check_file = TRY(reader.Value());
    } else if (reader.flag() == "-o" || reader.flag() == "--output") {
      format = TRY(ParseOutputFormat(TRY(reader.Value())));
    } else {
      return Fail(reader.Unknown("health"));
    }
  }
  if (file.empty()) return Fail(InvalidArgument("swell health needs -f FILE"));
  health::Checks checks;
  if (!check_file.empty()) {
    checks = TRY(health::Checks::ForEveryKind(TRY(ReadTextFile(check_file)), check_file));
  }
  health::CheckBudget budget;
  const Health health =
      health::Assess(TRY(ReadObjectFile(file)),
                     {.checks = &checks, .budget = &budget, .now = SystemClock().Now()});
  const std::string status(HealthStatusName(health.status));
  if (format == OutputFormat::kJson) {
    std::vector<Member> members;
    members.emplace_back("status", Value(status));
    members.emplace_back("message", Value(health.message));
    return json::Write(Value::Object(std::move(members))) + "\n";
  }
  return health.message.empty() ? status + "\n" : status + ": " + health.message + "\n";
}

}  // namespace

int HealthLocal(std::span<const std::string> arguments) {
  const Result<std::string> text = Run(arguments);
  if (!text) {
    std::fprintf(stderr, "error: %s\n", text.error().ToString().c_str());
    return 1;
  }
  std::fwrite(text->data(), 1, text->size(), stdout);
  return 0;
}

}  // namespace swell::cli
