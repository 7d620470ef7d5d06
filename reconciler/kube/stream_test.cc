#include <gtest/gtest.h>

#include <condition_variable>

#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using testing::KubeTest;

// What a stream brought.
struct Brought {
  std::mutex mutex;
  std::condition_variable changed;
  std::string body;
  bool ended = false;
  std::optional<ApiError> error;

  StreamHandler Handler() {
    return {.on_data =
                [this](std::string_view data) {
                  const std::lock_guard lock(mutex);
                  body += data;
                  changed.notify_all();
                },
            .on_end =
                [this](std::optional<ApiError> why) {
                  const std::lock_guard lock(mutex);
                  ended = true;
                  error = std::move(why);
                  changed.notify_all();
                }};
  }
  template <class Ready>
  bool Await(Ready ready) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), ready);
  }
  bool AwaitEnd() {
    return Await([this] { return ended; });
  }
};

class StreamTest : public KubeTest {
 protected:
  static Request Log() {
    Request request;
    request.path = "/api/v1/namespaces/web/pods/a/log";
    request.accept = "*/*";
    request.query = {{"follow", "true"}};
    return request;
  }
};

TEST_F(StreamTest, HandsOnPiecesAsTheyCome) {
  net::ResponseWriterPtr writer;
  std::promise<void> begun;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr w) {
    w->Begin(200, {{"content-type", "text/plain"}});
    w->Write("one\n");
    writer = std::move(w);
    begun.set_value();
  });
  Connect();
  Brought seen;
  client_->Stream(Log(), seen.Handler());
  ASSERT_TRUE(seen.Await([&] { return seen.body == "one\n"; }));
  begun.get_future().wait();
  EXPECT_FALSE(seen.ended);
  EXPECT_EQ(client_->stats().in_flight, 0U);  // takes no place from requests
  writer->Write("two\n");
  writer->End();
  ASSERT_TRUE(seen.AwaitEnd());
  EXPECT_EQ(seen.body, "one\ntwo\n");
  EXPECT_FALSE(seen.error);
  ASSERT_EQ(Seen().size(), 1U);
  EXPECT_EQ(Seen()[0].query, "follow=true");
  EXPECT_EQ(Seen()[0].headers.Get("accept"), "*/*");
}

TEST_F(StreamTest, AnErrorIsToldInTheServersWords) {
  ServeAnswers({{400, testing::kJson,
                 testing::StatusBody(400, "BadRequest",
                                     "container a in pod a is waiting to start: no image")}});
  Connect();
  Brought seen;
  client_->Stream(Log(), seen.Handler());
  ASSERT_TRUE(seen.AwaitEnd());
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(seen.error->server_message, "container a in pod a is waiting to start: no image");
  EXPECT_NE(seen.error->ToString().find("cluster c1: GET /api/v1/namespaces/web/pods/a/log"),
            std::string::npos);
  EXPECT_EQ(seen.body, "");
}

TEST_F(StreamTest, CancelReachesTheServer) {
  std::promise<void> gone;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    writer->Write("one\n");
    writer->OnClose([&gone, writer] { gone.set_value(); });
  });
  Connect();
  Brought seen;
  Call call = client_->Stream(Log(), seen.Handler());
  ASSERT_TRUE(seen.Await([&] { return !seen.body.empty(); }));
  call.Cancel();
  ASSERT_TRUE(seen.AwaitEnd());
  EXPECT_EQ(seen.error->code(), ErrorCode::kCancelled);
  EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(StreamTest, ABrokenConnectionIsNoEnd) {
  Serve([](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    writer->Write("one\n");
    writer->Abort();
  });
  Connect();
  Brought seen;
  client_->Stream(Log(), seen.Handler());
  ASSERT_TRUE(seen.AwaitEnd());
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->code(), ErrorCode::kUnavailable) << seen.error->ToString();
}

TEST_F(StreamTest, PausingHoldsTheServerBack) {
  constexpr std::size_t kAll = 8 << 20;
  Serve([](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    for (std::size_t sent = 0; sent < kAll; sent += 65536) writer->Write(std::string(65536, 'x'));
    writer->End();
  });
  Connect();
  Brought seen;
  Call call;
  std::size_t got = 0;
  StreamHandler handler = seen.Handler();
  auto on_data = std::move(handler.on_data);
  std::promise<void> paused;
  handler.on_data = [&, told = false](std::string_view data) mutable {
    on_data(data);
    if (std::exchange(told, true)) return;
    call.Pause();
    paused.set_value();
  };
  client_loop_.Run([&] { call = client_->Stream(Log(), std::move(handler)); });
  paused.get_future().wait();
  // A window more at the most, however long one waits.
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::lock_guard lock(seen.mutex);
    got = seen.body.size();
  }
  EXPECT_LT(got, kAll / 2);
  call.Resume();
  ASSERT_TRUE(seen.AwaitEnd());
  EXPECT_EQ(seen.body.size(), kAll);
  EXPECT_FALSE(seen.error);
}

TEST_F(StreamTest, EndsWithItsClient) {
  Serve([](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    writer->Write("one\n");
    writer->OnClose([writer] {});
  });
  Connect();
  Brought seen;
  client_->Stream(Log(), seen.Handler());
  ASSERT_TRUE(seen.Await([&] { return !seen.body.empty(); }));
  client_.reset();
  ASSERT_TRUE(seen.AwaitEnd());
  EXPECT_EQ(seen.error->code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace swell::kube
