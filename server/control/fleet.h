#pragma once
// The registered clusters: what was declared, how to reach them, how they were last seen.

#include <map>
#include <string>
#include <vector>

#include "reconciler/domain/application.h"
#include "reconciler/kube/clients.h"
#include "server/control/engine.h"

namespace swell::control {

// Threads: the control loop's alone; `clients` itself may be used from any thread.
class Fleet {
 public:
  explicit Fleet(kube::Clients& clients) : clients_(clients) {}

  // Whether the cluster's kubeconfig can be read and used; changes nothing.
  Status Check(const Cluster& cluster) const;
  // Registers or replaces. Where its access data cannot be read it is kept with the error.
  void Set(const Cluster& cluster);
  void Remove(const std::string& name);
  // Reads again the kubeconfig files that changed, and those that could not be read before.
  void RefreshChangedFiles();

  // Notes how a plan found the cluster.
  void Seen(const std::string& name, const std::string& version, const std::string& error);

  std::vector<Cluster> All() const;
  std::size_t size() const { return clusters_.size(); }
  const Cluster* Find(const std::string& name) const;
  // Without the count of applications.
  std::vector<ClusterStatus> Statuses() const;

 private:
  struct Known {
    Cluster cluster;
    std::int64_t file_time = 0;  // of the kubeconfig, nanoseconds; 0: none or unreadable
    std::string access_error;    // why there is no connection
    bool reachable = false;
    std::string version;
    std::string error;
  };
  void Connect(Known& known);

  kube::Clients& clients_;
  std::map<std::string, Known> clusters_;
};

}  // namespace swell::control
