#include "cli/commands/follow.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "cli/commands/messages.h"
#include "cli/commands/progress.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxAttempts = 30;
constexpr Duration kBetweenAttempts = 2s;

class Display {
 public:
  virtual ~Display() = default;
  virtual void Show(const v1::WatchResponse& message) = 0;
  virtual void Lost(const std::string& why) = 0;
};

class NoDisplay final : public Display {
 public:
  void Show(const v1::WatchResponse&) override {}
  void Lost(const std::string&) override {}
};

// One document a message: for programs.
class DocumentDisplay final : public Display {
 public:
  explicit DocumentDisplay(const Session& session) : session_(session) {}
  void Show(const v1::WatchResponse& message) override {
    const Result<Value> value = MessageToValue(message);
    if (!value) return session_.complain(value.error().ToString());
    session_.write(session_.format == Format::kJson ? json::Write(*value) + "\n"
                                                    : "---\n" + PrintValue(*value, Format::kYaml));
  }
  void Lost(const std::string& why) override { session_.complain(why); }

 private:
  const Session& session_;
};

// One line a step: for logs.
class PlainDisplay final : public Display {
 public:
  explicit PlainDisplay(const Session& session) : session_(session) {}
  void Show(const v1::WatchResponse& message) override {
    if (message.has_rollout()) {
      for (const std::string& line : StepLines(before_, message.rollout())) Line(line);
      before_ = message.rollout();
    } else if (message.event().rollout().empty()) {
      // The steps of rollouts are told above; what else happens to the application is not.
      const v1::Event& event = message.event();
      Line(event.application() + " " + event.type() +
           (event.message().empty() ? "" : ": " + event.message()));
    }
  }
  void Lost(const std::string& why) override { session_.complain(why); }

 private:
  void Line(const std::string& text) {
    const auto now = std::chrono::floor<std::chrono::seconds>(session_.clock.Now());
    session_.write(FormatTimestamp(now) + "  " + OneLine(text) + "\n");
  }

  const Session& session_;
  v1::Rollout before_;
};

// Redrawn in place at every step, and every second for the times in it.
class LiveDisplay final : public Display {
 public:
  explicit LiveDisplay(const Session& session)
      : session_(session), ticker_([this](std::stop_token stop) { Tick(stop); }) {}
  ~LiveDisplay() override {
    ticker_.request_stop();
    ticker_.join();
    Draw();  // as it ended
  }

  void Show(const v1::WatchResponse& message) override {
    const std::lock_guard lock(mutex_);
    if (message.has_rollout()) {
      rollout_ = message.rollout();
    } else {
      note_ = message.event().rollout().empty() ? message.event().message() : "";
    }
    lost_.clear();
    DrawLocked();
  }

  void Lost(const std::string& why) override {
    const std::lock_guard lock(mutex_);
    lost_ = why;
    DrawLocked();
  }

 private:
  void Tick(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      DrawLocked();
      wake_.wait_for(lock, stop, 1s, [] { return false; });
    }
  }

  void Draw() {
    const std::lock_guard lock(mutex_);
    DrawLocked();
  }

  std::vector<std::string> Lines(Terminal terminal) const {
    const std::string extra = lost_.empty() ? note_ : lost_;
    if (!extra.empty()) terminal.height = std::max(4, terminal.height - 1);
    std::vector<std::string> lines;
    if (rollout_.id().empty()) {
      lines.push_back("waiting for a rollout");
    } else {
      lines = ProgressLines(rollout_, session_.clock.Now(), terminal);
    }
    if (!extra.empty()) {
      const Tone tone = lost_.empty() ? Tone::kDim : Tone::kWarn;
      lines.push_back(
          Truncate(Paint(terminal, tone, OneLine(extra)), std::max(1, terminal.width - 1)));
    }
    return lines;
  }

  void DrawLocked() {
    // One write, so that nothing flickers; the rest of the old picture is cleared.
    std::string out = drawn_ > 0 ? "\x1b[" + std::to_string(drawn_) + "A\r" : "";
    const std::vector<std::string> lines = Lines(DetectTerminal(STDOUT_FILENO));
    for (const std::string& line : lines) out += line + "\x1b[K\n";
    session_.write(out + "\x1b[J");
    drawn_ = lines.size();
  }

  const Session& session_;
  std::mutex mutex_;  // guards everything below
  v1::Rollout rollout_;
  std::string note_;
  std::string lost_;
  std::size_t drawn_ = 0;
  std::condition_variable_any wake_;
  std::jthread ticker_;
};

std::unique_ptr<Display> MakeDisplay(const Session& session, Shown shown) {
  if (shown == Shown::kNothing) return std::make_unique<NoDisplay>();
  if (session.format != Format::kTable) return std::make_unique<DocumentDisplay>(session);
  if (session.terminal.interactive) return std::make_unique<LiveDisplay>(session);
  return std::make_unique<PlainDisplay>(session);
}

}  // namespace

Result<Followed> Follow(const Session& session, const FollowOptions& options) {
  const auto display = MakeDisplay(session, options.shown);
  const bool until_finished = options.until_finished == Waiting::kYes;
  v1::WatchRequest request;
  request.set_application(options.application);
  request.set_number(options.number);
  request.set_until_finished(until_finished);
  const Timestamp begin = session.clock.Now();
  Followed out;
  bool seen = false;
  int attempts = 0;
  for (;;) {
    std::optional<Duration> left;
    if (options.timeout) {
      left = std::max(Duration{1}, *options.timeout - Duration(session.clock.Now() - begin));
    }
    const Status ended = session.client.Watch(request, left, [&](const v1::WatchResponse& message) {
      seen = true;
      attempts = 0;
      if (message.has_rollout()) out.rollout = message.rollout();
      display->Show(message);
      return WatchStep::kGoOn;
    });
    if (until_finished && out.rollout.finished()) return out;
    out.timed_out = options.timeout && session.clock.Now() - begin >= *options.timeout;
    if (out.timed_out) return out;
    // The server ends no watch by itself before that: it is going down.
    const Error error =
        ended ? Unavailable("the server ended the watch of " + options.application) : ended.error();
    const bool away = error.code() == ErrorCode::kUnavailable;
    if (!away || (!seen && !ended) || ++attempts > kMaxAttempts) return Fail(error);
    // The same rollout, not the one after it.
    if (until_finished && out.rollout.number() > 0) request.set_number(out.rollout.number());
    display->Lost("the server is away, trying again (" + std::to_string(attempts) + " of " +
                  std::to_string(kMaxAttempts) + "): " + error.ToString());
    session.sleep(kBetweenAttempts);
  }
}

int ExitOf(const Session& session, const std::string& application, const Followed& followed,
           Duration timeout) {
  const v1::Rollout& rollout = followed.rollout;
  const std::string name =
      rollout.id().empty() ? application : application + " #" + std::to_string(rollout.number());
  if (followed.timed_out) {
    session.complain(
        name + (rollout.id().empty() ? " has had no rollout" : " is still " + rollout.phase()) +
        " after " + FormatDuration(timeout) + "; it goes on without this command");
    return kTimedOut;
  }
  if (Succeeded(rollout)) return kOk;
  session.complain(name + " ended " + rollout.phase() +
                   (rollout.message().empty() ? "" : ": " + OneLine(rollout.message())));
  return kRolloutFailed;
}

}  // namespace swell::cli
