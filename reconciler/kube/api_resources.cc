#include <algorithm>
#include <charconv>

#include "reconciler/kube/discovery.h"

namespace swell::kube {
namespace {

// The number that `text` begins with ("36+" is 36); 0 where there is none.
int LeadingNumber(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp(number, 0, 100'000);
}

}  // namespace

ServerVersion ParseServerVersion(const Value& version) {
  ServerVersion out;
  out.git_version = version["gitVersion"].as_string().substr(0, 200);
  out.major = LeadingNumber(version["major"].as_string());
  out.minor = LeadingNumber(version["minor"].as_string());
  std::string_view git = out.git_version;
  if (git.starts_with('v')) git.remove_prefix(1);
  const auto dot = git.find('.');
  if (dot == git.npos) return out;
  const int major = LeadingNumber(git);
  const int minor = LeadingNumber(git.substr(dot + 1));
  // Builds without a tag call themselves v0.0.0-master+….
  if (out.major == 0 && major > 0) {
    out.major = major;
    out.minor = minor;
  }
  return out;
}

std::string ServerVersion::Normalized() const {
  if (major == 0) return "";
  if (LeadingNumber(std::string_view(git_version).substr(git_version.starts_with('v') ? 1 : 0)) >
      0) {
    return git_version;
  }
  return "v" + std::to_string(major) + "." + std::to_string(minor) + ".0";
}

bool ApiResource::Can(std::string_view verb) const {
  return std::ranges::find(verbs, verb) != verbs.end();
}

ResourceRef ApiResource::Ref(std::string ns, std::string name) const {
  return {.group = group,
          .version = version,
          .resource = resource,
          .ns = namespaced ? std::move(ns) : "",
          .name = std::move(name)};
}

ApiResources::ApiResources(std::vector<ApiResource> resources, ServerVersion version,
                           std::vector<Failure> failures)
    : resources_(std::move(resources)),
      version_(std::move(version)),
      failures_(std::move(failures)) {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const ApiResource& r = resources_[i];
    by_kind_[r.group_kind()].push_back(i);
    api_versions_.push_back(r.api_version());
    api_versions_.push_back(r.api_version() + "/" + r.kind);
  }
  std::ranges::sort(api_versions_);
  api_versions_.erase(std::unique(api_versions_.begin(), api_versions_.end()), api_versions_.end());
  Hasher hasher;
  hasher.Add("swell.kube.ApiResources/1").Add(version_.git_version);
  hasher.Add(std::int64_t{version_.major}).Add(std::int64_t{version_.minor});
  for (const auto& [kind, indices] : by_kind_) {
    for (const std::size_t i : indices) {
      const ApiResource& r = resources_[i];
      hasher.Add(r.group).Add(r.version).Add(r.kind).Add(r.resource);
      hasher.Add(std::int64_t{r.namespaced});
      hasher.Add(static_cast<std::int64_t>(r.verbs.size()));
      for (const std::string& verb : r.verbs) hasher.Add(verb);
      hasher.Add(static_cast<std::int64_t>(r.subresources.size()));
      for (const std::string& sub : r.subresources) hasher.Add(sub);
    }
  }
  digest_ = hasher.Finish();
}

const ApiResource* ApiResources::Find(const GroupKind& kind) const {
  const auto found = by_kind_.find(kind);
  return found == by_kind_.end() ? nullptr : &resources_[found->second.front()];
}

const ApiResource* ApiResources::Find(const GroupVersionKind& kind) const {
  const auto found = by_kind_.find(kind.group_kind());
  if (found == by_kind_.end()) return nullptr;
  for (const std::size_t i : found->second) {
    if (resources_[i].version == kind.version) return &resources_[i];
  }
  return nullptr;
}

std::vector<const ApiResource*> ApiResources::Versions(const GroupKind& kind) const {
  std::vector<const ApiResource*> out;
  const auto found = by_kind_.find(kind);
  if (found == by_kind_.end()) return out;
  for (const std::size_t i : found->second) out.push_back(&resources_[i]);
  return out;
}

bool ApiResources::Failed(std::string_view group) const {
  return std::ranges::any_of(failures_, [&](const Failure& failure) {
    const std::string_view text = failure.group_version;
    // "v1" is the core group's version.
    const std::string_view failed = text.contains('/') ? text.substr(0, text.find('/')) : text;
    return group.empty() ? failed == "v1" : failed == group;
  });
}

}  // namespace swell::kube
