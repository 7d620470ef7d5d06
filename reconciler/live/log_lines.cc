#include "reconciler/live/log_lines.h"

#include <algorithm>
#include <utility>

#include "base/core/clock.h"
#include "base/text/utf8.h"

namespace swell::live {
namespace {

constexpr std::size_t kMaxStamp = 40;  // of a timestamp and the space after it

// Without the last character where it is not ASCII: a cut may have gone through it.
std::string_view WithoutLastRune(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t lead = text.size();
  while (lead > 0 && text.size() - lead < 3 && (byte(lead - 1) & 0xC0) == 0x80) --lead;
  return lead > 0 && byte(lead - 1) >= 0xC0 ? text.substr(0, lead - 1) : text;
}

}  // namespace

std::int64_t ParseNanos(std::string_view text) {
  // The fraction by hand: Timestamp counts milliseconds.
  const std::size_t dot = text.find('.');
  std::string whole(text);
  std::int64_t fraction = 0;
  if (dot != text.npos) {
    std::size_t end = dot + 1;
    std::int64_t unit = 100'000'000;
    for (; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, unit /= 10) {
      fraction += (text[end] - '0') * unit;
    }
    whole.erase(dot, end - dot);
  }
  const auto time = ParseTimestamp(whole);
  return time ? time->time_since_epoch().count() * 1'000'000 + fraction : 0;
}

void LogSplitter::Feed(std::string_view data, const OnLine& on_line) {
  while (!data.empty()) {
    const std::size_t end = data.find('\n');
    const std::string_view piece = data.substr(0, end);
    const std::size_t room = max_line_ + kMaxStamp - std::min(max_line_ + kMaxStamp, line_.size());
    line_ += piece.substr(0, room);
    if (piece.size() > room) left_out_ += static_cast<std::int64_t>(piece.size() - room);
    if (end == data.npos) return;
    Emit(on_line);
    data.remove_prefix(end + 1);
  }
}

void LogSplitter::End(const OnLine& on_line) {
  if (!line_.empty() || left_out_ > 0) Emit(on_line);
}

void LogSplitter::Drop() {
  line_.clear();
  left_out_ = 0;
}

void LogSplitter::Emit(const OnLine& on_line) {
  LogText out;
  std::string_view text = line_;
  const std::size_t space = text.substr(0, kMaxStamp).find(' ');
  // An empty line is its timestamp alone.
  const std::string_view stamp =
      space == text.npos ? text.substr(0, kMaxStamp) : text.substr(0, space);
  out.nanos = stamp.size() < 20 ? 0 : ParseNanos(stamp);
  if (out.nanos != 0) text.remove_prefix(std::min(text.size(), stamp.size() + 1));
  if (text.size() > max_line_) {
    left_out_ += static_cast<std::int64_t>(text.size() - max_line_);
    text = text.substr(0, max_line_);
  }
  if (left_out_ > 0) {
    const std::string_view whole = WithoutLastRune(text);
    left_out_ += static_cast<std::int64_t>(text.size() - whole.size());
    text = whole;
  }
  out.text = ReplaceInvalidUtf8(text);
  out.left_out = std::exchange(left_out_, 0);
  line_.clear();
  on_line(std::move(out));
}

}  // namespace swell::live
