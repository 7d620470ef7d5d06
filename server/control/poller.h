#pragma once
// The poller: what every (source, ref) resolves to, looked at once a tick however many
// applications use it, with one connection and at most one fetch a repository or chart.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "reconciler/domain/source.h"

namespace swell::control {

// Threads: every method but Tree is called on the control loop, and so are the callbacks. The
// sources themselves run on the executor: one job a source at a time, and one a host for charts,
// so that a host that hangs holds one thread however many charts it has.
class Poller {
 public:
  using OnResolved = std::function<void(const SourceKey& source, const std::string& ref,
                                        const Result<Revision>& revision)>;
  // Opens a source, on the executor; `credentials` may be null.
  using Open = std::function<Result<std::unique_ptr<Source>>(
      const SourceKey& source, std::shared_ptr<const Repository> credentials)>;
  Poller(net::Loop& control, Executor& executor, Duration interval, Open open,
         OnResolved on_resolved);
  // Requires that the executor is stopped.
  ~Poller();

  // What to poll from now on: source -> refs. New ones are polled at once.
  void SetSources(const std::map<SourceKey, std::set<std::string>>& sources);
  // Credentials by URL prefix. Sources whose credentials changed are opened anew.
  void SetRepositories(std::vector<Repository> repositories);
  // Polls every source and comes again after the interval.
  void StartTicking();
  // Polls one source now; `done` gets what the ref resolves to in that poll or a later one.
  void Resolve(const SourceKey& source, const std::string& ref,
               std::move_only_function<void(Result<Revision>)> done);

  // Any thread. kNotFound for a source that was never polled.
  Result<FileTreePtr> Tree(const SourceKey& source, const std::string& commit) const;

  struct Stats {
    std::int64_t ticks = 0;
    std::int64_t resolutions = 0;  // connections to remotes
  };
  Stats stats() const;

 private:
  struct Polled;
  struct Shared;
  void Tick();
  void Poll(Polled& polled);
  void Start(Polled& polled);
  void LeaveLane(const SourceKey& key);
  void Finish(const SourceKey& key, const std::vector<std::string>& refs,
              const std::vector<Result<Revision>>& results);

  net::Loop& control_;
  Executor& executor_;
  const Duration interval_;
  OnResolved on_resolved_;
  std::vector<Repository> repositories_;
  std::map<SourceKey, std::unique_ptr<Polled>> sources_;
  // By host: while one of its charts is polled the others wait, first come first served.
  struct Lane {
    bool busy = false;
    std::deque<SourceKey> waiting;
  };
  std::map<std::string, Lane> lanes_;
  std::shared_ptr<Shared> shared_;  // opened sources, behind a mutex; outlives the jobs
  std::int64_t last_epoch_ = 0;
  std::int64_t ticks_ = 0;
};

}  // namespace swell::control
