// GetTree, ListLiveEvents: what runs in the clusters.

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "server/api/service.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

// Of one level in another, as protobuf's readers take it (100 in all).
constexpr int kMaxLevels = 40;

void FillNode(const live::TreeNode& from, v1::TreeNode& to, int level) {
  to.set_group(from.id.group);
  to.set_version(from.version);
  to.set_kind(from.id.kind);
  to.set_namespace_(from.id.ns);
  to.set_name(from.id.name);
  to.set_uid(from.uid);
  if (from.health) Fill(*from.health, *to.mutable_health());
  if (from.created != Timestamp{}) {
    *to.mutable_created_at() =
        TimeUtil::MillisecondsToTimestamp(from.created.time_since_epoch().count());
  }
  to.set_deleting(from.deleting);
  to.set_ready(from.ready);
  to.set_total(from.total);
  to.set_restarts(from.restarts);
  for (const auto& [kind, count] : from.folded) (*to.mutable_folded())[kind] = count;
  if (level >= kMaxLevels) return;
  for (const live::TreeNode& child : from.children) FillNode(child, *to.add_children(), level + 1);
}

void FillEvent(const control::LiveEvents::One& from, v1::LiveEvent& to) {
  const live::LiveEvent& event = from.event;
  to.set_cluster(from.cluster);
  to.set_type(event.type);
  to.set_reason(event.reason);
  to.set_message(event.message);
  to.set_kind(event.object.kind);
  to.set_namespace_(event.object.ns);
  to.set_name(event.object.name);
  to.set_count(static_cast<int>(std::min<std::int64_t>(event.count, 1'000'000'000)));
  *to.mutable_first_at() =
      TimeUtil::MillisecondsToTimestamp(event.first.time_since_epoch().count());
  *to.mutable_last_at() = TimeUtil::MillisecondsToTimestamp(event.last.time_since_epoch().count());
  to.set_component(event.component);
}

}  // namespace

Status Service::DoGetTree(const v1::GetTreeRequest& request, v1::GetTreeResponse& response) {
  const auto trees = TRY(engine_.Tree({.application = request.application(),
                                       .cluster = request.cluster(),
                                       .depth = request.depth(),
                                       .unhealthy = request.unhealthy()}));
  for (const control::ClusterTree& tree : trees) {
    v1::ClusterTree& to = *response.add_clusters();
    to.set_cluster(tree.cluster);
    to.set_error(tree.error);
    for (const live::TreeNode& node : tree.objects) FillNode(node, *to.add_objects(), 1);
    for (const std::string& warning : tree.warnings) to.add_warnings(warning);
  }
  return {};
}

Status Service::DoListLiveEvents(const v1::ListLiveEventsRequest& request,
                                 v1::ListLiveEventsResponse& response) {
  const int limit = request.limit() <= 0 ? 200 : std::min(request.limit(), 5000);
  const auto found = TRY(engine_.ListLiveEvents({.application = request.application(),
                                                 .cluster = request.cluster(),
                                                 .object = request.object(),
                                                 .warnings = request.warnings(),
                                                 .limit = limit}));
  for (const auto& event : found.events) FillEvent(event, *response.add_events());
  for (const auto& [cluster, error] : found.unread) {
    v1::ClusterError& unread = *response.add_unread();
    unread.set_cluster(cluster);
    unread.set_error(error);
  }
  for (const std::string& warning : found.warnings) response.add_warnings(warning);
  return {};
}

}  // namespace swell::api
