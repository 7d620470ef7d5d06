#include "cli/output/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/core/strings.h"

namespace swell::cli {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The first of these that is set decides, as in setlocale.
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = ToLower(Environment(name));
    if (!value.empty()) return value.ends_with("utf-8") || value.ends_with("utf8");
  }
  return false;
}

template <std::size_t N>
bool OneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view CodeOf(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kGood:
      return "32";
    case Tone::kBad:
      return "31";
    case Tone::kWarn:
      return "33";
    case Tone::kBusy:
      return "36";
    case Tone::kDim:
      return "2";
    case Tone::kBold:
      return "1";
  }
  return "";
}

}  // namespace

Terminal DetectTerminal(int descriptor) {
  Terminal out;
  out.unicode = LocaleIsUtf8();
  if (isatty(descriptor) == 0) return out;
  const bool dumb = Environment("TERM") == "dumb";
  out.interactive = !dumb;
  out.color = !dumb && Environment("NO_COLOR").empty();
  out.width = 80;
  out.height = 24;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    out.width = size.ws_col;
    out.height = size.ws_row;
  }
  return out;
}

std::string Paint(const Terminal& terminal, Tone tone, std::string_view text) {
  if (!terminal.color || tone == Tone::kPlain || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out.append(CodeOf(tone)).append("m").append(text).append("\x1b[0m");
  return out;
}

Tone ToneOf(std::string_view word) {
  static constexpr std::array<std::string_view, 8> kGood = {
      "Healthy", "Synced", "Succeeded", "Done", "created", "create", "Ready", "yes"};
  static constexpr std::array<std::string_view, 7> kBad = {
      "Failed", "Degraded", "RollbackFailed", "Unreachable", "delete", "deleted", "no"};
  static constexpr std::array<std::string_view, 9> kWarn = {
      "OutOfSync", "RolledBack", "RollingBack", "Cancelled", "Missing",
      "update",    "changed",    "drifted",     "adopted"};
  static constexpr std::array<std::string_view, 4> kBusy = {"Progressing", "Baking", "Applying",
                                                            "Verifying"};
  static constexpr std::array<std::string_view, 5> kDim = {"Pending", "Skipped", "Unknown",
                                                           "Suspended", "unchanged"};
  if (OneOf(kGood, word)) return Tone::kGood;
  if (OneOf(kBad, word)) return Tone::kBad;
  if (OneOf(kWarn, word)) return Tone::kWarn;
  if (OneOf(kBusy, word)) return Tone::kBusy;
  if (OneOf(kDim, word)) return Tone::kDim;
  return Tone::kPlain;
}

}  // namespace swell::cli
