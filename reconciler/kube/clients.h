#pragma once
// Clients: a Client and a Discovery for every registered cluster, over a few shared loops.

#include <memory>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "reconciler/domain/application.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/discovery.h"

namespace swell::kube {

// One cluster's connection. Held by shared_ptr: whoever works on the cluster keeps it until
// the end, also when the cluster is registered anew or removed meanwhile.
struct Connection {
  std::string cluster;
  std::unique_ptr<Client> client;
  std::unique_ptr<Discovery> discovery;
};
using ConnectionPtr = std::shared_ptr<Connection>;

// Thread-safe.
class Clients {
 public:
  struct Options {
    std::size_t loops = 1;         // threads for the network
    Executor* executor = nullptr;  // as ClientOptions::executor; required; must outlive this
    ClientOptions client;          // cluster and executor are set per cluster
    std::vector<std::string> allowed_commands;  // of credential plugins
    net::ProxyEnvironment proxies;              // where a kubeconfig names no proxy-url
  };
  explicit Clients(Options options);
  // Closes every connection, also those that somebody still holds: they must not be used
  // any more.
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Reads the cluster's kubeconfig (its file, or the inline text, which may not name files);
  // changes nothing.
  Result<ClusterAccess> AccessOf(const Cluster& cluster) const;
  // Registers the cluster or replaces its connection. An error leaves what was there.
  Status Set(const Cluster& cluster);
  Status Set(const std::string& name, ClusterAccess access);
  void Remove(const std::string& name);
  // kNotFound for names that are not registered.
  Result<ConnectionPtr> Find(const std::string& name) const;
  std::vector<std::string> names() const;  // sorted

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell::kube
