// How a client holds back: its own budgets, and the API server's word.

#include <condition_variable>

#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kJson;
using testing::StatusBody;

class ClientThrottleTest : public testing::KubeTest {
 protected:
  // Sends so many at once and waits for all; returns how many succeeded.
  int GetAll(int count) {
    std::atomic<int> good = 0, left = count;
    std::promise<void> all;
    for (int i = 0; i < count; ++i) {
      client_->Get(kPod, [&](ApiResult<Response> r) {
        good += r ? 1 : 0;
        if (--left == 0) all.set_value();
      });
    }
    all.get_future().wait();
    return good;
  }
};

// As priority and fairness does it: 429, text/plain, Retry-After.
TEST_F(ClientThrottleTest, ARefusalHoldsBackEveryCall) {
  std::mutex mutex;
  std::vector<Steady::time_point> arrivals;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    std::size_t n = 0;
    {
      std::lock_guard lock(mutex);
      arrivals.push_back(Steady::now());
      n = arrivals.size();
    }
    if (n > 8) return writer->Respond(200, kJson, "{}");
    writer->Respond(429, {{"retry-after", "1"}, {"content-type", "text/plain"}},
                    "Too many requests, please try again later.");
  });
  ClientOptions options = Options();
  options.max_in_flight = 8;
  Connect(options);
  EXPECT_EQ(GetAll(40), 40);
  ASSERT_EQ(arrivals.size(), 48u);
  EXPECT_GE(arrivals[8] - arrivals[7], milliseconds(990))
      << "also calls that were not refused themselves wait";
  const auto stats = client_->stats();
  EXPECT_EQ(stats.refused, 8u);
  EXPECT_EQ(stats.retries, 8u);
}

TEST_F(ClientThrottleTest, FewerAreSentAtATimeAfterARefusalAndMoreAgainLater) {
  std::mutex mutex;
  int n = 0, open = 0, most = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    std::lock_guard lock(mutex);
    if (++n <= 16) return writer->Respond(429, {{"retry-after", "0"}}, "later");
    most = std::max(most, ++open);
    server_loop_.PostAfter(milliseconds(2), [&, writer] {
      {
        std::lock_guard inner(mutex);
        --open;
      }
      writer->Respond(200, kJson, "{}");
    });
  });
  ClientOptions options = Options();
  options.max_in_flight = 16;
  Connect(options);
  EXPECT_EQ(GetAll(16), 16);
  EXPECT_EQ(client_->stats().limit, 9u) << "half, and one more for a round of answers";
  EXPECT_LE(most, 9);
  EXPECT_EQ(GetAll(300), 300);
  EXPECT_EQ(client_->stats().limit, 16u);
}

// 5xx with Retry-After is the same word; without it, it is a fault of the one call.
TEST_F(ClientThrottleTest, UnavailableWithRetryAfterIsARefusal) {
  ServeAnswers({{.status = 503, .headers = {{"retry-after", "0"}}, .body = "shutting down"},
                {.status = 502, .body = "<html>"},
                {.status = 504, .body = StatusBody(504, "Timeout", "slow")},
                {.status = 500,
                 .headers = {{"retry-after", "0"}},
                 .body = StatusBody(500, "", "failed to create typed patch object")}});
  Connect();
  const auto result = Get(kPod);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument) << result.error().ToString();
  EXPECT_EQ(Seen().size(), 4u);
  EXPECT_EQ(client_->stats().refused, 1u);
}

TEST_F(ClientThrottleTest, TheRateIsBounded) {
  ServeAnswers({{}});
  ClientOptions options = Options();
  options.requests_per_second = 50;
  options.burst = 5;
  Connect(options);
  const auto start = Steady::now();
  EXPECT_EQ(GetAll(25), 25);
  // Twenty of them had to wait for their token.
  EXPECT_GE(Steady::now() - start, milliseconds(380));
}

TEST_F(ClientThrottleTest, ADeadlineEndsTheWaitForARate) {
  ServeAnswers({{}});
  ClientOptions options = Options();
  options.requests_per_second = 0.01;
  options.burst = 1;
  Connect(options);
  EXPECT_TRUE(Get(kPod));
  const auto result = Get(kPod, milliseconds(200));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(result.error().ToString().contains("still queued after 200ms"))
      << result.error().ToString();
}

TEST_F(ClientThrottleTest, WhatWaitsIsBounded) {
  std::vector<net::ResponseWriterPtr> kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    kept.push_back(std::move(writer));
  });
  ClientOptions options = Options();
  options.max_in_flight = 2;
  options.max_queued = 3;
  Connect(options);
  std::atomic<int> refused = 0, left = 10;
  std::promise<void> five;
  for (int i = 0; i < 10; ++i) {
    client_->Get(kPod, [&](ApiResult<Response> r) {
      if (!r && r.error().code() == ErrorCode::kResourceExhausted && ++refused == 5) {
        EXPECT_TRUE(r.error().ToString().contains("more than 3 calls wait"))
            << r.error().ToString();
        five.set_value();
      }
      --left;
    });
  }
  five.get_future().wait();
  EXPECT_EQ(left, 5);
  client_.reset();
  executor_.Drain();
  EXPECT_EQ(left, 0);
  server_->Stop();
}

}  // namespace
}  // namespace swell::kube
