// What Client makes of connections and streams that break: faults are injected below HTTP.

#include "base/net/gzip.h"
#include "base/net/raw_h2_server.h"
#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using net::testing::RawH2Connection;
using net::testing::RawH2Server;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Json;

constexpr std::uint32_t kNoError = 0, kProtocolError = 1, kInternalError = 2, kRefusedStream = 7,
                        kCancel = 8, kEnhanceYourCalm = 11;

class ClientWireTest : public testing::KubeTest {
 protected:
  // `act` gets the number of the request, from 1.
  using Act = std::function<void(RawH2Connection&, std::uint32_t stream, int n)>;
  void Misbehave(Act act) {
    requests_ = 0;
    client_.reset();
    raw_ = std::make_unique<RawH2Server>(
        server_loop_,
        [this, act](RawH2Connection& c, std::uint32_t stream) { act(c, stream, ++requests_); });
    ClientOptions options = Options();
    options.default_timeout = seconds(5);
    options.max_response_bytes = 1'000'000;
    ClusterAccess access;
    access.server = raw_->url();
    Connect(options, access);
  }
  void TearDown() override {
    client_.reset();
    raw_.reset();
  }
  ApiResult<Response> Post(Duration timeout = {}) {
    return Wait<Response>([&](auto done) {
      client_->Create(kPod, Json("{}"), std::move(done), {.timeout = timeout});
    });
  }

  std::atomic<int> requests_ = 0;
  std::unique_ptr<RawH2Server> raw_;
};

void Good(RawH2Connection& c, std::uint32_t stream) { c.Answer(stream, 200, "{}"); }

// A fault at the first request, after which the server is well. A read is repeated; a POST only
// where the server cannot have acted.
TEST_F(ClientWireTest, OneFaultThenWell) {
  struct Case {
    const char* name;
    std::function<void(RawH2Connection&, std::uint32_t)> fault;
    int get_requests = 2;
    ErrorCode post = ErrorCode::kUnavailable;  // kUnknown: it succeeds
    int post_requests = 1;
  };
  constexpr ErrorCode kGood = ErrorCode::kUnknown;
  const Case cases[] = {
      {"connection closed before headers", [](auto& c, auto) { c.Close(); }},
      {"connection closed inside the headers",
       [](auto& c, auto stream) {
         c.Headers(stream, {{":status", "200"}}, 0);
         c.CloseAfterFlush();
       }},
      {"connection closed inside the body",
       [](auto& c, auto stream) {
         c.Headers(stream, {{":status", "200"}});
         c.Data(stream, "{\"kind\":");
         c.CloseAfterFlush();
       }},
      {"stream reset before headers",
       [](auto& c, auto stream) { c.Reset(stream, kInternalError); }},
      {"stream reset inside the body",
       [](auto& c, auto stream) {
         c.Headers(stream, {{":status", "200"}});
         c.Data(stream, "{");
         c.Reset(stream, kCancel);
       }},
      {"told to calm down", [](auto& c, auto stream) { c.Reset(stream, kEnhanceYourCalm); }},
      {"garbage instead of frames", [](auto& c, auto) { c.Raw(std::string(100, '\xff')); }},
      {"a frame for a stream that is not open", [](auto& c, auto) { c.Data(7777, "x", true); }},
      {"REFUSED_STREAM", [](auto& c, auto stream) { c.Reset(stream, kRefusedStream); }, 2, kGood,
       2},
      {"GOAWAY that excludes the stream", [](auto& c, auto) { c.Goaway(0); }, 2, kGood, 2},
      {"GOAWAY that includes it, then the answer",
       [](auto& c, auto stream) {
         c.Goaway(stream);
         Good(c, stream);
       },
       1, kGood, 1},
      {"GOAWAY that includes it, then the end",
       [](auto& c, auto stream) {
         c.Goaway(stream);
         c.CloseAfterFlush();
       }},
      {"GOAWAY with an error",
       [](auto& c, auto) {
         c.Goaway(0, kInternalError);
         c.CloseAfterFlush();
       },
       2, kGood, 2},
  };
  for (const Case& c : cases) {
    const auto act = [&](RawH2Connection& connection, std::uint32_t stream, int n) {
      n == 1 ? c.fault(connection, stream) : Good(connection, stream);
    };
    Misbehave(act);
    const auto got = Get(kPod);
    EXPECT_TRUE(got) << c.name << ": " << got.error().ToString();
    EXPECT_EQ(requests_, c.get_requests) << c.name;
    Misbehave(act);
    const auto posted = Post();
    if (c.post == kGood) {
      EXPECT_TRUE(posted) << c.name << ": " << posted.error().ToString();
    } else {
      ASSERT_FALSE(posted) << c.name;
      EXPECT_EQ(posted.error().code(), c.post) << c.name << ": " << posted.error().ToString();
    }
    EXPECT_EQ(requests_, c.post_requests) << c.name;
  }
}

// The server never gets well.
TEST_F(ClientWireTest, FaultsThatStay) {
  struct Case {
    const char* name;
    std::function<void(RawH2Connection&, std::uint32_t)> fault;
    ErrorCode code;
    const char* saying;
  };
  const std::string bomb = net::GzipEncode(std::string(200'000'000, ' '));
  ASSERT_LT(bomb.size(), 1'000'000u);
  const Case cases[] = {
      {"refused for ever", [](auto& c, auto stream) { c.Reset(stream, kRefusedStream); },
       ErrorCode::kUnavailable, "the server refused the request"},
      {"reset for ever", [](auto& c, auto stream) { c.Reset(stream, kInternalError); },
       ErrorCode::kUnavailable, "the server reset the stream (INTERNAL_ERROR)"},
      {"a flood of header fields",
       [](auto& c, auto stream) {
         std::vector<std::pair<std::string, std::string>> fields = {{":status", "200"}};
         for (int i = 0; i < 60; ++i) fields.emplace_back("x-" + std::to_string(i), "y");
         const std::string block = RawH2Connection::Hpack(fields);
         c.Frame(RawH2Connection::kHeaders, 0, stream, block);
         for (int i = 0; i < 2000; ++i) {
           c.Frame(RawH2Connection::kContinuation, 0, stream,
                   RawH2Connection::Hpack({{"x-flood", std::string(1000, 'y')}}));
         }
       },
       ErrorCode::kUnavailable, "HTTP/2"},
      {"a small header that unfolds (HPACK)",
       [](auto& c, auto stream) {
         // One field of 3.9 kB that is indexed, then a byte for each repetition.
         const std::string field = RawH2Connection::Hpack({{"x-bomb", std::string(3900, 'y')}});
         c.Frame(RawH2Connection::kHeaders, RawH2Connection::kEndHeaders, stream,
                 RawH2Connection::Hpack({{":status", "200"}}) + '\x40' + field.substr(1) +
                     std::string(100, '\xbe'));
       },
       ErrorCode::kResourceExhausted, "max_header_bytes"},
      {"a body larger than the limit",
       [](auto& c, auto stream) { c.Answer(stream, 200, "\"" + std::string(1'100'000, 'x')); },
       ErrorCode::kResourceExhausted, "max_response_bytes"},
      {"a gzip bomb",
       [&bomb](auto& c, auto stream) {
         c.Answer(stream, 200, bomb, {{"content-encoding", "gzip"}});
       },
       ErrorCode::kResourceExhausted, "1000000 bytes"},
      {"gzip that is none",
       [](auto& c, auto stream) { c.Answer(stream, 200, "{}", {{"content-encoding", "gzip"}}); },
       ErrorCode::kDataLoss, "gzip"},
      {"an encoding nobody asked for",
       [](auto& c, auto stream) { c.Answer(stream, 200, "{}", {{"content-encoding", "br"}}); },
       ErrorCode::kDataLoss, "content-encoding \"br\""},
      {"a body shorter than it says",
       [](auto& c, auto stream) { c.Answer(stream, 200, "{}", {{"content-length", "100"}}); },
       ErrorCode::kDataLoss, "malformed"},
      {"invalid JSON", [](auto& c, auto stream) { c.Answer(stream, 200, "{\"kind\":"); },
       ErrorCode::kDataLoss, "the answer is no JSON"},
      {"a failure that calls itself 200",
       [](auto& c, auto stream) {
         c.Answer(stream, 200, testing::StatusBody(403, "Forbidden", "no pods for you"));
       },
       ErrorCode::kPermissionDenied, "no pods for you"},
  };
  for (const Case& c : cases) {
    Misbehave([&](RawH2Connection& connection, std::uint32_t stream, int) {
      c.fault(connection, stream);
    });
    const auto got = Get(kPod);
    ASSERT_FALSE(got) << c.name;
    const std::string message = got.error().ToString();
    EXPECT_EQ(got.error().code(), c.code) << c.name << ": " << message;
    EXPECT_TRUE(message.contains(c.saying)) << c.name << ": " << message;
    EXPECT_TRUE(message.starts_with("cluster c1: GET /api/v1/namespaces/web/pods/a")) << message;
    EXPECT_LT(message.size(), 1000u) << c.name;
  }
}

TEST_F(ClientWireTest, ASlowLorisRunsIntoTheDeadline) {
  std::shared_ptr<RawH2Connection> kept;
  net::Loop& loop = server_loop_;
  net::TimerHandle timer;
  std::function<void(std::uint32_t)> trickle = [&](std::uint32_t stream) {
    kept->Data(stream, " ");
    timer = loop.PostAfter(milliseconds(20), [&, stream] { trickle(stream); });
  };
  Misbehave([&](RawH2Connection& c, std::uint32_t stream, int) {
    kept = c.shared_from_this();
    c.Headers(stream, {{":status", "200"}});
    trickle(stream);
  });
  const auto got = Get(kPod, milliseconds(500));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(got.error().ToString().contains("the body is not complete"))
      << got.error().ToString();
  // The trickle ends before what it uses does.
  server_loop_.Run([&] { timer.Cancel(); });
}

// A half-open connection: the other side is there, and silent.
TEST_F(ClientWireTest, AFrozenServerRunsIntoTheDeadline) {
  Misbehave([](RawH2Connection& c, std::uint32_t, int) { c.Freeze(); });
  const auto got = Get(kPod, milliseconds(400));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(got.error().ToString().contains("no response within 400ms"))
      << got.error().ToString();
}

TEST_F(ClientWireTest, StreamLimitsAreKept) {
  client_.reset();
  std::vector<std::pair<std::shared_ptr<RawH2Connection>, std::uint32_t>> open;
  std::size_t most = 0;
  raw_ = std::make_unique<RawH2Server>(
      server_loop_,
      [&](RawH2Connection& c, std::uint32_t stream) {
        open.emplace_back(c.shared_from_this(), stream);
        most = std::max(most, open.size());
        // Answers when three are there or nothing more can come.
        server_loop_.PostAfter(milliseconds(20), [&] {
          for (auto& [connection, id] : std::exchange(open, {})) Good(*connection, id);
        });
      },
      nullptr, 3);
  ClusterAccess access;
  access.server = raw_->url();
  Connect(Options(), access);
  std::atomic<int> good = 0, left = 20;
  std::promise<void> all;
  for (int i = 0; i < 20; ++i) {
    client_->Get(kPod, [&](ApiResult<Response> r) {
      good += r ? 1 : 0;
      if (--left == 0) all.set_value();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(good, 20);
  server_loop_.Run([&] { EXPECT_EQ(most, 3u); });
  EXPECT_EQ(raw_->connections(), 1);
}

}  // namespace
}  // namespace swell::kube
