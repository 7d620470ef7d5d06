// Sends a fixed list of requests to every cluster of a fleet over Swell's own client, as fast as it
// goes, and says how fast that was: what is left of swelld where nothing is decided. Driven by
// tests/bench/fleet.py.
//
//   swell-bench-fleet SPEC.json
//
// SPEC: {"kubeconfig", "clusters": [context], "parallel", "watch": [where], "stages": [[request]]}
// where a request is {"verb": get | list | apply | try, "group", "version", "resource",
// "namespace", "name", "object"}. The requests of a stage go out together, stages one after the
// other, `parallel` clusters at a time. `watch`: collections that are watched meanwhile on every
// cluster. Prints one JSON object.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

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

// Everything is sent by the callbacks of what came before.
class Load {
 public:
  Load(kube::Clients& clients, const Value& spec) : clients_(clients), stages_(spec["stages"]) {
    for (const Value& name : spec["clusters"].items()) clusters_.push_back(name.str());
  }

  void Run(std::size_t parallel) {
    left_ = clusters_.size();
    for (std::size_t i = 0; i < std::min(parallel, clusters_.size()); ++i) NextCluster();
    all_.get_future().wait();
  }

  std::size_t sent() const { return sent_; }
  std::size_t failed() const { return failed_; }
  std::string first_error() { return first_error_.get_future().get(); }

 private:
  struct Way {  // one cluster's way through the stages
    kube::ConnectionPtr connection;
    std::size_t stage = 0;
    std::atomic<std::size_t> open = 0;
  };
  using WayPtr = std::shared_ptr<Way>;

  void NextCluster() {
    const std::size_t i = next_++;
    if (i >= clusters_.size()) return;
    auto way = std::make_shared<Way>();
    way->connection = *clients_.Find(clusters_[i]);
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
    ++sent_;
    kube::Client& client = *way->connection->client;
    const std::string_view verb = request["verb"].as_string();
    const auto answered = [this, way](auto answer) {
      if (!answer && failed_++ == 0) first_error_.set_value(answer.error().ToString());
      Arrive(way);
    };
    if (verb == "get") {
      client.Get(RefOf(request), answered);
    } else if (verb == "list") {
      client.List(RefOf(request), answered);
    } else {
      kube::ApplyOptions options;
      options.force = true;
      if (verb == "try") options.dry_run = kube::DryRun::kAll;
      client.Apply(RefOf(request), request["object"], answered, options);
    }
  }

  void Arrive(const WayPtr& way) {
    if (--way->open == 0) RunStage(way);
  }

  kube::Clients& clients_;
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
std::vector<kube::Informer> Watch(kube::Clients& clients, const Value& spec) {
  std::vector<kube::Informer> informers;
  auto current = std::make_shared<std::atomic<std::size_t>>(0);
  for (const Value& cluster : spec["clusters"].items()) {
    const kube::ConnectionPtr connection = *clients.Find(cluster.str());
    for (const Value& where : spec["watch"].items()) {
      kube::InformerHandler handler;
      handler.on_replace = [](const std::vector<Value>&, const std::string&) {};
      handler.on_event = [](const kube::WatchEvent&) {};
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
    while (informers.size() - *current > 100) {
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
  Executor executor({});
  kube::Clients clients({.executor = &executor});
  for (const Value& name : spec["clusters"].items()) {
    Cluster cluster;
    cluster.name = cluster.context = name.str();
    cluster.kubeconfig_path = spec["kubeconfig"].str();
    TRY(clients.Set(cluster));
  }
  const auto informers = Watch(clients, spec);
  // Connections are not what is measured.
  for (const std::string& name : clients.names()) {
    const auto connection = *clients.Find(name);
    auto warm = kube::Wait<kube::Response>(
        [&](auto done) { connection->client->Do({.path = "/version"}, std::move(done)); });
    if (!warm) return Fail(std::move(warm.error().error));
  }
  Load load(clients, spec);
  const double cpu = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  load.Run(static_cast<std::size_t>(spec["parallel"].as_int(100)));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double used = CpuSeconds() - cpu;
  std::printf("{\"requests\": %zu, \"failed\": %zu, \"seconds\": %.4f, \"cpuSeconds\": %.4f}\n",
              load.sent(), load.failed(), seconds, used);
  if (load.failed() > 0) {
    return Fail(
        Unavailable(std::to_string(load.failed()) + " failed, the first: " + load.first_error()));
  }
  return {};
}

}  // namespace
}  // namespace swell

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: swell-bench-fleet SPEC.json\n", stderr);
    return 2;
  }
  const auto status = swell::Main(argv[1]);
  if (!status) std::fprintf(stderr, "swell-bench-fleet: %s\n", status.error().ToString().c_str());
  return status ? 0 : 1;
}
