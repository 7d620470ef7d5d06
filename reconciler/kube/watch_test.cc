#include <condition_variable>

#include "reconciler/kube/client.h"
#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kJson;
using testing::StatusBody;

// What a watch told, in one line each.
class Log {
 public:
  void Add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  // Waits for that many lines; returns all of them.
  std::vector<std::string> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [&] { return lines_.size() >= count; });
    return lines_;
  }
  WatchHandler Handler() {
    return {.on_event =
                [this](WatchEvent event) {
                  static constexpr const char* kNames[] = {"add", "mod", "del", "mark"};
                  Add(std::string(kNames[static_cast<int>(event.type)]) + " " +
                      event.object["metadata"]["name"].str());
                },
            .on_end =
                [this](ApiError error) {
                  last_error = error;
                  Add("end " + std::string(ErrorCodeName(error.code())));
                },
            .on_interrupted = [this](const ApiError&) { Add("interrupted"); },
            .on_connected = [this] { Add("connected"); }};
  }
  std::optional<ApiError> last_error;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

std::string Event(const std::string& type, const std::string& name, int version) {
  return R"({"type":")" + type + R"(","object":{"metadata":{"name":")" + name +
         R"(","resourceVersion":")" + std::to_string(version) + "\"}}}\n";
}

class WatchTest : public testing::KubeTest {
 protected:
  std::string Version(std::size_t i) {
    const auto query = *net::ParseQuery(Seen().at(i).query);
    return std::string(net::QueryValue(query, "resourceVersion"));
  }
  Log log_;
};

TEST_F(WatchTest, DeliversEventsCutAnywhere) {
  const std::string text = Event("ADDED", "a", 11) + Event("MODIFIED", "a", 12) + "\n" +
                           Event("BOOKMARK", "", 15) + Event("DELETED", "a", 16);
  net::ResponseWriterPtr kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, kJson);
    for (const char c : text) writer->Write(std::string(1, c));
    kept = std::move(writer);
  });
  Connect();
  Call watch = client_->Watch(kDeployments, {.label_selector = "a=b", .resource_version = "10"},
                              log_.Handler());
  EXPECT_EQ(log_.Await(4), (std::vector<std::string>{"add a", "mod a", "mark ", "del a"}));
  const auto query = *net::ParseQuery(Seen().at(0).query);
  EXPECT_EQ(net::QueryValue(query, "watch"), "true");
  EXPECT_EQ(net::QueryValue(query, "allowWatchBookmarks"), "true");
  EXPECT_EQ(net::QueryValue(query, "resourceVersion"), "10");
  EXPECT_EQ(net::QueryValue(query, "labelSelector"), "a=b");
  const int timeout = std::stoi(std::string(net::QueryValue(query, "timeoutSeconds")));
  EXPECT_GE(timeout, 420);
  EXPECT_LE(timeout, 504);
  watch.Cancel();
  EXPECT_EQ(log_.Await(5).back(), "end CANCELLED");
  server_->Stop();
}

TEST_F(WatchTest, ResumesFromTheLastVersionAfterALostConnection) {
  std::atomic<int> n = 0;
  net::ResponseWriterPtr kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, kJson);
    if (++n == 1) {
      writer->Write(Event("ADDED", "a", 20));
      writer->Write(Event("BOOKMARK", "", 25));
      writer->Abort();
    } else {
      writer->Write(Event("ADDED", "b", 30));
      kept = std::move(writer);
    }
  });
  Connect();
  client_->Watch(kDeployments, {.resource_version = "10"}, log_.Handler());
  EXPECT_EQ(log_.Await(5),
            (std::vector<std::string>{"add a", "mark ", "interrupted", "connected", "add b"}));
  EXPECT_EQ(Version(0), "10");
  EXPECT_EQ(Version(1), "25");
  client_.reset();
  EXPECT_EQ(log_.Await(6).back(), "end CANCELLED");
  server_->Stop();
}

TEST_F(WatchTest, AnExpiredVersionEndsIt) {
  // As HTTP 200 with an ERROR event, and as HTTP 410.
  ServeAnswers({{.body = R"({"type":"ERROR","object":)" +
                         StatusBody(410, "Expired", "too old resource version: 1 (9)") + "}\n"},
                {.status = 410, .body = StatusBody(410, "Expired", "too old")}});
  Connect();
  client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
  EXPECT_EQ(log_.Await(1).back(), "end OUT_OF_RANGE");
  EXPECT_TRUE(log_.last_error->ToString().contains("too old resource version"))
      << log_.last_error->ToString();
  EXPECT_TRUE(log_.last_error->ToString().starts_with("cluster c1: GET /apis/apps/v1"))
      << log_.last_error->ToString();
  client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
  EXPECT_EQ(log_.Await(2).back(), "end OUT_OF_RANGE");
  EXPECT_EQ(Seen().size(), 2u);
}

TEST_F(WatchTest, FinalErrorsEndItAndPassingOnesDoNot) {
  net::ResponseWriterPtr kept;
  std::atomic<int> n = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    switch (++n) {
      case 1:
        return writer->Respond(429, {{"retry-after", "0"}}, "slow down");
      case 2:
        return writer->Respond(503, {}, "<html>");
      case 3:
        return writer->Respond(403, kJson, StatusBody(403, "Forbidden", "no watch for you"));
    }
  });
  Connect();
  client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
  EXPECT_EQ(log_.Await(3),
            (std::vector<std::string>{"interrupted", "interrupted", "end PERMISSION_DENIED"}));
  EXPECT_TRUE(log_.last_error->ToString().contains("no watch for you"));
}

TEST_F(WatchTest, GarbageAndHugeEventsEndIt) {
  ServeAnswers({{.body = "this is no event\n"},
                {.body = Event("ADDED", std::string(100'000, 'x'), 5)},
                {.body = std::string(100'000, 'y')}});
  Connect();
  const WatchOptions options{.resource_version = "1", .max_event_bytes = 50'000};
  client_->Watch(kDeployments, options, log_.Handler());
  EXPECT_EQ(log_.Await(1).back(), "end DATA_LOSS");
  client_->Watch(kDeployments, options, log_.Handler());
  EXPECT_EQ(log_.Await(2).back(), "end RESOURCE_EXHAUSTED");
  EXPECT_TRUE(log_.last_error->ToString().contains("max_event_bytes"));
  client_->Watch(kDeployments, options, log_.Handler());
  EXPECT_EQ(log_.Await(3).back(), "end RESOURCE_EXHAUSTED");
}

TEST_F(WatchTest, NeedsAVersion) {
  ServeAnswers({{}});
  Connect();
  client_->Watch(kDeployments, {}, log_.Handler());
  EXPECT_EQ(log_.Await(1).back(), "end INVALID_ARGUMENT");
  EXPECT_TRUE(Seen().empty());
}

TEST_F(WatchTest, ManyWatchesLeaveRoomForRequests) {
  std::mutex kept_mutex;
  std::vector<net::ResponseWriterPtr> kept;
  net::HttpServer::Options options;
  options.max_concurrent_streams = 100;
  Serve(
      [&](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
        if (!request.query.contains("watch=true")) return writer->Respond(200, kJson, "{}");
        writer->Begin(200, kJson);
        writer->Write(Event("ADDED", "x", 2));
        std::lock_guard lock(kept_mutex);
        kept.push_back(std::move(writer));
      },
      options);
  Connect();
  for (int i = 0; i < 250; ++i) {
    client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
  }
  EXPECT_EQ(log_.Await(250).size(), 250u);
  EXPECT_TRUE(Get(kPod, seconds(2)));
  EXPECT_LE(server_->connections(), 5u);
  client_.reset();
  EXPECT_EQ(log_.Await(500).size(), 500u);
  server_->Stop();
}

// The server repeats itself, goes back, and ends in the middle of an event.
TEST_F(WatchTest, ResumesFromTheNewestVersionWhateverTheOrder) {
  net::ResponseWriterPtr kept;
  std::atomic<int> n = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, kJson);
    if (++n == 1) {
      const std::string cut = Event("ADDED", "cut", 40);
      writer->Write(Event("ADDED", "a", 30) + Event("ADDED", "a", 30) + Event("ADDED", "old", 7) +
                    "\r\n  \n" + cut.substr(0, cut.size() / 2));
      writer->Abort();
    } else {
      writer->Write(Event("ADDED", "cut", 40));
      kept = std::move(writer);
    }
  });
  Connect();
  client_->Watch(kDeployments, {.resource_version = "10"}, log_.Handler());
  EXPECT_EQ(log_.Await(6), (std::vector<std::string>{"add a", "add a", "add old", "interrupted",
                                                     "connected", "add cut"}));
  EXPECT_EQ(Version(1), "30");
  client_.reset();
  EXPECT_EQ(log_.Await(7).back(), "end CANCELLED");
  server_->Stop();
}

TEST_F(WatchTest, EventsThatAreNoneEndIt) {
  const std::pair<std::string, const char*> cases[] = {
      {R"({"type":"ADDED"})"
       "\n",
       "a watch event has no object"},
      {R"({"type":"ADDED","object":null})"
       "\n",
       "a watch event has no object"},
      {R"({"type":"RENAMED","object":{}})"
       "\n",
       "not a watch event"},
      {R"({"object":{}})"
       "\n",
       "not a watch event"},
      {"{\"type\":\"ADDED\",\"object\":{\"a\":\n", "not a watch event"},
      {"[]\n", "not a watch event"},
      {std::string(200, '[') + "\n", "not a watch event"},
  };
  std::size_t lines = 0;
  for (const auto& [body, saying] : cases) {
    ServeAnswers({{.body = body}});
    Connect();
    client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
    EXPECT_EQ(log_.Await(++lines).back(), "end DATA_LOSS") << body;
    EXPECT_TRUE(log_.last_error->ToString().contains(saying)) << log_.last_error->ToString();
  }
}

// Errors as events: a server that is in trouble is asked again, from where it was.
TEST_F(WatchTest, ErrorEventsThatPassAreResumed) {
  net::ResponseWriterPtr kept;
  std::atomic<int> n = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, kJson);
    switch (++n) {
      case 1:
        writer->Write(Event("ADDED", "a", 20) + R"({"type":"ERROR","object":)" +
                      StatusBody(500, "InternalError", "etcdserver: request timed out") + "}\n");
        return writer->End();
      case 2:
        writer->Write(R"({"type":"ERROR","object":)" +
                      StatusBody(429, "TooManyRequests", "later", R"({"retryAfterSeconds":1})") +
                      "}\n");
        return writer->End();
      default:
        writer->Write(Event("ADDED", "b", 21));
        kept = std::move(writer);
    }
  });
  Connect();
  client_->Watch(kDeployments, {.resource_version = "10"}, log_.Handler());
  EXPECT_EQ(log_.Await(6), (std::vector<std::string>{"add a", "interrupted", "connected",
                                                     "interrupted", "connected", "add b"}));
  EXPECT_EQ(Version(2), "20");
  client_.reset();
  log_.Await(7);
  server_->Stop();
}

TEST_F(WatchTest, ASilentWatchThatHadBookmarksIsDead) {
  std::vector<net::ResponseWriterPtr> kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, kJson);
    // The first has bookmarks alone and then none; the second never has any, and may be silent.
    if (kept.empty()) writer->Write(Event("BOOKMARK", "", 20) + Event("BOOKMARK", "", 25));
    kept.push_back(std::move(writer));
  });
  Connect();
  client_->Watch(kDeployments, {.resource_version = "10", .bookmark_silence = milliseconds(150)},
                 log_.Handler());
  EXPECT_EQ(log_.Await(4),
            (std::vector<std::string>{"mark ", "mark ", "interrupted", "connected"}));
  EXPECT_EQ(Version(1), "25");
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_EQ(Seen().size(), 2u);
  client_.reset();
  EXPECT_EQ(log_.Await(5).back(), "end CANCELLED");
  server_->Stop();
}

// Fewer streams than a client counts on: once it knows, it opens further connections.
TEST_F(WatchTest, AServerWithFewStreamsGetsMoreConnections) {
  std::mutex kept_mutex;
  std::vector<net::ResponseWriterPtr> kept;
  net::HttpServer::Options options;
  options.max_concurrent_streams = 5;
  Serve(
      [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
        writer->Begin(200, kJson);
        writer->Write(Event("ADDED", "x", 2));
        std::lock_guard lock(kept_mutex);
        kept.push_back(std::move(writer));
      },
      options);
  Connect();
  const auto watch = [&] {
    client_->Watch(kDeployments, {.resource_version = "1"}, log_.Handler());
  };
  watch();
  EXPECT_EQ(log_.Await(1).size(), 1u);
  for (int i = 1; i < 17; ++i) watch();
  EXPECT_EQ(log_.Await(17).size(), 17u);
  EXPECT_EQ(server_->connections(), 4u);
  client_.reset();
  log_.Await(34);
  server_->Stop();
}

}  // namespace
}  // namespace swell::kube
