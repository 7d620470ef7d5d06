// Shows what an informer of Swell's client tells about one collection of a real API server, a line
// each: for informer_test.py.
//
//   informer-probe KUBECONFIG [GROUP/]VERSION/RESOURCE [NAMESPACE]

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>

#include "base/core/strings.h"
#include "base/runtime/executor.h"
#include "reconciler/kube/informer.h"
#include "reconciler/kube/kubeconfig.h"

namespace swell::kube {
namespace {

void Print(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

std::string NameOf(const Value& object) { return object["metadata"]["name"].str(); }

Status Main(int argc, char** argv) {
  if (argc < 3)
    return Fail(InvalidArgument("usage: informer-probe KUBECONFIG RESOURCE [NAMESPACE]"));
  const auto parts = Split(argv[2], '/');
  ResourceRef collection;
  if (parts.size() == 3) collection.group = parts[0];
  collection.version = parts[parts.size() - 2];
  collection.resource = parts.back();
  if (argc > 3) collection.ns = argv[3];

  net::Loop loop("kube");
  Executor executor({.threads = 1});
  auto client = TRY(Client::Create(loop, TRY(LoadKubeconfig(argv[1], {})),
                                   {.cluster = "probe", .executor = &executor}));
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  const auto informer = Informer::Start(
      *client, collection, {.page_size = 50},
      {.on_replace =
           [](std::vector<Value> items, const std::string&) {
             std::vector<std::string> names;
             for (const Value& item : items) names.push_back(NameOf(item));
             std::ranges::sort(names);
             Print("replace " + std::to_string(names.size()) + " " + Join(names, " "));
           },
       .on_event =
           [](const WatchEvent& event) {
             static constexpr const char* kTypes[] = {"added", "modified", "deleted", "bookmark"};
             Print(std::string(kTypes[static_cast<int>(event.type)]) + " " + NameOf(event.object));
           },
       .on_stale = [](const ApiError& error) { Print("stale " + error.ToString()); },
       .on_current = [] { Print("current"); },
       .on_end =
           [&](const ApiError& error) {
             Print("end " + error.ToString());
             std::lock_guard lock(mutex);
             ended = true;
             changed.notify_all();
           }});
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return ended; });
  return {};
}

}  // namespace
}  // namespace swell::kube

int main(int argc, char** argv) {
  const auto status = swell::kube::Main(argc, argv);
  if (!status) std::fprintf(stderr, "%s\n", status.error().ToString().c_str());
  return status ? 0 : 1;
}
