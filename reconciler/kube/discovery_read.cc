#include "reconciler/kube/discovery_read.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

// More group versions than any cluster has; each costs a request in the old way.
constexpr std::size_t kMaxGroupVersions = 2000;

constexpr char kAcceptAggregated[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json";

bool IsAggregated(const Value& answer) {
  return answer["kind"].as_string() == "APIGroupDiscoveryList";
}

std::vector<std::string> SortedStrings(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.items()) out.push_back(item.str());
  std::ranges::sort(out);
  return out;
}

struct GroupVersion {
  std::string group;
  std::string version;
  std::string Path() const {
    return group.empty()
               ? "/api/" + net::EscapeComponent(version)
               : "/apis/" + net::EscapeComponent(group) + "/" + net::EscapeComponent(version);
  }
  std::string ToString() const { return group.empty() ? version : group + "/" + version; }
};

// Callbacks come from any thread, one at a time or not.
class Reading : public std::enable_shared_from_this<Reading> {
 public:
  Reading(Sender send, Callback<ApiResourcesPtr> done)
      : send_(std::move(send)), done_(std::move(done)) {}

  void Start() {
    pending_ = 3;
    Fetch("/version", "application/json", version_);
    Fetch("/api", kAcceptAggregated, core_);
    Fetch("/apis", kAcceptAggregated, groups_);
  }

 private:
  using Answer = std::optional<ApiResult<Response>>;

  void Fetch(const std::string& path, const char* accept, Answer& to) {
    Request request;
    request.path = path;
    request.accept = accept;
    send_(std::move(request), [self = shared_from_this(), &to](ApiResult<Response> answer) {
      {
        std::lock_guard lock(self->mutex_);
        to = std::move(answer);
        if (--self->pending_ > 0) return;
      }
      self->OnRoots();
    });
  }

  void OnRoots() {
    // Who may not see the version still sees what is served.
    const bool hidden = !*version_ && (version_->error().code() == ErrorCode::kPermissionDenied ||
                                       version_->error().code() == ErrorCode::kNotFound);
    for (Answer* answer : {&version_, &core_, &groups_}) {
      if (!**answer && !(answer == &version_ && hidden)) {
        return Finish(std::unexpected(std::move((*answer)->error())));
      }
    }
    std::vector<GroupVersion> walk;
    if (IsAggregated((*core_)->body)) {
      AddAggregated((*core_)->body, resources_, failures_);
    } else {
      for (const Value& version : (*core_)->body["versions"].items()) {
        walk.push_back({"", version.str()});
      }
    }
    if (IsAggregated((*groups_)->body)) {
      AddAggregated((*groups_)->body, resources_, failures_);
    } else {
      AddGroups((*groups_)->body, walk);
    }
    if (walk.size() > kMaxGroupVersions) {
      return Finish(
          ApiFail(ResourceExhausted("discovery: the server lists more than " +
                                    std::to_string(kMaxGroupVersions) + " group versions")));
    }
    if (walk.empty()) return Complete();
    Walk(std::move(walk));
  }

  // The preferred version first, the others in the server's order.
  static void AddGroups(const Value& list, std::vector<GroupVersion>& walk) {
    for (const Value& group : list["groups"].items()) {
      const std::string name = group["name"].str();
      const std::string preferred = group["preferredVersion"]["version"].str();
      if (!preferred.empty()) walk.push_back({name, preferred});
      for (const Value& version : group["versions"].items()) {
        if (version["version"].as_string() != preferred) {
          walk.push_back({name, version["version"].str()});
        }
      }
    }
  }

  void Walk(std::vector<GroupVersion> walk) {
    walk_ = std::move(walk);
    answers_.resize(walk_.size());
    pending_ = walk_.size();
    for (std::size_t i = 0; i < walk_.size(); ++i) {
      Request request;
      request.path = walk_[i].Path();
      send_(std::move(request), [self = shared_from_this(), i](ApiResult<Response> answer) {
        {
          std::lock_guard lock(self->mutex_);
          self->answers_[i] = std::move(answer);
          if (--self->pending_ > 0) return;
        }
        self->OnWalked();
      });
    }
  }

  void OnWalked() {
    for (std::size_t i = 0; i < walk_.size(); ++i) {
      const GroupVersion& gv = walk_[i];
      const ApiResult<Response>& answer = *answers_[i];
      if (!answer) {
        // Without its core group a cluster says nothing; an aggregated API may be down.
        const bool cancelled = answer.error().code() == ErrorCode::kCancelled;
        if (gv.group.empty() || cancelled) return Finish(std::unexpected(answer.error()));
        failures_.push_back({gv.ToString(), answer.error().ToString()});
      } else if (answer->body["kind"].as_string() != "APIResourceList") {
        failures_.push_back({gv.ToString(), "the answer is no APIResourceList"});
      } else {
        AddResourceList(answer->body, gv.group, gv.version, resources_);
      }
    }
    Complete();
  }

  void Complete() {
    if (resources_.empty()) {
      return Finish(ApiFail(Error(ErrorCode::kDataLoss, "discovery: the server lists no kinds")));
    }
    ServerVersion version;
    if (*version_) version = ParseServerVersion((*version_)->body);
    Finish(std::make_shared<const ApiResources>(std::move(resources_), std::move(version),
                                                std::move(failures_)));
  }

  void Finish(ApiResult<ApiResourcesPtr> result) {
    std::exchange(done_, nullptr)(std::move(result));
  }

  const Sender send_;
  Callback<ApiResourcesPtr> done_;
  std::mutex mutex_;
  std::size_t pending_ = 0;  // guarded by mutex_ once requests are out
  Answer version_, core_, groups_;
  std::vector<GroupVersion> walk_;
  std::vector<Answer> answers_;
  std::vector<ApiResource> resources_;
  std::vector<ApiResources::Failure> failures_;
};

}  // namespace

void AddAggregated(const Value& list, std::vector<ApiResource>& to,
                   std::vector<ApiResources::Failure>& failures) {
  for (const Value& group : list["items"].items()) {
    const std::string group_name = group["metadata"]["name"].str();
    for (const Value& version : group["versions"].items()) {
      const std::string version_name = version["version"].str();
      if (version["freshness"].as_string() == "Stale") {
        failures.push_back({group_name.empty() ? version_name : group_name + "/" + version_name,
                            "the API server could not reach this API lately (stale)"});
      }
      for (const Value& resource : version["resources"].items()) {
        ApiResource out;
        out.group = group_name;
        out.version = version_name;
        out.kind = resource["responseKind"]["kind"].str();
        out.resource = resource["resource"].str();
        out.namespaced = resource["scope"].as_string() == "Namespaced";
        out.verbs = SortedStrings(resource["verbs"]);
        for (const Value& sub : resource["subresources"].items()) {
          out.subresources.push_back(sub["subresource"].str());
        }
        std::ranges::sort(out.subresources);
        // Resources with subresources alone have no kind of their own.
        if (!out.kind.empty() && !out.resource.empty() && !out.verbs.empty()) {
          to.push_back(std::move(out));
        }
      }
    }
  }
}

void AddResourceList(const Value& list, const std::string& group, const std::string& version,
                     std::vector<ApiResource>& to) {
  const std::size_t first = to.size();
  std::map<std::string, std::vector<std::string>> subresources;
  for (const Value& resource : list["resources"].items()) {
    const std::string name = resource["name"].str();
    if (const auto slash = name.find('/'); slash != std::string::npos) {
      subresources[name.substr(0, slash)].push_back(name.substr(slash + 1));
      continue;
    }
    ApiResource out;
    out.group = group;
    out.version = version;
    out.kind = resource["kind"].str();
    out.resource = name;
    out.namespaced = resource["namespaced"].as_bool();
    out.verbs = SortedStrings(resource["verbs"]);
    if (!out.kind.empty() && !name.empty() && !out.verbs.empty()) to.push_back(std::move(out));
  }
  for (std::size_t i = first; i < to.size(); ++i) {
    to[i].subresources = subresources[to[i].resource];
    std::ranges::sort(to[i].subresources);
  }
}

void ReadApiResources(Sender send, Callback<ApiResourcesPtr> done) {
  std::make_shared<Reading>(std::move(send), std::move(done))->Start();
}

}  // namespace swell::kube
