// Why an object is unhealthy: what its ReplicaSets, pods and events say.

#include "reconciler/health/explain.h"

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/apply/context.h"
#include "reconciler/apply/selector.h"

namespace swell::apply {
namespace {

constexpr std::size_t kMaxPods = 2'000;
constexpr std::size_t kMaxReplicaSets = 200;
constexpr std::size_t kMaxEvents = 500;  // on one object
constexpr Duration kCallLimit = std::chrono::seconds(10);

std::string Expression(const Value& expression) {
  const std::string key = expression["key"].str();
  const std::string_view op = expression["operator"].as_string();
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  std::vector<std::string> values;
  for (const Value& value : expression["values"].items()) values.push_back(value.str());
  return key + (op == "NotIn" ? " notin (" : " in (") + Join(values, ",") + ")";
}

}  // namespace

std::string SelectorText(const Value& selector) {
  std::vector<std::string> parts;
  for (const Member& label : selector["matchLabels"].members()) {
    parts.push_back(label.key.str() + "=" + label.value.str());
  }
  for (const Value& expression : selector["matchExpressions"].items()) {
    parts.push_back(Expression(expression));
  }
  return Join(parts, ",");
}

namespace {

// Reads at most five lists: ReplicaSets, pods, and the events on the pod, the ReplicaSet and the
// object. What cannot be read is left out: an explanation is no evidence.
class Explainer : public std::enable_shared_from_this<Explainer> {
 public:
  Explainer(kube::ConnectionPtr connection, Value object,
            std::move_only_function<void(std::string)> done)
      : connection_(std::move(connection)), object_(std::move(object)), done_(std::move(done)) {}

  void Start() {
    if (health::HasReplicaSets(object_)) return ReadReplicaSets();
    if (health::HasPods(object_)) return ReadPods();
    if (object_["kind"].as_string() == "Pod" && object_["apiVersion"].as_string() == "v1") {
      pods_ = {object_};
    }
    ReadEvents();
  }

 private:
  using Then = std::move_only_function<void(Explainer&, std::vector<Value>)>;

  void List(std::string_view group, std::string_view resource, kube::ListOptions options,
            Then then) {
    std::string ns = object_["metadata"]["namespace"].str();
    // Where events on objects without a namespace are.
    if (ns.empty()) ns = "default";
    options.timeout = kCallLimit;
    kube::Client& client = *connection_->client;
    const kube::ResourceRef ref = {.group = std::string(group),
                                   .version = "v1",
                                   .resource = std::string(resource),
                                   .ns = std::move(ns),
                                   .name = ""};
    client.List(ref,
                live::OnLoop<kube::ListResult>(
                    client.loop(),
                    [self = shared_from_this(), then = std::move(then)](auto list) mutable {
                      then(*self, list ? std::move(list->items) : std::vector<Value>());
                    }),
                options);
  }

  kube::ListOptions Selected(std::size_t most) const {
    kube::ListOptions options;
    options.label_selector = SelectorText(object_["spec"]["selector"]);
    options.max_items = most;
    return options;
  }

  void ReadReplicaSets() {
    List("apps", "replicasets", Selected(kMaxReplicaSets),
         [](Explainer& self, const std::vector<Value>& sets) {
           if (const Value* newest = health::NewestReplicaSet(self.object_, sets)) {
             self.replica_set_ = *newest;
           }
           self.ReadPods();
         });
  }

  void ReadPods() {
    List("", "pods", Selected(kMaxPods), [](Explainer& self, const std::vector<Value>& pods) {
      const Value* set = self.replica_set_.is_null() ? nullptr : &self.replica_set_;
      self.pods_ = health::PodsOfNewest(self.object_, set, pods);
      self.ReadEvents();
    });
  }

  void ReadEvents() {
    trouble_ = health::WorstPod(pods_);
    if (trouble_.uid.empty()) {
      if (const Value* pod = health::WaitingPod(pods_)) AddUid(*pod);
    } else {
      uids_.push_back(trouble_.uid);
    }
    AddUid(replica_set_);
    AddUid(object_);
    std::vector<live::TaskPool::Task> tasks;
    for (const std::string& uid : uids_) {
      tasks.push_back([self = shared_from_this(), uid](live::TaskPool::Finished finished) {
        kube::ListOptions options;
        options.field_selector = "involvedObject.uid=" + uid + ",type=Warning";
        options.max_items = kMaxEvents;
        self->List(
            "", "events", std::move(options),
            [finished = std::move(finished)](Explainer& self, std::vector<Value> events) mutable {
              std::ranges::move(events, std::back_inserter(self.events_));
              finished();
            });
      });
    }
    live::TaskPool::Run(std::move(tasks), 3, [self = shared_from_this()] { self->Tell(); });
  }

  void AddUid(const Value& object) {
    const std::string uid = object["metadata"]["uid"].str();
    if (!uid.empty() && std::ranges::find(uids_, uid) == uids_.end()) uids_.push_back(uid);
  }

  void Tell() {
    const std::string set = health::ExplainReplicaSet(replica_set_);
    const std::string events = health::ExplainEvents(events_, uids_, set + trouble_.text);
    const std::string parts[] = {set, trouble_.text, events};
    done_(health::JoinExplanations(parts));
  }

  kube::ConnectionPtr connection_;
  const Value object_;
  std::move_only_function<void(std::string)> done_;
  Value replica_set_;
  std::vector<Value> pods_;
  health::Trouble trouble_;
  std::vector<std::string> uids_;  // whose events are read: the nearest to the trouble first
  std::vector<Value> events_;
};

}  // namespace

void ExplainObject(const kube::ConnectionPtr& connection, const Value& object,
                   std::move_only_function<void(std::string)> done) {
  std::make_shared<Explainer>(connection, object, std::move(done))->Start();
}

}  // namespace swell::apply
