#include "server/app.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/core/clock.h"
#include "base/net/http_server.h"
#include "base/telemetry/metrics.h"
#include "server/api/server.h"
#include "server/control/controller.h"
#include "server/http/http.h"
#include "server/store/store.h"

namespace swell {

// In the order of construction; destroyed the other way: first the doors, then the engine,
// last the ledger.
struct App::Parts {
  SystemClock clock;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<control::Controller> engine;
  telemetry::MetricsRegistry metrics;
  net::Loop http_loop{"http"};
  std::unique_ptr<net::HttpServer> http;
  std::unique_ptr<api::Server> api;
};

namespace {

Status MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fail(Unavailable("make the data folder " + path + ": " + std::strerror(errno)));
  }
  return {};
}

Result<control::Options> EngineOptions(const config::ServerConfig& config) {
  control::Options out;
  out.cache_folder = config.data + "/repositories";
  out.chart_cache_folder = config.data + "/charts";
  out.gate_files = config.gate_files.empty() ? config.data + "/gate-files" : config.gate_files;
  out.remote_cache_folder = config.data + "/remotes";
  out.poll_interval = config.poll_interval;
  out.resync_interval = config.resync_interval;
  out.audit_interval = config.audit_interval;
  out.retry_interval = config.retry_interval;
  out.health_interval = config.health_interval;
  out.healing = {.first_pause = config.heal_pause,
                 .max_pause = config.heal_max_pause,
                 .flips = config.heal_flips,
                 .window = config.heal_window};
  out.git_threads = static_cast<std::size_t>(config.git_threads);
  out.workers = static_cast<std::size_t>(config.workers);
  out.allowed_exec_commands = config.allow_exec;
  if (!config.health_checks.empty()) {
    TRY_WRAP(control::LoadHealthChecks(out, config.health_checks), "--health-checks");
  }
  out.client.max_in_flight = static_cast<std::size_t>(config.cluster_max_in_flight);
  out.client.requests_per_second = config.cluster_qps;
  out.client.burst = config.cluster_burst;
  for (const auto& [flag, text] : config.render_budgets) {
    TRY(control::SetRenderLimit(out, flag, text));
  }
  return out;
}

}  // namespace

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() {
  if (parts_->api) parts_->api->Stop();
  if (parts_->http) parts_->http->Stop();
  if (parts_->engine) parts_->engine->Stop();
}

Result<std::unique_ptr<App>> App::Start(const config::ServerConfig& config,
                                        std::function<void(const Error&)> on_fenced) {
  auto parts = std::make_unique<Parts>();
  control::Options options = TRY(EngineOptions(config));
  options.on_fenced = std::move(on_fenced);
  TRY(MakeFolder(config.data));
  using When = store::KillPoint::When;
  parts->ledger =
      TRY(store::Open({.path = config.data + "/swell.db",
                       .key_file = config.key_file,
                       .kill = {.commit = config.kill_at_commit,
                                .when = config.kill_after_commit ? When::kAfter : When::kBefore}}));
  parts->engine =
      std::make_unique<control::Controller>(std::move(options), *parts->ledger, parts->clock);
  http::ExportMetrics(*parts->engine, parts->metrics);
  TRY(parts->engine->Start());
  // The doors open last: whoever comes in finds everything there.
  if (!config.http_listen.empty()) {
    parts->http = TRY_WRAP(http::Start(parts->http_loop, config.http_listen, parts->metrics,
                                       [&engine = *parts->engine] { return engine.Ready(); }),
                           "listen on " + config.http_listen);
  }
  parts->api = TRY(api::Server::Start({.address = config.listen}, *parts->engine));
  return std::unique_ptr<App>(new App(std::move(parts)));
}

int App::grpc_port() const { return parts_->api->port(); }
int App::http_port() const { return parts_->http ? parts_->http->port() : 0; }

}  // namespace swell
