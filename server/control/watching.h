#pragma once
// Watching: a live::Watched for every cluster that has something of ours.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "reconciler/kube/clients.h"
#include "reconciler/live/watched.h"

namespace swell::control {

// Thread-safe.
class Watching {
 public:
  // Of an object of the application on the cluster. On a thread of the network.
  using Changed =
      std::function<void(const std::string& application, const std::string& cluster, live::Change)>;

  explicit Watching(Changed changed) : changed_(std::move(changed)) {}

  // The cluster's, over this connection: what was known over another one is forgotten.
  std::shared_ptr<live::Watched> For(const kube::ConnectionPtr& connection);
  // An application that is deleted; a cluster that is.
  void DropApplication(const std::string& application);
  void DropCluster(const std::string& cluster);
  // Ends all watches. For() gives what knows nothing from then on.
  void Stop();

  // Over all clusters.
  live::Watched::Stats stats() const;

 private:
  struct Entry {
    std::weak_ptr<kube::Connection> connection;  // told from others, not kept
    std::shared_ptr<live::Watched> watched;
  };

  std::shared_ptr<live::Watched> MakeFor(const kube::ConnectionPtr& connection) const;
  std::vector<std::shared_ptr<live::Watched>> All() const;

  const Changed changed_;
  // Never held while watches end: the last of a connection waits for the network's loop, and
  // whoever runs there may want the mutex.
  mutable std::mutex mutex_;
  bool stopped_ = false;                  // guarded by mutex_
  std::map<std::string, Entry> entries_;  // guarded by mutex_; by cluster
};

}  // namespace swell::control
