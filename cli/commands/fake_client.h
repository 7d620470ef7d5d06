#pragma once
// A server that answers what a test tells it to, and a session that keeps what was said.

#include <deque>
#include <string>
#include <vector>

#include "cli/commands/session.h"

namespace swell::cli {

class FakeClient final : public Client {
 public:
#define SWELL_FAKE(Method, Request, Response)                                   \
  v1::Request asked_##Method;                                                   \
  Result<v1::Response> answer_##Method = Fail(Internal(#Method " not set up")); \
  Result<v1::Response> Method(const v1::Request& request) override {            \
    asked_##Method = request;                                                   \
    return answer_##Method;                                                     \
  }
  SWELL_CLIENT_METHODS(SWELL_FAKE)
#undef SWELL_FAKE

  // Each Watch sends one stream's messages, then ends with its status.
  struct Stream {
    std::vector<v1::WatchResponse> messages;
    Status end;
  };
  std::deque<Stream> streams;
  std::vector<v1::WatchRequest> asked_Watch;
  Status Watch(const v1::WatchRequest& request, std::optional<Duration>,
               const OnWatch& on_message) override {
    asked_Watch.push_back(request);
    if (streams.empty()) return Fail(Internal("no further stream"));
    const Stream stream = streams.front();
    streams.pop_front();
    for (const v1::WatchResponse& message : stream.messages) on_message(message);
    return stream.end;
  }

  v1::LogsRequest asked_Logs;
  std::vector<v1::LogsResponse> logs;
  Status logs_end;
  // Before that: calls that end otherwise.
  std::deque<std::pair<std::vector<v1::LogsResponse>, Error>> broken_logs;
  Status Logs(const v1::LogsRequest& request, const OnLogs& on_message) override {
    asked_Logs = request;
    if (!broken_logs.empty()) {
      const auto [messages, error] = std::move(broken_logs.front());
      broken_logs.pop_front();
      for (const v1::LogsResponse& message : messages) on_message(message);
      return Fail(error);
    }
    for (const v1::LogsResponse& message : logs) on_message(message);
    return logs_end;
  }
};

struct FakeSession {
  FakeClient client;
  ManualClock clock{Timestamp{std::chrono::seconds(1'000'000)}};
  std::string out;
  std::string err;
  Session Get(Format format = Format::kTable) {
    return {.client = client,
            .clock = clock,
            .format = format,
            .terminal = {},
            .actor = "ann@desk",
            .write = [this](std::string_view text) { out += text; },
            .complain = [this](std::string_view text) { err += std::string(text) + "\n"; },
            .sleep = [this](Duration time) { clock.Advance(time); }};
  }
};

}  // namespace swell::cli
