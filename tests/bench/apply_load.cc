// Applies objects to one API server over Swell's own client, as fast as it goes, and says how
// fast that was. Driven by tests/bench/apply.py.
//
//   swell-bench-apply KUBECONFIG OBJECT.json REQUESTS CONCURRENCY [metadata] [many]
//
// OBJECT.json: {"group", "version", "resource", "namespace", "object"}. It is applied REQUESTS
// times; with `many` under a name of its own each time. Prints one JSON object.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "base/value/json.h"
#include "reconciler/kube/client.h"

namespace swell {
namespace {

struct Arguments {
  std::string kubeconfig;
  Value payload;
  std::size_t requests = 0;
  std::size_t concurrency = 0;
  bool metadata = false;
  bool many = false;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Result<Arguments> Read(int argc, char** argv) {
  if (argc < 5) {
    return Fail(InvalidArgument(
        "usage: swell-bench-apply KUBECONFIG OBJECT.json REQUESTS CONCURRENCY [metadata] [many]"));
  }
  Arguments out;
  out.kubeconfig = argv[1];
  std::ifstream in(argv[2]);
  std::stringstream text;
  text << in.rdbuf();
  out.payload = TRY_WRAP(json::Parse(text.str()), std::string("read ") + argv[2]);
  out.requests = std::stoul(argv[3]);
  out.concurrency = std::stoul(argv[4]);
  for (int i = 5; i < argc; ++i) {
    out.metadata |= std::string_view(argv[i]) == "metadata";
    out.many |= std::string_view(argv[i]) == "many";
  }
  return out;
}

// Keeps `concurrency` calls going until all were made.
struct Run {
  kube::Client& client;
  const Arguments& arguments;
  kube::ResourceRef ref;
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> ended = 0;
  std::atomic<std::size_t> failed = 0;
  std::promise<void> all;
  std::promise<std::string> first_error;

  void Send() {
    const std::size_t i = next++;
    if (i >= arguments.requests) return;
    kube::ResourceRef to = ref;
    Value object = arguments.payload["object"];
    if (arguments.many) {
      to.name += "-" + std::to_string(i);
      object = object.WithAt({"metadata", "name"}, Value(to.name));
    }
    kube::ApplyOptions options;
    options.field_manager = "swell-bench";
    options.force = true;
    if (arguments.metadata) options.answer = kube::ObjectForm::kMetadata;
    client.Apply(
        to, object, [this](kube::ApiResult<kube::Response> answer) { OnAnswer(std::move(answer)); },
        options);
  }

  void OnAnswer(kube::ApiResult<kube::Response> answer) {
    if (!answer && failed++ == 0) first_error.set_value(answer.error().ToString());
    Send();
    if (++ended == arguments.requests) all.set_value();
  }
};

Status Main(int argc, char** argv) {
  const Arguments arguments = TRY(Read(argc, argv));
  auto access = TRY(kube::LoadKubeconfig(arguments.kubeconfig, {}));
  net::Loop loop("kube");
  Executor executor({.threads = 1});
  kube::ClientOptions options;
  options.cluster = "bench";
  options.executor = &executor;
  options.max_in_flight = arguments.concurrency;
  options.default_timeout = std::chrono::minutes(2);
  auto client = TRY(kube::Client::Create(loop, std::move(access), options));
  const Value& payload = arguments.payload;
  Run run{.client = *client,
          .arguments = arguments,
          .ref = {.group = payload["group"].str(),
                  .version = payload["version"].str(),
                  .resource = payload["resource"].str(),
                  .ns = payload["namespace"].str(),
                  .name = payload["object"]["metadata"]["name"].str()}};
  // The connection is not what is measured.
  auto warm = kube::Wait<kube::Response>(
      [&](auto done) { client->Do({.path = "/version"}, std::move(done)); });
  if (!warm) return Fail(std::move(warm.error().error));
  const double cpu = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < std::min(arguments.concurrency, arguments.requests); ++i) run.Send();
  run.all.get_future().wait();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double used = CpuSeconds() - cpu;
  std::printf(
      "{\"requests\": %zu, \"failed\": %zu, \"seconds\": %.4f, \"per_second\": %.1f, "
      "\"cpu_us_each\": %.1f}\n",
      arguments.requests, run.failed.load(), seconds,
      static_cast<double>(arguments.requests) / seconds,
      used * 1e6 / static_cast<double>(arguments.requests));
  if (run.failed > 0) {
    return Fail(Unavailable(std::to_string(run.failed) +
                            " failed, the first: " + run.first_error.get_future().get()));
  }
  return {};
}

}  // namespace
}  // namespace swell

int main(int argc, char** argv) {
  const auto status = swell::Main(argc, argv);
  if (!status) std::fprintf(stderr, "swell-bench-apply: %s\n", status.error().ToString().c_str());
  return status ? 0 : 1;
}
