#include "server/control/crd_shelf.h"

#include <set>

namespace swell::control {

// One Get whose last answer hands on all of them.
struct CrdShelf::Pending {
  std::mutex mutex;  // guards what follows
  std::size_t left = 0;
  schema::CustomTypes types;
  std::move_only_function<void(CustomTypesPtr)> done;

  void Arrive(CrdPtr crd) {
    {
      const std::lock_guard lock(mutex);
      if (crd) types.Add(std::move(crd));
      if (--left > 0) return;
    }
    done(types.empty() ? nullptr : std::make_shared<const schema::CustomTypes>(std::move(types)));
  }
};

void CrdShelf::Get(const kube::ConnectionPtr& connection, const std::string& cluster,
                   const kube::ApiResources& resources, const std::vector<Object>& objects,
                   CustomTypesPtr own, std::move_only_function<void(CustomTypesPtr)> done) {
  std::set<std::string> names;
  for (const Object& object : objects) {
    const GroupVersionKind gvk = object.gvk();
    // CRDs cannot define groups without a dot.
    if (!gvk.group.contains('.') || schema::FindType(gvk) || (own && own->Find(gvk))) continue;
    const kube::ApiResource* resource = resources.Find(gvk);
    if (resource && names.size() < kMaxKinds) names.insert(resource->resource + "." + gvk.group);
  }
  if (names.empty()) return done(std::move(own));
  auto pending = std::make_shared<Pending>();
  if (own) pending->types = *own;
  pending->done = std::move(done);
  std::vector<Key> unknown;
  for (const std::string& name : names) {
    CrdPtr types;
    if (!Find({cluster, name}, types)) {
      unknown.emplace_back(cluster, name);
    } else if (types) {
      pending->types.Add(std::move(types));
    }
  }
  pending->left = unknown.size() + 1;
  for (const Key& key : unknown) Read(connection, pending, key);
  pending->Arrive(nullptr);
}

void CrdShelf::Read(const kube::ConnectionPtr& connection, const std::shared_ptr<Pending>& pending,
                    const Key& key) {
  const kube::ResourceRef ref{.group = "apiextensions.k8s.io",
                              .version = "v1",
                              .resource = "customresourcedefinitions",
                              .ns = "",
                              .name = key.second};
  connection->client->Get(ref, [this, pending, key](kube::ApiResult<kube::Response> answer) {
    // A failure to read it is no reason for no plan: types are then seen in managedFields.
    if (!answer) {
      const ErrorCode code = answer.error().code();
      const bool lasts = code == ErrorCode::kNotFound || code == ErrorCode::kPermissionDenied;
      if (lasts) Keep(key, nullptr);
      return pending->Arrive(nullptr);
    }
    const Status posted = workers_.Post([this, pending, key, crd = std::move(answer->body)] {
      auto types = schema::CrdTypes::Read(crd);
      Keep(key, types ? *types : nullptr);
      pending->Arrive(types ? *types : nullptr);
    });
    if (!posted) pending->Arrive(nullptr);
  });
}

bool CrdShelf::Find(const Key& key, CrdPtr& types) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end() || std::chrono::steady_clock::now() - found->second.read_at > kKeep) {
    return false;
  }
  types = found->second.types;
  return true;
}

void CrdShelf::Keep(const Key& key, CrdPtr types) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMaxKept) {
    std::erase_if(kept_, [&](const auto& entry) { return now - entry.second.read_at > kKeep; });
  }
  if (kept_.size() < kMaxKept || kept_.contains(key)) kept_[key] = {std::move(types), now};
}

}  // namespace swell::control
