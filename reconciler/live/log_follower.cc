#include "reconciler/live/log_follower.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "reconciler/live/task_pool.h"
#include "reconciler/live/tree_reader.h"

namespace swell::live {
namespace {

constexpr Duration kSoon = std::chrono::milliseconds(300);  // after a stream ended

// A container of a pod, as its status tells.
struct Container {
  std::string name;
  Value state;
  Value last;  // lastState
  int restarts = 0;

  bool HasLog() const {
    return state.Has("running") || state.Has("terminated") || last.Has("terminated");
  }
};

std::vector<Container> ContainersOf(const Value& pod) {
  std::vector<Container> out;
  for (const auto& [spec, status] :
       {std::pair("initContainers", "initContainerStatuses"),
        std::pair("containers", "containerStatuses"),
        std::pair("ephemeralContainers", "ephemeralContainerStatuses")}) {
    for (const Value& declared : pod["spec"][spec].items()) {
      Container container{.name = declared["name"].str()};
      for (const Value& known : pod["status"][status].items()) {
        if (known["name"] != declared["name"]) continue;
        container.state = known["state"];
        container.last = known["lastState"];
        container.restarts = static_cast<int>(known["restartCount"].as_int());
      }
      out.push_back(std::move(container));
    }
  }
  return out;
}

bool IsFinished(const Value& pod) {
  const std::string_view phase = pod["status"]["phase"].as_string();
  return phase == "Succeeded" || phase == "Failed";
}

std::string WhyWaiting(const Container& container, const Value& pod) {
  const Value& waiting = container.state["waiting"];
  std::string why = waiting["reason"].str();
  if (const auto message = waiting["message"].str(); !message.empty()) why += ": " + message;
  if (!why.empty()) return why;
  const std::string phase = pod["status"]["phase"].str();
  return phase.empty() ? "Pending" : phase;
}

std::string HowEnded(const Value& terminated) {
  std::string out = terminated["reason"].str();
  if (out.empty()) out = "ended";
  return out + ", exit code " + std::to_string(terminated["exitCode"].as_int());
}

// Everything but Stop is of the connection's loop.
class Follower final : public LogFollower, public std::enable_shared_from_this<Follower> {
 public:
  Follower(kube::ConnectionPtr connection, std::vector<Wanted> objects, LogOptions options,
           std::shared_ptr<LogQueue> queue)
      : connection_(std::move(connection)),
        objects_(std::move(objects)),
        options_(std::move(options)),
        queue_(std::move(queue)),
        loop_(connection_->client->loop().ref()) {}

  void Begin() {
    queue_->Hold();
    loop_.Post([self = shared_from_this()] { self->Poll(); });
  }

  void Stop() override {
    loop_.Post([self = shared_from_this()] { self->End(); });
  }

 private:
  struct Key {
    std::string ns, pod, uid, container;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // One container's part, from its first line on.
  struct Part {
    explicit Part(std::size_t max_line) : splitter(max_line) {}
    LogSplitter splitter;
    LogQueue::SourcePtr source;  // while open
    kube::Call call;
    std::int64_t last_nanos = 0;    // of the last line that was handed on
    std::int64_t resume_after = 0;  // lines up to here come again
    int restarts = 0;               // of the container that is or was read
    bool read = false;              // has been opened
    bool broken = false;            // ended before the container did
    std::string told;               // the last note about it
  };
  using PartPtr = std::shared_ptr<Part>;

  bool follows() const { return options_.mode == LogMode::kFollow; }

  void Poll() {
    due_.reset();
    if (ended_ || std::exchange(polling_, true)) return;
    ReadTreeOf(
        connection_, objects_,
        [self = shared_from_this()](Result<TreeParts> parts) { self->OnTree(std::move(parts)); },
        {.detail = Detail::kPods});
  }

  void PollAfter(Duration pause) {
    if (ended_ || !follows()) return;
    const auto due = std::chrono::steady_clock::now() + pause;
    if (due_ && *due_ <= due) return;
    due_ = due;
    timer_.Cancel();
    timer_ =
        connection_->client->loop().PostAfter(pause, [self = shared_from_this()] { self->Poll(); });
  }

  void OnTree(Result<TreeParts> parts) {
    polling_ = false;
    if (ended_) return;
    if (!parts) {
      const std::string why = parts.error().ToString();
      Tell({}, follows() ? "cannot be read, trying again: " + why : "cannot be read: " + why,
           told_error_);
      if (!follows()) return End();
      return PollAfter(options_.poll);
    }
    for (const std::string& warning : parts->warnings) {
      if (warned_.insert(warning).second) Tell({}, warning);
    }
    told_error_.clear();
    Tree tree = BuildTree(parts->roots, parts->owned, {.assess = nullptr});
    const std::vector<TreeNode> nodes =
        options_.object ? Matching(tree.roots, *options_.object) : std::move(tree.roots);
    seen_.clear();
    bool matched = false, running = false;
    ForEachNode(nodes, [&](const TreeNode& node) {
      if (node.pod.is_null() || (!options_.pod.empty() && options_.pod != node.id.name)) return;
      running = running || !IsFinished(node.pod);
      for (const Container& container : ContainersOf(node.pod)) {
        if (!options_.container.empty() && options_.container != container.name) continue;
        matched = true;
        Consider({node.id.ns, node.id.name, node.uid, container.name}, container, node.pod);
      }
    });
    ForgetGone();
    if (ended_) return;
    // One pod by its name that has ended writes no more.
    const bool over = !options_.pod.empty() && !running && open_ == 0;
    if (!follows() || over) return Seal();
    if (!matched) Tell({}, "no pod yet", told_empty_);
    if (matched) told_empty_.clear();
    PollAfter(options_.poll);
  }

  void Consider(const Key& key, const Container& container, const Value& pod) {
    if (ended_) return;
    seen_.insert(key);
    PartPtr& part = parts_[key];
    if (!part) part = std::make_shared<Part>(options_.max_line);
    if (part->source) return;
    if (options_.instance == LogInstance::kPrevious && container.restarts == 0) {
      return Tell(key, "was never restarted: there is no previous log", part->told);
    }
    if (!container.HasLog()) return Tell(key, "waits: " + WhyWaiting(container, pod), part->told);
    // A stream may end in good order and the container not: servers limit how long they serve.
    const bool again = part->read && (part->broken || container.restarts > part->restarts ||
                                      container.state.Has("running"));
    if (part->read && !again) {
      if (container.state.Has("terminated")) {
        Tell(key, HowEnded(container.state["terminated"]), part->told);
      } else if (container.state.Has("waiting")) {
        Tell(key, "waits: " + WhyWaiting(container, pod), part->told);
      }
      return;
    }
    if (again && container.restarts > part->restarts) Tell(key, "restarted", part->told);
    part->restarts = container.restarts;
    Open(key, part);
  }

  void Open(const Key& key, const PartPtr& part) {
    // The queue calls back from any thread; a Call is thread-safe, the part's is set below.
    auto call = std::make_shared<kube::Call>();
    auto ready = std::make_shared<std::atomic<bool>>(false);
    part->source = queue_->Open([call, ready](bool wait) {
      if (!*ready) return;
      if (wait) {
        call->Pause();
      } else {
        call->Resume();
      }
    });
    if (!part->source) return TooMany(key, part);
    part->read = true;
    part->broken = false;
    part->resume_after = part->last_nanos;
    ++open_;
    if (options_.streams) ++*options_.streams;
    *call = part->call = connection_->client->Stream(
        RequestFor(key, *part),
        {.on_data =
             [self = shared_from_this(), key, part](std::string_view data) {
               part->splitter.Feed(data,
                                   [&](LogText line) { self->Hand(key, part, std::move(line)); });
             },
         .on_end = [self = shared_from_this(), key,
                    part](std::optional<kube::ApiError> error) { self->OnEnd(key, part, error); }});
    *ready = true;
  }

  void TooMany(const Key& key, const PartPtr& part) {
    const std::string most = std::to_string(queue_->max_sources());
    if (!follows() || !part->read) {
      queue_->Fail(FailedPrecondition("more than " + most +
                                      " containers match, which is what is read at a time: say "
                                      "less with --cluster, --object, --pod or -c"));
      return End();
    }
    part->broken = true;
    Tell(key, "waits: " + most + " logs are open already", part->told);
  }

  kube::Request RequestFor(const Key& key, const Part& part) const {
    kube::Request request;
    request.path =
        kube::ResourceRef{.version = "v1", .resource = "pods/log", .ns = key.ns, .name = key.pod}
            .Path();
    request.accept = "*/*";
    request.query = {{"container", key.container}, {"timestamps", "true"}};
    if (follows()) request.query.emplace_back("follow", "true");
    if (options_.instance == LogInstance::kPrevious) request.query.emplace_back("previous", "true");
    std::optional<Timestamp> since = options_.since_time;
    if (part.last_nanos != 0) since = Timestamp(Duration(part.last_nanos / 1'000'000));
    if (since) {
      // Whole seconds is what servers go by; lines that come again are known by their time.
      request.query.emplace_back("sinceTime",
                                 FormatTimestamp(std::chrono::floor<std::chrono::seconds>(*since)));
      return request;
    }
    if (options_.tail) request.query.emplace_back("tailLines", std::to_string(*options_.tail));
    if (options_.since.count() > 0) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.since).count();
      request.query.emplace_back("sinceSeconds", std::to_string(seconds));
    }
    return request;
  }

  void Hand(const Key& key, const PartPtr& part, LogText line) {
    if (ended_) return;
    if (line.nanos != 0 && line.nanos <= part->resume_after) return;
    if (line.nanos != 0) part->last_nanos = line.nanos;
    part->told.clear();
    queue_->Push(part->source, {.cluster = connection_->cluster,
                                .ns = key.ns,
                                .pod = key.pod,
                                .container = key.container,
                                .line = std::move(line)});
  }

  void OnEnd(const Key& key, const PartPtr& part, const std::optional<kube::ApiError>& error) {
    if (error && follows()) {
      part->splitter.Drop();  // the line that was cut comes again as a whole
    } else {
      part->splitter.End([&](LogText line) { Hand(key, part, std::move(line)); });
    }
    // A note comes before the end that it is about: with it the whole may be over.
    if (!ended_ && error && error->code() != ErrorCode::kNotFound) {
      part->broken = true;
      const std::string& said = error->server_message;
      std::string why = said.empty() ? error->ToString() : said;
      if (follows()) {
        why = (part->last_nanos != 0 ? "lost, trying again: " : "cannot be read yet: ") + why;
      }
      Tell(key, why, part->told);
    }
    queue_->Close(std::exchange(part->source, nullptr));
    --open_;
    if (options_.streams) --*options_.streams;
    if (ended_) return;
    PollAfter(error ? options_.poll : kSoon);
  }

  // Parts whose pods are not there any more.
  void ForgetGone() {
    for (auto it = parts_.begin(); it != parts_.end();) {
      if (seen_.contains(it->first) || it->second->source) {
        ++it;
        continue;
      }
      if (it->second->read) Tell(it->first, "the pod is gone");
      it = parts_.erase(it);
    }
  }

  void Tell(const Key& key, const std::string& note) {
    std::string nothing;
    Tell(key, note, nothing);
  }
  // Not the same twice in a row.
  void Tell(const Key& key, const std::string& note, std::string& told) {
    if (std::exchange(told, note) == note) return;
    queue_->Note({.cluster = connection_->cluster,
                  .ns = key.ns,
                  .pod = key.pod,
                  .container = key.container,
                  .note = note});
  }

  // No further streams; those that are open go on to their end.
  void Seal() {
    if (!std::exchange(sealed_, true)) queue_->Release();
  }

  void End() {
    if (std::exchange(ended_, true)) return;
    timer_.Cancel();
    for (auto& [key, part] : parts_) part->call.Cancel();
    parts_.clear();
    Seal();
  }

  const kube::ConnectionPtr connection_;
  const std::vector<Wanted> objects_;
  const LogOptions options_;
  const std::shared_ptr<LogQueue> queue_;
  const net::Loop::Ref loop_;
  net::TimerHandle timer_;
  std::optional<std::chrono::steady_clock::time_point> due_;  // of the timer
  std::map<Key, PartPtr> parts_;
  std::set<Key> seen_;  // in the last tree
  std::set<std::string> warned_;
  std::string told_error_, told_empty_;  // the last notes about the cluster
  int open_ = 0;
  bool polling_ = false;
  bool sealed_ = false;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<LogFollower> LogFollower::Start(kube::ConnectionPtr connection,
                                                std::vector<Wanted> objects, LogOptions options,
                                                std::shared_ptr<LogQueue> queue) {
  auto follower = std::make_shared<Follower>(std::move(connection), std::move(objects),
                                             std::move(options), std::move(queue));
  follower->Begin();
  return follower;
}

}  // namespace swell::live
