// swelld: see docs/architecture.md.

#include <csignal>
#include <cstdio>

#include "base/core/version.h"
#include "base/telemetry/log.h"
#include "server/app.h"

int main(int argc, char** argv) {
  using namespace swell;
  const auto parsed = config::ParseServerConfig({argv, static_cast<std::size_t>(argc)});
  if (!parsed) {
    std::fprintf(stderr, "swelld: %s\n", parsed.error().ToString().c_str());
    return 2;
  }
  if (parsed->print) {
    std::fputs(parsed->print->c_str(), stdout);
    return parsed->exit_code;
  }
  telemetry::ConfigureLog({.level = parsed->config.log_level, .format = parsed->config.log_format});

  // Blocked before any thread begins, so that only sigwait below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto app = App::Start(parsed->config);
  if (!app) {
    std::fprintf(stderr, "swelld: %s\n", app.error().ToString().c_str());
    return 1;
  }
  telemetry::LogInfo("swelld is ready", {{"version", kVersion},
                                         {"grpc_port", (*app)->grpc_port()},
                                         {"http_port", (*app)->http_port()},
                                         {"data", parsed->config.data}});
  int signal = 0;
  sigwait(&signals, &signal);
  telemetry::LogInfo("stopping", {{"signal", signal}});
  return 0;
}
