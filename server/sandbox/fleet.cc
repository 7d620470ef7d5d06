#include "server/sandbox/fleet.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/net/loop.h"
#include "base/telemetry/log.h"

namespace swell::sandbox {
namespace {

Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Fail(Unavailable("cannot write " + path.string()));
  return {};
}

Status WriteFiles(const std::string& folder, const std::vector<ClusterPlace>& places) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Fail(Unavailable("cannot create " + folder + ": " + error.message()));
  const std::filesystem::path base = std::filesystem::absolute(folder, error);
  const std::filesystem::path kubeconfig = base / "kubeconfig";
  TRY(WriteFile(kubeconfig, KubeconfigOf(places)));
  return WriteFile(base / "clusters.yaml", ClusterResourcesOf(places, kubeconfig.string()));
}

}  // namespace

// A network loop and what belongs to its thread.
struct Fleet::Lane {
  net::Loop loop{"sandbox"};
  LoopScheduler scheduler{loop};
  Interner interner;
};

Fleet::Fleet() = default;

Result<std::unique_ptr<Fleet>> Fleet::Start(const FleetOptions& options) {
  std::unique_ptr<Fleet> fleet(new Fleet());
  fleet->places_ = TRY(PlaceClusters(options));
  const int threads = options.threads > 0 ? options.threads : options.clusters > 50 ? 2 : 1;
  for (int i = 0; i < threads; ++i) fleet->lanes_.push_back(std::make_unique<Lane>());
  for (std::size_t i = 0; i < fleet->places_.size(); ++i) {
    ClusterPlace& place = fleet->places_[i];
    Lane& lane = *fleet->lanes_[i % fleet->lanes_.size()];
    ClusterServer::Options server;
    server.address = options.listen;
    server.port = options.base_port == 0
                      ? std::uint16_t{0}
                      : static_cast<std::uint16_t>(options.base_port + static_cast<int>(i));
    server.cluster.name = place.name;
    server.cluster.kubernetes_version = options.kubernetes_version;
    server.cluster.step_delay = options.step_delay;
    server.cluster.controllers = options.controllers;
    server.cluster.seed = i + 1;
    fleet->servers_.push_back(
        TRY_WRAP(ClusterServer::Start(lane.loop, lane.scheduler, fleet->clock_, lane.interner,
                                      std::move(server)),
                 "cluster " + place.name));
    place.url = fleet->servers_.back()->url();
  }
  if (!options.kubeconfig_out.empty()) {
    TRY(WriteFiles(options.kubeconfig_out, fleet->places_));
  }
  return fleet;
}

Fleet::~Fleet() {
  servers_.clear();  // before the loops that they live on
  for (auto& lane : lanes_) lane->loop.Stop();
}

int RunProgram(const std::vector<std::string>& arguments) {
  const auto options = ParseOptions(arguments);
  if (!options) {
    std::fprintf(stderr, "swell-sandbox: %s\n", options.error().ToString().c_str());
    return 1;
  }
  if (options->help) {
    std::fputs(HelpText().c_str(), stdout);
    return 0;
  }
  // Blocked before the loops' threads start, so that sigwait alone sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  auto fleet = Fleet::Start(*options);
  if (!fleet) {
    std::fprintf(stderr, "swell-sandbox: %s\n", fleet.error().ToString().c_str());
    return 1;
  }
  telemetry::LogInfo("simulated clusters are listening: a simulation, not Kubernetes",
                     {{"clusters", (*fleet)->places().size()},
                      {"first", (*fleet)->places().front().url},
                      {"version", options->kubernetes_version + "+swell-sandbox"}});
  std::puts("ready");
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  telemetry::LogInfo("stopping", {{"signal", received}});
  return 0;
}

}  // namespace swell::sandbox
