#include "reconciler/kube/clients.h"

#include <map>
#include <mutex>

#include "base/core/check.h"
#include "base/core/strings.h"
#include "base/telemetry/log.h"

namespace swell::kube {

struct Clients::Impl {
  Options options;
  std::vector<std::unique_ptr<net::Loop>> loops;
  KubeconfigFile kubeconfig;
  const std::shared_ptr<ApiResourcesShelf> served = std::make_shared<ApiResourcesShelf>();
  mutable std::mutex mutex;
  std::map<std::string, ConnectionPtr> connections;  // guarded by mutex
  std::size_t next_loop = 0;                         // guarded by mutex
};

Result<ClusterAccess> Clients::AccessOf(const Cluster& cluster) const {
  KubeconfigOptions options;
  options.context = cluster.context;
  options.allowed_commands = impl_->options.allowed_commands;
  const std::string doing = "cluster " + cluster.name;
  if (!cluster.kubeconfig_inline.empty()) {
    options.file = "kubeconfig (inline)";
    options.files = KubeconfigOptions::Files::kRefuse;
    return TRY_WRAP(ParseKubeconfig(cluster.kubeconfig_inline.Reveal(), options), doing);
  }
  if (cluster.kubeconfig_path.empty()) {
    return Fail(InvalidArgument(doing + ": it has no kubeconfig"));
  }
  return TRY_WRAP(impl_->kubeconfig.Load(cluster.kubeconfig_path, options), doing);
}

Clients::Clients(Options options) : impl_(std::make_unique<Impl>()) {
  SWELL_CHECK(options.loops > 0 && options.executor != nullptr);
  impl_->options = std::move(options);
  for (std::size_t i = 0; i < impl_->options.loops; ++i) {
    impl_->loops.push_back(std::make_unique<net::Loop>("kube-" + std::to_string(i)));
  }
}

Clients::~Clients() {
  std::map<std::string, ConnectionPtr> connections;
  {
    std::lock_guard lock(impl_->mutex);
    connections.swap(impl_->connections);
  }
  // Whoever still holds a connection would use a loop that is gone.
  for (auto& [name, connection] : connections) {
    connection->discovery.reset();
    connection->client.reset();
  }
}

Status Clients::Set(const Cluster& cluster) { return Set(cluster.name, TRY(AccessOf(cluster))); }

Status Clients::Set(const std::string& name, ClusterAccess access) {
  net::Loop* loop = nullptr;
  {
    std::lock_guard lock(impl_->mutex);
    loop = impl_->loops[impl_->next_loop++ % impl_->loops.size()].get();
  }
  if (!access.proxy) {
    access.proxy = TRY_WRAP(
        impl_->options.proxies.For(TRY_WRAP(net::Url::Parse(access.server), "cluster " + name)),
        "cluster " + name);
  }
  for (const std::string& warning : access.warnings) {
    telemetry::LogWarning("cluster access is not safe", {{"cluster", name}, {"warning", warning}});
  }
  ClientOptions options = impl_->options.client;
  options.cluster = name;
  options.executor = impl_->options.executor;
  auto connection = std::make_shared<Connection>();
  connection->cluster = name;
  connection->client = TRY(Client::Create(*loop, std::move(access), std::move(options)));
  connection->discovery = std::make_unique<Discovery>(*connection->client, impl_->served);
  ConnectionPtr old;  // ended outside of the lock
  std::lock_guard lock(impl_->mutex);
  old = std::exchange(impl_->connections[name], std::move(connection));
  return {};
}

void Clients::Remove(const std::string& name) {
  ConnectionPtr old;
  std::lock_guard lock(impl_->mutex);
  if (const auto found = impl_->connections.find(name); found != impl_->connections.end()) {
    old = std::move(found->second);
    impl_->connections.erase(found);
  }
}

Result<ConnectionPtr> Clients::Find(const std::string& name) const {
  std::lock_guard lock(impl_->mutex);
  const auto found = impl_->connections.find(name);
  if (found == impl_->connections.end()) {
    return Fail(NotFound("cluster " + Quote(name) + " is not registered"));
  }
  return found->second;
}

std::vector<std::string> Clients::names() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<std::string> out;
  for (const auto& [name, connection] : impl_->connections) out.push_back(name);
  return out;
}

}  // namespace swell::kube
