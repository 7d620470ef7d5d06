#pragma once
// Lines of a container's log, out of what the API server sends with timestamps=true. Pure.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace swell::live {

struct LogText {
  std::int64_t nanos = 0;     // since 1970, as the runtime stamped it; 0 where it did not
  std::string text;           // UTF-8, without the line break; what is none is U+FFFD
  std::int64_t left_out = 0;  // bytes of the line beyond the splitter's limit
};

// Takes the body in pieces of any size. Keeps no more of a line than the limit.
class LogSplitter {
 public:
  using OnLine = std::function<void(LogText)>;
  explicit LogSplitter(std::size_t max_line) : max_line_(max_line) {}

  void Feed(std::string_view data, const OnLine& on_line);
  // The body has ended: a last line without a line break is a line, too.
  void End(const OnLine& on_line);
  // Forgets the line that has begun: the body broke off.
  void Drop();

 private:
  void Emit(const OnLine& on_line);

  const std::size_t max_line_;
  std::string line_;  // with its timestamp
  std::int64_t left_out_ = 0;
};

// "2026-01-02T03:04:05.123456789Z" -> nanoseconds since 1970; 0 for other text.
std::int64_t ParseNanos(std::string_view rfc3339);

}  // namespace swell::live
