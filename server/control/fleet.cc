#include "server/control/fleet.h"

#include <sys/stat.h>

#include "base/telemetry/log.h"

namespace swell::control {
namespace {

std::int64_t FileTime(const std::string& path) {
  struct stat info{};
  if (path.empty() || ::stat(path.c_str(), &info) != 0) return 0;
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

}  // namespace

Status Fleet::Check(const Cluster& cluster) const {
  const auto access = clients_.AccessOf(cluster);
  if (!access) return Fail(access.error());
  return {};
}

void Fleet::Set(const Cluster& cluster) {
  Known& known = clusters_[cluster.name];
  known = Known{.cluster = cluster};
  Connect(known);
}

void Fleet::Connect(Known& known) {
  known.file_time = FileTime(known.cluster.kubeconfig_path);
  const Status done = clients_.Set(known.cluster);
  known.access_error = done ? "" : done.error().ToString();
  if (!done) {
    known.reachable = false;
    telemetry::LogWarning("cluster cannot be used",
                          {{"cluster", known.cluster.name}, {"error", done.error()}});
  }
}

void Fleet::Remove(const std::string& name) {
  clusters_.erase(name);
  clients_.Remove(name);
}

void Fleet::RefreshChangedFiles() {
  std::map<std::string_view, std::int64_t> times;  // one file may name the whole fleet
  for (auto& [name, known] : clusters_) {
    const std::string& path = known.cluster.kubeconfig_path;
    if (path.empty()) continue;
    const auto [it, first] = times.try_emplace(path, 0);
    if (first) it->second = FileTime(path);
    const std::int64_t time = it->second;
    if (time != 0 && time != known.file_time) Connect(known);
  }
}

void Fleet::Seen(const std::string& name, const std::string& version, const std::string& error) {
  const auto it = clusters_.find(name);
  if (it == clusters_.end()) return;
  it->second.reachable = error.empty();
  it->second.error = error;
  if (!version.empty()) it->second.version = version;
}

std::vector<Cluster> Fleet::All() const {
  std::vector<Cluster> out;
  for (const auto& [name, known] : clusters_) out.push_back(known.cluster);
  return out;
}

const Cluster* Fleet::Find(const std::string& name) const {
  const auto it = clusters_.find(name);
  return it == clusters_.end() ? nullptr : &it->second.cluster;
}

std::vector<ClusterStatus> Fleet::Statuses() const {
  std::vector<ClusterStatus> out;
  for (const auto& [name, known] : clusters_) {
    ClusterStatus status;
    status.spec = known.cluster;
    status.spec.kubeconfig_inline = Secret();
    status.reachable = known.reachable;
    status.version = known.version;
    status.error = known.access_error.empty() ? known.error : known.access_error;
    out.push_back(std::move(status));
  }
  return out;
}

}  // namespace swell::control
