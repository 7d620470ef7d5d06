#include "server/control/source_plan.h"

#include <memory>
#include <utility>

#include "reconciler/domain/source.h"
#include "reconciler/fleet/overrides.h"
#include "renderer/pipeline/resolve.h"

namespace swell::control {
namespace {

class SourceJob : public std::enable_shared_from_this<SourceJob> {
 public:
  SourceJob(const PlanServices& services, const ChartServices& charts, PlanRequest request,
            std::move_only_function<void(Result<Planned>)> done)
      : services_(services),
        charts_(charts),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void Start() {
    Post(services_.workers, [self = shared_from_this()] { self->LookUp(); });
  }

 private:
  void LookUp() {
    folders_ = ChartFolders(request_.application, [this] {
      std::vector<Cluster> clusters;
      for (const PlanTarget& target : request_.targets) clusters.push_back(target.cluster);
      return clusters;
    });
    auto cached = charts_.dependencies.FromCache(request_.tree, folders_);
    if (!cached) return Fail(std::move(cached.error()));
    if (cached->missing.empty()) return Plan(std::move(*cached));
    Post(charts_.fetchers, [self = shared_from_this()] { self->Fetch(); });
  }

  void Fetch() {
    auto completed =
        charts_.dependencies.Complete(request_.tree, folders_, Deadline::After(charts_.timeout));
    if (!completed) return Fail(std::move(completed.error()));
    // Rendering is the workers': a fetcher that renders would keep others from fetching.
    Post(services_.workers,
         [self = shared_from_this(), completed = std::move(*completed)]() mutable {
           self->Plan(std::move(completed));
         });
  }

  void Plan(charts::Completed completed) {
    request_.tree = std::move(completed.tree);
    MakePlan(services_, std::move(request_),
             [done = std::move(done_),
              warnings = std::move(completed.warnings)](Result<Planned> planned) mutable {
               if (planned) planned->warnings = std::move(warnings);
               done(std::move(planned));
             });
  }

  void Fail(Error error) {
    done_(swell::Fail(std::move(error).Wrap("application " + request_.application.name)));
  }

  void Post(Executor& executor, Executor::Task task) {
    if (const Status posted = executor.Post(std::move(task)); !posted) Fail(posted.error());
  }

  const PlanServices services_;
  const ChartServices charts_;
  PlanRequest request_;
  std::move_only_function<void(Result<Planned>)> done_;
  std::set<std::string> folders_;
};

}  // namespace

std::set<std::string> ChartFolders(const Application& application,
                                   const std::function<std::vector<Cluster>()>& clusters) {
  const SourceSpec& source = application.source;
  if (IsChart(KeyOf(source))) return {};
  std::set<std::string> out;
  const auto add = [&](const SourceSpec& one, const ClusterFacts& cluster) {
    if (one.type != SourceType::kDetect && one.type != SourceType::kHelm) return;
    RenderRequest request;
    request.path = one.path;
    request.cluster = cluster;
    // What cannot be resolved cannot be rendered either, and the render says why.
    if (const auto resolved = ResolveRequest(request)) out.insert(resolved->path);
  };
  if (source.overrides.empty() && !UsesClusterTemplates({.path = source.path})) {
    add(source, {});
    return out;
  }
  for (const Cluster& cluster : clusters()) {
    add(fleet::SourceFor(source, cluster), {.name = cluster.name, .labels = cluster.labels});
  }
  return out;
}

void PlanSource(const PlanServices& services, const ChartServices& charts, PlanRequest request,
                std::move_only_function<void(Result<Planned>)> done) {
  if (!request.tree) return MakePlan(services, std::move(request), std::move(done));
  std::make_shared<SourceJob>(services, charts, std::move(request), std::move(done))->Start();
}

}  // namespace swell::control
