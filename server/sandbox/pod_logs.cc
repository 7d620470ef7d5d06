#include "server/sandbox/pod_logs.h"

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/workload.h"

namespace swell::sandbox {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kMaxLines = 2'000;
constexpr Duration kInterval = std::chrono::seconds(5);
constexpr Duration kStep{100};  // how often a follower looks

std::int64_t Nanos(Timestamp time) { return time.time_since_epoch().count() * kMillisecond; }

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

const Value& Named(const Value& list, std::string_view name) {
  static const Value none;
  for (const Value& item : list.items()) {
    if (item["name"].as_string() == name) return item;
  }
  return none;
}

std::string Annotation(const Stored& pod, const char* name) {
  return pod.metadata()["annotations"][std::string("sandbox.swell.dev/") + name].str();
}

ApiError Waiting(const Stored& pod, const std::string& container, const std::string& reason) {
  // A kubelet's words for the most usual reason.
  const std::string why =
      reason == "ImagePullBackOff" ? "trying and failing to pull image" : reason;
  return errors::BadRequest("container \"" + container + "\" in pod \"" + std::string(pod.name()) +
                            "\" is waiting to start: " + why);
}

// Lines of one run of a container.
class Run {
 public:
  Run(const Stored& pod, const Value& status, Timestamp start)
      : pod_(pod), status_(status), start_(Nanos(start)) {}

  void Begin() {
    Say(start_, "starting " + status_["name"].str() + ", image " + status_["image"].str());
    if (const std::string text = Annotation(pod_, "log-text"); !text.empty()) Say(start_, text);
    if (const auto bytes = Number(Annotation(pod_, "log-bytes")); bytes && *bytes > 0) {
      Say(start_,
          std::string(static_cast<std::size_t>(std::min<std::int64_t>(*bytes, 15'000'000)), 'x'));
    }
  }
  void Work(Timestamp ready, Timestamp now) {
    Say(Nanos(ready), "ready, listening on port 8080");
    const Duration interval =
        std::max(Duration(10), ParseDuration(Annotation(pod_, "log-interval")).value_or(kInterval));
    const std::int64_t ticks = (now - ready) / interval;
    for (std::int64_t i = std::max<std::int64_t>(1, ticks - kMaxLines); i <= ticks; ++i) {
      Say(Nanos(ready + interval * i), "request " + std::to_string(i) + ": GET / 200");
    }
  }
  void Say(std::int64_t at, std::string text) {
    // Times grow, as those of a real log.
    const std::int64_t after = lines_.empty() ? 0 : lines_.back().nanos + 1'000;
    lines_.push_back({std::max(at, after), std::move(text)});
  }
  std::vector<LogLine> Take() { return std::move(lines_); }

 private:
  const Stored& pod_;
  const Value& status_;
  const std::int64_t start_;
  std::vector<LogLine> lines_;
};

std::string FormatLines(const std::vector<LogLine>& lines, bool timestamps) {
  std::string out;
  for (const LogLine& line : lines) {
    if (timestamps) {
      const Timestamp second{std::chrono::seconds(line.nanos / 1'000'000'000)};
      const std::string text = FormatTimestamp(second);
      const std::string fraction =
          std::to_string(1'000'000'000 + line.nanos % 1'000'000'000).substr(1);
      out += text.substr(0, text.size() - 1) + "." + fraction + "Z ";
    }
    out += line.text + "\n";
  }
  return out;
}

struct Query {
  std::string container;
  bool previous = false;
  bool follow = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail;
  std::int64_t since = 0;  // nanoseconds since 1970
};

ApiResult<Query> ParseQuery(const Stored& pod, const Request& request, Timestamp now) {
  Query out;
  out.container = std::string(request.Query("container"));
  const Value& containers = pod.value["spec"]["containers"];
  if (out.container.empty() && containers.size() > 1) {
    std::string names;
    for (const Value& one : containers.items()) {
      names += (names.empty() ? "" : " ") + one["name"].str();
    }
    return std::unexpected(errors::BadRequest("a container name must be specified for pod " +
                                              std::string(pod.name()) + ", choose one of: [" +
                                              names + "]"));
  }
  if (out.container.empty()) out.container = containers[0]["name"].str();
  if (Named(containers, out.container).is_null() &&
      Named(pod.value["spec"]["initContainers"], out.container).is_null()) {
    return std::unexpected(errors::BadRequest("container " + out.container +
                                              " is not valid for pod " + std::string(pod.name())));
  }
  out.previous = request.HasQuery("previous") && request.QueryFlag("previous");
  out.follow = request.HasQuery("follow") && request.QueryFlag("follow");
  out.timestamps = request.HasQuery("timestamps") && request.QueryFlag("timestamps");
  if (request.HasQuery("tailLines")) out.tail = Number(request.Query("tailLines"));
  if (const auto seconds = Number(request.Query("sinceSeconds"))) {
    out.since = Nanos(now) - *seconds * 1'000'000'000;
  }
  if (const auto time = ParseTimestamp(request.Query("sinceTime"))) out.since = Nanos(*time);
  return out;
}

void Select(std::vector<LogLine>& lines, const Query& query) {
  std::erase_if(lines, [&](const LogLine& line) { return line.nanos < query.since; });
  if (!query.tail || *query.tail < 0) return;
  const auto tail = static_cast<std::size_t>(*query.tail);
  if (lines.size() > tail)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(tail));
}

}  // namespace

ApiResult<std::vector<LogLine>> LinesOf(const Stored& pod, const std::string& container,
                                        bool previous, Timestamp now) {
  const Value& status = Named(pod.value["status"]["containerStatuses"], container);
  const Value& state = status["state"];
  const Value& last = status["lastState"]["terminated"];
  if (previous && last.is_null()) {
    return std::unexpected(errors::BadRequest("previous terminated container \"" + container +
                                              "\" in pod \"" + std::string(pod.name()) +
                                              "\" not found"));
  }
  const Timestamp start =
      ParseTimestamp(pod.value["status"]["startTime"].as_string()).value_or(Timestamp{});
  Run run(pod, status, start);
  if (previous || (state.Has("waiting") && !last.is_null())) {
    run.Begin();
    run.Say(Nanos(start), "fatal: cannot go on: the image's tag says crash");
  } else if (state.Has("running")) {
    run.Begin();
    const Value& ready = workload::FindCondition(pod.value["status"], "Ready");
    if (status["ready"].as_bool()) {
      run.Work(ParseTimestamp(ready["lastTransitionTime"].as_string()).value_or(start), now);
    }
  } else if (const Value& ended = state["terminated"]; !ended.is_null()) {
    run.Begin();
    const Timestamp at = ParseTimestamp(ended["finishedAt"].as_string()).value_or(start);
    run.Say(Nanos(at),
            ended["exitCode"].as_int() == 0 ? "done" : "fatal: the image's tag says fail");
  } else {
    const std::string reason = state["waiting"]["reason"].str();
    return std::unexpected(Waiting(pod, container, reason.empty() ? "ContainerCreating" : reason));
  }
  return run.Take();
}

struct PodLogs::Follower {
  std::string ns, pod, uid;
  Query query;
  std::int64_t last = 0;            // of the last line sent
  std::shared_ptr<WatchSink> sink;  // null until started
};

PodLogs::PodLogs(Objects& objects, Scheduler& scheduler)
    : objects_(objects), scheduler_(scheduler), self_(std::make_shared<PodLogs*>(this)) {}

PodLogs::~PodLogs() { *self_ = nullptr; }

Response PodLogs::Handle(const Route& route, const Request& request) {
  const ObjectPtr pod = objects_.store().Find(*route.resource, route.ns, route.name);
  if (pod == nullptr) return errors::NotFound(*route.resource, route.name).ToResponse();
  const Timestamp now = objects_.clock().Now();
  const auto query = ParseQuery(*pod, request, now);
  if (!query) return query.error().ToResponse();
  auto lines = LinesOf(*pod, query->container, query->previous, now);
  if (!lines) return lines.error().ToResponse();
  if (!query->follow) {
    Select(*lines, *query);
    return Response::Text(200, FormatLines(*lines, query->timestamps));
  }
  auto follower = std::make_unique<Follower>();
  follower->ns = route.ns;
  follower->pod = route.name;
  follower->uid = std::string(pod->uid());
  follower->query = *query;
  Response response;
  response.headers.emplace_back("content-type", "text/plain");
  response.watch = WatchTicket{.id = next_id_};
  followers_.emplace(next_id_++, std::move(follower));
  return response;
}

void PodLogs::Start(std::uint64_t id, std::shared_ptr<WatchSink> sink) {
  const auto found = followers_.find(id);
  if (found == followers_.end()) return sink->End();
  found->second->sink = std::move(sink);
  Step(id);
}

// Sends what is new; the stream ends with the container or the pod.
void PodLogs::Step(std::uint64_t id) {
  const auto found = followers_.find(id);
  if (found == followers_.end()) return;
  Follower& follower = *found->second;
  const Resource& pods = *objects_.registry().FindKind("", "Pod");
  const ObjectPtr pod = objects_.store().Find(pods, follower.ns, follower.pod);
  bool goes_on = pod != nullptr && pod->uid() == follower.uid;
  if (goes_on && !muted_) {
    auto lines =
        LinesOf(*pod, follower.query.container, follower.query.previous, objects_.clock().Now());
    if (lines && follower.last == 0) {
      Select(*lines, follower.query);
      follower.last = 1;
    } else if (lines) {
      std::erase_if(*lines, [&](const LogLine& line) { return line.nanos <= follower.last; });
    }
    if (lines && !lines->empty()) {
      follower.last = lines->back().nanos;
      if (!follower.sink->Write(FormatLines(*lines, follower.query.timestamps))) {
        followers_.erase(found);
        return;
      }
    }
    const Value& status =
        Named(pod->value["status"]["containerStatuses"], follower.query.container);
    goes_on = !follower.query.previous && status["state"].Has("running");
  }
  if (!goes_on) {
    const auto sink = std::move(follower.sink);
    followers_.erase(found);
    return sink->End();
  }
  scheduler_.After(kStep, [self = self_, id] {
    if (*self != nullptr) (*self)->Step(id);
  });
}

void PodLogs::Stop(std::uint64_t id) { followers_.erase(id); }

void PodLogs::AbortAll() {
  const auto cut = std::move(followers_);
  followers_.clear();
  for (const auto& [id, follower] : cut) {
    if (follower->sink != nullptr) follower->sink->Abort();
  }
}

void PodLogs::SetMuted(bool muted) {
  if (muted_ && !muted) AbortAll();
  muted_ = muted;
}

}  // namespace swell::sandbox
