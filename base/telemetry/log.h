#pragma once
// Structured logging. A facade: spdlog stays in log.cc.
//
//   telemetry::LogInfo("cluster is reachable again", {{"cluster", name}, {"after_ms", ms}});

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/core/result.h"

namespace swell::telemetry {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" (or "warn"), "error".
Result<LogLevel> ParseLogLevel(std::string_view text);

enum class LogFormat : std::uint8_t {
  kText,  // 2026-11-23T13:57:03.120Z INFO  message key=value key="two words"
  kJson,  // {"time":"…","level":"info","msg":"…","key":"value"}, one object a line
};
// "text" or "json".
Result<LogFormat> ParseLogFormat(std::string_view text);

// A value in its textual form. Implicit, so that fields are written as {"key", value}. A
// Secret does not convert: it cannot be logged by accident.
class LogValue {
 public:
  LogValue(std::string_view text) : text_(text), quoted_(true) {}
  LogValue(const char* text) : LogValue(std::string_view(text)) {}
  LogValue(const std::string& text) : LogValue(std::string_view(text)) {}
  LogValue(const Error& error) : text_(error.ToString()), quoted_(true) {}
  LogValue(bool b) : text_(b ? "true" : "false"), quoted_(false) {}
  LogValue(double number);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  LogValue(T number) : text_(std::to_string(number)), quoted_(false) {}

  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }  // a string in JSON; numbers and booleans are bare

 private:
  std::string text_;
  bool quoted_;
};

struct LogField {
  std::string_view key;
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  // Where whole lines (with their newline) go; standard error if empty. Called by one
  // thread at a time; must not log.
  std::function<void(std::string_view line)> sink;
};

// Sets up the process's log; before it is called, info and above go to standard error as
// text. Thread-safe; programs call it once at their start.
void ConfigureLog(LogOptions options);

// True if a line of that level would be written: to skip costly fields.
bool LogEnabled(LogLevel level);

// One line. Thread-safe. Control characters in messages and values are escaped, so that
// input cannot forge lines; overlong values are cut at 8 KiB.
void Log(LogLevel level, std::string_view message, LogFields fields = {});
inline void LogDebug(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}
inline void LogInfo(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}
inline void LogWarning(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kWarning, message, fields);
}
inline void LogError(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kError, message, fields);
}

}  // namespace swell::telemetry
