// Sends a fixed list of requests to every cluster of a fleet over Swell's own client, as fast as it
// goes, and says how fast that was: what is left of swelld where nothing is decided. Driven by
// tests/bench/fleet.py and tests/bench/real_apply.py.
//
//   swell-bench-fleet SPEC.json
//
// SPEC: {"kubeconfig", "parallel", "watch": [where], "phases": [{"clusters": [context], "stages":
// [[request]]}]} where a request is {"verb": get | list | apply | try | settled, "group",
// "version", "resource", "namespace", "name", "object"}. The requests of a stage go out together,
// stages one after the other, `parallel` clusters at a time; a phase begins when the one before has
// ended on all its clusters. "settled" sends nothing: it waits until the watch shows that the
// Deployment which was applied is rolled out. `watch`: collections that are watched meanwhile on
// every cluster. Prints one JSON object.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/core/server_heap.h"
#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "base/value/json.h"
#include "reconciler/kube/clients.h"
#include "reconciler/kube/informer.h"

namespace swell {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

kube::ResourceRef RefOf(const Value& request) {
  return {.group = request["group"].str(),
          .version = request["version"].str(),
          .resource = request["resource"].str(),
          .ns = request["namespace"].str(),
          .name = request["name"].str()};
}

// What is known of one cluster's Deployments. Any thread.
class Deployments {
 public:
  // An apply was answered with this object.
  void Applied(const Value& object) {
    std::lock_guard lock(mutex_);
    known_[object["metadata"]["name"].str()].wanted = object["metadata"]["generation"].as_int(0);
  }

  void Seen(const Value& object) {
    const Value& status = object["status"];
    const std::int64_t replicas = object["spec"]["replicas"].as_int(1);
    if (status["updatedReplicas"].as_int(0) != replicas ||
        status["availableReplicas"].as_int(0) != replicas ||
        status["replicas"].as_int(0) != replicas) {
      return;
    }
    std::function<void()> then;
    {
      std::lock_guard lock(mutex_);
      Known& known = known_[object["metadata"]["name"].str()];
      known.settled = std::max(known.settled, status["observedGeneration"].as_int(0));
      if (known.settled >= known.wanted) then = std::exchange(known.then, nullptr);
    }
    if (then) then();
  }

  // Calls `then` when the last apply of `name` is rolled out, perhaps at once.
  void WhenSettled(const std::string& name, std::function<void()> then) {
    {
      std::lock_guard lock(mutex_);
      Known& known = known_[name];
      if (known.settled < known.wanted) {
        known.then = std::move(then);
        return;
      }
    }
    then();
  }

 private:
  struct Known {
    std::int64_t wanted = 0, settled = 0;  // generations
    std::function<void()> then;
  };
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};
using Fleet = std::map<std::string, Deployments>;  // by cluster; made once

// One phase. Everything is sent by the callbacks of what came before.
class Load {
 public:
  Load(kube::Clients& clients, Fleet& fleet, const Value& phase)
      : clients_(clients), fleet_(fleet), stages_(phase["stages"]) {
    for (const Value& name : phase["clusters"].items()) clusters_.push_back(name.str());
  }

  void Run(std::size_t parallel) {
    left_ = clusters_.size();
    if (left_ == 0) return;
    for (std::size_t i = 0; i < std::min(parallel, clusters_.size()); ++i) NextCluster();
    all_.get_future().wait();
  }

  std::size_t sent() const { return sent_; }
  std::size_t failed() const { return failed_; }
  std::string first_error() { return first_error_.get_future().get(); }

 private:
  struct Way {  // one cluster's way through the stages
    kube::ConnectionPtr connection;
    Deployments* deployments = nullptr;
    std::size_t stage = 0;
    std::atomic<std::size_t> open = 0;
  };
  using WayPtr = std::shared_ptr<Way>;

  void NextCluster() {
    const std::size_t i = next_++;
    if (i >= clusters_.size()) return;
    auto way = std::make_shared<Way>();
    way->connection = *clients_.Find(clusters_[i]);
    way->deployments = &fleet_[clusters_[i]];
    RunStage(way);
  }

  void RunStage(const WayPtr& way) {
    if (way->stage == stages_.items().size()) {
      NextCluster();
      if (--left_ == 0) all_.set_value();
      return;
    }
    const Value& stage = stages_.items()[way->stage++];
    way->open = stage.items().size() + 1;
    for (const Value& request : stage.items()) Send(way, request);
    Arrive(way);
  }

  void Send(const WayPtr& way, const Value& request) {
    const std::string_view verb = request["verb"].as_string();
    if (verb == "settled") {
      way->deployments->WhenSettled(request["name"].str(), [this, way] { Arrive(way); });
      return;
    }
    ++sent_;
    kube::Client& client = *way->connection->client;
    const bool apply = verb == "apply";
    const auto answered = [this, way, apply](auto answer) {
      if (!answer && failed_++ == 0) first_error_.set_value(answer.error().ToString());
      if constexpr (requires { answer->body; }) {
        if (answer && apply && answer->body["kind"].as_string() == "Deployment") {
          way->deployments->Applied(answer->body);
        }
      }
      Arrive(way);
    };
    if (verb == "get") {
      client.Get(RefOf(request), kube::Callback<kube::Response>::Brief(answered));
    } else if (verb == "list") {
      client.List(RefOf(request), kube::Callback<kube::ListResult>::Brief(answered));
    } else {
      kube::ApplyOptions options;
      options.force = true;
      if (verb == "try") options.dry_run = kube::DryRun::kAll;
      client.Apply(RefOf(request), request["object"],
                   kube::Callback<kube::Response>::Brief(answered), options);
    }
  }

  void Arrive(const WayPtr& way) {
    if (--way->open == 0) RunStage(way);
  }

  kube::Clients& clients_;
  Fleet& fleet_;
  const Value stages_;
  std::vector<std::string> clusters_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> left_ = 0;
  std::atomic<std::size_t> sent_ = 0;
  std::atomic<std::size_t> failed_ = 0;
  std::promise<void> all_;
  std::promise<std::string> first_error_;
};

// Watches the collections on all clusters; returns when each of them is up to date.
std::vector<kube::Informer> Watch(kube::Clients& clients, Fleet& fleet, const Value& spec) {
  std::vector<kube::Informer> informers;
  auto current = std::make_shared<std::atomic<std::size_t>>(0);
  for (auto& [cluster, deployments] : fleet) {
    const kube::ConnectionPtr connection = *clients.Find(cluster);
    for (const Value& where : spec["watch"].items()) {
      kube::InformerHandler handler;
      const auto seen = [&deployments](const Value& object) {
        if (object["kind"].as_string() == "Deployment") deployments.Seen(object);
      };
      handler.on_replace = [seen](const std::vector<Value>& objects, const std::string&) {
        for (const Value& object : objects) seen(object);
      };
      handler.on_event = [seen](const kube::WatchEvent& event) { seen(event.object); };
      handler.on_stale = [](const kube::ApiError&) {};
      handler.on_current = [current] { ++*current; };
      handler.on_end = [](const kube::ApiError& error) {
        if (error.code() == ErrorCode::kCancelled) return;  // it was over
        std::fprintf(stderr, "a watch ended: %s\n", error.ToString().c_str());
      };
      informers.push_back(
          kube::Informer::Start(*connection->client, RefOf(where), {}, std::move(handler)));
    }
    // So many lists at a time are enough.
    while (informers.size() > *current + 100) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  while (*current < informers.size()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return informers;
}

Status Main(const char* file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  const Value spec = TRY_WRAP(json::Parse(text.str()), std::string("read ") + file);
  Fleet fleet;  // the watches' handlers refer to it until the clients are gone
  Executor executor({});
  kube::Clients clients({.executor = &executor});
  for (const Value& phase : spec["phases"].items()) {
    for (const Value& name : phase["clusters"].items()) fleet[name.str()];
  }
  for (const auto& [name, deployments] : fleet) {
    Cluster cluster;
    cluster.name = cluster.context = name;
    cluster.kubeconfig_path = spec["kubeconfig"].str();
    TRY(clients.Set(cluster));
  }
  const auto informers = Watch(clients, fleet, spec);
  // Connections are not what is measured.
  for (const std::string& name : clients.names()) {
    const auto connection = *clients.Find(name);
    auto warm = kube::Wait<kube::Response>(
        [&](auto done) { connection->client->Do({.path = "/version"}, std::move(done)); });
    if (!warm) return Fail(std::move(warm.error().error));
  }
  std::size_t sent = 0;
  const double cpu = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  for (const Value& phase : spec["phases"].items()) {
    Load load(clients, fleet, phase);
    load.Run(static_cast<std::size_t>(spec["parallel"].as_int(100)));
    sent += load.sent();
    if (load.failed() > 0) {
      return Fail(
          Unavailable(std::to_string(load.failed()) + " failed, the first: " + load.first_error()));
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("{\"requests\": %zu, \"seconds\": %.4f, \"cpuSeconds\": %.4f}\n", sent, seconds,
              CpuSeconds() - cpu);
  return {};
}

}  // namespace
}  // namespace swell

int main(int argc, char** argv) {
  swell::KeepFreedMemoryForAWhile();
  if (argc != 2) {
    std::fputs("usage: swell-bench-fleet SPEC.json\n", stderr);
    return 2;
  }
  const auto status = swell::Main(argv[1]);
  if (!status) std::fprintf(stderr, "swell-bench-fleet: %s\n", status.error().ToString().c_str());
  return status ? 0 : 1;
}
