#pragma once
// A fleet of simulated clusters: the program's options, its clusters, and the files that tell
// kubectl and Swell where they are.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "server/sandbox/server.h"

namespace swell::sandbox {

struct FleetOptions {
  int clusters = 3;
  std::string name_prefix = "c";
  std::string listen = "127.0.0.1";
  int base_port = 0;           // 0: any free ports; else one port after another
  std::string kubeconfig_out;  // folder for kubeconfig and clusters.yaml; "" for none
  std::vector<std::pair<std::string, int>> rings;  // in order; empty: canary, early, rest
  Duration step_delay{400};
  std::string kubernetes_version = "v1.36.0";
  int threads = 0;  // 0: one, or two for more than 50 clusters
  bool controllers = true;
  bool help = false;
};

// Errors name the option and what is wrong with its value.
Result<FleetOptions> ParseOptions(const std::vector<std::string>& arguments);
std::string HelpText();

struct ClusterPlace {
  std::string name, ring, env, region, url;
};

// "canary=1,early=3,rest=8"
Result<std::vector<std::pair<std::string, int>>> ParseRings(std::string_view text);
// Names, rings, environments and regions; urls are left empty.
Result<std::vector<ClusterPlace>> PlaceClusters(const FleetOptions& options);

// One kubeconfig with a context for each cluster.
std::string KubeconfigOf(const std::vector<ClusterPlace>& places);
// Swell's Cluster resources, one document each; `kubeconfig` is the path that they name.
std::string ClusterResourcesOf(const std::vector<ClusterPlace>& places,
                               const std::string& kubeconfig);

class Fleet {
 public:
  // Starts every cluster and writes the files; all or nothing.
  static Result<std::unique_ptr<Fleet>> Start(const FleetOptions& options);
  ~Fleet();

  const std::vector<ClusterPlace>& places() const { return places_; }

 private:
  struct Lane;
  Fleet();
  SystemClock clock_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<ClusterServer>> servers_;
  std::vector<ClusterPlace> places_;
};

// The whole program: parses, starts, prints "ready", waits for SIGTERM or SIGINT. Returns the
// exit code.
int RunProgram(const std::vector<std::string>& arguments);

}  // namespace swell::sandbox
