#include "server/sandbox/cluster.h"

#include "base/core/strings.h"
#include "base/value/json.h"
#include "server/sandbox/api.h"
#include "server/sandbox/controllers.h"
#include "server/sandbox/discovery.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/faults.h"
#include "server/sandbox/pod_logs.h"

namespace swell::sandbox {

struct Cluster::Impl {
  ClusterOptions options;
  const Clock& clock;
  Registry registry;
  Store store;
  Objects objects;
  Watches watches;
  Api api;
  PodLogs logs;
  Faults faults;
  Controllers controllers;

  Impl(ClusterOptions o, Scheduler& scheduler, const Clock& c, Interner& interner)
      : options(std::move(o)),
        clock(c),
        store(options.history),
        objects(registry, store, clock, interner, options.seed),
        watches(store, scheduler, clock, {.bookmark_every = options.bookmark_every}),
        api(objects, watches),
        logs(objects, scheduler),
        controllers(objects, scheduler,
                    {.step_delay = options.step_delay,
                     .workloads = options.controllers,
                     .kubernetes_version = options.kubernetes_version}) {}

  Response Route(const Request& request);
  Response Control(const Request& request);
  Response ServeFaults(const Request& request);
  Value DescribeStats() const;
};

Value Cluster::Impl::DescribeStats() const {
  const Stats& stats = api.stats();
  std::vector<Member> verbs;
  for (const auto& [verb, count] : stats.verbs) verbs.emplace_back(verb, Value(count));
  return Value::Object({{"cluster", Value(options.name)},
                        {"simulated", Value(true)},
                        {"requests", Value::Object(std::move(verbs))},
                        {"writes", Value(stats.writes)},
                        {"changes", Value(stats.changes)},
                        {"dryRuns", Value(stats.dry_runs)},
                        {"objects", Value(static_cast<std::int64_t>(store.object_count()))},
                        {"watches", Value(static_cast<std::int64_t>(watches.size()))},
                        {"logStreams", Value(static_cast<std::int64_t>(logs.size()))},
                        {"resourceVersion", Value(static_cast<std::int64_t>(store.version()))}});
}

Response Cluster::Impl::ServeFaults(const Request& request) {
  if (request.method == "DELETE") {
    faults.Clear();
  } else if (request.method == "POST") {
    auto body = ParseBody(request);
    if (!body) return body.error().ToResponse();
    const Status added = faults.Add(*body);
    if (!added) return errors::BadRequest(added.error().ToString()).ToResponse();
    if (faults.down()) {
      watches.AbortAll();
      logs.AbortAll();
    }
  } else if (request.method != "GET") {
    return errors::MethodNotAllowed().ToResponse();
  }
  watches.SetMuted(faults.hang());
  logs.SetMuted(faults.hang());
  return Response::Json(200, faults.Describe());
}

// /sandbox/…: what a test asks of the simulation itself.
Response Cluster::Impl::Control(const Request& request) {
  if (request.path == "/sandbox/faults") return ServeFaults(request);
  if (request.path == "/sandbox/stats") {
    if (request.method == "DELETE") api.ResetStats();
    return Response::Json(200, DescribeStats());
  }
  if (request.path == "/sandbox/compact" && request.method == "POST") {
    store.Compact();
    return Response::Json(200, DescribeStats());
  }
  if (request.path == "/sandbox") {
    return Response::Json(
        200, Value::Object({{"cluster", Value(options.name)},
                            {"simulated", Value(true)},
                            {"message", Value("swell-sandbox: a simulated Kubernetes cluster for "
                                              "trying Swell and for tests; it runs no pods")}}));
  }
  return Response::Text(404, "404 page not found\n");
}

Response Cluster::Impl::Route(const Request& request) {
  const std::string& path = request.path;
  if (path == "/version") {
    return Response::Json(200, discovery::Version(options.kubernetes_version));
  }
  if (path == "/readyz" || path == "/healthz" || path == "/livez") {
    return Response::Text(200, "ok");
  }
  if (path.starts_with("/openapi/")) return discovery::OpenApi(request, registry);
  const sandbox::Route route = ParseRoute(path, registry);
  if (route.kind == sandbox::Route::Kind::kResource) {
    const bool log = route.subresource == "log" && route.resource->qualified() == "pods";
    return log && request.method == "GET" ? logs.Handle(route, request)
                                          : api.Handle(route, request);
  }
  return discovery::Answer(route, request, registry);
}

Cluster::Cluster(ClusterOptions options, Scheduler& scheduler, const Clock& clock,
                 Interner& interner)
    : impl_(std::make_unique<Impl>(std::move(options), scheduler, clock, interner)) {}
Cluster::~Cluster() = default;

Response Cluster::Handle(const Request& request) {
  if (request.path == "/sandbox" || request.path.starts_with("/sandbox/")) {
    return impl_->Control(request);
  }
  if (impl_->faults.down() || impl_->faults.hang()) {
    Response none;
    none.delivery = impl_->faults.down() ? Delivery::kAbort : Delivery::kHang;
    return none;
  }
  const Faults::Rule* fault = impl_->faults.Take(request);
  if (fault == nullptr) return impl_->Route(request);
  Response response;
  if (Faults::LetsThrough(*fault)) response = impl_->Route(request);
  return Faults::Spoil(*fault, std::move(response));
}

void Cluster::StartWatch(std::uint64_t id, std::shared_ptr<WatchSink> sink) {
  if (PodLogs::Owns(id)) return impl_->logs.Start(id, std::move(sink));
  impl_->watches.Start(id, std::move(sink));
}
void Cluster::StopWatch(std::uint64_t id) {
  if (PodLogs::Owns(id)) return impl_->logs.Stop(id);
  impl_->watches.Stop(id);
}
const std::string& Cluster::name() const { return impl_->options.name; }
std::size_t Cluster::object_count() const { return impl_->store.object_count(); }

}  // namespace swell::sandbox
