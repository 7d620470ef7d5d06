#include "base/telemetry/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <mutex>

#include "base/core/clock.h"

namespace swell::telemetry {
namespace {

constexpr std::size_t kMaxValue = 8 * 1024;

// Hands whole lines to a function, one at a time.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    write_(std::string(message.payload.data(), message.payload.size()) + "\n");
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> write_;
};

struct Output {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::kText;
};

std::shared_ptr<const Output> MakeOutput(LogFormat format,
                                         std::function<void(std::string_view)> write) {
  auto output = std::make_shared<Output>();
  spdlog::sink_ptr sink;
  if (write) {
    sink = std::make_shared<FunctionSink>(std::move(write));
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  output->logger = std::make_shared<spdlog::logger>("swell", std::move(sink));
  output->logger->set_pattern("%v");
  output->logger->set_level(spdlog::level::trace);
  output->logger->flush_on(spdlog::level::info);
  output->format = format;
  return output;
}

// The process's log: a log is process-wide by nature. Leaked, so that threads may log while
// the process exits.
struct State {
  std::atomic<LogLevel> level = LogLevel::kInfo;
  std::mutex mutex;
  std::shared_ptr<const Output> output = MakeOutput(LogFormat::kText, nullptr);
};

State& GetState() {
  static State* state = new State;
  return *state;
}

std::shared_ptr<const Output> GetOutput() {
  State& state = GetState();
  std::lock_guard lock(state.mutex);
  return state.output;
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

// JSON's escapes, which also keep a text line in one piece. Bytes above 0x7f pass.
void AppendEscaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const bool cut = text.size() > kMaxValue;
  for (const char c : text.substr(0, kMaxValue)) {
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  if (cut) out += "...";
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  AppendEscaped(out, text);
  out += '"';
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) {
      return true;
    }
  }
  return text.size() > kMaxValue;
}

std::string Timestamped() {
  std::string text = FormatTimestamp(SystemClock().Now());
  // Always with milliseconds, so that lines align.
  if (!text.contains('.')) text.insert(text.size() - 1, ".000");
  return text;
}

std::string TextLine(LogLevel level, std::string_view message, LogFields fields) {
  static constexpr std::string_view kNames[] = {"DEBUG", "INFO ", "WARN ", "ERROR"};
  std::string line = Timestamped() + " ";
  line += kNames[static_cast<int>(level)];
  line += ' ';
  AppendEscaped(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    AppendEscaped(line, field.key);
    line += '=';
    if (NeedsQuotes(field.value.text())) {
      AppendQuoted(line, field.value.text());
    } else {
      line += field.value.text();
    }
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view message, LogFields fields) {
  std::string line = "{\"time\":\"" + Timestamped() + "\",\"level\":\"";
  line += LevelName(level);
  line += "\",\"msg\":";
  AppendQuoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    AppendQuoted(line, field.key);
    line += ':';
    if (field.value.quoted()) {
      AppendQuoted(line, field.value.text());
    } else {
      line += field.value.text();
    }
  }
  return line + "}";
}

}  // namespace

LogValue::LogValue(double number)
    : text_(fmt::format("{}", number)), quoted_(!std::isfinite(number)) {}

Result<LogLevel> ParseLogLevel(std::string_view text) {
  if (text == "warn") return LogLevel::kWarning;
  for (const auto level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (text == LevelName(level)) return level;
  }
  return Fail(InvalidArgument("log level \"" + std::string(text) +
                              "\" is none of debug, info, warning, error"));
}

Result<LogFormat> ParseLogFormat(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return Fail(InvalidArgument("log format \"" + std::string(text) + "\" is neither text nor json"));
}

void ConfigureLog(LogOptions options) {
  auto output = MakeOutput(options.format, std::move(options.sink));
  State& state = GetState();
  std::lock_guard lock(state.mutex);
  state.level = options.level;
  state.output = std::move(output);
}

bool LogEnabled(LogLevel level) {
  return level >= GetState().level.load(std::memory_order_relaxed);
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (!LogEnabled(level)) return;
  const auto output = GetOutput();
  const std::string line = output->format == LogFormat::kJson ? JsonLine(level, message, fields)
                                                              : TextLine(level, message, fields);
  output->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace swell::telemetry
