#include "server/control/options.h"

#include <fstream>

#include "reconciler/domain/health_check_file.h"

namespace swell::control {
namespace {

constexpr std::size_t kMaxChecksFile = std::size_t{4} << 20;

}  // namespace

Status LoadHealthChecks(Options& options, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Fail(NotFound("cannot read " + file));
  std::string text(kMaxChecksFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return Fail(Unavailable("cannot read " + file));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxChecksFile) {
    return Fail(ResourceExhausted(file + " is larger than " + std::to_string(kMaxChecksFile >> 20) +
                                  " MiB"));
  }
  const std::vector<HealthCheck> checks = TRY(ParseHealthChecks(text, file));
  options.health_checks = TRY_WRAP(health::Checks::Compile(checks, "healthChecks"), file);
  return {};
}

Status SetRenderLimit(Options& options, std::string_view flag, std::string_view text) {
  return SetLimit(options.render, flag, text);
}

}  // namespace swell::control
