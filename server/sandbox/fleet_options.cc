// Command line, names and the files.

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "server/sandbox/fleet.h"

namespace swell::sandbox {
namespace {

constexpr int kMaxClusters = 5000;

Result<int> ParseNumber(std::string_view option, std::string_view text, int low, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) {
    return Fail(InvalidArgument(std::string(option) + " " + Quote(text) +
                                ": expected a number from " + std::to_string(low) + " to " +
                                std::to_string(high)));
  }
  return number;
}

Status SetOption(FleetOptions& options, std::string_view name, std::string_view value) {
  if (name == "--clusters") {
    options.clusters = TRY(ParseNumber(name, value, 1, kMaxClusters));
  } else if (name == "--base-port") {
    options.base_port = TRY(ParseNumber(name, value, 0, 65535));
  } else if (name == "--threads") {
    options.threads = TRY(ParseNumber(name, value, 1, 16));
  } else if (name == "--kubeconfig-out") {
    options.kubeconfig_out = value;
  } else if (name == "--listen") {
    options.listen = value;
  } else if (name == "--name-prefix") {
    options.name_prefix = value;
  } else if (name == "--kube-version") {
    options.kubernetes_version = value;
  } else if (name == "--ring") {
    options.rings = TRY(ParseRings(value));
  } else if (name == "--step-delay") {
    options.step_delay = TRY_WRAP(ParseDuration(value), std::string(name));
  } else {
    return Fail(InvalidArgument("unknown option " + Quote(name) + "; see --help"));
  }
  return {};
}

std::string Padded(int number, int width) {
  std::string text = std::to_string(number);
  while (static_cast<int>(text.size()) < width) text.insert(text.begin(), '0');
  return text;
}

}  // namespace

std::string HelpText() {
  return R"(swell-sandbox: simulated Kubernetes clusters for trying Swell, for tests and scale figures.
It serves the Kubernetes API in plain HTTP and moves workloads through their states; it runs no
containers, checks no credentials and forgets everything when it stops. Not a cluster.
It reads JSON and YAML, no protobuf: with kubectl use apply -f or create -f, not create NAME.

usage: swell-sandbox [options]
  --clusters N            how many (default 3, at most 5000)
  --kubeconfig-out DIR    writes DIR/kubeconfig (a context for each cluster) and
                          DIR/clusters.yaml (Cluster resources for swell apply)
  --base-port N           the first cluster's port, the others follow; 0 (default): any free ports
  --listen ADDRESS        default 127.0.0.1
  --ring NAME=N[,...]     the label "ring", in order (default: one canary, a quarter early, the rest)
  --name-prefix TEXT      default "c": c01, c02, ...
  --step-delay DURATION   from one state of a pod to the next (default 400ms)
  --kube-version VERSION  what /version says, with +swell-sandbox (default v1.36.0)
  --threads N             network loops (default 1; 2 for more than 50 clusters)
  --no-controllers        objects stay as they were written

Prints "ready" when every cluster listens; SIGTERM or SIGINT stops it. On each cluster's port,
/sandbox/stats counts requests and /sandbox/faults injects faults.
)";
}

Result<FleetOptions> ParseOptions(const std::vector<std::string>& arguments) {
  FleetOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--help" || name == "-h") {
      options.help = true;
      return options;
    }
    if (name == "--no-controllers") {
      options.controllers = false;
      continue;
    }
    const auto equals = name.find('=');
    if (name.starts_with("--") && equals != std::string_view::npos) {
      TRY(SetOption(options, name.substr(0, equals), name.substr(equals + 1)));
      continue;
    }
    if (!name.starts_with("--")) {
      return Fail(InvalidArgument("unexpected argument " + Quote(name) + "; see --help"));
    }
    if (i + 1 == arguments.size()) {
      return Fail(InvalidArgument("option " + std::string(name) + " needs a value"));
    }
    TRY(SetOption(options, name, arguments[++i]));
  }
  if (options.base_port > 0 && options.base_port + options.clusters - 1 > 65535) {
    return Fail(InvalidArgument("--base-port " + std::to_string(options.base_port) +
                                " leaves too few ports for " + std::to_string(options.clusters) +
                                " clusters"));
  }
  return options;
}

Result<std::vector<std::pair<std::string, int>>> ParseRings(std::string_view text) {
  std::vector<std::pair<std::string, int>> rings;
  for (std::string_view part : Split(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Fail(InvalidArgument("--ring " + Quote(part) + ": expected NAME=NUMBER"));
    }
    rings.emplace_back(part.substr(0, equals),
                       TRY(ParseNumber("--ring", part.substr(equals + 1), 0, kMaxClusters)));
  }
  return rings;
}

Result<std::vector<ClusterPlace>> PlaceClusters(const FleetOptions& options) {
  auto rings = options.rings;
  if (rings.empty()) {
    const int early = std::min(options.clusters - 1, (options.clusters + 3) / 4);
    rings = {{"canary", 1}, {"early", early}, {"rest", options.clusters - 1 - early}};
  }
  int sum = 0;
  for (const auto& [name, count] : rings) sum += count;
  if (sum > options.clusters) {
    return Fail(InvalidArgument("--ring asks for " + std::to_string(sum) +
                                " clusters, --clusters "
                                "gives " +
                                std::to_string(options.clusters)));
  }
  rings.back().second += options.clusters - sum;  // whoever is left joins the last ring
  static const std::vector<std::string> regions = {"eu-west", "us-east", "ap-south"};
  const int width = std::max<int>(2, static_cast<int>(std::to_string(options.clusters).size()));
  std::vector<ClusterPlace> places;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    for (int i = 0; i < rings[r].second; ++i) {
      ClusterPlace place;
      const int number = static_cast<int>(places.size()) + 1;
      place.name = options.name_prefix + Padded(number, width);
      place.ring = rings[r].first;
      place.env = r == 0 && rings.size() > 1 ? "staging" : "production";
      place.region = regions[places.size() % regions.size()];
      places.push_back(std::move(place));
    }
  }
  return places;
}

std::string KubeconfigOf(const std::vector<ClusterPlace>& places) {
  std::vector<Value> clusters, contexts;
  for (const ClusterPlace& place : places) {
    const Value name(place.name);
    clusters.push_back(Value::Object(
        {{"name", name}, {"cluster", Value::Object({{"server", Value(place.url)}})}}));
    contexts.push_back(Value::Object(
        {{"name", name},
         {"context", Value::Object({{"cluster", name}, {"user", Value("sandbox")}})}}));
  }
  const Value user = Value::Object({{"name", Value("sandbox")}, {"user", Value::EmptyObject()}});
  return yaml::Write(
      Value::Object({{"apiVersion", Value("v1")},
                     {"kind", Value("Config")},
                     {"clusters", Value::Array(std::move(clusters))},
                     {"contexts", Value::Array(std::move(contexts))},
                     {"users", Value::Array({user})},
                     {"current-context", Value(places.empty() ? "" : places.front().name)}}));
}

std::string ClusterResourcesOf(const std::vector<ClusterPlace>& places,
                               const std::string& kubeconfig) {
  std::string text;
  for (const ClusterPlace& place : places) {
    const Value labels = Value::Object(
        {{"ring", Value(place.ring)}, {"env", Value(place.env)}, {"region", Value(place.region)}});
    const Value access =
        Value::Object({{"path", Value(kubeconfig)}, {"context", Value(place.name)}});
    if (!text.empty()) text += "---\n";
    text += yaml::Write(Value::Object(
        {{"apiVersion", Value("swell/v1alpha1")},
         {"kind", Value("Cluster")},
         {"metadata", Value::Object({{"name", Value(place.name)}, {"labels", labels}})},
         {"spec", Value::Object({{"kubeconfig", access}})}}));
  }
  return text;
}

}  // namespace swell::sandbox
