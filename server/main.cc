// swelld: see docs/architecture.md.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <future>

#include "base/core/server_heap.h"
#include "base/core/version.h"
#include "base/telemetry/log.h"
#include "server/app.h"
#include "server/verify_ledger.h"

// The exit status where another swelld has taken over: a supervisor should not start this one
// again.
constexpr int kTakenOver = 3;

int main(int argc, char** argv) {
  using namespace swell;
  KeepFreedMemoryForAWhile();
  const auto parsed = config::ParseServerConfig({argv, static_cast<std::size_t>(argc)});
  if (!parsed) {
    std::fprintf(stderr, "swelld: %s\n", parsed.error().ToString().c_str());
    return 2;
  }
  if (parsed->print) {
    std::fputs(parsed->print->c_str(), stdout);
    return parsed->exit_code;
  }
  if (parsed->config.verify_ledger) return VerifyLedger(parsed->config);
  telemetry::ConfigureLog({.level = parsed->config.log_level, .format = parsed->config.log_format});

  // Blocked before any thread begins, so that only sigwait below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  std::promise<Error> fenced;
  auto why_fenced = fenced.get_future();
  auto app = App::Start(parsed->config, [&fenced](const Error& why) {
    fenced.set_value(why);
    ::kill(::getpid(), SIGTERM);
  });
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
  if (why_fenced.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    std::fprintf(stderr, "swelld: %s\n", why_fenced.get().ToString().c_str());
    return kTakenOver;
  }
  telemetry::LogInfo("stopping", {{"signal", signal}});
  return 0;
}
