// swell logs: lines of an application's containers, of several pods and clusters.

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <tuple>

#include "base/value/json.h"
#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr std::int64_t kDefaultTail = 100;
// A server that is away is waited for as by Follow: a minute.
constexpr int kMaxAttempts = 30;
constexpr Duration kBetweenAttempts = std::chrono::seconds(2);
// How much later than another container's a line may have come, to be found after a break.
constexpr std::int64_t kLateSeconds = 60;

// "c01/web-7f9c-abcde main"
std::string SourceOf(const v1::LogLine& line) {
  std::string out = line.cluster();
  if (!line.pod().empty()) out += "/" + line.pod();
  if (!line.container().empty()) out += " " + line.container();
  return out;
}

// RFC 3339 with nanoseconds, as the container runtime stamped it.
std::string StampOf(const v1::LogLine& line) {
  const Timestamp second{std::chrono::seconds(line.time().seconds())};
  std::string text = FormatTimestamp(second);
  const std::string nanos = std::to_string(1'000'000'000 + line.time().nanos()).substr(1);
  return text.substr(0, text.size() - 1) + "." + nanos + "Z";
}

std::int64_t NanosOf(const v1::LogLine& line) {
  return line.time().seconds() * 1'000'000'000 + line.time().nanos();
}

// What has been printed, so that a call that broke can be gone on with.
class Position {
 public:
  // Whether the line has not been printed yet; notes it.
  bool Take(const v1::LogLine& line) {
    if (!line.has_time()) return true;
    const std::int64_t at = NanosOf(line);
    std::int64_t& last = last_[{line.cluster(), line.namespace_(), line.pod(), line.container()}];
    if (at <= last && resumed_) return false;
    last = std::max(last, at);
    newest_ = std::max(newest_, at);
    return true;
  }
  // What is missing is asked for, and some of what is not; until something came, the same again.
  void Resume(v1::LogsRequest& request) {
    if (newest_ == 0) return;
    resumed_ = true;
    request.mutable_since_time()->set_seconds(newest_ / 1'000'000'000 - kLateSeconds);
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> last_;
  std::int64_t newest_ = 0;
  bool resumed_ = false;
};

class Printer {
 public:
  Printer(const Session& session, const LogsOptions& options)
      : session_(session),
        timestamps_(options.timestamps),
        prefix_(options.prefix == Prefix::kAlways ||
                (options.prefix == Prefix::kAuto &&
                 (options.pod.empty() || options.cluster.empty()))) {}

  void Print(const v1::LogsResponse& message) {
    std::string out;
    for (const v1::LogLine& line : message.lines()) {
      if (!position_.Take(line)) continue;
      if (session_.format != Format::kTable) {
        Document(line, out);
      } else if (!line.note().empty()) {
        // In its place among the lines, though on another stream.
        if (!out.empty()) session_.write(std::exchange(out, ""));
        session_.complain(SourceOf(line) + ": " + line.note());
      } else {
        Text(line, out);
      }
    }
    if (!out.empty()) session_.write(out);
  }

  Position& position() { return position_; }

 private:
  // One document a line: for programs.
  void Document(const v1::LogLine& line, std::string& out) const {
    const Result<Value> value = MessageToValue(line);
    if (!value) return session_.complain(value.error().ToString());
    out += session_.format == Format::kJson ? json::Write(*value) + "\n"
                                            : "---\n" + PrintValue(*value, Format::kYaml);
  }

  void Text(const v1::LogLine& line, std::string& out) const {
    if (prefix_) out += Painted(SourceOf(line)) + " | ";
    if (timestamps_ && line.has_time()) {
      out += Paint(session_.terminal, Tone::kDim, StampOf(line)) + " ";
    }
    // A terminal does what escapes say, whoever wrote them; a file gets what was written.
    out += session_.terminal.interactive ? Printable(WithoutColors(line.text())) : line.text();
    if (line.left_out() > 0) {
      out += Paint(session_.terminal, Tone::kDim,
                   " … " + std::to_string(line.left_out()) + " bytes of this line left out");
    }
    out += "\n";
  }

  // Each source in a colour of its own, as far as they go.
  std::string Painted(const std::string& source) const {
    const std::string text = OneLine(source);
    if (!session_.terminal.color) return text;
    static constexpr std::array<const char*, 6> kColors = {"36", "35", "34", "33", "32", "96"};
    const char* color = kColors[std::hash<std::string>{}(text) % kColors.size()];
    return std::string("\x1b[") + color + "m" + text + "\x1b[0m";
  }

  const Session& session_;
  const bool timestamps_;
  const bool prefix_;
  Position position_;
};

}  // namespace

Result<int> ShowLogs(const Session& session, const LogsOptions& options) {
  v1::LogsRequest request;
  request.set_application(options.application);
  request.set_cluster(options.cluster);
  request.set_object(options.object);
  request.set_pod(options.pod);
  request.set_container(options.container);
  request.set_follow(options.follow);
  request.set_previous(options.previous);
  request.mutable_since()->set_seconds(options.since.count() / 1000);
  request.mutable_since()->set_nanos(static_cast<int>(options.since.count() % 1000 * 1'000'000));
  const bool bounded = options.tail || options.since.count() > 0;
  const std::int64_t tail = bounded ? options.tail.value_or(-1) : kDefaultTail;
  request.set_tail(tail < 0 ? 0 : tail == 0 ? -1 : tail);
  Printer printer(session, options);
  bool seen = false;
  for (int attempts = 1;; ++attempts) {
    const Status ended = session.client.Logs(request, [&](const v1::LogsResponse& message) {
      seen = true;
      attempts = 1;
      printer.Print(message);
      return WatchStep::kGoOn;
    });
    if (ended) return kOk;
    const bool away = ended.error().code() == ErrorCode::kUnavailable;
    if (!options.follow || !seen || !away || attempts > kMaxAttempts) return Fail(ended.error());
    session.complain("the server is away, trying again (" + std::to_string(attempts) + " of " +
                     std::to_string(kMaxAttempts) + "): " + ended.error().ToString());
    printer.position().Resume(request);
    session.sleep(kBetweenAttempts);
  }
}

}  // namespace swell::cli
