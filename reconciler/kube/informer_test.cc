#include "reconciler/kube/informer.h"

#include <algorithm>
#include <condition_variable>

#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kJson;
using testing::StatusBody;

std::string Object(const std::string& name, int version) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"web","resourceVersion":")" +
         std::to_string(version) + "\"}}";
}
std::string Event(const std::string& type, const std::string& name, int version) {
  return R"({"type":")" + type + R"(","object":)" + Object(name, version) + "}\n";
}
std::string InitialEnd(int version) {
  return R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" +
         std::to_string(version) + R"(","annotations":{"k8s.io/initial-events-end":"true"}}}})" +
         "\n";
}
std::string List(const std::vector<std::string>& names, int version, const std::string& next = "") {
  std::string items;
  for (const std::string& name : names) items += (items.empty() ? "" : ",") + Object(name, 1);
  return R"({"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":")" +
         std::to_string(version) + R"(","continue":")" + next + R"("},"items":[)" + items + "]}";
}
std::string ErrorEvent(int code, const std::string& reason, const std::string& message) {
  return R"({"type":"ERROR","object":)" + StatusBody(code, reason, message) + "}\n";
}

// What an informer told, in one line each.
class Log {
 public:
  void Add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::vector<std::string> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(20), [&] { return lines_.size() >= count; });
    return lines_;
  }
  InformerHandler Handler() {
    return {.on_replace =
                [this](std::vector<Value> items, std::string version) {
                  std::vector<std::string> names;
                  for (const Value& item : items) names.push_back(item["metadata"]["name"].str());
                  std::ranges::sort(names);
                  std::string line = "replace";
                  for (const std::string& name : names) line += " " + name;
                  Add(line + " @" + version);
                },
            .on_event =
                [this](WatchEvent event) {
                  static constexpr const char* kNames[] = {"add", "mod", "del", "mark"};
                  Add(std::string(kNames[static_cast<int>(event.type)]) + " " +
                      event.object["metadata"]["name"].str());
                },
            .on_stale =
                [this](const ApiError& error) {
                  std::lock_guard lock(mutex_);
                  last_error_ = error.ToString();
                  lines_.push_back("stale " + std::string(ErrorCodeName(error.code())));
                  changed_.notify_all();
                },
            .on_current = [this] { Add("current"); },
            .on_end =
                [this](ApiError error) {
                  std::lock_guard lock(mutex_);
                  last_error_ = error.ToString();
                  lines_.push_back("end " + std::string(ErrorCodeName(error.code())));
                  changed_.notify_all();
                }};
  }
  std::string last_error() {
    std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;  // guarded by mutex_
  std::string last_error_;          // guarded by mutex_
};

using Lines = std::vector<std::string>;

// What the server does with one request after the other. The last goes on.
struct Step {
  int status = 200;
  std::string body = "";
  enum class Then { kEnd, kStayOpen, kAbort } then = Then::kEnd;
  net::Headers headers = kJson;
};

class InformerTest : public testing::KubeTest {
 protected:
  void TearDown() override {
    informer_.Stop();
    client_.reset();
    client_loop_.Run([] {});  // on_end, which uses the log
    if (server_) server_->Stop();
  }
  void Script(std::deque<Step> steps) {
    auto left = std::make_shared<std::deque<Step>>(std::move(steps));
    Serve([this, left](const net::HttpRequest&, net::ResponseWriterPtr writer) {
      const Step step = left->front();
      if (left->size() > 1) left->pop_front();
      writer->Begin(step.status, step.headers);
      writer->Write(step.body);
      if (step.then == Step::Then::kEnd) return writer->End();
      if (step.then == Step::Then::kAbort) return writer->Abort();
      kept_.push_back(std::move(writer));
    });
    Connect();
  }
  InformerOptions Quick() {
    InformerOptions options;
    options.backoff = {.initial = milliseconds(5), .max = milliseconds(20)};
    options.watch_list_silence = milliseconds(300);
    return options;
  }
  void Start() { Start(Quick()); }
  void Start(InformerOptions options) {
    informer_ = Informer::Start(*client_, kDeployments, std::move(options), log_.Handler());
  }
  std::string Asked(std::size_t i, std::string_view key) {
    return std::string(net::QueryValue(*net::ParseQuery(Seen().at(i).query), key));
  }

  std::vector<net::ResponseWriterPtr> kept_;  // of the server's loop
  Log log_;
  Informer informer_;
};

constexpr auto kOpen = Step::Then::kStayOpen;
constexpr auto kCut = Step::Then::kAbort;

TEST_F(InformerTest, ReadsTheStateByWatchListAndGoesOn) {
  Script({{.body = Event("ADDED", "a", 5) + Event("ADDED", "b", 6) + Event("ADDED", "c", 7) +
                   Event("MODIFIED", "b", 8) + Event("DELETED", "c", 9) + InitialEnd(10) +
                   Event("ADDED", "d", 11) + Event("BOOKMARK", "", 12) + Event("DELETED", "a", 13),
           .then = kOpen}});
  InformerOptions options = Quick();
  options.label_selector = "app=x";
  Start(options);
  EXPECT_EQ(log_.Await(4), (Lines{"replace a b @10", "current", "add d", "del a"}));
  ASSERT_EQ(Seen().size(), 1u);
  EXPECT_EQ(Asked(0, "sendInitialEvents"), "true");
  EXPECT_EQ(Asked(0, "resourceVersionMatch"), "NotOlderThan");
  EXPECT_EQ(Asked(0, "allowWatchBookmarks"), "true");
  EXPECT_EQ(Asked(0, "labelSelector"), "app=x");
  EXPECT_EQ(Asked(0, "resourceVersion"), "");
  informer_.Stop();
  EXPECT_EQ(log_.Await(5).back(), "end CANCELLED");
}

// The answers of servers without it (facts/engine C "Reading"), and of ones that do not know
// what was asked for.
TEST_F(InformerTest, WithoutWatchListItUsesListsForGood) {
  const std::vector<Step> refusals = {
      {.body = ErrorEvent(500, "InternalError",
                          "required storage feature RequestWatchProgress is disabled")},
      {.status = 422,
       .body = StatusBody(422, "Invalid", "sendInitialEvents is forbidden for watch")},
      {.status = 400, .body = StatusBody(400, "BadRequest", "unknown")},
      {.body = Event("ADDED", "a", 5), .then = kOpen},
  };
  for (const Step& refusal : refusals) {
    seen_.clear();
    Log log;
    Script({refusal,
            {.body = List({"a", "b"}, 20, "t")},
            {.body = List({"c"}, 20)},
            {.body = Event("MODIFIED", "a", 21) +
                     ErrorEvent(410, "Expired", "too old resource version")},
            {.body = List({"a"}, 30)},
            {.body = Event("ADDED", "z", 31), .then = kOpen}});
    InformerOptions options = Quick();
    options.page_size = 2;
    auto informer = Informer::Start(*client_, kDeployments, options, log.Handler());
    EXPECT_EQ(log.Await(7), (Lines{"replace a b c @20", "current", "mod a", "stale OUT_OF_RANGE",
                                   "replace a @30", "current", "add z"}))
        << refusal.body;
    EXPECT_EQ(Asked(1, "limit"), "2");
    EXPECT_EQ(Asked(1, "watch"), "");
    EXPECT_EQ(Asked(2, "continue"), "t");
    EXPECT_EQ(Asked(3, "resourceVersion"), "20");
    EXPECT_EQ(Asked(3, "sendInitialEvents"), "");
    EXPECT_EQ(Asked(4, "watch"), "");
    EXPECT_EQ(Asked(5, "resourceVersion"), "30");
    informer.Stop();
    log.Await(8);  // on_end, which uses the log
    client_.reset();
    kept_.clear();
  }
}

TEST_F(InformerTest, ALostConnectionIsResumedWithoutReadingAnew) {
  Script({{.body = Event("ADDED", "a", 5) + InitialEnd(10) + Event("MODIFIED", "a", 12) +
                   Event("BOOKMARK", "", 15),
           .then = kCut},
          {.status = 503, .body = "<html>"},
          {.body = Event("ADDED", "b", 16), .then = kOpen}});
  Start();
  EXPECT_EQ(log_.Await(7), (Lines{"replace a @10", "current", "mod a", "stale UNAVAILABLE",
                                  "stale UNAVAILABLE", "current", "add b"}));
  EXPECT_EQ(Asked(1, "resourceVersion"), "15");
  EXPECT_EQ(Asked(2, "resourceVersion"), "15");
}

TEST_F(InformerTest, AReadingThatBreaksStartsOver) {
  Script({{.body = Event("ADDED", "gone", 5), .then = kCut},
          {.status = 429, .body = "later", .headers = {{"retry-after", "0"}}},
          {.body = Event("ADDED", "a", 6) + InitialEnd(10), .then = kOpen}});
  Start();
  EXPECT_EQ(log_.Await(4),
            (Lines{"stale UNAVAILABLE", "stale RESOURCE_EXHAUSTED", "replace a @10", "current"}));
  EXPECT_EQ(Asked(2, "sendInitialEvents"), "true");
}

TEST_F(InformerTest, GarbageIsReadAnewAndCredentialsAreTriedAgain) {
  Script({{.body = InitialEnd(10) + "{\"type\":\"ADDED\",\"object\":7}\n", .then = kOpen},
          {.body = InitialEnd(11) + "<html>\n", .then = kOpen},
          {.body = InitialEnd(12) + Event("ADDED", std::string(60'000, 'x'), 13), .then = kOpen},
          {.body = InitialEnd(14), .then = kCut},
          {.status = 401, .body = StatusBody(401, "Unauthorized", "Unauthorized")},
          {.body = Event("ADDED", "a", 15), .then = kOpen}});
  InformerOptions options = Quick();
  options.max_event_bytes = 50'000;
  Start(options);
  EXPECT_EQ(
      log_.Await(15),
      (Lines{"replace @10", "current", "stale DATA_LOSS", "replace @11", "current",
             "stale DATA_LOSS", "replace @12", "current", "stale RESOURCE_EXHAUSTED", "replace @14",
             "current", "stale UNAVAILABLE", "stale UNAUTHENTICATED", "current", "add a"}));
  EXPECT_EQ(Asked(5, "resourceVersion"), "14");
}

TEST_F(InformerTest, WhatDoesNotPassEndsIt) {
  struct Case {
    std::deque<Step> steps;
    InformerOptions options = {};
    std::string last;
    std::string saying;
  };
  const std::string three =
      Event("ADDED", "a", 1) + Event("ADDED", "b", 2) + Event("ADDED", "c", 3);
  const Step refusal{.status = 422, .body = StatusBody(422, "Invalid", "forbidden")};
  const Case cases[] = {
      {{{.status = 403, .body = StatusBody(403, "Forbidden", "cannot watch resource")}},
       {},
       "end PERMISSION_DENIED",
       "cannot watch resource"},
      {{{.status = 404, .body = "404 page not found"}}, {}, "end NOT_FOUND", "404 page not found"},
      {{refusal, {.status = 403, .body = StatusBody(403, "Forbidden", "cannot list")}},
       {},
       "end PERMISSION_DENIED",
       "cannot list"},
      {{{.body = three, .then = kOpen}},
       {.max_items = 2},
       "end RESOURCE_EXHAUSTED",
       "cluster c1: apps/v1 deployments web/: more than 2 objects (max_items)"},
      {{{.body = three, .then = kOpen}},
       {.max_bytes = 200},
       "end RESOURCE_EXHAUSTED",
       "more than 200 bytes (max_bytes)"},
      {{refusal, {.body = List({"a", "b", "c"}, 9)}},
       {.max_items = 2},
       "end RESOURCE_EXHAUSTED",
       "max_items"},
      {{refusal, {.body = List({"a", "b"}, 9, "t")}, {.body = List({"c"}, 9)}},
       {.max_bytes = 300},
       "end RESOURCE_EXHAUSTED",
       "max_bytes"},
  };
  for (const Case& c : cases) {
    Log log;
    Script(c.steps);
    auto informer = Informer::Start(*client_, kDeployments, c.options, log.Handler());
    EXPECT_EQ(log.Await(1).back(), c.last);
    EXPECT_TRUE(log.last_error().contains(c.saying)) << log.last_error();
    client_.reset();
    kept_.clear();
  }
}

TEST_F(InformerTest, EndsWithTheClientAlsoWhileItWaits) {
  Script({{.status = 503, .body = "down"}});
  InformerOptions options = Quick();
  options.backoff.initial = options.backoff.max = seconds(3600);
  Start(options);
  EXPECT_EQ(log_.Await(1), (Lines{"stale UNAVAILABLE"}));
  client_.reset();
  EXPECT_EQ(log_.Await(2).back(), "end CANCELLED");
  informer_.Stop();
}

TEST_F(InformerTest, AsksForMetadataAlone) {
  Script({{.status = 422, .body = StatusBody(422, "Invalid", "forbidden")},
          {.body = R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",)"
                   R"("metadata":{"resourceVersion":"7"},"items":[)" +
                   Object("a", 1) + "]}"},
          {.body = Event("ADDED", "b", 8), .then = kOpen}});
  InformerOptions options = Quick();
  options.form = ObjectForm::kMetadata;
  Start(options);
  EXPECT_EQ(log_.Await(3), (Lines{"replace a @7", "current", "add b"}));
  const auto seen = Seen();
  EXPECT_EQ(seen.at(1).headers.Get("accept"),
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
  EXPECT_EQ(seen.at(2).headers.Get("accept"),
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
}

}  // namespace
}  // namespace swell::kube
