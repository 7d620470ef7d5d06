#include "reconciler/live/events.h"

#include <algorithm>
#include <utility>

#include "reconciler/live/task_pool.h"

namespace swell::live {
namespace {

constexpr char kClusterScoped[] = "default";

Timestamp TimeAt(const Value& text) {
  return ParseTimestamp(text.as_string()).value_or(Timestamp{});
}

// What of this is there first.
std::string FirstOf(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (!text.empty()) return std::string(text);
  }
  return "";
}

class EventReader : public std::enable_shared_from_this<EventReader> {
 public:
  EventReader(kube::ConnectionPtr connection, std::map<std::string, std::set<std::string>> uids,
              std::move_only_function<void(ReadEvents)> done, EventReadOptions options)
      : connection_(std::move(connection)), done_(std::move(done)), options_(options) {
    for (auto& [ns, some] : uids) {
      uids_[ns.empty() ? kClusterScoped : ns].insert(some.begin(), some.end());
    }
  }

  void Start() {
    std::vector<TaskPool::Task> tasks;
    for (const auto& [ns, uids] : uids_) {
      tasks.push_back([this, self = shared_from_this(), &ns, &uids](TaskPool::Finished finished) {
        List(ns, uids, std::move(finished));
      });
    }
    TaskPool::Run(std::move(tasks), options_.max_parallel, [this, self = shared_from_this()] {
      std::ranges::stable_sort(out_.events, &LiveEvent::Before);
      done_(std::move(out_));
    });
  }

 private:
  void List(const std::string& ns, const std::set<std::string>& uids, TaskPool::Finished finished) {
    kube::ListOptions options;
    options.max_items = options_.max_listed;
    options.max_bytes = options_.max_listed_bytes;
    const kube::ResourceRef ref{.version = "v1", .resource = "events", .ns = ns};
    connection_->client->List(
        ref,
        OnLoop<kube::ListResult>(connection_->client->loop(),
                                 [this, self = shared_from_this(), &ns, &uids,
                                  finished = std::move(finished)](auto result) mutable {
                                   if (result) {
                                     for (const Value& item : result->items) {
                                       auto event = ParseEvent(item);
                                       if (event && uids.contains(event->uid))
                                         out_.events.push_back(*std::move(event));
                                     }
                                   } else {
                                     out_.warnings.push_back(
                                         "events of namespace " + ns +
                                         " are not shown: " + result.error().ToString());
                                   }
                                   finished();
                                 }),
        options);
  }

  kube::ConnectionPtr connection_;
  std::map<std::string, std::set<std::string>> uids_;
  std::move_only_function<void(ReadEvents)> done_;
  const EventReadOptions options_;
  ReadEvents out_;
};

}  // namespace

std::optional<LiveEvent> ParseEvent(const Value& event) {
  const Value& object = event["involvedObject"];
  if (!object.is_object()) return std::nullopt;
  LiveEvent out;
  const GroupVersionKind kind =
      ParseGroupVersionKind(object["apiVersion"].as_string(), object["kind"].as_string());
  out.object = {kind.group, kind.kind, object["namespace"].str(), object["name"].str()};
  out.uid = object["uid"].str();
  out.type = FirstOf({event["type"].as_string(), "Normal"});
  out.reason = event["reason"].str();
  out.message = event["message"].str();
  out.component =
      FirstOf({event["source"]["component"].as_string(), event["reportingComponent"].as_string()});
  const std::string name = event["metadata"]["name"].str();
  out.moment = name.substr(name.rfind('.') + 1);
  const Value& series = event["series"];
  out.count = std::max<std::int64_t>(
      1, series["count"].is_int() ? series["count"].as_int() : event["count"].as_int());
  const Timestamp made = TimeAt(event["metadata"]["creationTimestamp"]);
  for (const Timestamp time : {TimeAt(event["firstTimestamp"]), TimeAt(event["eventTime"]), made}) {
    if (out.first == Timestamp{}) out.first = time;
  }
  for (const Timestamp time :
       {TimeAt(series["lastObservedTime"]), TimeAt(event["lastTimestamp"]), out.first}) {
    if (out.last == Timestamp{}) out.last = time;
  }
  return out;
}

void ReadEventsOf(kube::ConnectionPtr connection, std::map<std::string, std::set<std::string>> uids,
                  std::move_only_function<void(ReadEvents)> done, EventReadOptions options) {
  net::Loop& loop = connection->client->loop();
  auto reader = std::make_shared<EventReader>(std::move(connection), std::move(uids),
                                              std::move(done), options);
  loop.Post([reader = std::move(reader)] { reader->Start(); });
}

}  // namespace swell::live
