#pragma once
// The poller: what every (repository, ref) resolves to, looked at once a tick however many
// applications use it, with one connection and at most one fetch a repository.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "reconciler/git/git.h"
#include "server/control/options.h"

namespace swell::control {

// Threads: every method but Tree is called on the control loop, and so are the callbacks. Git
// itself runs on the executor, one job a repository at a time.
class Poller {
 public:
  using OnResolved = std::function<void(const std::string& url, const std::string& ref,
                                        const Result<Revision>& revision)>;
  Poller(net::Loop& control, Executor& git_threads, const Options& options, OnResolved on_resolved);
  // Requires that the executor is stopped.
  ~Poller();

  // What to poll from now on: URL -> refs. New ones are polled at once.
  void SetSources(const std::map<std::string, std::set<std::string>>& sources);
  // Credentials by URL prefix. Mirrors whose credentials changed are opened anew.
  void SetRepositories(std::vector<Repository> repositories);
  // Polls every source and comes again after the interval.
  void StartTicking();
  // Polls one repository now; `done` gets what the ref resolves to in that poll or a later one.
  void Resolve(const std::string& url, const std::string& ref,
               std::move_only_function<void(Result<Revision>)> done);

  // Any thread. kNotFound for a repository that was never polled.
  Result<FileTreePtr> Tree(const std::string& url, const std::string& commit) const;

  struct Stats {
    std::int64_t ticks = 0;
    std::int64_t resolutions = 0;  // connections to remotes
  };
  Stats stats() const;

 private:
  struct Source;
  struct Shared;
  void Tick();
  void Poll(Source& source);
  void Finish(const std::string& url, const std::vector<std::string>& refs,
              const std::vector<Result<Revision>>& results);

  net::Loop& control_;
  Executor& git_threads_;
  const Options& options_;
  OnResolved on_resolved_;
  std::vector<Repository> repositories_;
  std::map<std::string, std::unique_ptr<Source>> sources_;
  std::shared_ptr<Shared> shared_;  // mirrors, behind a mutex; outlives the jobs
  std::int64_t ticks_ = 0;
};

}  // namespace swell::control
